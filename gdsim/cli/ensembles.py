"""``gdsim ensemble``: one scenario with many seeds, as a table in the terminal and as files."""

import sys
from pathlib import Path

from rich import box
from rich.table import Table
from rich.text import Text

from gdsim.cli.bad_input import complain, folder_problem, refuse, workers_problem
from gdsim.cli.painting import CannotPaintError, paint, report
from gdsim.cli.report import console, number
from gdsim.cli.running import UNFINISHED
from gdsim.cli.sources import load_all
from gdsim.cli.waiting import told_of_compiling
from gdsim.simulation.ensemble import LEAST_SEEDS, MOST_SEEDS, Ensemble, EnsembleRun, ensemble, meets_chance
from gdsim.simulation.ensemble_store import write_ensemble_files
from gdsim.staged import staged


def run_ensemble(source: str, seeds: int, out: Path | None, changes: list[str], workers: int | None) -> int:
    """Runs the scenario with so many seeds, prints what became of them and writes it where ``out`` says. Returns the exit code."""
    scenarios, errors = load_all([source], changes)
    code = complain(errors) if errors else 0
    if out is not None and (problem := folder_problem(out)):
        code = refuse("--out", problem)
    if not LEAST_SEEDS <= seeds <= MOST_SEEDS:
        code = refuse("--seeds", f"found {seeds:,}; allowed: {LEAST_SEEDS} to {MOST_SEEDS:,}")
    if problem := workers_problem(workers):
        code = refuse("--workers", problem)
    if code:
        return code
    try:
        with told_of_compiling():
            found = ensemble(scenarios[0], seeds, threads=workers)
    except ValueError as error:
        return refuse("FILE", str(error))
    print_ensemble(found, source)
    if out is None:
        return 0
    try:
        return _write(found, out)
    except OSError as error:
        return refuse("--out", f"nothing was written to {out}: {error.strerror or error}")


def _write(found: Ensemble, folder: Path) -> int:
    """Writes the numbers and the picture, whole or not at all. Where pictures cannot be painted, the numbers alone."""
    code = 0
    with staged(folder) as stage:
        write_ensemble_files(found, stage)
        try:
            paint(found, stage / "picture.png")
        except CannotPaintError as error:
            report(error)
            code = UNFINISHED
    sys.stdout.write(f"Written to {folder}\n")
    return code


def print_ensemble(found: Ensemble, source: str) -> None:
    """A line a run: what share of seeds converged, hover, diverged or are under way, quantiles of the loss, how far the ends spread."""
    title = f"{found.scenario.title or source}: {len(found.runs[0].losses):,} seeds"
    table = Table(title=Text(title), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("label", overflow="fold")
    for column in (*found.runs[0].shares, "loss 10 %", "50 %", "90 %"):
        table.add_column(column, justify="right")
    table.add_column("mean position", overflow="fold")
    table.add_column("standard deviation", overflow="fold")
    for run in found.runs:
        table.add_row(*map(Text, _cells(run)))
    console().print(table)
    if not meets_chance(found.scenario):
        console().print(Text("Nothing here meets chance (noise, batches, a random start): every seed gives the same run."), soft_wrap=True)


def _cells(run: EnsembleRun) -> tuple[str, ...]:
    shares = (f"{100.0 * share:.4g} %" for share in run.shares.values())
    losses = (number(float(loss)) for loss in run.band[:, -1])
    spread = run.covariance.diagonal() ** 0.5
    places = (f"({', '.join(number(float(value)) for value in values)})" for values in (run.mean, spread))
    return run.label, *shares, *losses, *places
