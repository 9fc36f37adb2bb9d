"""A race as a file says it: problems, optimizers, and how they are tuned. Whatever is wrong with it becomes a ScenarioError.

    title = "Three on two"
    steps = 500
    trials = 12
    [[problems]]
    landscape = "rosenbrock"
    [[optimizers]]
    optimizer = "sgd"
    nesterov = true
    tune = { momentum = [0.5, 0.99] }

Problems are tables [problem] of a scenario, optimizers its tables [[runs]], with a few keys of their own.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError
from pydantic_core import InitErrorDetails

from gdsim.harness.target import Target
from gdsim.simulation import complaints
from gdsim.simulation.complaints import Allowed, Complaint, ScenarioError
from gdsim.simulation.scenario import Scenario, validated
from gdsim.simulation.scenario_file import read, shown
from gdsim.simulation.table import Line, Model, Number

Interval = tuple[Number, Number]
Name = Annotated[Annotated[Line, Field(min_length=1, max_length=60)] | None, Allowed("one line of 1 to 60 characters")]
MOST = 200
AN_INTERVAL = "two positive numbers [low, high], low < high"
TUNERS = ("grid", "random", "tpe")


def _whole(low: int, high: int) -> Any:
    return Annotated[int, Field(strict=True, ge=low, le=high), Allowed(f"a whole number from {low:,} to {high:,}")]


class RaceTable(Model):
    """The keys of a race, but for what problems and optimizers have in common with scenarios."""

    title: Annotated[Line, Field(max_length=200), Allowed("one line of at most 200 characters")] = ""
    steps: _whole(1, 1_000_000) = Field(default=1000, description="evaluations of loss and gradient that a run has")  # type: ignore[valid-type]
    trials: _whole(1, 1000) = Field(default=15, description="settings that every optimizer may try on every problem")  # type: ignore[valid-type]
    seeds: _whole(1, 100) = Field(default=5, description="runs of every setting, and of the best one when it counts")  # type: ignore[valid-type]
    seed: _whole(0, 2**31) = Field(default=0, description="names everything random")  # type: ignore[valid-type]
    tuner: Annotated[Literal["grid", "random", "tpe"], Allowed(f"one of {', '.join(TUNERS)}")] = Field(
        default="grid", description="how settings are chosen; tpe needs optuna"
    )
    rates: Annotated[Interval, Allowed(AN_INTERVAL)] = Field(default=(1e-6, 10.0), description="learning rates that may be tried")
    reach: Annotated[Number, Field(gt=0, lt=1), Allowed("a number > 0 and < 1")] = Field(
        default=1e-4, description="share of the height of a typical start, above the least loss, that counts as arrived"
    )
    problems: Annotated[tuple[dict[str, Any], ...], Field(min_length=1, max_length=MOST), Allowed(f"1 to {MOST} tables [[problems]]")]
    optimizers: Annotated[tuple[dict[str, Any], ...], Field(min_length=1, max_length=MOST), Allowed(f"1 to {MOST} tables [[optimizers]]")]

    @classmethod
    def conflicts(cls, data: Any, bad: set[str]) -> list[InitErrorDetails]:
        rates = data.get("rates") if isinstance(data, Mapping) else None
        if rates is None or "rates" in bad or 0.0 < rates[0] < rates[1]:
            return []
        return [complaints.line(("rates",), complaints.out_of_place(rates, AN_INTERVAL), rates)]


class ProblemKeys(Model):
    """What a problem of a race has besides a scenario's."""

    name: Name = None
    goal: Annotated[Number | None, Allowed("a number, the loss to reach")] = None
    steps: _whole(1, 1_000_000) | None = None  # type: ignore[valid-type]


class EntryKeys(Model):
    """What an optimizer of a race has besides a scenario's."""

    name: Name = None
    rates: Annotated[Interval | None, Allowed(AN_INTERVAL)] = None
    tune: Annotated[dict[str, Interval], Allowed("a table of parameters with intervals, such as { momentum = [0.5, 0.99] }")] = Field(
        default_factory=dict
    )


@dataclass(frozen=True)
class Entry:
    """An optimizer in a race. ``intervals`` are the parameters that are tuned, by name, the learning rate first; ``table`` is that of a
    scenario's run. ``target`` is set for what is not of the catalogue.
    """

    name: str
    intervals: Mapping[str, tuple[float, float]]
    table: Mapping[str, Any] = field(default_factory=dict)
    target: Target | None = None


@dataclass(frozen=True)
class Course:
    """A problem in a race, with the loss to reach where the file tells it, and the evaluations that a run has. ``scenario`` has every
    optimizer of the catalogue on it.
    """

    name: str
    goal: float | None
    steps: int
    scenario: Scenario


@dataclass(frozen=True)
class Race:
    keys: RaceTable
    courses: tuple[Course, ...]
    entries: tuple[Entry, ...]


def load(source: str | os.PathLike[str], targets: Sequence[Target] = (), seed: int | None = None) -> Race:
    """The race in a file, or the shipped one of that name, with another ``seed``. Raises ScenarioError with every complaint."""
    tables = read(source, "race")
    return race_of(tables if seed is None else {**tables, "seed": seed}, shown(os.fsdecode(source)), targets)


def race_of(tables: Mapping[str, Any], source: str = "", targets: Sequence[Target] = ()) -> Race:
    """The race in ``tables``, with further entries ``targets``. Raises ScenarioError."""
    found: list[Complaint] = []
    keys = _keys(tables, found)
    problems, own_problems = _parted(keys.problems, ProblemKeys, "problems", found)
    runs, own_entries = _parted(keys.optimizers, EntryKeys, "optimizers", found)
    courses = []
    for place, (problem, own) in enumerate(zip(problems, own_problems, strict=True)):
        steps = own.steps or keys.steps
        try:
            scenario = validated({"steps": steps, "seed": keys.seed, "problem": problem, "runs": runs})
        except ScenarioError as error:
            found += [_moved(one, place) for one in error.complaints]
            continue
        courses.append(Course(own.name or _named(scenario), own.goal, steps, scenario))
    entries = [_entry(keys, run, own, place, found) for place, (run, own) in enumerate(zip(runs, own_entries, strict=True))]
    entries += [Entry(one.name, {"learning_rate": keys.rates} if "learning_rate" in one.values else {}, target=one) for one in targets]
    if targets:
        no_place = [course.name for course in courses if course.scenario.is_network or _is_special(course.scenario)]
        found += [
            Complaint("", f"{targets[0].name} can only run on landscapes without noise, motion and batches; found {name}")
            for name in no_place
        ]
    for kind, names in (("problems", [one.name for one in courses]), ("optimizers", [one.name for one in entries])):
        twice = sorted({name for name in names if names.count(name) > 1})
        found += [Complaint(kind, f"found two named {shown(name)}; allowed: each with a name of its own") for name in twice]
    if found:
        raise ScenarioError(source, dict.fromkeys(found))
    return Race(keys, tuple(courses), tuple(entries))


def _keys(tables: Mapping[str, Any], found: list[Complaint]) -> RaceTable:
    """The keys of a race. Of those that are wrong ``found`` is told, and others stand in for them, so that the rest can be looked at."""
    try:
        return RaceTable.model_validate(dict(tables))
    except ValidationError as error:
        found += complaints.complaints(error)
        wrong = {str(one["loc"][0]) for one in error.errors(include_url=False) if one["loc"]}
    right = {name: tables[name] for name in RaceTable.model_fields if name in tables and name not in wrong}
    needed = {"problems": ({"landscape": "sphere"},), "optimizers": ({"optimizer": "sgd"},)}
    return RaceTable.model_construct(**needed | right)


def _is_special(scenario: Scenario) -> bool:
    landscape = scenario.landscape
    return bool(landscape.noise) or landscape.motion is not None


def _parted(tables: Sequence[Mapping[str, Any]], model: Any, where: str, found: list[Complaint]) -> tuple[list[dict[str, Any]], list[Any]]:
    """Tables without the keys of ``model``, and those, validated."""
    rest, own = [], []
    for place, table in enumerate(tables):
        rest.append({key: value for key, value in table.items() if key not in model.model_fields})
        try:
            own.append(model.model_validate({key: value for key, value in table.items() if key in model.model_fields}))
        except ValidationError as error:
            found += [Complaint(f"{where}.{place}.{one.key}", one.text) for one in complaints.complaints(error)]
            own.append(model())
    return rest, own


def _moved(one: Complaint, place: int) -> Complaint:
    """A complaint about the scenario of one problem, as one about the race."""
    head, _, rest = one.key.partition(".")
    if head not in ("problem", "runs"):
        return one
    name = f"problems.{place}" if head == "problem" else "optimizers"
    moved = Complaint(f"{name}{'.' * bool(rest)}{rest}", one.text)
    if moved.key.count(".") != 2:  # a key of a table inside
        return moved
    return complaints.with_more_keys(moved, (ProblemKeys if head == "problem" else EntryKeys).model_fields)


def _named(scenario: Scenario) -> str:
    problem = scenario.problem
    return str(problem.landscape or problem.title)


def _entry(keys: RaceTable, table: Mapping[str, Any], own: EntryKeys, place: int, found: list[Complaint]) -> Entry:
    from gdsim.optimizers import OPTIMIZERS

    record = OPTIMIZERS.get(str(table.get("optimizer")))
    intervals: dict[str, tuple[float, float]] = {"learning_rate": own.rates or keys.rates}
    if "learning_rate" in table and own.rates is None:
        intervals = {}  # a rate that is given is not tuned
    for name, interval in own.tune.items():
        known = {param.name: param for param in record.parameters if not param.is_switch} if record else {}
        if record is not None and name not in known:
            text = complaints.unknown_key(name, known)
        elif not interval[0] < interval[1] or not all(known[name].admits(end) for end in interval if known):
            text = complaints.out_of_place(list(interval), f"[low, high], low < high, each {known[name].allowed}" if known else AN_INTERVAL)
        else:
            intervals[name] = interval
            continue
        found.append(Complaint(f"optimizers.{place}.tune.{name}", text))
    if own.rates is not None and not 0.0 < own.rates[0] < own.rates[1]:
        found.append(Complaint(f"optimizers.{place}.rates", complaints.out_of_place(list(own.rates), AN_INTERVAL)))
    return Entry(own.name or _label(table, own.tune), intervals, table)


def _label(table: Mapping[str, Any], tuned: Iterable[str]) -> str:
    """The optimizer with the values that make it another one: ``sgd nesterov momentum=0.9``."""
    numbers = {
        key: value for key, value in table.items() if isinstance(value, int | float) and value is not False and key not in set(tuned)
    }
    more = [key if value is True else f"{key}={value:g}" for key, value in numbers.items()]
    return " ".join([str(table.get("optimizer")), *more])
