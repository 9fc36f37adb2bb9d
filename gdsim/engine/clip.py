"""Gradient clipping: what a step is given instead of a gradient that is too long.

Leaves ``(gx, gy, limits) -> (gx, gy)``, with the conventions of torch.nn.utils. An infinite limit gives the gradient's own bits back.
"""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

import math
from collections.abc import Callable
from typing import Any

from gdsim.engine.intrinsics import fma

BESIDE = 1e-6
"""What clip_grad_norm_ adds to the norm that it divides by."""


def clip_by_value(gx, gy, limits):
    """Each part cut at the limit on either side."""
    (limit,) = limits
    return cut(gx, limit), cut(gy, limit)


def cut(slope, limit):
    return limit if slope > limit else -limit if slope < -limit else slope


def clip_by_norm(gx, gy, limits):
    """The gradient shortened to the limit, in its own direction, where it is longer."""
    (limit,) = limits
    share = limit / (math.sqrt(fma(gx, gx, gy * gy)) + BESIDE)
    share = share if share < 1.0 else 1.0
    return gx * share, gy * share


def clip_by_both(gx, gy, limits):
    """Cut by value first, so that the norm keeps its limit."""
    value, norm = limits
    gx, gy = clip_by_value(gx, gy, (value,))
    return clip_by_norm(gx, gy, (norm,))


def clipping(value: Any, norm: Any) -> tuple[Callable[..., Any] | None, tuple[Any, ...]]:
    """The leaf and its limits; None stands for no limit."""
    if value is None and norm is None:
        return None, ()
    if norm is None:
        return clip_by_value, (value,)
    return (clip_by_norm, (norm,)) if value is None else (clip_by_both, (value, norm))
