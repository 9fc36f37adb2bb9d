"""The values of a record's parameters: those it begins with, and changes by name."""

from collections.abc import Mapping
from typing import TypeVar

from gdsim.parameter import Param

Record = TypeVar("Record")


def defaults(parameters: tuple[Param, ...]) -> tuple[float, ...]:
    """The values before anybody changes them; those of a switch are 0.0 and 1.0."""
    return tuple(float(param.default) for param in parameters)


def with_values(owner: str, parameters: tuple[Param, ...], values: tuple[float, ...], changes: Mapping[str, float]) -> tuple[float, ...]:
    """``values`` with ``changes`` by name. Raises KeyError for an unknown name, ValueError for a value out of bounds, naming ``owner``."""
    known = {param.name: value for param, value in zip(parameters, values, strict=True)}
    for name in changes:
        if name not in known:
            raise KeyError(f"{owner} has no parameter {name!r}; it has {', '.join(known) or 'none'}")
    known |= {name: float(value) for name, value in changes.items()}
    for param in parameters:
        if not param.admits(known[param.name]):
            raise ValueError(f"{owner}: {param.name} is {known[param.name]!r}; allowed is {param.allowed}")
    return tuple(known.values())


def named(name: str, records: Mapping[str, Record], what: str) -> Record:
    """The record of that name. Raises KeyError, saying which there are."""
    if name not in records:
        raise KeyError(f"there is no {what} named {name!r}; there are {', '.join(records)}")
    return records[name]
