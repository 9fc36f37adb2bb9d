"""Leaves in single precision: the same source, with its constants narrowed and elementary functions of its own.

A constant of Python's is a float64 wherever numba meets it, and one is enough to make all of a leaf's arithmetic double. So ``in_single``
copies a leaf, and what it calls, with float32 constants.
"""

# mypy: disable-error-code="no-untyped-def"

from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any

import numpy as np

from gdsim.engine import (
    circular,
    elementary,
    error_function,
    powers,
    random,
    single_circular,
    single_elementary,
    single_powers,
    single_random,
)


def number(whole):
    """A leaf's word for a whole number that meets floats: numba would make all that it meets float64, so ``in_single`` narrows it."""
    return whole


def narrow_number(whole):
    """``number`` in single precision, exact up to 2**24."""
    return np.float32(whole)


TWINS: dict[Callable[..., Any], Callable[..., Any]] = {
    number: narrow_number,
    elementary.exp: single_elementary.exp,
    elementary.exp_of_remainder: single_elementary.exp_of_remainder,
    elementary.two_to_the: single_elementary.two_to_the,
    elementary.log: single_elementary.log,
    elementary.tanh: single_elementary.tanh,
    elementary.sigmoid: single_elementary.sigmoid,
    error_function.erf: single_elementary.erf,
    elementary.sincos: single_circular.sincos,
    elementary.sin: single_circular.sin,
    elementary.cos: single_circular.cos,
    circular.tan: single_circular.tan,
    circular.asin: single_circular.asin,
    circular.acos: single_circular.acos,
    circular.atan: single_circular.atan,
    powers.square_root: single_circular.square_root,
    powers.power: single_powers.power,
    powers.steep: powers.steep,
    powers.steep_root: powers.steep_root,
    powers.sinh: single_powers.sinh,
    powers.cosh: single_powers.cosh,
    powers.log2: single_powers.log2,
    powers.log10: single_powers.log10,
    random.philox: random.philox,
    random.uniforms: single_random.uniforms,
    random.normals: single_random.normals,
}
DOUBLE_ALONE = {module.__name__ for module in (elementary, error_function, powers, circular, random)}
"""Modules whose functions know the bits of a float64."""


@cache
def in_single(function: Callable[..., Any]) -> Callable[..., Any]:
    """A copy of the leaf ``function`` for float32 arguments.

    Raises ValueError for an elementary function without a twin (TWINS): narrowed like any other leaf, it would compute nonsense.
    """
    twin = TWINS.get(function)
    if twin is None and getattr(function, "__module__", None) in DOUBLE_ALONE:
        raise ValueError(f"{function.__name__} has no single precision")
    return _narrowed(twin or function)


def _narrowed(function: Callable[..., Any]) -> Callable[..., Any]:
    assert isinstance(function, FunctionType)
    scope = dict(function.__globals__)
    for name in function.__code__.co_names:
        value = scope.get(name)
        if isinstance(value, FunctionType):
            scope[name] = in_single(value)
        elif isinstance(value, float | tuple):
            scope[name] = _narrow(value)
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
