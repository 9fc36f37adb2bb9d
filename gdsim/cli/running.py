"""``gdsim run``: everything is checked before anything is run, and run before anything of it is written."""

import re
import sys
from pathlib import Path
from typing import Literal

from gdsim.cli.bad_input import complain, folder_problem, refuse
from gdsim.cli.painting import CannotPaintError, paint, report
from gdsim.cli.report import print_result
from gdsim.cli.sources import load_all
from gdsim.cli.typed import scenario_of
from gdsim.cli.waiting import told_of_compiling
from gdsim.networks.tensors import WeightsError
from gdsim.simulation.complaints import ScenarioError
from gdsim.simulation.run import run
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.store import remove_other_tables, write_files
from gdsim.simulation.trajectory import Result
from gdsim.staged import staged

UNFINISHED = 1


Table = Literal["parquet", "csv"]


def run_all(
    sources: list[str], changes: list[str], out: Path | None, table: Table, formula: str | None = None, checkpoints: Path | None = None
) -> int:
    """Runs the scenarios and prints them; with ``out`` writes each, several into a folder of their own each. Returns the exit code.

    With a ``formula`` that is what they minimise. Networks are kept in the folder ``checkpoints`` as they are trained.
    """
    scenarios, errors = load_all(sources, changes, formula)
    code = complain(errors) if errors else 0
    if checkpoints is not None and not errors and not all(scenario.is_network for scenario in scenarios):
        code = refuse("--checkpoints", "there is a scenario that trains no network; allowed: only with networks")
    return _run_loaded(sources, scenarios, code, out, table, checkpoints)


def run_formula(formula: str, optimizers: list[str], changes: list[str], out: Path | None, table: Table) -> int:
    """``run_all`` for a formula and no file."""
    try:
        scenarios, code = [scenario_of(formula, optimizers, changes)], 0
    except ScenarioError as error:
        scenarios, code = [], complain([error])
    return _run_loaded(["formula"], scenarios, code, out, table)


def _run_loaded(
    sources: list[str], scenarios: list[Scenario], code: int, out: Path | None, table: Table, checkpoints: Path | None = None
) -> int:
    folders = _folders(out, sources) if out is not None else []
    kept = _folders(checkpoints, sources) if checkpoints is not None else [None] * len(sources)
    if problem := folder_problem(checkpoints) if checkpoints is not None else None:
        code = refuse("--checkpoints", problem)
    for problem in dict.fromkeys(problem for folder in folders if (problem := folder_problem(folder))):
        code = refuse("--out", problem)
    if code:
        return code
    for index, scenario in enumerate(scenarios):
        try:
            with told_of_compiling():
                result = run(scenario, kept[index])
        except WeightsError as error:
            return refuse("--checkpoints", str(error))
        except OSError as error:
            return refuse("--checkpoints", f"{kept[index]}: {error.strerror or error}")
        print_result(result, shipped_name=sources[index])
        if folders:
            try:
                code = max(code, _write(result, folders[index], table))
            except OSError as error:
                return refuse("--out", f"nothing was written to {folders[index]}: {error.strerror or error}")
    return code


def _folders(out: Path, sources: list[str]) -> list[Path]:
    """One folder a scenario: ``out`` itself for one, folders inside it named after the files for several."""
    if len(sources) == 1:
        return [out]
    folders: list[Path] = []
    for source in sources:
        # A file may be called "...toml", and its stem would lead out of the folder.
        stem = re.sub(r"[^\w.-]", "-", Path(source).stem).strip(".") or "scenario"
        names = [stem, *(f"{stem}-{count}" for count in range(2, len(sources) + 1))]
        folders.append(next(folder for name in names if (folder := out / name) not in folders))
    return folders


def _write(result: Result, folder: Path, table: Table) -> int:
    """Writes the numbers and the picture, whole or not at all. Where pictures cannot be painted, the numbers alone."""
    code = 0
    with staged(folder) as stage:
        write_files(result, stage, table)
        try:
            paint(result, stage / "picture.png")
        except CannotPaintError as error:
            report(error)
            code = UNFINISHED
    remove_other_tables(result, folder, table)
    sys.stdout.write(f"Written to {folder}\n")
    return code
