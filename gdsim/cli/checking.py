"""``gdsim check``: an optimizer through the trials."""

import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gdsim.cli.bad_input import BAD_INPUT, file_problem, refuse
from gdsim.cli.endings import INTERRUPTED
from gdsim.cli.report import console
from gdsim.cli.waiting import EACH_SECOND, CompilingColumn
from gdsim.harness.check import Progress, check
from gdsim.harness.differential import Comparison, Difference, compare, like, outcome
from gdsim.harness.replay import command
from gdsim.harness.report import Report
from gdsim.harness.target import Floats, Target, TargetError
from gdsim.harness.targets import target_of
from gdsim.harness.trial import Family, Verdict

STYLES = {
    Verdict.EXCELLENT: "blue",
    Verdict.GOOD: "green",
    Verdict.PASSED: "green",
    Verdict.INSUFFICIENT: "yellow",
    Verdict.UNRELIABLE: "yellow",
    Verdict.DIVERGED: "red",
    Verdict.FAILED: "bold red",
    Verdict.SKIPPED: "dim",
}


@dataclass(frozen=True)
class Named:
    """A target as the command line names it."""

    text: str
    rate: float | None
    params: Sequence[str]
    claims: str | None

    def target(self) -> Target:
        """Raises TargetError."""
        values = dict(map(_value, self.params))
        if self.rate is not None:
            values["learning_rate"] = self.rate
        return target_of(self.text, values, self.claims)


def _value(text: str) -> tuple[str, float | bool]:
    name, equals, value = text.partition("=")
    if value.strip().lower() in ("true", "false"):
        return name.strip(), value.strip().lower() == "true"
    try:
        number = float(value)
    except ValueError:
        equals = ""
    if not equals:
        raise TargetError(f"--param: found {text!r}; allowed: NAME=VALUE with a number, true or false, such as beta1=0.9")
    return name.strip(), number


def check_one(
    named: Named,
    trials: str | None,
    against: str | None,
    files: Mapping[str, Path | None],
    *,
    quick: bool,
    seed: int,
) -> int:
    """Prints what came of it, and returns 0 where nothing failed, 1 where something did, 2 for bad use."""
    families = _families(trials, against)
    if isinstance(families, str):
        return refuse("--trials", families)
    for option, path in files.items():
        if path is not None and (problem := file_problem(path)) is not None:
            return refuse(option, problem)
    twice = [option for option, path in files.items() if path is not None and list(files.values()).count(path) > 1]
    if twice:
        return refuse(twice[-1], f"found {files[twice[-1]]} for {' and '.join(twice)}; allowed: a file for each")
    try:
        target = named.target()
        other = None if against is None else like(against, target)
    except TargetError as error:
        sys.stderr.write(f"{error}\n")
        return BAD_INPUT
    with _stopping() as stopped, _progress(stopped) as progress:
        report = check(target, families, quick, seed, progress)
        interrupted = stopped()
    out = console()
    if other is not None and not interrupted:
        report = _compared(target, other, report, out)
    if families:
        _print(report, out)
    if interrupted:
        sys.stderr.write("Interrupted: not all trials were put, and nothing was written\n")
        return INTERRUPTED
    if (code := _write(report, files)) is not None:
        return code
    return 1 if report.failures else 0


def _families(trials: str | None, against: str | None) -> Sequence[Family] | str:
    """The families asked for: all, unless another optimizer is named to be compared with; a text says what is wrong."""
    if trials is None:
        return () if against is not None else tuple(Family)
    words = [word.strip() for word in trials.split(",")]
    wrong = [word for word in words if word not in set(Family)]
    return f"found {wrong[0]!r}; allowed: some of {','.join(Family)}" if wrong else tuple(map(Family, words))


def _compared(target: Target, other: Target, report: Report, out: Console) -> Report:
    try:
        comparison = compare(target, other, seed=report.seed)
    except TargetError as error:
        failed = Comparison(target.name, other.name, 0, float("nan"), None)
        return replace(report, outcomes=(*report.outcomes, replace(outcome(failed), verdict=Verdict.FAILED, sentence=str(error))))
    out.print(Text(comparison.sentence, "red" if comparison.difference else "green"), soft_wrap=True)
    if comparison.difference is not None:
        out.print(_state_table(comparison, comparison.difference))
    return replace(report, outcomes=(*report.outcomes, outcome(comparison)))


def _state_table(comparison: Comparison, found: Difference) -> Table:
    """All that both have at the step where they part."""
    table = Table(title=f"step {found.step}", title_justify="left", box=box.SIMPLE_HEAD)
    for column in ("", comparison.one, comparison.other):
        table.add_column(column, overflow="fold")
    table.add_row("gradient", numbers(found.gradient), numbers(found.gradient))
    table.add_row("weights before", *map(numbers, found.before))
    table.add_row("weights after", *map(numbers, found.after))
    for name in dict.fromkeys((*found.states[0], *found.states[1])):
        table.add_row(name, *(numbers(state[name]) if name in state else "" for state in found.states))
    return table


def _print(report: Report, out: Console) -> None:
    values = ", ".join(f"{name} {value:g}" for name, value in report.values.items() if value is not False)
    out.print(Text(f"{report.target}{f' ({values})' if values else ''}", "bold"), soft_wrap=True)
    met = Counter(one.verdict for one in report.outcomes)
    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("trials")
    shown = [verdict for verdict in Verdict if met[verdict]]
    for verdict in shown:
        table.add_column(str(verdict), justify="right", style=STYLES[verdict])
    for family in Family:
        if counts := report.counts(family):
            table.add_row(str(family), *(str(counts[verdict]) if verdict in counts else "" for verdict in shown))
    out.print(table)
    for one in report.worst():
        out.print(Text.assemble((f"{one.verdict} ", STYLES[one.verdict]), f"{one.trial.id}: {one.sentence}"), soft_wrap=True)
        out.print(Text(f"    {command(report, one)}", "dim"), soft_wrap=True)
    if report.claims is None and report.counts(Family.TRUTH):
        out.print(
            Text("Most trials of truth ask of an optimizer what it claims to be: name that with --claims, such as --claims adam", "yellow")
        )
    failed, asked = len(report.failures), len(report.outcomes)
    ended = f"{failed} of {asked} trials failed" if failed else f"none of {asked} trials failed"
    out.print(Text(f"{ended}, in {report.seconds:.1f} s", "bold red" if failed else "bold green"))


def _write(report: Report, files: Mapping[str, Path | None]) -> int | None:
    from gdsim.harness.report_html import write_html
    from gdsim.harness.report_json import write_json
    from gdsim.harness.report_junit import write_junit

    writers: dict[str, Callable[[Report, Path], None]] = {"--json": write_json, "--junit": write_junit, "--html": write_html}
    for option, path in files.items():
        if path is not None:
            try:
                writers[option](report, path)
            except OSError as error:
                return refuse(option, f"{path}: {error.strerror}")
    return None


@contextmanager
def _stopping() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed: trials then end with what is known. Pressed again it stops whatever is under way."""
    pressed = False

    def press(_signal: int, _frame: FrameType | None) -> None:
        nonlocal pressed
        if pressed:
            raise KeyboardInterrupt
        pressed = True

    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: pressed
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _progress(stopped: Callable[[], bool]) -> Iterator[Progress]:
    """A bar on standard error, where that is a terminal; trials go on until ``stopped()``."""
    if not sys.stderr.isatty():
        yield lambda answered, asked: not stopped()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), CompilingColumn()
    with Bar(*columns, console=Console(stderr=True), transient=True, refresh_per_second=EACH_SECOND) as bar:
        task = bar.add_task("")

        def told(answered: int, asked: int) -> bool:
            bar.update(task, completed=answered, total=asked)
            return not stopped()

        yield told


def numbers(array: Floats) -> str:
    return ", ".join(f"{number:.8g}" for number in array)
