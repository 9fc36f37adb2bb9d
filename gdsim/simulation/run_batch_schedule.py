"""The batch-size schedule of a run, as a scenario says it: a table with the schedule's name and its parameters."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field, SerializeAsAny, TypeAdapter, create_model
from pydantic_core import InitErrorDetails

from gdsim.schedules.batch_size import BATCH_SCHEDULES, BatchSchedule
from gdsim.simulation import complaints
from gdsim.simulation.complaints import Allowed
from gdsim.simulation.table import Model, by_name, fields, item

A_BATCH_SCHEDULE = 'a table such as { name = "step", every = 5, factor = 2.0 }'


class RunBatchSchedule(Model):
    """How a run's batches grow. The schedule's parameters are fields of the model made by ``batch_schedule_model``."""

    name: Annotated[str, Field(strict=True), Allowed("the name of a batch-size schedule (gdsim list batch-schedules)")]

    @property
    def record(self) -> BatchSchedule:
        return BATCH_SCHEDULES[self.name]

    @property
    def values(self) -> dict[str, Any]:
        """Every parameter by name."""
        return {param.name: getattr(self, param.name) for param in self.record.parameters}

    @classmethod
    def conflicts(cls, data: Any, bad: set[str]) -> list[InitErrorDetails]:
        record = BATCH_SCHEDULES.get(str(item(data, "name")))
        if record is None or bad:
            return []
        given = {param.name: item(data, param.name) for param in record.parameters}
        text = record.conflict(record.defaults | {name: value for name, value in given.items() if value is not None})
        return [complaints.line((), text, None)] if text else []


@cache
def batch_schedule_model(name: str) -> type[RunBatchSchedule]:
    """The table of one schedule: one field a Param."""
    own: dict[str, Any] = {"name": (Literal[name], ...), **fields(BATCH_SCHEDULES[name].parameters)}
    return create_model(f"{name}_batch_schedule", __base__=RunBatchSchedule, **own)


@cache
def any_batch_schedule_model() -> type[RunBatchSchedule]:
    """Checks what can be checked while nobody knows which schedule is meant."""
    names = dict.fromkeys(param.name for record in BATCH_SCHEDULES.values() for param in record.parameters)
    own: dict[str, Any] = dict.fromkeys(names, (Any, None))
    return create_model("any_batch_schedule", __base__=RunBatchSchedule, **own)


AnyBatchSchedule = Annotated[
    SerializeAsAny[RunBatchSchedule],
    by_name("name", BATCH_SCHEDULES, batch_schedule_model, any_batch_schedule_model, "batch-size schedule"),
]


def batch_schedule_of(table: Mapping[str, Any] | RunBatchSchedule) -> RunBatchSchedule:
    """The schedule that a table describes. Raises pydantic.ValidationError (a ValueError)."""
    schedule: RunBatchSchedule = _adapter().validate_python(table)
    return schedule


@cache
def _adapter() -> TypeAdapter[RunBatchSchedule]:
    return TypeAdapter(AnyBatchSchedule)
