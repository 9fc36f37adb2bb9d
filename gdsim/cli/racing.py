"""``gdsim race``: optimizers against each other on an equal budget; a table at the end, and files."""

import math
import sys
from pathlib import Path

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from gdsim.cli.bad_input import complain, folder_problem, refuse, workers_problem
from gdsim.cli.endings import INTERRUPTED
from gdsim.cli.report import console
from gdsim.cli.waiting import EACH_SECOND, CompilingColumn
from gdsim.harness.race_file import Race, load
from gdsim.harness.race_result import RaceResult
from gdsim.harness.race_run import run_race
from gdsim.harness.race_store import write_race
from gdsim.harness.target import TargetError
from gdsim.harness.targets import target_of
from gdsim.simulation.complaints import ScenarioError
from gdsim.simulation.table_file import Format

SHOWN = 8
"""Problems whose times the terminal shows; the files have all."""


def race_one(source: str, targets: list[str], out: Path | None, table: Format, workers: int | None, seed: int | None) -> int:
    """Runs the race in a file, or the shipped one of that name. Returns the exit code."""
    try:
        race = load(source, [target_of(text) for text in targets], seed)
    except TargetError as error:
        return refuse("--target", str(error))
    except ScenarioError as error:
        return complain([error])
    if out is not None and (problem := folder_problem(out)) is not None:
        return refuse("--out", problem)
    if problem := workers_problem(workers):
        return refuse("--workers", problem)
    try:
        result = _run(race, workers)
        print_race(result)
        if out is not None:
            write_race(result, out, table)
            sys.stdout.write(f"Written to {out}\n")
    except ScenarioError as error:
        return complain([ScenarioError(source, error.complaints)])
    except TargetError as error:
        sys.stderr.write(f"gdsim: {error}\n")
        return 1
    except OSError as error:
        return refuse("--out", f"nothing was written to {out}: {error.strerror or error}")
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted; nothing was written\n")
        return INTERRUPTED
    return 0


def _run(race: Race, workers: int | None) -> RaceResult:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), CompilingColumn())
    with Progress(
        *columns, console=Console(stderr=True), transient=True, refresh_per_second=EACH_SECOND, disable=not sys.stderr.isatty()
    ) as bar:
        task = bar.add_task("optimizers on problems", total=None)

        def told(done: int, total: int) -> bool:
            bar.update(task, completed=done, total=total)
            return True

        return run_race(race, told, workers)


def print_race(result: RaceResult) -> None:
    """Optimizers by score, with the median time on every problem."""
    keys = result.race.keys
    table = Table(title=Text(keys.title or "Race"), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("optimizer")
    shown = result.problems[:SHOWN]
    for name in ("score", "95 %", "solved", "forgiving", *shown):
        table.add_column(Text(name), justify="right")
    times, intervals = result.times, result.score_intervals
    for e in result.ranking():
        forgiving = result.forgiveness[e]
        low, high = intervals[e]
        cells = [
            f"{result.scores[e]:.2f}",
            f"{low:.2f} to {high:.2f}",
            f"{result.solved[e]:.0%}",
            "-" if math.isnan(forgiving) else f"{forgiving:.0%}",
        ]
        cells += [f"{time:,.0f}" if math.isfinite(time) else "-" for time in times[e, : len(shown)]]
        table.add_row(Text(result.entries[e]), *cells)
    out = console()
    out.print(table)
    more = f" {len(result.problems) - len(shown)} problems are not shown." if len(result.problems) > len(shown) else ""
    words = (
        "score: AlgoPerf's, 1 for the fastest everywhere; 95 %: its interval over other seeds. solved: problems whose median run got to "
        "the goal. forgiving: settings tried that take at most twice the best one's time. Under a problem: evaluations to its goal, the "
        f"median of {_many(keys.seeds, 'run')}.{more}\nEach could try {_many(keys.trials, 'setting')} on every problem, with "
        f"{_many(keys.seeds, 'other seed')}; seed {keys.seed}."
    )
    out.print(Text(words))


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"
