"""Where runs begin, as a scenario says it: a position, or one that is drawn."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, WrapValidator
from pydantic_core import PydanticCustomError

from gdsim.simulation.complaints import Allowed
from gdsim.simulation.table import Model, Number

A_START = "an array of finite numbers, one for each weight, or { normal = s } with s > 0"


class NormalStart(Model):
    """A start drawn from N(0, normal^2) in every weight, from the scenario's seed."""

    normal: Annotated[Number, Field(gt=0, le=1e6), Allowed("a number > 0 and <= 1e+06")] = Field(
        description="standard deviation of every weight of the start"
    )


POSITION: TypeAdapter[tuple[float, ...]] = TypeAdapter(tuple[Number, ...], config={"allow_inf_nan": False})


def _start(value: Any, plain: Callable[[Any], Any]) -> Any:
    """Picks the form of a start by its type, so that errors speak of that form alone."""
    if isinstance(value, dict):
        return NormalStart.model_validate(value)
    if isinstance(value, list | tuple) and value:
        return POSITION.validate_python(value)
    if isinstance(value, NormalStart):
        return value
    raise PydanticCustomError("start", "neither an array nor a table")


Start = Annotated[Annotated[tuple[Number, ...], Field(min_length=1)] | NormalStart, WrapValidator(_start)]
