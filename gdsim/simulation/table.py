"""A table of a TOML file as a pydantic model: what its keys may hold, said in our words, and all errors at once."""

import math
from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, WrapValidator, model_validator
from pydantic_core import InitErrorDetails

from gdsim.parameter import MOST_NUMBERS, Param
from gdsim.simulation import complaints
from gdsim.simulation.complaints import Allowed


class Model(BaseModel):
    """A table of a scenario. Its errors come in our words, together with those that concern several keys at once."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def conflicts(cls, data: Any, bad: set[str]) -> list[InitErrorDetails]:
        """What is wrong between keys of the table ``data`` (a mapping, or a model); the keys in ``bad`` are wrong by themselves."""
        return []

    @model_validator(mode="wrap")
    @classmethod
    def _in_our_words(cls, data: Any, validate: Callable[[Any], Self]) -> Self:
        found: list[InitErrorDetails] = []
        try:
            valid = validate(data)
        except ValidationError as error:
            found = complaints.in_our_words(cls.model_fields, error)
        bad = {str(one["loc"][0]) if one.get("loc") else "" for one in found}
        found += cls.conflicts(data, bad)
        if found:
            raise complaints.together(cls.__name__, found)
        return valid


def item(table: Any, key: str) -> Any:
    """The value of a key in raw data or in a validated table; None where there is none."""
    return table.get(key) if isinstance(table, Mapping) else getattr(table, key, None)


Number = Annotated[float, Field(strict=True)]
Line = Annotated[str, Field(strict=True, pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]*$")]


def field(param: Param) -> Any:
    """The pydantic field that a Param declares: ``(type, Field(...))``."""
    if param.is_switch:
        return (Annotated[bool, Field(strict=True), Allowed(param.allowed)], Field(default=param.default, description=param.doc))
    if param.choices:
        return (Annotated[Literal[param.choices], Allowed(param.allowed)], Field(default=param.default, description=param.doc))
    bounds = {
        ("gt" if param.low_open else "ge"): param.low if param.low > -math.inf else None,
        ("lt" if param.high_open else "le"): param.high if param.high < math.inf else None,
    }
    given: dict[str, Any] = {name: bound for name, bound in bounds.items() if bound is not None}
    kind: Any = Annotated[int, Field(strict=True, **given)] if param.whole else Annotated[Number, Field(**given)]
    if param.many:
        kind = Annotated[tuple[kind, ...], Field(min_length=1, max_length=MOST_NUMBERS)]
    if param.needed:
        return (Annotated[kind, Allowed(param.allowed)], Field(description=param.doc))
    if param.default is None:
        return (Annotated[kind | None, Allowed(param.allowed)], Field(default=None, description=param.doc))
    default = param.default if param.whole else float(param.default)
    return (Annotated[kind, Allowed(param.allowed)], Field(default=default, description=param.doc))


def fields(params: Iterable[Param]) -> dict[str, Any]:
    return {param.name: field(param) for param in params}


def by_name(
    kind: str, names: Mapping[str, Any], model: Callable[[str], type[Model]], any_model: Callable[[], type[Model]], word: str = ""
) -> WrapValidator:
    """Validates a table with ``model(name)``, where ``names`` has the name in its key ``kind``, or one that seems to be meant.

    ``any_model()`` checks the keys of a table whose kind nobody can tell. A ``word`` for the kind stands in messages in place of the key.
    """

    def dispatch(value: Any, plain: Callable[[Any], Any]) -> Any:
        if isinstance(value, Model) and Model in type(value).__bases__:  # made from the base class, without the record's own keys
            value = {name: getattr(value, name) for name in value.model_fields_set}
        if not isinstance(value, dict):
            return plain(value)
        name = value.get(kind)
        if not isinstance(name, str):
            return any_model().model_validate(value)
        if name in names:
            return model(name).model_validate(value)
        found = [complaints.line((kind,), complaints.unknown_name(word or kind, name, names), name)]
        meant = complaints.suggestion(name, names)
        try:
            (model(meant) if meant else any_model()).model_validate(value | {kind: meant or name})
        except ValidationError as error:
            found += complaints.lines(error)
        raise complaints.together(kind, found)

    return WrapValidator(dispatch)
