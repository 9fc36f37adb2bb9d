"""Numbers that lie a fixed distance apart in an array, as a tuple, and back.

A kernel holds state as one row a quantity and one column a run; a leaf wants the numbers of one run as a tuple, whose length numba must
know. ``gather(n)`` and ``scatter(n)`` pick the written-out function for n quantities.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from gdsim.engine.compose import composed

# mypy: disable-error-code="no-untyped-def,no-untyped-call,name-defined"
# ruff: noqa: F821 (OTHERS stands free: composed)


def gather_0(a, i, stride):
    return ()


def gather_1(a, i, stride):
    return (a[i],)


def gather_2(a, i, stride):
    return (a[i], a[i + stride])


def gather_3(a, i, stride):
    return (a[i], a[i + stride], a[i + 2 * stride])


def gather_4(a, i, stride):
    return (a[i], a[i + stride], a[i + 2 * stride], a[i + 3 * stride])


def gather_5(a, i, stride):
    return (a[i], a[i + stride], a[i + 2 * stride], a[i + 3 * stride], a[i + 4 * stride])


def gather_6(a, i, stride):
    return (*gather_5(a, i, stride), a[i + 5 * stride])


def gather_7(a, i, stride):
    return (*gather_6(a, i, stride), a[i + 6 * stride])


def gather_8(a, i, stride):
    return (*gather_7(a, i, stride), a[i + 7 * stride])


def scatter_0(a, i, stride, values):
    pass


def scatter_1(a, i, stride, values):
    a[i] = values[0]


def scatter_2(a, i, stride, values):
    a[i], a[i + stride] = values


def scatter_3(a, i, stride, values):
    a[i], a[i + stride], a[i + 2 * stride] = values


def scatter_4(a, i, stride, values):
    a[i], a[i + stride], a[i + 2 * stride], a[i + 3 * stride] = values


def scatter_5(a, i, stride, values):
    a[i], a[i + stride], a[i + 2 * stride], a[i + 3 * stride], a[i + 4 * stride] = values


def scatter_6(a, i, stride, values):
    a[i], a[i + stride], a[i + 2 * stride], a[i + 3 * stride], a[i + 4 * stride], a[i + 5 * stride] = values


def gather_more(a, i, stride):
    return (*gather_8(a, i, stride), *OTHERS(a, i + 8 * stride, stride))


def scatter_more(a, i, stride, values):
    scatter_6(a, i, stride, values[:6])
    OTHERS(a, i + 6 * stride, stride, values[6:])


GATHER = (gather_0, gather_1, gather_2, gather_3, gather_4, gather_5, gather_6, gather_7, gather_8)
SCATTER = (scatter_0, scatter_1, scatter_2, scatter_3, scatter_4, scatter_5, scatter_6)


@cache
def gather(n: int) -> Callable[..., Any]:
    """``(array, i, stride) -> (array[i], array[i + stride], ...)``, n of them."""
    return GATHER[n] if n < len(GATHER) else composed(gather_more, OTHERS=gather(n - 8))


@cache
def scatter(n: int) -> Callable[..., Any]:
    """``(array, i, stride, values)``, the inverse."""
    return SCATTER[n] if n < len(SCATTER) else composed(scatter_more, OTHERS=scatter(n - 6))
