"""Stationary points that have no closed form, and which of several minima are the global ones."""

from collections.abc import Callable, Iterable

from gdsim.landscapes.landscape import StationaryPoint


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


def as_minima(found: Iterable[tuple[tuple[float, ...], float]]) -> tuple[StationaryPoint, ...]:
    """Records of minima from (position, loss): the least one, and those that equal it but for rounding, are the global minima."""
    known = tuple(found)
    least = min(loss for _, loss in known)
    bar = least + 1e-12 * (1.0 + abs(least))
    return tuple(StationaryPoint(at, loss, "global minimum" if loss <= bar else "local minimum") for at, loss in known)
