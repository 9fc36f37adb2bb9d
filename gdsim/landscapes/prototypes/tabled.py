"""Prototypes whose segments are data: one leaf for every concatenation there is, so that thousands of them share a kernel."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from gdsim.engine.elementary import exp
from gdsim.landscapes.prototypes.pieces import Segment


def table(curves: Sequence[tuple[Segment, ...]]) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The segments of all curves, one row each, and where those of a curve begin: (segments, 9) and (curves + 1,)."""
    rows = [[float(number) for number in segment] for curve in curves for segment in curve]
    return np.array(rows), np.cumsum([0] + [len(curve) for curve in curves])


def jet(x, segments, first, end):
    """Value, slope and curvature at x of the curve in the rows ``first`` to ``end`` of a table: what ``leaves.jet`` gives."""
    k = first
    while k < end - 1 and not (x < segments[k, 0] or (segments[k, 8] > 0.0 and x == segments[k, 0])):
        k += 1
    t = x - segments[k, 1]
    p1, p2, a, k1, k2 = segments[k, 3], segments[k, 4], segments[k, 5], segments[k, 6], segments[k, 7]
    value, slope, curvature = segments[k, 2] + t * (p1 + t * p2), p1 + 2.0 * p2 * t, 2.0 * p2
    if a != 0.0:
        bump = a * exp(-t * (k1 + k2 * t))
        rate = k1 + 2.0 * k2 * t
        value, slope, curvature = value + bump, slope - rate * bump, curvature + (rate * rate - 2.0 * k2) * bump
    return value, slope, curvature
