"""``stream(scenario)`` yields chunks of trajectory: what the window, the command line and Python all consume."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from gdsim.engine import descend
from gdsim.engine.clip import clipping
from gdsim.engine.random import normals
from gdsim.landscapes import Landscape
from gdsim.landscapes.disturbance import disturb, memory_of, observe
from gdsim.optimizers import Optimizer
from gdsim.simulation.fitness import misfit
from gdsim.simulation.norm import norm
from gdsim.simulation.run_batches import batches_of, cut_up, in_batches, looks_at_all, steps_of
from gdsim.simulation.run_schedule import RunSchedule
from gdsim.simulation.scenario import Run, Scenario
from gdsim.simulation.scenario_file import scenario_of
from gdsim.simulation.standing_still import standing_still
from gdsim.simulation.start import NormalStart
from gdsim.simulation.trajectory import Chunk, Floats, Result, Steps, Trajectory
from gdsim.simulation.verdict import judge

CHUNK_STEPS = 65_536
CHUNK_POINTS = 4_000_000
"""Losses of single points that a chunk takes at most: some 5 to 40 ms."""

SHARED_STREAM = 0
"""The random numbers of noise and motion, batches, dropout and first weights of a network: every run of a scenario meets the same ones, so
that optimizers are compared on equal terms.
"""

Clip = Callable[..., Any] | None


def rule_of(
    landscape: Landscape,
    optimizer: Optimizer,
    hyper: tuple[float, ...],
    on: tuple[bool, ...],
    clip: Clip = None,
    limits: tuple[float, ...] = (),
) -> descend.Rule:
    """What the engine binds for this pair; ``clip`` and its limits come from ``gdsim.engine.clip.clipping``.

    Raises ValueError if they do not go together (see ``gdsim.simulation.fitness``).
    """
    if (text := misfit(landscape, optimizer, clip is not None)) is not None:
        raise ValueError(text)
    return descend.Rule(
        value_and_gradient=landscape.value_and_gradient,
        update=optimizer.update,
        advance=optimizer.advance,
        on=on,
        slots=len(optimizer.slot_names),
        shared=len(optimizer.initial_shared),
        params=len(landscape.values),
        from_data=landscape.data is not None,
        hyper=len(hyper),
        observe=observe(landscape.motion),
        disturb=disturb(landscape.motion, landscape.noise, landscape.dim),
        trouble=len(landscape.trouble),
        memory=memory_of(landscape.noise),
        clip=clip,
        limits=len(limits),
        **looking_around(landscape, optimizer),
    )


def looking_around(landscape: Landscape, optimizer: Optimizer) -> dict[str, Any]:
    """The leaves of a method that treats the weights together; nothing for a rule that needs one gradient a step."""
    if optimizer.take_step is None:
        return {}
    return {
        "take_step": optimizer.take_step,
        "second_derivatives": landscape.second_derivatives,
        "residuals": landscape.residuals if optimizer.needs_residuals else None,
    }


def paced(rule: descend.Rule, schedule: RunSchedule | None) -> descend.Rule:
    """``rule`` with the schedule's leaf."""
    if schedule is None:
        return rule
    return replace(rule, pace=schedule.pace, pacing=len(schedule.numbers), calm=len(schedule.record.calm))


def first_rate(learning_rate: Any, schedule: RunSchedule | None, steps: int) -> Any:
    """The rate of the first step, from which rules that keep a step length start; a number or an array, as given."""
    if schedule is None:
        return learning_rate
    (offset,), (factor,) = schedule.table(steps)(1, 1)
    return offset + factor * learning_rate


def conditions_of(landscape: Landscape, seed: int, schedule: RunSchedule | None, steps: int) -> descend.Conditions:
    """What runs of ``steps`` steps meet on their way."""
    met = descend.Conditions(trouble=np.array(landscape.trouble), seed=seed)
    if landscape.data is not None:
        met = replace(met, data=landscape.data.array)
    return met if schedule is None else replace(met, pacing=np.array(schedule.numbers), table=schedule.table(steps))


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


def stream(
    scenario: Scenario | str | os.PathLike[str],
    chunk_steps: int = CHUNK_STEPS,
    runs: Iterable[int] | None = None,
    checkpoints: Path | None = None,
) -> Iterator[Chunk]:
    """Runs the scenario, a file of one or a shipped one by its name: one run after another, at most ``chunk_steps`` steps a chunk. The last
    chunk of a run has its trajectory.

    ``runs`` are the numbers of those wanted, in that order; by default all. Where a network is trained, a chunk takes about 20
    milliseconds, has ``TrainingSteps``, and may be empty while a network is evaluated or a run judged; and each run is kept in a file of
    the folder ``checkpoints``, from which it goes on where it is there already. Raises ScenarioError, TypeError for what is no
    scenario, WeightsError for a checkpoint that is of something else, and OSError.
    """
    scenario = scenario_of(scenario)
    chosen = range(len(scenario.runs)) if runs is None else runs
    if scenario.is_network:
        from gdsim.simulation.checkpoint import checkpoints_in  # what a landscape can do without is loaded when it is needed
        from gdsim.simulation.training import stream_training

        files = checkpoints_in(checkpoints, scenario)
        for index in chosen:
            yield from stream_training(scenario, index, chunk_steps, files[index])
        return
    landscape = scenario.landscape
    for index in chosen:
        yield from _stream_run(scenario, landscape, index, scenario.runs[index], chunk_steps)


def _stream_run(scenario: Scenario, landscape: Landscape, index: int, run: Run, chunk_steps: int) -> Iterator[Chunk]:
    optimizer = run.method
    hyper, on = optimizer.pack(run.settings)
    clip, limits = clipping(run.clip_value, run.clip_norm)
    rule = paced(rule_of(landscape, optimizer, hyper, on, clip, limits), run.schedule)
    steps = steps_of(scenario, index)
    conditions = conditions_of(landscape, scenario.seed, run.schedule, steps)
    if landscape.data is not None:
        chunk_steps = max(1, min(chunk_steps, CHUNK_POINTS // len(landscape.data)))
        batches = batches_of(run, len(landscape.data))
        if not looks_at_all(batches):
            rule, conditions = in_batches(rule, landscape), cut_up(conditions, batches)
    weights = np.zeros((2, 1))
    weights[: landscape.dim, 0] = start_of(scenario, index)
    memory = (0.0,) * rule.memory
    first = (first_rate(run.learning_rate, run.schedule, steps), *hyper[1:])
    calm = run.schedule.record.calm if run.schedule else ()
    state = descend.State.start(weights, optimizer.initial_slots(first), optimizer.initial_shared, memory, calm)
    pieces: list[Steps] = []
    done, status = 0, descend.RUNNING
    while status == descend.RUNNING and done < steps:
        count = min(chunk_steps, steps - done)
        closing = done + count == steps
        piece = descend.record(
            rule,
            state,
            np.array(landscape.values),
            np.array((*hyper, *limits)),
            count,
            closing=closing,
            tolerance=scenario.tolerance,
            conditions=conditions,
            stream=SHARED_STREAM,
        )
        status = piece.status
        last = closing or status != descend.RUNNING
        following = None if last else state.weights[:, 0]
        rates = np.full(len(piece.losses), run.learning_rate) if piece.rates is None else piece.rates
        pieces.append(_steps(piece, landscape.dim, rates, following))
        if last:
            yield Chunk(index, done, pieces[-1], _trajectory(landscape, run, pieces, status, scenario.seed, steps))
        else:
            yield Chunk(index, done, pieces[-1])
        done += count


def _steps(piece: descend.Recording, dim: int, learning_rates: Floats, following: Floats | None) -> Steps:
    ends = np.full((1, dim), np.nan) if following is None else following[None, :dim]
    with np.errstate(over="ignore", invalid="ignore"):
        moves = np.diff(piece.positions[:, :dim], axis=0, append=ends)
        lengths = norm(moves)
    return Steps(
        positions=_frozen(piece.positions[:, :dim]),
        losses=_frozen(piece.losses),
        gradients=_frozen(piece.gradients[:, :dim]),
        step_lengths=_frozen(lengths),
        learning_rates=_frozen(learning_rates),
        evaluations=None if piece.evaluations is None else _frozen(piece.evaluations),
    )


def _frozen(array: Any) -> Any:
    array.flags.writeable = False
    return array


def _trajectory(landscape: Landscape, run: Run, pieces: list[Steps], status: int, seed: int, planned: int) -> Trajectory:
    counted = ("evaluations",) if pieces[0].evaluations is not None else ()
    columns = {
        name: _frozen(np.concatenate([getattr(piece, name) for piece in pieces]))
        for name in ("positions", "losses", "gradients", "step_lengths", "learning_rates", *counted)
    }
    whole = Steps(**columns)
    last = len(whole.losses) - 1
    seen, factor = standing_still(landscape, whole, seed, SHARED_STREAM)
    return Trajectory(
        **columns,
        label=run.label or run.optimizer,
        optimizer=run.optimizer,
        learning_rate=run.learning_rate,
        verdict=judge(landscape, run, seen, status, factor, planned),
        converged_at=last if status == descend.CONVERGED else None,
        diverged_at=last if status == descend.DIVERGED else None,
    )


def run(scenario: Scenario | str | os.PathLike[str], checkpoints: Path | None = None) -> Result:
    """All runs of the scenario, whole; see ``stream``."""
    whole = scenario_of(scenario)
    chunks = stream(whole, checkpoints=checkpoints)
    return Result(whole, tuple(chunk.trajectory for chunk in chunks if chunk.trajectory is not None))
