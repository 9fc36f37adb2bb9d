"""Edits of what a run meets besides its landscape: noise on the gradient, and motion of the landscape."""

from collections.abc import Iterable, Mapping
from typing import Any

from gdsim.app.changes import SetMotion, SetNoise
from gdsim.app.history import Change, edited
from gdsim.app.state import AppState
from gdsim.landscapes.motion import MOTIONS
from gdsim.landscapes.noise import NOISES, Noise
from gdsim.simulation.disturbed import MOST_NOISES, MotionTable, NoiseTable
from gdsim.simulation.problem import Problem
from gdsim.simulation.scenario import Scenario

Table = Mapping[str, Any]


def set_noise(state: AppState, message: SetNoise) -> Change:
    changed = with_problem(state.scenario, noise=[dict(table) for table in message.tables])
    return edited(state, changed, key="noise", live=message.live)


def set_motion(state: AppState, message: SetMotion) -> Change:
    table = dict(message.table) if message.table is not None else None
    return edited(state, with_problem(state.scenario, motion=table), key="motion", live=message.live)


def with_problem(scenario: Scenario, **changes: Any) -> Scenario:
    """``scenario`` with other keys in its problem. Raises pydantic.ValidationError."""
    problem = scenario.problem
    return scenario.changed(problem={name: getattr(problem, name) for name in type(problem).model_fields} | changes)


def table_of(disturbance: NoiseTable | MotionTable) -> dict[str, Any]:
    """As a scenario has it."""
    return disturbance.model_dump()


def possible(problem: Problem) -> list[Noise]:
    """The kinds of noise that the problem's landscape can have."""
    return [noise for noise in NOISES.values() if problem.dim == 2 or not noise.planar]


def another(problem: Problem) -> dict[str, Any] | None:
    """The noise to add: of a kind that is not there yet, at its defaults. None where no more fit."""
    there = {noise.kind for noise in problem.noise}
    if len(there) >= MOST_NOISES or len(problem.noise) >= MOST_NOISES:
        return None
    return next(({"kind": noise.name} for noise in possible(problem) if noise.name not in there), None)


def told(problem: Problem) -> str:
    """Noise and motion in a few words; empty without."""
    words: Iterable[str] = (
        *(NOISES[noise.kind].title for noise in problem.noise),
        *((MOTIONS[problem.motion.kind].title,) if problem.motion is not None else ()),
    )
    return ", ".join(words)
