"""``stream(scenario)`` yields chunks of trajectory: what the window, the command line and Python all consume."""

from collections.abc import Iterable, Iterator

import numpy as np

from gdsim.engine import descend
from gdsim.engine.random import normals
from gdsim.landscapes import Landscape
from gdsim.optimizers import Optimizer
from gdsim.simulation.norm import norm
from gdsim.simulation.scenario import NormalStart, Run, Scenario
from gdsim.simulation.trajectory import Chunk, Floats, Result, Steps, Trajectory
from gdsim.simulation.verdict import judge

CHUNK_STEPS = 65_536


def rule_of(landscape: Landscape, optimizer: Optimizer, hyper: tuple[float, ...], on: tuple[bool, ...]) -> descend.Rule:
    """What the engine binds for this pair."""
    return descend.Rule(
        value_and_gradient=landscape.value_and_gradient,
        update=optimizer.update,
        advance=optimizer.advance,
        on=on,
        slots=len(optimizer.slot_names),
        shared=len(optimizer.initial_shared),
        params=len(landscape.values),
        hyper=len(hyper),
    )


def start_of(scenario: Scenario, index: int) -> tuple[float, ...]:
    """Where run ``index`` begins: its own start, else the scenario's, else the landscape's.

    A random start of a run is drawn from the run's own stream (index + 1); one that the runs share, from stream 0.
    """
    landscape = scenario.landscape
    own = scenario.runs[index].start
    start, stream = (own, index + 1) if own is not None else (scenario.start, 0)
    if start is None:
        return landscape.start
    if isinstance(start, NormalStart):
        return tuple(start.normal * z for z in normals(scenario.seed, stream, 0, 0)[: landscape.dim])  # type: ignore[no-untyped-call]
    return start


def stream(scenario: Scenario, chunk_steps: int = CHUNK_STEPS, runs: Iterable[int] | None = None) -> Iterator[Chunk]:
    """Runs the scenario, one run after another, at most ``chunk_steps`` steps a chunk. The last chunk of a run has its trajectory.

    ``runs`` are the numbers of those wanted, in that order; by default all. Raises TypeError for anything but a Scenario.
    """
    if not isinstance(scenario, Scenario):
        raise TypeError(f"a Scenario is needed, such as gdsim.load('three-learning-rates'), not {type(scenario).__name__}")
    landscape = scenario.landscape
    for index in range(len(scenario.runs)) if runs is None else runs:
        yield from _stream_run(scenario, landscape, index, scenario.runs[index], chunk_steps)


def _stream_run(scenario: Scenario, landscape: Landscape, index: int, run: Run, chunk_steps: int) -> Iterator[Chunk]:
    optimizer = run.rule
    hyper, on = optimizer.pack(run.values)
    rule = rule_of(landscape, optimizer, hyper, on)
    weights = np.zeros((2, 1))
    weights[: landscape.dim, 0] = start_of(scenario, index)
    state = descend.State.start(weights, optimizer.initial_slots(hyper), optimizer.initial_shared)
    pieces: list[Steps] = []
    done, status = 0, descend.RUNNING
    while status == descend.RUNNING and done < scenario.steps:
        count = min(chunk_steps, scenario.steps - done)
        closing = done + count == scenario.steps
        piece = descend.record(
            rule, state, np.array(landscape.values), np.array(hyper), count, closing=closing, tolerance=scenario.tolerance
        )
        status = piece.status
        last = closing or status != descend.RUNNING
        following = None if last else state.weights[:, 0]
        pieces.append(_steps(piece, landscape.dim, run.learning_rate, following))
        if last:
            yield Chunk(index, done, pieces[-1], _trajectory(landscape, run, pieces, status))
        else:
            yield Chunk(index, done, pieces[-1])
        done += count


def _steps(piece: descend.Recording, dim: int, learning_rate: float, following: Floats | None) -> Steps:
    ends = np.full((1, dim), np.nan) if following is None else following[None, :dim]
    with np.errstate(over="ignore", invalid="ignore"):
        moves = np.diff(piece.positions[:, :dim], axis=0, append=ends)
        lengths = norm(moves)
    return Steps(
        positions=_frozen(piece.positions[:, :dim]),
        losses=_frozen(piece.losses),
        gradients=_frozen(piece.gradients[:, :dim]),
        step_lengths=_frozen(lengths),
        learning_rates=_frozen(np.full(len(lengths), learning_rate)),
    )


def _frozen(array: Floats) -> Floats:
    array.flags.writeable = False
    return array


def _trajectory(landscape: Landscape, run: Run, pieces: list[Steps], status: int) -> Trajectory:
    columns = {
        name: _frozen(np.concatenate([getattr(piece, name) for piece in pieces]))
        for name in ("positions", "losses", "gradients", "step_lengths", "learning_rates")
    }
    whole = Steps(**columns)
    last = len(whole.losses) - 1
    return Trajectory(
        **columns,
        label=run.label or run.optimizer,
        optimizer=run.optimizer,
        learning_rate=run.learning_rate,
        verdict=judge(landscape, run, whole, status),
        converged_at=last if status == descend.CONVERGED else None,
        diverged_at=last if status == descend.DIVERGED else None,
    )


def run(scenario: Scenario) -> Result:
    """All runs of the scenario, whole."""
    return Result(scenario, tuple(chunk.trajectory for chunk in stream(scenario) if chunk.trajectory is not None))
