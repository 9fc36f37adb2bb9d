"""A CSV file that changes on the disk: it is read again, and what it holds now takes the place of what it held, which undo brings back."""

from dataclasses import dataclass, replace

from gdsim.app.edit_data import in_smaller_batches
from gdsim.app.effects import Effect
from gdsim.app.history import Change, complain, edited
from gdsim.app.messages import Message
from gdsim.app.state import AppState, Notice
from gdsim.simulation.data_source import DataSource
from gdsim.simulation.scenario import Scenario


@dataclass(frozen=True)
class DataChanged(Message):
    """The CSV file ``path`` has changed, or has gone, or has come back."""

    path: str


@dataclass(frozen=True)
class Reread(Effect):
    """Read the CSV file of the scenario again; the answer is ``DataReread``, or none where it holds the same."""

    scenario: Scenario


@dataclass(frozen=True)
class DataReread(Message):
    """What the scenario ``before`` is with what its CSV file holds now; None where that cannot be used, and ``text`` says why."""

    before: Scenario
    scenario: Scenario | None
    text: str = ""


def watched(state: AppState) -> str | None:
    """The CSV file that the scenario is made of."""
    problem = state.scenario.problem
    return problem.file if isinstance(problem, DataSource) and problem.csv is not None else None


def reread(before: Scenario) -> Scenario:
    """The scenario with what its CSV file holds now. Raises pydantic.ValidationError (a ValueError) where that cannot be used."""
    assert isinstance(before.problem, DataSource)
    return in_smaller_batches(before, {"problem": before.problem.read_again()})


def data_changed(state: AppState, message: DataChanged) -> Change:
    return state, (Reread(state.scenario),) if message.path == watched(state) else ()


def data_reread(state: AppState, message: DataReread) -> Change:
    path = watched(state)
    if path is None or watched(replace(state, scenario=message.before)) != path:
        return state, ()
    if state.scenario != message.before:  # edited meanwhile
        return state, (Reread(state.scenario),)
    if message.scenario is None:
        return complain(state, f"{path} has changed on the disk and cannot be used: {message.text}. What it held before is kept")
    unsaved = state.dirty
    state, effects = edited(state, message.scenario)
    if not unsaved:  # the file of the scenario says the same as before
        state = replace(state, saved=message.scenario)
    return replace(state, notice=Notice(f"{path} has changed on the disk and was read again; undo brings back what it held")), effects
