"""``sweep``: every combination of the values of a scenario's axes, each a whole run."""

import os
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any

import numpy as np

from gdsim.engine.descend import LANES
from gdsim.engine.device import DeviceError, Wanted, simulated
from gdsim.engine.precision import PrecisionName
from gdsim.simulation.run_batches import most_steps
from gdsim.simulation.scenario import Scenario, validated
from gdsim.simulation.scenario_file import scenario_of
from gdsim.simulation.spread import available_threads, cut, spread, spread_pieces
from gdsim.simulation.sweep_block import Columns, Computer, empty
from gdsim.simulation.sweep_estimate import LIMITS, Limits, check
from gdsim.simulation.sweep_networks import card_piece_of, piece_of
from gdsim.simulation.sweep_plan import SHARD, Numbered, Plan, Rows
from gdsim.simulation.sweep_result import SweepResult, result_of

PIECE_STEPS = 4_000_000
"""Steps of work that a thread takes at once: some 5 ms, and many enough that what is done once a piece does not count."""
PIECE_RUNS = 1 << 14
CARD_RUNS = 1 << 16
CARD_THREADS = 4
"""Threads that feed a card and judge what it has done: trainings take some 10 us of a processor each, and a card less."""
COARSEST = 16


@dataclass(frozen=True, eq=False)
class Shard:
    """The runs ``low`` to ``high`` of a plan, complete: ``columns`` are arrays of length high - low."""

    low: int
    high: int
    columns: Columns


@dataclass(frozen=True)
class Progress:
    """How many runs are done of those asked for; ``notice`` is a sentence for the user, where there is one."""

    done: int
    wanted: int
    notice: str = ""


Room = Callable[[int, int], Columns]


@dataclass(eq=False)
class _Begun:
    """A shard under way, with ``left`` runs to do."""

    shard: Shard
    left: int


def fill(computer: Computer, rows: Numbered, columns: Columns, threads: int | None = None) -> Iterator[int]:
    """Computes the runs ``rows`` into ``columns``, yielding how many are done. Neither ``threads`` nor the cut changes a bit."""

    def work(low: int, high: int) -> None:
        computer.fill(rows[low:high], columns, slice(low, high))

    piece = piece_runs(computer, len(rows), threads)
    if computer.device == "cuda":
        # Other threads judge what is ready meanwhile. The simulator bears but one.
        threads = 1 if simulated() else max(2, min(CARD_THREADS, threads or available_threads()))
    return spread(work, len(rows), piece, threads)


def piece_runs(computer: Computer, count: int, threads: int | None) -> int:
    """How many of ``count`` runs a thread takes at once."""
    scenario = computer.plan.scenario
    fair = -(-count // (threads or available_threads()))
    if scenario.is_network:
        return piece_of(computer.plan, fair) if computer.device == "cpu" else card_piece_of(computer.plan)
    if computer.device == "cuda":
        return CARD_RUNS  # many runs at a time keep a card busy
    data = scenario.landscape.data
    steps = max(1, most_steps(scenario)) * (1 if data is None else len(data))
    return LANES * max(1, min(PIECE_RUNS, PIECE_STEPS // steps, fair + LANES - 1) // LANES)


def stream(
    plan: Plan,
    ranges: Iterator[tuple[int, int]] | None = None,
    workers: int | None = None,
    executor: Executor | None = None,
    room: Room | None = None,
) -> Iterator[Shard | Progress]:
    """Computes the shards of ``plan``, or those of ``ranges``, telling its progress on the way.

    ``room(low, high)`` gives the columns that a shard is computed into here, by default new ones. (New memory is slow: the system clears it
    page by page, which takes longer than to write what is computed.)

    In order on ``workers`` threads of this process (None: all processors), or in any order wherever ``executor`` runs its work, with
    ``workers`` shards under way at a time (see ``sweep_elsewhere``). Closing the generator stops after the pieces under way. Raises
    DeviceError where a card is asked for and there is none, SweepWorkerError where workers of the executor fail again and again; where a
    card fails on the way, the shard is computed anew on the processor, and so are those that follow.
    """
    todo = list(plan.shards() if ranges is None else ranges)
    if executor is not None:
        from gdsim.simulation.sweep_elsewhere import elsewhere

        yield from elsewhere(plan, todo, executor, workers)
        return
    computer = Computer(plan)
    take = room if room is not None else lambda low, high: empty(plan, high - low)
    yield from (_one_by_one if computer.device == "cuda" else _in_a_row)(computer, todo, workers, take)


def _in_a_row(computer: Computer, todo: list[tuple[int, int]], workers: int | None, room: Room) -> Iterator[Shard | Progress]:
    """The next shard begins on threads that have nothing left to do of the one before."""
    wanted, done = sum(high - low for low, high in todo), 0
    begun: deque[_Begun] = deque()

    def pieces() -> Iterator[tuple[_Begun, int, int]]:
        for low, high in todo:
            shard = _Begun(Shard(low, high, room(low, high)), high - low)
            begun.append(shard)
            for first, end in cut(high - low, piece_runs(computer, high - low, workers)):
                yield shard, first, end

    def work(piece: tuple[_Begun, int, int]) -> None:
        begun, first, end = piece
        shard = begun.shard
        computer.fill(range(shard.low + first, shard.low + end), shard.columns, slice(first, end))

    for shard, first, end in spread_pieces(work, pieces(), workers):
        done, shard.left = done + end - first, shard.left - (end - first)
        yield Progress(done, wanted)
        while begun and not begun[0].left:
            yield begun.popleft().shard


def _one_by_one(computer: Computer, todo: list[tuple[int, int]], workers: int | None, room: Room) -> Iterator[Shard | Progress]:
    """On a card, which may fail: then the shard is computed anew on the processor."""
    wanted, done = sum(high - low for low, high in todo), 0
    for number, (low, high) in enumerate(todo):
        columns = room(low, high)
        try:
            for count in fill(computer, range(low, high), columns, workers):
                yield Progress(done + count, wanted)
        except DeviceError as error:
            yield Progress(done, wanted, f"{error}; the sweep goes on on the processor, from run {low:,}")
            for told in _in_a_row(Computer(computer.plan, "cpu"), todo[number:], workers, room):
                yield told if isinstance(told, Shard) else Progress(done + told.done, wanted)
            return
        done += high - low
        yield Shard(low, high, columns)


def fill_somewhere(computer: Computer, rows: Numbered, columns: Columns, threads: int | None) -> Computer:
    """``fill`` to its end, on the processor where a card fails; returns the computer that did it."""
    try:
        for _ in fill(computer, rows, columns, threads):
            pass
    except DeviceError:
        computer = Computer(computer.plan, "cpu")
        for _ in fill(computer, rows, columns, threads):
            pass
    return computer


def sweep(
    scenario: Scenario | str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    device: Wanted = "auto",
    workers: int | None = None,
    executor: Executor | None = None,
    limit: Limits | None = LIMITS,
    resume: bool = False,
    progress: Callable[[float], None] | None = None,
    axes: list[Mapping[str, Any]] | None = None,
    precision: PrecisionName | None = None,
    fast: bool | None = None,
) -> SweepResult:
    """Runs every combination of the values of a scenario's axes; ``axes`` are tables that take the place of its own, and so are
    ``precision`` ("float64" or "float32") and ``fast``.

    ``scenario`` is a Scenario, a file, or the name of a shipped one. With ``out`` the result is written there as well, shard by shard, and
    ``resume`` goes on with what an interrupted sweep left. ``workers`` are threads; with an ``executor``, any of ``concurrent.futures`` or
    of a cluster, they are the shards under way there at a time. ``progress`` hears shares from 0 to 1. Raises ScenarioError for a scenario
    without a sweep, SweepTooLargeError (a ValueError) for one beyond ``limit`` (None: no limit), DeviceError for a card that is not there,
    SweepStoreError for a folder that cannot be gone on with, SweepWorkerError where an executor's workers fail again and again, OSError.
    Warns (RuntimeWarning) where a card fails on the way.
    """
    whole = scenario_of(scenario)
    given = {"axes": axes and [dict(axis) for axis in axes], "precision": precision, "fast": fast}
    if own := {name: value for name, value in given.items() if value is not None}:
        tables = {name: getattr(whole, name) for name in type(whole).model_fields}
        before = {} if whole.sweep is None else {name: getattr(whole.sweep, name) for name in type(whole.sweep).model_fields}
        whole = validated(tables | {"sweep": before | own})
    plan = Plan(whole, device, SHARD)
    check(plan, limit, workers, held=True, written=out is not None)
    if out is not None:
        from gdsim.simulation.sweep_store import read, write

        for written in write(plan, out, workers=workers, executor=executor, resume=resume):
            _tell(progress, written)
        return read(out)
    columns = empty(plan, plan.size)

    def room(low: int, high: int) -> Columns:
        return {name: values[low:high] for name, values in columns.items()}

    for told in stream(plan, workers=workers, executor=executor, room=room):
        if isinstance(told, Progress):
            _tell(progress, told)
        elif executor is not None:
            for name, values in room(told.low, told.high).items():
                values[:] = told.columns[name]
    return result_of(plan, columns)


def _tell(progress: Callable[[float], None] | None, told: Progress) -> None:
    if told.notice:
        warnings.warn(told.notice, RuntimeWarning, stacklevel=3)
    if progress is not None:
        progress(told.done / max(1, told.wanted))


def coarse_to_fine(plan: Plan, threads: int | None = None, coarsest: int = COARSEST) -> Iterator[tuple[int, SweepResult]]:
    """The sweep in growing resolution: every 16th value of each axis, every 8th, and so on to all. Yields the stride and what is known
    on that grid; no run is computed twice. ``coarsest`` is a power of 2.
    """
    computer, columns = Computer(plan), empty(plan, plan.size)
    stride = coarsest
    while stride >= 1:
        rows = _new_rows(plan, stride, stride == coarsest)
        fresh = empty(plan, len(rows))
        computer = fill_somewhere(computer, rows, fresh, threads)
        for name, values in fresh.items():
            columns[name][rows] = values
        yield stride, result_of(plan, columns, stride)
        stride //= 2


def _new_rows(plan: Plan, stride: int, first: bool) -> Rows:
    """Runs whose places are multiples of ``stride`` on every axis, but not all of twice as much (those were there before)."""
    shape = (len(plan.scenario.runs), *plan.shape)
    grid = np.arange(plan.size).reshape(shape)[:, *(slice(None, None, stride) for _ in plan.shape)]
    if first:
        return np.ascontiguousarray(grid).ravel()
    new = np.ones(grid.shape, np.bool_)
    new[:, *(slice(None, None, 2) for _ in plan.shape)] = False
    return np.asarray(grid[new])
