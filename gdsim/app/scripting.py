"""The selected run as a script for PyTorch: its text for the window, and the script saved by the worker."""

from dataclasses import dataclass, replace
from pathlib import Path

from gdsim.app.effects import Effect
from gdsim.app.history import Change
from gdsim.app.messages import Message
from gdsim.app.state import AppState
from gdsim.simulation.data_source import DataSource
from gdsim.simulation.pytorch.exportable import ExportError
from gdsim.simulation.pytorch.script import Script, export_pytorch
from gdsim.simulation.scenario import Scenario

MOST_NUMBERS = 40_000
"""Numbers in the data up to which the window writes a script as one looks, in some 100 ms."""
TOO_MANY = "There are too many points for the script to be shown as you look; saved, it is complete."


@dataclass(frozen=True)
class SetExactScript(Message):
    """Whether scripts take their first weights and batches from here, or let PyTorch draw its own."""

    exact: bool


@dataclass(frozen=True)
class SaveScript(Message):
    """Saves the selected run's script, with the files that it reads beside it."""

    path: Path


@dataclass(frozen=True)
class WriteScript(Effect):
    """Write the script of run ``run`` into a file."""

    scenario: Scenario
    run: int
    exact: bool
    path: Path


def set_exact_script(state: AppState, message: SetExactScript) -> Change:
    return replace(state, exact_script=message.exact), ()


def save_script(state: AppState, message: SaveScript) -> Change:
    return state, (WriteScript(state.scenario, state.selected, state.exact_script, message.path),)


def script_shown(scenario: Scenario, run: int, *, exact: bool) -> Script | str:
    """The script of run ``run``, or why there is none to be shown."""
    problem = scenario.problem
    if isinstance(problem, DataSource) and problem.loaded.inputs.size > MOST_NUMBERS:
        return TOO_MANY
    try:
        return export_pytorch(scenario, run, exact=exact)
    except ExportError as error:
        return f"This run cannot be written for PyTorch: {error}."
