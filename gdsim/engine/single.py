"""Leaves in single precision: the same source, with its constants narrowed and elementary functions of their own numbers.

A constant of Python's is a float64 wherever numba meets it, and one is enough to make all of a leaf's arithmetic double. So ``in_single``
copies a leaf, and what it calls, with float32 constants.
"""

# mypy: disable-error-code="no-untyped-def"

from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any

import numpy as np

from gdsim.engine import circular, elementary, error_function, powers, random, single_elementary, single_random
from gdsim.engine.intrinsics import Intrinsic, bits, bits_32, from_bits, from_bits_32


def number(whole):
    """A leaf's word for a whole number that meets floats: numba would make all that it meets float64, so ``in_single`` narrows it."""
    return whole


def narrow_number(whole):
    """``number`` in single precision, exact up to 2**24."""
    return np.float32(whole)


TWINS: dict[Any, Callable[..., Any]] = {
    number: narrow_number,
    random.unit_interval: single_random.unit_interval,
    bits: bits_32,
    from_bits: from_bits_32,
}
KNOWING = {module.__name__ for module in (elementary, circular, powers, error_function)}
"""Modules whose functions know what a float64 looks like: they take whatever has a name in ``single_elementary`` from there."""


@cache
def in_single(function: Callable[..., Any]) -> Callable[..., Any]:
    """A copy of the leaf ``function`` for float32 arguments.

    Raises ValueError for an elementary function with a number that has no counterpart: narrowed, it would compute nonsense.
    """
    if function.__module__ in KNOWING:
        return _narrowed(getattr(single_elementary, function.__name__, function), vars(single_elementary))
    return _narrowed(TWINS.get(function, function), {})


def _narrowed(function: Callable[..., Any], own: dict[str, Any]) -> Callable[..., Any]:
    assert isinstance(function, FunctionType)
    scope = {"float": np.float32} | function.__globals__
    for name in function.__code__.co_names:
        value = scope.get(name)
        if isinstance(value, FunctionType):
            scope[name] = in_single(value)
        elif isinstance(value, Intrinsic):
            scope[name] = TWINS.get(value, value)
        elif isinstance(value, int | float | tuple):
            if own and name not in own:
                raise ValueError(f"{function.__name__} has no single precision")
            scope[name] = _narrow(own.get(name, value))
    constants = tuple(_narrow(constant) for constant in function.__code__.co_consts)
    return FunctionType(function.__code__.replace(co_consts=constants), scope, function.__name__, function.__defaults__)


def _narrow(constant: Any) -> Any:
    if isinstance(constant, tuple):
        return tuple(map(_narrow, constant))
    return narrowed(constant) if isinstance(constant, float) else constant


def narrowed(number: float) -> np.float32:
    """The nearest float32; but what keeps a quotient from being 0 / 0 does not become 0."""
    with np.errstate(over="ignore"):
        near = np.float32(number)
    return near if near != 0.0 or number == 0.0 else np.copysign(np.finfo(np.float32).tiny, np.float32(number))
