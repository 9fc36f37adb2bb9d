"""Runs of unit trials: all of them compiled, or one after the other by a target's own steps."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.engine.gather import gather, scatter
from gdsim.engine.specialise import specialise
from gdsim.harness import unit_leaves as leaves
from gdsim.harness import unit_templates as templates
from gdsim.harness.robust_course import Row
from gdsim.harness.target import Target
from gdsim.harness.unit_catalogue import UnitTrial
from gdsim.harness.unit_world import PLACES, world
from gdsim.optimizers import Optimizer
from gdsim.simulation.spread import spread

Floats = NDArray[np.float64]

STEPS = 100
SEEDS = 100
"""Runs of a trial that has anything random; of others there is one."""

CEILING, FLOOR = 1e10, -1e10
"""A loss above the first has diverged; below the second nothing more is gained."""

PIECE = 2_000
"""Runs that a thread takes at a time: some 10 to 100 ms."""

CONSTANTS: dict[str, Any] = {"lend": leaves.lend, "begin": leaves.begin, "look": leaves.look, "MOST": leaves.MOST, "STATE": leaves.STATE}


@dataclass(frozen=True)
class Runs:
    """Runs one after the other, those of a trial together: rows of the world and seeds, (runs,), and how many each trial has."""

    rows: NDArray[np.int64]
    seeds: NDArray[np.int64]
    counts: tuple[int, ...]

    def parted(self, losses: Floats) -> list[Floats]:
        return np.split(losses, np.cumsum(self.counts)[:-1])


def runs_of(trials: Sequence[UnitTrial], seed: int) -> Runs:
    """The runs of ``trials``. Another ``seed`` gives each other random numbers, none of which the first has."""
    counts = tuple(SEEDS if trial.is_random else 1 for trial in trials)
    rows = np.repeat(np.array([PLACES[trial.id] for trial in trials], np.int64), counts)
    return Runs(rows, np.concatenate([first_seed(seed) + np.arange(count) for count in counts]), counts)


def first_seed(seed: int) -> int:
    return seed * SEEDS % 2**62


def compiled(
    record: Optimizer, values: Mapping[str, float | bool], runs: Runs, steps: int = STEPS, go_on: Callable[[], bool] = lambda: True
) -> Floats:
    """The loss (runs,) where each run of a record ends, on all processors: infinity where it diverged, never below ``FLOOR``.

    Runs that ``go_on`` left out by saying False have the loss NaN.
    """
    hyper, on = record.pack(values)
    losses = np.full(len(runs.rows), math.nan)
    given = (runs.rows, runs.seeds, steps, np.array(hyper), np.array(record.initial_slots(hyper), np.float64))
    started = (*given, np.array(record.initial_shared, np.float64), world(), FLOOR, CEILING)
    run = kernel(record, on)
    for _ in spread(lambda low, high: run(*started, low, high, losses), len(losses), PIECE):
        if not go_on():
            break
    return losses


@cache
def kernel(record: Optimizer, on: tuple[bool, ...]) -> Callable[..., None]:
    slots = len(record.slot_names)
    bound = CONSTANTS | {"advance": record.advance, "ON": on, "SLOTS": slots, "gather_slots": gather(slots)}
    bound |= {"gather_hyper": gather(len(record.hyper_names)), "gather_shared": gather(len(record.initial_shared))}
    if record.update is not None:
        return specialise(templates.elementwise, update=record.update, scatter_slots=scatter(slots), **bound)
    ground = {"value_and_gradient": leaves.value_and_gradient, "second_derivatives": leaves.second_derivatives}
    return specialise(templates.together, take_step=record.take_step, **ground, **bound)  # type: ignore[arg-type]


def stepped(target: Target, trial: UnitTrial, seed: int, steps: int = STEPS, go_on: Callable[[], bool] = lambda: True) -> Floats | None:
    """The loss (runs,) where each run of ``trial`` ends, step by step: the same as ``compiled`` says of a record.

    None where ``go_on`` said False on the way.
    """
    losses = []
    for number in runs_of([trial], seed).seeds:
        losses.append(one_run(target, trial, int(number), steps))
        if not go_on():
            return None
    return np.array(losses)


def one_run(target: Target, trial: UnitTrial, seed: int, steps: int = STEPS, rows: list[Row] | None = None) -> float:
    """The loss where the run with this seed ends; every step is written into ``rows``, with the loss and gradient of the sample."""
    weights, gradient, state = np.zeros(leaves.MOST), np.zeros(leaves.MOST), np.zeros(leaves.STATE)
    place, where = PLACES[trial.id], world()
    begin, look = specialise(templates.one_begin, **CONSTANTS), specialise(templates.one_look, **CONSTANTS)
    begin(where, place, weights, state)
    here = weights[: trial.dim]
    stepper = target.begin(here.copy())
    for step in range(1, steps + 2):
        loss, seen = look(where, place, state, weights, gradient, step, seed)
        if step > steps or not FLOOR < loss <= CEILING:
            break
        here[:] = stepper.step(gradient[: trial.dim].copy(), seen)
        if rows is not None:
            rows.append(Row(f"seed {seed}", step, seen, gradient[: trial.dim].copy(), here.copy(), dict(stepper.state())))
    return float(templates.end_of(loss, FLOOR, CEILING))  # type: ignore[no-untyped-call]


def looks(trial: UnitTrial, seed: int, positions: Floats) -> Iterator[tuple[float, float, Floats]]:
    """Loss, loss of the sample and its gradient at ``positions`` (steps, dim), one a step: what a run meets that goes there."""
    weights, gradient, state = np.zeros(leaves.MOST), np.zeros(leaves.MOST), np.zeros(leaves.STATE)
    begin, look = specialise(templates.one_begin, **CONSTANTS), specialise(templates.one_look, **CONSTANTS)
    begin(world(), PLACES[trial.id], weights, state)
    for step, position in enumerate(positions, 1):
        weights[: trial.dim] = position
        loss, seen = look(world(), PLACES[trial.id], state, weights, gradient, step, seed)
        yield loss, seen, gradient[: trial.dim].copy()
