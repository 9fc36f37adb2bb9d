"""The schedule of a run, as a scenario says it: a table with the schedule's name and its parameters."""

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Annotated, Any, Literal

from pydantic import Field, SerializeAsAny, TypeAdapter, WrapValidator, create_model
from pydantic_core import InitErrorDetails

from gdsim.engine import descend, templates
from gdsim.schedules import SCHEDULES, Schedule
from gdsim.simulation import complaints
from gdsim.simulation.complaints import Allowed
from gdsim.simulation.table import Model, by_name, fields, item

MOST_PARTS = 32

A_SCHEDULE = 'a table such as { name = "cosine", t_max = 200 }'


class RunSchedule(Model):
    """How a run's learning rate changes. The schedule's parameters are fields of the model made by ``schedule_model``."""

    name: Annotated[str, Field(strict=True), Allowed("the name of a schedule (gdsim list schedules)")]

    @property
    def record(self) -> Schedule:
        return SCHEDULES[self.name]

    @property
    def values(self) -> dict[str, Any]:
        """Every parameter by name; the parts of a combined schedule as pairs (Schedule, values)."""
        values = {param.name: getattr(self, param.name) for param in self.record.parameters}
        if self.record.parts:
            values["parts"] = tuple((part.record, part.values) for part in self.made_of)
        return values

    @property
    def made_of(self) -> "tuple[RunSchedule, ...]":
        """The parts of a combined schedule; none of any other."""
        parts: tuple[RunSchedule, ...] = getattr(self, "parts", ())
        return parts

    @property
    def pace(self) -> Callable[..., Any]:
        """The engine's leaf."""
        return self.record.pace or templates.by_table

    @property
    def numbers(self) -> tuple[float, ...]:
        return self.record.numbers(self.values)

    def table(self, total: int) -> Callable[[int, int], descend.Floats]:
        """``(first, steps)`` to the offsets and factors, (2, steps), in a run of ``total`` steps.

        The last answer is remembered, because every piece of a block of runs asks the same.
        """
        record, values = self.record, self.values
        return lru_cache(maxsize=1)(lambda first, steps: record.table(first, steps, total, values))

    @classmethod
    def conflicts(cls, data: Any, bad: set[str]) -> list[InitErrorDetails]:
        record = SCHEDULES.get(str(item(data, "name")))
        if record is None or bad:
            return []
        given = {param.name: item(data, param.name) for param in record.parameters}
        values = record.defaults | {name: value for name, value in given.items() if value is not None}
        if record.parts:
            values["parts"] = tuple((part.record, part.values) for part in map(schedule_of, item(data, "parts")))
        text = record.conflict(values)
        return [complaints.line((), text, None)] if text else []


@cache
def schedule_model(name: str) -> type[RunSchedule]:
    """The table of one schedule: one field a Param, and its parts where it is made of some."""
    record = SCHEDULES[name]
    own: dict[str, Any] = {"name": (Literal[name], ...), **fields(record.parameters)}
    if record.parts:
        words = f'an array of 1 to {MOST_PARTS} tables, each such as {{ name = "cosine", t_max = 200 }}'
        part = Annotated[SerializeAsAny[RunSchedule], _named(record.parts)]
        own["parts"] = (
            Annotated[tuple[part, ...], Field(min_length=1, max_length=MOST_PARTS), Allowed(words)],
            Field(description="the schedules that it is made of"),
        )
    return create_model(f"{name}_schedule", __base__=RunSchedule, **own)


@cache
def any_schedule_model() -> type[RunSchedule]:
    """Checks what can be checked while nobody knows which schedule is meant."""
    names = dict.fromkeys(param.name for record in SCHEDULES.values() for param in record.parameters)
    own: dict[str, Any] = dict.fromkeys((*names, "parts"), (Any, None))
    return create_model("any_schedule", __base__=RunSchedule, **own)


def schedule_of(table: "Mapping[str, Any] | RunSchedule") -> RunSchedule:
    """The schedule that a table describes. Raises pydantic.ValidationError (a ValueError)."""
    schedule: RunSchedule = _adapter().validate_python(table)
    return schedule


def _named(names: tuple[str, ...]) -> WrapValidator:
    return by_name("name", {name: SCHEDULES[name] for name in names}, schedule_model, any_schedule_model, "schedule")


AnySchedule = Annotated[SerializeAsAny[RunSchedule], _named(tuple(SCHEDULES))]


@cache
def _adapter() -> TypeAdapter[RunSchedule]:
    return TypeAdapter(AnySchedule)
