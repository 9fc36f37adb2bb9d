"""Leaves in single precision: the same source, with its constants narrowed and elementary functions of its own.

A constant of Python's is a float64 wherever numba meets it, and one is enough to make all of a leaf's arithmetic double. So ``in_single``
copies a leaf, and what it calls, with float32 constants.
"""

from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any

import numpy as np

from gdsim.engine import elementary, error_function, single_elementary

TWINS = {
    elementary.exp: single_elementary.exp,
    elementary.log: single_elementary.log,
    elementary.tanh: single_elementary.tanh,
    elementary.sigmoid: single_elementary.sigmoid,
    error_function.erf: single_elementary.erf,
}


@cache
def in_single(function: Callable[..., Any]) -> Callable[..., Any]:
    """A copy of the leaf ``function`` for float32 arguments.

    An elementary function that has no twin in ``gdsim.engine.single_elementary`` is narrowed like any other leaf: its arithmetic would be
    wrong, so it raises ValueError.
    """
    return _narrowed(TWINS.get(function, function))


def _narrowed(function: Callable[..., Any]) -> Callable[..., Any]:
    assert isinstance(function, FunctionType)
    if function.__module__ in (elementary.__name__, error_function.__name__):
        raise ValueError(f"{function.__name__} has no single precision")
    scope = dict(function.__globals__)
    for name in function.__code__.co_names:
        value = scope.get(name)
        if isinstance(value, FunctionType):
            scope[name] = in_single(value)
        elif isinstance(value, float):
            scope[name] = np.float32(value)
    constants = tuple(_narrow(constant) for constant in function.__code__.co_consts)
    return FunctionType(function.__code__.replace(co_consts=constants), scope, function.__name__, function.__defaults__)


def _narrow(constant: Any) -> Any:
    if isinstance(constant, tuple):
        return tuple(map(_narrow, constant))
    return np.float32(constant) if isinstance(constant, float) else constant
