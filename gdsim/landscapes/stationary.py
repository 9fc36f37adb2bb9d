"""Stationary points that have no closed form, and which of several minima are the global ones."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from gdsim.landscapes.landscape import StationaryPoint

Found = tuple[tuple[float, ...], float]
"""Where a point is, and its loss."""


def between(slope: Callable[[float], float], low: float, high: float) -> float:
    """Where ``slope`` changes sign between ``low`` and ``high``, to the last digit of 1, by bisection.

    Its signs at the two ends must differ; more than one change of sign leaves open which is found.
    """
    rising = slope(low) < 0.0
    while high - low > 2e-16:
        middle = 0.5 * (low + high)
        if not low < middle < high:
            break
        if (slope(middle) < 0.0) == rising:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


def turning_points(slope: Callable[[float], float], low: float, high: float, pieces: int) -> Iterator[tuple[float, bool]]:
    """Where ``slope`` changes sign, and whether it rises there (a minimum), lowest first.

    The interval is cut into ``pieces``; of two changes within one of them neither is seen.
    """
    ends = [low + (high - low) * k / pieces for k in range(pieces + 1)]
    signs = [slope(end) < 0.0 for end in ends]
    for k in range(pieces):
        if signs[k] != signs[k + 1]:
            yield between(slope, ends[k], ends[k + 1]), signs[k]


def polished(
    value_and_gradient: Callable[..., Any],
    second_derivatives: Callable[..., Any],
    values: tuple[float, ...],
    starts: Iterable[tuple[float, float]],
) -> Iterator[Found]:
    """The stationary point next to each start, by Newton's method on the leaves themselves. The starts must lie close."""
    for x, y in starts:
        for _ in range(20):
            _, gx, gy = value_and_gradient(x, y, values)
            hxx, hxy, hyy = second_derivatives(x, y, values)
            determinant = hxx * hyy - hxy * hxy
            dx, dy = (hyy * gx - hxy * gy) / determinant, (hxx * gy - hxy * gx) / determinant
            x, y = x - dx, y - dy
            if abs(dx) + abs(dy) < 1e-15 * (1.0 + abs(x) + abs(y)):
                break
        yield (x, y), value_and_gradient(x, y, values)[0]


def mirrored(found: Iterable[Found]) -> Iterator[Found]:
    """Each point in all four quadrants, for a loss that is even in both weights."""
    for (x, y), loss in found:
        for u in dict.fromkeys((x, -x)):
            for v in dict.fromkeys((y, -y)):
                yield (u, v), loss


def as_minima(found: Iterable[Found]) -> tuple[StationaryPoint, ...]:
    """Records of minima: the least one, and those that equal it but for rounding, are the global minima."""
    known = tuple(found)
    least = min(loss for _, loss in known)
    bar = least + 1e-12 * (1.0 + abs(least))
    return tuple(StationaryPoint(at, loss, "global minimum" if loss <= bar else "local minimum") for at, loss in known)
