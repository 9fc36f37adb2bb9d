"""What models of data say on their way. Networks are asked by the worker, coarse to fine, so that playing finds it ready; models of two
weights are asked on the spot.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from gdsim.app.effects import Effect, Predict
from gdsim.app.history import Change
from gdsim.app.messages import Predicted
from gdsim.app.state import AppState, Said
from gdsim.simulation.answers import Answers, Places, answers
from gdsim.simulation.data_source import DataSource
from gdsim.simulation.training_record import Snapshots, TrainingSteps
from gdsim.simulation.trajectory import Floats

NONE: Floats = np.empty(0)

MOST_ASKED = 8
"""Runs that are asked: more lines than that nobody can tell apart."""

MOST_ANSWERS = 600
"""Answers that are kept ready for all runs together: over a plane, 50 MB."""


def asked(state: AppState) -> tuple[Effect, ...]:
    """The question to ask once networks are trained, or another run is looked at; none if all is known."""
    if not state.scenario.is_network or state.computing:
        return ()
    runs = range(len(state.scenario.runs))
    chosen = sorted(runs, key=lambda run: run != state.selected)[:MOST_ASKED]
    wanted = {run: snapshots for run in chosen if (snapshots := recorded(state, run)) is not None}
    most = MOST_ANSWERS // max(len(wanted), 1)
    steps = {run: tuple(missing(state, run, snapshots, most)) for run, snapshots in wanted.items()}
    if not any(steps.values()):
        return ()
    return (Predict(state.generation, state.scenario, {run: (wanted[run], steps[run]) for run in steps if steps[run]}, state.playhead),)


def recorded(state: AppState, run: int) -> Snapshots | None:
    track = state.tracks[run] if run < len(state.tracks) else None
    if track is None or track.generation != state.generation or not isinstance(track.steps, TrainingSteps):
        return None
    return track.steps.snapshots


def missing(state: AppState, run: int, snapshots: Snapshots, most: int) -> Iterator[int]:
    """Numbers of the snapshots, coarse to fine, whose answers are not there; at most ``most`` are wanted."""
    said = state.said[run] if run < len(state.said) else None
    known = said.answers if said is not None and said.generation == state.generation else {}
    count = len(snapshots.steps)
    stride = -(-count // most)
    wanted = sorted({*range(0, count, stride), count - 1})
    return (wanted[place] for place in coarse_to_fine(len(wanted)) if int(snapshots.steps[wanted[place]]) not in known)


def coarse_to_fine(count: int) -> Iterator[int]:
    """0 to count - 1: the first and the last, then always the middle of what is between two that there are."""
    yield from range(min(count, 1))
    if count > 1:
        yield count - 1
    gaps: Sequence[tuple[int, int]] = [(0, count - 1)]
    while gaps := [(low, high) for low, high in gaps if high - low > 1]:
        yield from ((low + high) // 2 for low, high in gaps)
        gaps = [half for low, high in gaps for half in ((low, (low + high) // 2), ((low + high) // 2, high))]


def predicted(state: AppState, message: Predicted) -> Change:
    runs = len(state.scenario.runs)
    if message.generation != state.generation or not 0 <= message.run < runs:
        return state, ()
    said = [state.said[run] if run < len(state.said) else None for run in range(runs)]
    before = said[message.run]
    known = before.answers if before is not None and before.generation == message.generation else {}
    said[message.run] = Said(message.generation, {**known, message.step: message.answers})
    return replace(state, said=tuple(said)), ()


def answers_now(state: AppState, run: int, where: Places) -> Answers | None:
    """What run ``run`` says at the playhead, as far as it is known; a model of two weights, ``where`` it is asked."""
    problem = state.scenario.problem
    track = state.tracks[run] if run < len(state.tracks) else None
    if track is None or not isinstance(problem, DataSource):
        return None
    if problem.is_network:
        said = state.said[run] if run < len(state.said) else None
        return said.near(state.playhead) if said is not None else None
    positions = track.steps.positions
    if positions.shape[1] != problem.dim:  # of another problem, still there
        return None
    return answers(problem, between(positions, state.playhead), NONE, where)


def between(positions: Floats, playhead: float) -> Floats:
    """The point at a step, linear between steps and held at the end."""
    step = min(max(playhead, 0.0), len(positions) - 1.0)
    whole = int(step)
    here: Floats = positions[whole]
    if step == whole:
        return here
    with np.errstate(all="ignore"):
        found: Floats = here + (step - whole) * (positions[whole + 1] - here)
    return found if np.isfinite(found).all() else np.asarray(positions[whole + 1])
