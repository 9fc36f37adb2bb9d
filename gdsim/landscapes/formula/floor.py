"""Whether a formula has a floor: a guess, from its least values on rings ever further out.

What can be typed grows or falls in the end like towers of exponentials, powers and logarithms. From a ring to one whose radius is the
square of the first one's a power falls by ever more, a logarithm by twice as much as the time before, its logarithm by as much; what levels
off falls by half as much (1 / log r) or less. The line is drawn at four fifths: what falls more gently than the logarithm of the logarithm
of the logarithm is not told from what levels off. Not found are ditches so narrow or so crooked that no second look round the lowest points
of a ring comes near them, nor poles, unless they go on outwards.

Far out the terms of a formula are so large that what is left of them may be noise: every value has a bound on its rounding error, and what
could be noise is no evidence.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Losses = Callable[[Floats, Floats], tuple[Floats, Floats]]
"""(x, y) -> losses and bounds on their errors."""
Low = tuple[float, float]
"""The lowest loss of a ring and a bound on its error."""

REACHES = (64.0, 32.0, 16.0, 8.0, 4.0, 3.0, 2.5, 2.0, 1.5)
"""Powers of 10, how far out to look: the first of them where the loss is known."""
NEAREST = 0.75
RINGS = 5
"""From the fourth root of the radius to the radius itself: the radius of the next but one is the square. Where it falls, each of them lies
lower than the one before, which waves do not do by chance.
"""
LEVELS_OFF = 0.8
UNKNOWN, NOTHING = 0.1, 1e-300
"""Share of a loss that its error may have, and an error that is none."""
LAYERS = {1: np.geomspace(0.5, 1.0, 64), 2: np.geomspace(0.5, 1.0, 3)}
"""Every ring is as wide as its radius, so that waves show their troughs."""
CLOSER, AROUND = 13, 60
SLOPES = np.array([(i, j) for i in range(-3, 4) for j in range(-3, 4) if i or j], dtype=np.float64).T
"""Ways out at whole slopes: a ditch such as x = y is met exactly."""


def seems_bounded(losses: Losses, dim: int) -> bool:
    """Whether ``losses`` of ``dim`` weights, one or two, have a floor, as far as can be seen. Of one weight y is not looked at."""
    sinks = True
    for reach in REACHES:
        outer = _lowest(losses, dim, reach)
        if outer is not None:
            return outer[0] > -np.inf and not _falls(losses, dim, reach, outer, sinks and reach < REACHES[0])
        sinks = sinks and bool(np.any(losses(*_ring(dim, 10.0**reach)[:2])[0] == -np.inf))
    return not sinks


def _falls(losses: Losses, dim: int, reach: float, outer: Low, sinks: bool) -> bool:
    """Whether the lowest losses of rings fall up to ``outer``, the ring of that reach, without levelling off. With ``sinks`` they are minus
    infinity further out, which is much, if perhaps not true.
    """
    lowest = [outer[0]]
    for exponent in np.geomspace(reach, max(reach / 4.0, NEAREST), RINGS)[1:]:
        inner = _lowest(losses, dim, exponent)
        if inner is None:
            return False
        unsure = inner[1] + outer[1]
        if not inner[0] - outer[0] > (unsure if len(lowest) == 1 else -unsure):
            return False
        if sinks:
            return True
        lowest.append(inner[0])
        outer = inner
    last, between, first = lowest[:: RINGS // 2]
    return between - last >= LEVELS_OFF * (first - between)


def _lowest(losses: Losses, dim: int, exponent: float) -> Low | None:
    """The loss and its error where their sum is least on the ring of that power of 10; None where the loss is not known on all of it."""
    x, y, low, high, upright = _ring(dim, 10.0**exponent)
    values, errors = losses(x, y)
    if np.any(np.isinf(errors) & ~(values > 0.0)):
        return None
    sums = _sums(values, errors)
    found = int(np.argmin(sums))
    best = float(values[found]), float(errors[found])
    if dim == 2:
        # Looked at again in every quadrant: far out two ditches that mirror each other look alike.
        quadrants = [np.flatnonzero((right == (x > 0.0)) & (upper == (y > 0.0))) for right in (True, False) for upper in (True, False)]
        at = np.array([each[np.argmin(sums[each])] for each in quadrants])
        fixed, upright = np.where(upright[at], y[at], x[at])[:, None], upright[at][:, None]
        low, high = low[at], high[at]
        for _ in range(CLOSER):
            along = np.linspace(low, high, 2 * AROUND + 1, axis=1)
            values, errors = losses(np.where(upright, along, fixed), np.where(upright, fixed, along))
            sums = _sums(values, errors)
            row, column = np.unravel_index(int(np.argmin(sums)), sums.shape)
            if values[row, column] + errors[row, column] < sum(best):
                best = float(values[row, column]), float(errors[row, column])
            rows, lowest = np.arange(len(at)), np.argmin(sums, axis=1)
            low, high = along[rows, np.maximum(lowest - 1, 0)], along[rows, np.minimum(lowest + 1, 2 * AROUND)]
    return best if best[1] <= UNKNOWN * abs(best[0]) + NOTHING else None


def _sums(values: Floats, errors: Floats) -> Floats:
    with np.errstate(invalid="ignore"):
        sums = values + errors
    return np.where(np.isnan(sums), np.inf, sums)


def _ring(dim: int, radius: float) -> tuple[Floats, Floats, Floats, Floats, NDArray[np.bool_]]:
    """Points x, y, the larger half the radius to all of it; and between which values one of them may be looked at again: x, or else y."""
    layers = radius * LAYERS[dim]
    if dim == 1:
        x = np.concatenate((layers, -layers))
        return x, np.zeros_like(x), x, x, np.ones_like(x, dtype=np.bool_)
    # Sides go on beyond their corners, so that what lies beside a corner is looked at from both.
    shares = np.concatenate((np.linspace(0.04, 1.08, 27), np.geomspace(radius**-2.0, 0.03, 30)))
    small = np.unique(np.concatenate((-shares, [0.0], shares)))
    lower, upper = np.concatenate((small[:1], small[:-1])), np.concatenate((small[1:], small[-1:]))
    sides = []
    for large in (*layers, *-layers):
        along, low, high = abs(large) * small, abs(large) * lower, abs(large) * upper
        fixed, yes = np.full_like(along, large), np.ones_like(along, dtype=np.bool_)
        sides += [(fixed, along, low, high, ~yes), (along, fixed, low, high, yes)]
    x, y = radius * SLOPES
    upright = np.abs(x) < np.abs(y)
    smaller, near = np.where(upright, x, y), 0.05 * np.maximum(np.abs(x), np.abs(y))
    sides.append((x, y, smaller - near, smaller + near, upright))
    x, y, low, high, upright = (np.concatenate(parts) for parts in zip(*sides, strict=True))
    return x, y, low, high, upright
