"""Scenario files: TOML in and out. A file may come from anyone; whatever is wrong with it becomes a ScenarioError.

Other kinds of files that hold tables of scenarios (races) are found and read by the same rules.
"""

import os
import re
import stat
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gdsim import shipped
from gdsim.simulation import complaints
from gdsim.simulation.complaints import Complaint, ScenarioError
from gdsim.simulation.data_source import DataSource, located, reachable_from
from gdsim.simulation.disturbed import MotionTable, NoiseTable
from gdsim.simulation.network_problem import NetworkProblem
from gdsim.simulation.problem import Problem
from gdsim.simulation.rewrite import rewritten
from gdsim.simulation.run_batch_schedule import RunBatchSchedule
from gdsim.simulation.run_schedule import RunSchedule
from gdsim.simulation.scenario import Run, Scenario, validated
from gdsim.simulation.sweep_axes import Axis, Sweep
from gdsim.simulation.table import Model
from gdsim.staged import staged

MOST_BYTES = 1 << 20
DEEPEST_KEY = 32
PART = r"(?:[\w-]++|\"[^\"\n]*+\"|'[^'\n]*+')"
DOTTED = re.compile(rf"(?<![\w-]){PART}(?:[ \t]*+\.[ \t]*+{PART}){{{DEEPEST_KEY}}}")
LARGEST_TEMPLATE = 1 << 17
SHIPPED = {"scenario": shipped.scenarios, "race": shipped.races}
"""The kinds of files that are read here, and where those are that gdsim ships."""


def load(source: str | os.PathLike[str]) -> Scenario:
    """The scenario in the file ``source``, or the shipped one of that name. Raises ScenarioError with every complaint."""
    return validated(read(source), shown(os.fsdecode(source)))


def scenario_of(source: Scenario | str | os.PathLike[str]) -> Scenario:
    """A scenario itself, or what ``load`` finds under its name. Raises ScenarioError, and TypeError for anything else."""
    if isinstance(source, Scenario):
        return source
    if isinstance(source, str | os.PathLike):
        return load(source)
    raise TypeError(f"found {source!r:.40}; needed: a Scenario, a file, or the name of a shipped one, such as 'three-learning-rates'")


def find(source: str | os.PathLike[str], kind: str = "scenario") -> Path:
    """The file that ``source`` means: a path, or the name of a shipped file of that kind. Raises ScenarioError where there is none."""
    name = os.fsdecode(source)
    known = SHIPPED[kind]()
    try:
        found = os.stat(name)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        if name in known:
            return known[name]
        missing = isinstance(error, FileNotFoundError | NotADirectoryError)
        raise ScenarioError(shown(name), [Complaint("", _not_found(name, kind, known) if missing else _reason(error))]) from None
    if stat.S_ISDIR(found.st_mode):
        if name in known:
            return known[name]
        raise ScenarioError(shown(name), [Complaint("", f"found a folder; allowed: a {kind} file (TOML)")])
    if not stat.S_ISREG(found.st_mode):
        raise ScenarioError(shown(name), [Complaint("", f"found something that is not a regular file; allowed: a {kind} file (TOML)")])
    return Path(name)


def read(source: str | os.PathLike[str], kind: str = "scenario") -> dict[str, Any]:
    """The tables of a file of that kind, not validated yet. Raises ScenarioError."""
    name = shown(os.fsdecode(source))
    file = find(source, kind)
    try:
        with open(file, "rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            content = stream.read(MOST_BYTES + 1) if size <= MOST_BYTES else b""
    except OSError as error:
        raise ScenarioError(name, [Complaint("", _reason(error))]) from None
    if max(size, len(content)) > MOST_BYTES:
        raise ScenarioError(
            name, [Complaint("", f"found {max(size, len(content)):,} bytes; allowed: a {kind} file of at most {MOST_BYTES:,} bytes")]
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        found = f"found byte 0x{content[error.start]:02x} in line {line}, which is not UTF-8 text; allowed: a TOML file saved as UTF-8"
        raise ScenarioError(name, [Complaint("", found)]) from None
    return located(parse(text, name), file.parent)


def parse(text: str, source: str = "") -> dict[str, Any]:
    """The tables in TOML ``text``. Raises ScenarioError naming ``source``."""
    # tomllib takes quadratic time over one key of very many parts.
    if DOTTED.search(text):
        raise ScenarioError(source, [Complaint("", f"found a key of more than {DEEPEST_KEY} parts; allowed: keys like problem.parameters")])
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(source, [Complaint("", f"this is not valid TOML: {_clean(error)}")]) from None
    except (RecursionError, MemoryError):
        raise ScenarioError(source, [Complaint("", "found values nested too deeply; allowed: what a scenario needs, two levels")]) from None
    except ValueError:  # an integer of thousands of digits
        raise ScenarioError(source, [Complaint("", "found an integer of thousands of digits; allowed: numbers that fit 64 bits")]) from None


def save(scenario: Scenario, path: str | os.PathLike[str]) -> None:
    """Writes the scenario as TOML, whole or not at all. Comments of a file already there are kept. Raises OSError.

    The path of a CSV file is written in full where it would not lead there from the new file's folder.
    """
    file = Path(path)
    if not file.parent.is_dir():
        raise FileNotFoundError(f"there is no folder {file.parent}")
    text = to_toml(reachable_from(scenario, file.parent), _text_of(file))
    with staged(file.parent) as stage:
        (stage / file.name).write_text(text, encoding="utf-8", newline="\n")


def to_toml(scenario: Scenario, template: str = "") -> str:
    """The scenario as TOML text: the text ``template``, with its comments and order, changed where it says something else.

    Raises ValueError for a scenario that no file can hold.
    """
    for text in (template, ""):
        written = rewritten(text, tables_of(scenario), tables_of(scenario, complete=True))
        try:
            if validated(located(parse(written), scenario.problem.folder if isinstance(scenario.problem, DataSource) else "")) == scenario:
                return written
        except ScenarioError:
            continue
    raise ValueError(f"no file can hold this scenario: its landscape {scenario.landscape.name!r} is not one of gdsim's")


def tables_of(scenario: Scenario, *, complete: bool = False) -> dict[str, Any]:
    """The tables of the scenario's file, in the order of writing. Unless ``complete``, values that are the defaults are left out."""
    title = {"title": scenario.title} if complete or scenario.title else {}
    unused = all(run.epochs is not None for run in scenario.runs) and scenario.steps == Scenario.model_fields["steps"].default
    steps = {} if unused and not complete else {"steps": scenario.steps}
    top = title | steps | {"seed": scenario.seed} | _given(scenario, ("tolerance", "start"), complete)
    problem = _problem_table(scenario.problem, complete)
    if parameters := _given(scenario.problem.parameters, type(scenario.problem.parameters).model_fields, complete):
        problem["parameters"] = parameters
    if noise := [_kind_table(each, complete) for each in scenario.problem.noise]:
        problem["noise"] = noise if len(noise) > 1 else noise[0]
    if scenario.problem.motion:
        problem["motion"] = _kind_table(scenario.problem.motion, complete)
    sweep = {"sweep": _sweep_table(scenario.sweep, complete)} if scenario.sweep else {}
    return {**top, "problem": problem, **sweep, "runs": [_run_table(run, complete) for run in scenario.runs]}


def _problem_table(problem: Problem, complete: bool) -> dict[str, Any]:
    """The keys that say what is minimised; of those that say which data only what differs from the defaults."""
    if not isinstance(problem, DataSource):
        return {name: _plain(value) for name in problem.KEYS if (value := getattr(problem, name)) is not None}
    table = _given(problem, problem.KEYS, complete)
    if problem.data and (data := _given(problem.data, type(problem.data).model_fields, complete)):
        table["data"] = data
    if isinstance(problem, NetworkProblem):
        table["network"] = _given(problem.network, type(problem.network).model_fields, complete)
    return table


def _run_table(run: Run, complete: bool) -> dict[str, Any]:
    label = {"label": run.label} if complete or run.label else {}
    rest = [name for name in run.rule.defaults if name != "learning_rate"]
    named = label | {"optimizer": run.optimizer, "learning_rate": run.learning_rate}
    given = _given(run, (*rest, *(name for name in Run.COMMON if name not in ("schedule", "batch_schedule"))), complete)
    tables = {"schedule": run.schedule, "batch_schedule": run.batch_schedule}
    return named | given | {name: _schedule_table(table, complete) for name, table in tables.items() if table}


def _schedule_table(schedule: RunSchedule | RunBatchSchedule, complete: bool) -> dict[str, Any]:
    table = {"name": schedule.name} | _given(schedule, schedule.record.defaults, complete)
    parts = [_schedule_table(part, complete) for part in getattr(schedule, "made_of", ())]
    return table | ({"parts": parts} if parts else {})


def _sweep_table(sweep: Sweep, complete: bool) -> dict[str, Any]:
    return {"axes": [_axis_table(axis, complete) for axis in sweep.axes]} | _given(sweep, ("precision", "fast"), complete)


def _axis_table(axis: Axis, complete: bool) -> dict[str, Any]:
    ends = ("values",) if axis.values is not None else ("low", "high", "count", "scale")
    return {"over": axis.over} | _given(axis, ends, complete)


def _kind_table(table: NoiseTable | MotionTable, complete: bool) -> dict[str, Any]:
    return {"kind": table.kind} | _given(table, (name for name in type(table).model_fields if name != "kind"), complete)


def _given(table: Model, names: Iterable[str], complete: bool) -> dict[str, Any]:
    values = {name: getattr(table, name) for name in names}
    fields = type(table).model_fields
    told = {name: value for name, value in values.items() if value is not None and (complete or value != fields[name].default)}
    return {name: _given(value, type(value).model_fields, complete) if _optional(value) else _plain(value) for name, value in told.items()}


def _optional(value: Any) -> bool:
    """Whether it is a table whose keys all have defaults."""
    return isinstance(value, Model) and not any(field.is_required() for field in type(value).model_fields.values())


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return value.model_dump()
    return [_plain(item) for item in value] if isinstance(value, tuple) else str(value) if isinstance(value, str) else value


def _text_of(file: Path) -> str:
    """What stands in the file, if it is one that could be a scenario."""
    try:
        return file.read_bytes().decode("utf-8-sig") if file.stat().st_size <= LARGEST_TEMPLATE else ""
    except (OSError, UnicodeDecodeError):
        return ""


def shown(name: str) -> str:
    """A file name for a message: as it is, unless it has characters that a terminal would obey."""
    return name if name and name.isprintable() else ascii(name)


def _not_found(name: str, kind: str, shipped_ones: Mapping[str, Path]) -> str:
    listed = "" if Path(name).suffix else f" (shipped {kind}s: {', '.join(shipped_ones)})"
    return f"there is no such file{complaints.did_you_mean(Path(name).stem, shipped_ones)}{listed}"


def _reason(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"the file cannot be read: {text[:1].lower()}{text[1:]}"


def _clean(error: Exception) -> str:
    """A parser's message without characters that a terminal would obey."""
    text = str(error)
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)[:200]
