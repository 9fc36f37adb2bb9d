"""``gdsim open --trial``: the run of one trial."""

import sys
from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.table import Table
from rich.text import Text

from gdsim.cli.bad_input import BAD_INPUT
from gdsim.cli.checking import STYLES, Named, numbers
from gdsim.cli.report import console
from gdsim.cli.waiting import told_of_compiling
from gdsim.harness.replay import replay
from gdsim.harness.robust_course import Row
from gdsim.harness.target import TargetError
from gdsim.harness.trial import Outcome

MOST_ROWS = 400
"""Steps of a run that are printed."""


def open_trial(named: Named, trial: str, seed: int, table: bool) -> int:
    """Shows the run of one trial: in the window where a scenario can, else as a table. Returns 2 for bad use, else 0."""
    try:
        found, rows = replay(named.target(), trial, seed)
    except TargetError as error:
        sys.stderr.write(f"{error}\n")
        return BAD_INPUT
    if found.scenario is not None and not table:
        from gdsim.cli.display import display_problem

        if display_problem() is None:
            return _in_the_window(found)
    out = console()
    out.print(Text(found.trial.title, "bold"), soft_wrap=True)
    out.print(Text.assemble((f"{found.verdict}: ", STYLES[found.verdict]), found.sentence), soft_wrap=True)
    for name, figure in found.figures.items():
        out.print(Text(f"    {name}: {figure:.12g}"))
    if rows:
        out.print(_steps(rows))
    elif found.scenario is not None:
        _run_here(found)
    return 0


def _in_the_window(found: Outcome) -> int:
    import tempfile

    from gdsim.cli.endings import give_to_the_window

    give_to_the_window()
    from gdsim.gui.main import main

    assert found.scenario is not None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{found.trial.id.replace('/', '-')}.toml"
        file.write_text(found.scenario, encoding="utf-8")
        return main(str(file))


def _run_here(found: Outcome) -> None:
    from gdsim.cli.report import print_result
    from gdsim.simulation.run import run
    from gdsim.simulation.scenario import validated
    from gdsim.simulation.scenario_file import parse

    assert found.scenario is not None
    with told_of_compiling():
        result = run(validated(parse(found.scenario), found.trial.id))
    print_result(result, found.trial.id)


def _steps(rows: Sequence[Row]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for column in ("run", "step", "loss", "gradient", "weights"):
        table.add_column(column, overflow="fold")
    kept = list(dict.fromkeys(name for row in rows[:MOST_ROWS] for name in row.state))
    for name in kept:
        table.add_column(name, overflow="fold")
    for row in rows[:MOST_ROWS]:
        state = (numbers(row.state[name]) if name in row.state else "" for name in kept)
        table.add_row(row.run, str(row.step), f"{row.loss:.6g}", numbers(row.gradient), numbers(row.weights), *state)
    if len(rows) > MOST_ROWS:
        table.caption = f"and {len(rows) - MOST_ROWS} steps more"
    return table
