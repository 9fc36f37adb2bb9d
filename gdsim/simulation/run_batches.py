"""Mini-batches of a run, as a scenario says them: ``batch_size``, ``batch_schedule``, ``epochs``, ``shuffle``, ``drop_last``,
``replacement``.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import Field, TypeAdapter, ValidationError, WrapValidator
from pydantic_core import InitErrorDetails

from gdsim.engine import descend
from gdsim.landscapes import Landscape
from gdsim.landscapes.disturbance import displace
from gdsim.networks.batches import Batches, drawn, place, shuffle
from gdsim.simulation import complaints
from gdsim.simulation.complaints import Allowed
from gdsim.simulation.data_source import SOURCES
from gdsim.simulation.problem import Problem
from gdsim.simulation.run_batch_schedule import RunBatchSchedule, batch_schedule_of
from gdsim.simulation.table import item

if TYPE_CHECKING:
    from gdsim.simulation.scenario import Scenario

FULL: Literal["full"] = "full"
MOST_EPOCHS = 1_000_000
KEYS = ("batch_size", "batch_schedule", "epochs", "shuffle", "drop_last", "replacement")
"""The keys of a run that speak of its batches."""

A_SIZE = 'a whole number from 1 to the number of training points, or "full"'


A_NUMBER: TypeAdapter[int] = TypeAdapter(Annotated[int, Field(strict=True, ge=1)])


def _number_or_full(value: Any, _plain: Callable[[Any], Any]) -> int | str:
    return FULL if value == FULL else A_NUMBER.validate_python(value)


BatchSize = Annotated[
    Annotated[int, Field(ge=1)] | Literal["full"],
    WrapValidator(_number_or_full),
    Allowed(A_SIZE),
    Field(description="points that a step looks at: 1 is stochastic, some are a mini-batch, all are the full batch"),
]
Epochs = Annotated[
    Annotated[int, Field(strict=True, ge=1, le=MOST_EPOCHS)] | None,
    Allowed(f"a whole number from 1 to {MOST_EPOCHS:,}"),
    Field(description="how often the run goes through all training points, in the place of the scenario's steps"),
]
Switch = Annotated[bool, Field(strict=True), Allowed("true or false")]


def batches_of(run: Any, points: int) -> Batches:
    """How the ``points`` training points are cut into batches by ``run``, a table that is valid."""
    given = {name: item(run, name) for name in KEYS}
    size = given["batch_size"] if given["batch_size"] not in (None, FULL) else points
    later: tuple[tuple[int, int], ...] = ()
    if (schedule := _scheduled(given["batch_schedule"])) is not None:
        (_, size), *rest = _sizes(schedule, size, points)
        later = tuple(rest)
    switches = {
        "shuffle": given["shuffle"] is not False,
        "drop_last": given["drop_last"] is True,
        "replacement": given["replacement"] is True,
    }
    return Batches(points, size, **switches, later=later)


def _scheduled(table: Any) -> RunBatchSchedule | None:
    """The batch-size schedule of a run's table, validated or not; None where there is none that is right."""
    if table is None or isinstance(table, RunBatchSchedule):
        return table
    try:
        return batch_schedule_of(table)
    except ValidationError:
        return None


@lru_cache(maxsize=64)
def _sizes(schedule: RunBatchSchedule, size: int, points: int) -> tuple[tuple[int, int], ...]:
    return schedule.record.sizes(size, points, schedule.values)


def looks_at_all(batches: Batches) -> bool:
    """Whether every step is taken on the whole set."""
    return batches.all_at_once


def is_of_data(problem: Any) -> bool:
    """Whether a problem, validated or not, is made of data."""
    if isinstance(problem, Problem):
        return points_of(problem) is not None
    return any(item(problem, key) is not None for key in (*SOURCES, "model", "network"))


def points_of(problem: Problem) -> int | None:
    """Training points of a problem; None for one that is not made of data."""
    if problem.is_network:
        return len(problem.parts.train)  # type: ignore[attr-defined]
    data = problem.record.data
    return None if data is None else len(data)


def steps_of(scenario: "Scenario", index: int) -> int:
    """Steps that run ``index`` takes, unless it ends before: the scenario's, or what its epochs come to."""
    return steps_of_run(scenario.runs[index], scenario.steps, points_of(scenario.problem))


def most_steps(scenario: "Scenario") -> int:
    """Steps that a run of the scenario takes at most."""
    return max(steps_of(scenario, index) for index in range(len(scenario.runs)))


def sees_batches(problem: Problem, run: Any) -> bool:
    """Whether the steps of a run's table, validated or not, are taken on a part of the points."""
    points, size = points_of(problem), item(run, "batch_size")
    if points is None or not (size in (None, FULL) or (type(size) is int and size > 0)):
        return False
    return not looks_at_all(batches_of(run, points))


def steps_of_run(run: Any, steps: int, points: int | None) -> int:
    """Steps that ``run`` takes: ``steps``, or what its epochs come to on ``points`` training points."""
    epochs = item(run, "epochs")
    return steps if epochs is None or points is None else batches_of(run, points).until(epochs)


LEAVES: dict[str, Any] = {"place": place, "shuffle": shuffle, "drawn": drawn}


def in_batches(rule: descend.Rule, landscape: Landscape, *, whole: bool = True) -> descend.Rule:
    """``rule`` with an optimizer that sees mini-batches. Without ``whole`` a block does not look at the whole set at every step."""
    return replace(rule, term=landscape.term, **LEAVES, displace=displace(landscape.motion), whole=whole)


def cut_up(conditions: descend.Conditions, batches: Batches, runs: int = 1, sizes: Any = None) -> descend.Conditions:
    """``conditions`` with these batches for ``runs`` runs; ``sizes`` (runs,) in the place of theirs, which then stay as they are."""
    tables, which = [batches.stages], np.zeros(runs, dtype=np.int64)
    if sizes is not None:
        several, which = np.unique(sizes, return_inverse=True)
        tables = [replace(batches, size=int(size), later=()).stages for size in several]
    ends = np.cumsum([len(table) for table in tables])
    own = np.array([(ends - [len(table) for table in tables])[which], ends[which]], dtype=np.int64)
    cut = np.array([batches.shuffle, batches.replacement], dtype=np.int64)
    return replace(conditions, stages=np.concatenate(tables), own_stages=own, cut=cut)


def wrong_batches(run: Any, points: int | None) -> Iterable[tuple[str, str]]:
    """What is wrong with the batches in a run's table, as (key, sentence); ``points`` None is a problem that has none."""
    size = item(run, "batch_size")
    if points is None:
        usual = {"batch_size": FULL, "batch_schedule": None, "epochs": None, "shuffle": True, "drop_last": False, "replacement": False}
        for key in KEYS:
            if (value := item(run, key)) is not None and value != usual[key]:
                yield key, f"found {complaints.shown(value)}; {key} goes with problems made of data, and this one is none"
    elif isinstance(size, int) and not isinstance(size, bool) and size > points:
        yield "batch_size", f"found {size:,}; allowed: {A_SIZE}, and there are {points:,} training points"


def misfit_of_batches(run: Any, index: int, points: int | None) -> list[InitErrorDetails]:
    return [complaints.line(("runs", index, key), text, item(run, key)) for key, text in wrong_batches(run, points)]
