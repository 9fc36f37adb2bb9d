"""Results as a table in the terminal."""

import math
import sys

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gdsim.simulation.training_record import Training
from gdsim.simulation.trajectory import Result, Trajectory
from gdsim.simulation.verdict import Rate

STYLES = {Rate.TOO_SMALL: "yellow", Rate.STABLE: "green", Rate.TOO_LARGE: "red"}
PIPE_WIDTH = 400
"""Columns where the output is no terminal: wide enough that nothing is cut."""


def console() -> Console:
    """Standard output; wide where it is a file or a pipe."""
    return Console(file=sys.stdout, width=None if sys.stdout.isatty() else PIPE_WIDTH, highlight=False)


def print_result(result: Result, shipped_name: str) -> None:
    """The table of runs, and under it the evidence for every verdict."""
    scenario = result.scenario
    table = Table(title=Text(scenario.title or shipped_name), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("label", overflow="fold")
    table.add_column("optimizer")
    table.add_column("learning rate", justify="right")
    table.add_column("verdict", overflow="fold")
    table.add_column("rate")
    table.add_column("steps", justify="right")
    if scenario.is_network:
        for column in ("epochs", "training loss", "validation loss", "test loss", "accuracy" if _classifies(result) else "R^2"):
            table.add_column(column, justify="right")
    else:
        table.add_column("final loss", justify="right")
        table.add_column("final position", overflow="fold")
    for run in result.runs:
        table.add_row(*_cells(run))
    out = console()
    out.print(table)
    for run in result.runs:
        out.print(Text(f"{run.label}: {run.verdict.evidence}"), soft_wrap=True)


def _cells(run: Trajectory) -> tuple[Text, ...]:
    style = STYLES[run.verdict.rate]
    plain = (run.label, run.optimizer, number(run.learning_rate))
    judged = (Text(str(run.verdict.outcome), style), Text(str(run.verdict.rate), style))
    ended = _trained(run) if isinstance(run, Training) else _arrived(run)
    return (*map(Text, plain), *judged, *map(Text, (str(run.steps), *ended)))


def _arrived(run: Trajectory) -> tuple[str, str]:
    position = f"({', '.join(number(float(weight)) for weight in run.positions[-1])})"
    return number(float(run.losses[-1])), position


def _trained(run: Training) -> tuple[str, ...]:
    """Epochs, losses of the three parts, and the score on the test part."""
    epochs, test = run.epochs, run.test
    losses = float(epochs.training_loss[-1]), float(epochs.validation_loss[-1]), test.loss if test else math.nan
    shown = ("-" if math.isnan(value) else number(value) for value in (*losses, test.score if test else math.nan))
    return str(epochs.epoch[-1]), *shown


def _classifies(result: Result) -> bool:
    return any(isinstance(run, Training) and run.model.is_classification for run in result.runs)


def number(value: float) -> str:
    return f"{value:.6g}"
