"""What is asked about trainings that were computed, for the view that is shown: messages and effects, and when they are sent.

The worker answers coarse to fine, so that playing and scrubbing find what they need.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from gdsim.app.effects import Effect
from gdsim.app.history import Change
from gdsim.app.messages import Message
from gdsim.app.predicting import asked, coarse_to_fine, recorded
from gdsim.app.state import AppState, Planed, Unfoldings
from gdsim.networks.units import columns_of
from gdsim.simulation.loss_plane import Directions, LossPlane
from gdsim.simulation.network_problem import NetworkProblem
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.training_record import Snapshots
from gdsim.simulation.unit_maps import UnitMaps

UNITS_VIEW, PLANE_VIEW = "Network", "Loss plane"
"""The names of the views that ask."""

MOST_MAPS = 12_000
"""Unit maps that are kept ready: over a plane, 28 MB."""


@dataclass(frozen=True)
class ChooseDirections(Message):
    """Which two directions span the loss plane: those in which the training moved most, or random ones."""

    directions: Directions


@dataclass(frozen=True)
class Unfolded(Message):
    """What the units of run ``run`` say with its weights before step ``step``."""

    generation: int
    run: int
    step: int
    maps: UnitMaps


@dataclass(frozen=True)
class PlaneFound(Message):
    """The loss plane of run ``run``; ``whole`` with the finest."""

    generation: int
    run: int
    directions: Directions
    plane: LossPlane
    whole: bool


@dataclass(frozen=True)
class Unfold(Effect):
    """Find what the units of run ``run`` say with these of its snapshots; the answers are many ``Unfolded``."""

    generation: int
    scenario: Scenario
    run: int
    snapshots: Snapshots
    rows: tuple[int, ...]


@dataclass(frozen=True)
class SurveyPlane(Effect):
    """Find the loss plane of run ``run``, coarse to fine; the answers are ``PlaneFound``."""

    generation: int
    scenario: Scenario
    run: int
    snapshots: Snapshots
    directions: Directions


def questions(state: AppState) -> tuple[Effect, ...]:
    """All that is to be asked now, what is looked at first."""
    return (*unfolding(state), *surveying(state), *asked(state))


def unfolding(state: AppState) -> tuple[Effect, ...]:
    """The question for the network view; none if all is known."""
    if state.view != UNITS_VIEW or not state.scenario.is_network or state.computing:
        return ()
    snapshots = recorded(state, state.selected)
    if snapshots is None:
        return ()
    rows = tuple(unknown(state, snapshots))
    return (Unfold(state.generation, state.scenario, state.selected, snapshots, rows),) if rows else ()


def unknown(state: AppState, snapshots: Snapshots) -> Iterator[int]:
    """Numbers of the snapshots whose maps are not there: the one that is looked at, then coarse to fine."""
    known = known_maps(state, state.selected)
    count = len(snapshots.steps)
    problem = state.scenario.problem
    assert isinstance(problem, NetworkProblem)
    units = sum(len(column.units) for column in columns_of(problem.shape))
    stride = -(-count * units // MOST_MAPS)
    wanted = sorted({*range(0, count, stride), count - 1})
    rows = [wanted[place] for place in coarse_to_fine(len(wanted)) if int(snapshots.steps[wanted[place]]) not in known]
    here = snapshots.at(state.playhead)
    yield from dict.fromkeys([here, *rows] if rows and int(snapshots.steps[here]) not in known else rows)


def known_maps(state: AppState, run: int) -> Mapping[int, UnitMaps]:
    """The maps of a run that are there, by step."""
    there = state.unfoldings
    return there.maps if there is not None and (there.generation, there.run) == (state.generation, run) else {}


def unfolded(state: AppState, message: Unfolded) -> Change:
    if message.generation != state.generation or message.run != state.selected:
        return state, ()
    maps = {**known_maps(state, message.run), message.step: message.maps}
    return replace(state, unfoldings=Unfoldings(message.generation, message.run, maps)), ()


def plane_now(state: AppState) -> Planed | None:
    """The loss plane that was asked for, if it is there."""
    there = state.planed
    wanted = state.generation, state.selected, state.directions
    return there if there is not None and (there.generation, there.run, there.directions) == wanted else None


def surveying(state: AppState) -> tuple[Effect, ...]:
    """The question for the view of the loss plane; none if it is answered."""
    if state.view != PLANE_VIEW or not state.scenario.is_network or state.computing or state.given_up == state.generation:
        return ()
    snapshots, there = recorded(state, state.selected), plane_now(state)
    if snapshots is None or (there is not None and there.whole):
        return ()
    return (SurveyPlane(state.generation, state.scenario, state.selected, snapshots, state.directions),)


def plane_found(state: AppState, message: PlaneFound) -> Change:
    if (message.generation, message.run, message.directions) != (state.generation, state.selected, state.directions):
        return state, ()
    found = Planed(message.generation, message.run, message.directions, message.plane, message.whole)
    return replace(state, planed=found), ()


def choose_directions(state: AppState, message: ChooseDirections) -> Change:
    state = replace(state, directions=message.directions, given_up=-1)
    return state, surveying(state)
