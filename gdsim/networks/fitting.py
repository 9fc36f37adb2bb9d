"""Where the loss of two weights made of data has its minima, and what of the plane is worth showing.

The arrays here are small: everything is NumPy, so that nothing compiles before a landscape is drawn.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gdsim.landscapes.landscape import Interval, StationaryPoint

Floats = NDArray[np.float64]
Terms = Callable[[Floats, Floats], tuple[Floats, Floats, Floats]]
"""(z, t) -> a point's loss, and its first and second derivative in z."""

STEPS = 100
SHORTENED = 40
SAMPLE = 2_000
"""Points that a search looks at; the last steps look at all of them."""
STARTS = 1.0, 3.0
"""Starts of a search where there may be several minima: so large is the change of z between the inputs' ends and their middle."""
ROOM = 1.4
"""Half the width of the domain, in half widths of the ellipse on which the loss of zero weights lies."""
FLAT = 1e-12
"""Share of the larger curvature below which there is none."""
WIDE = 6.0
"""Change of z over the inputs' root mean square at the edge of the domain, where no minimum is known."""


@dataclass(frozen=True)
class Known:
    """The stationary points of a landscape whose parameters are none: ``Landscape.points``."""

    found: tuple[StationaryPoint, ...]

    def __call__(self, _values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
        return self.found


def known_minima(terms: Terms, data: Floats) -> Known:
    """The minima of the mean over the columns of ``data`` (3, points), the lowest first; none where the loss falls without end.

    None is global where the loss comes lower far out, as that of a neuron does whose points a step tells apart best.
    """
    sample = np.ascontiguousarray(data[:, :: -(-data.shape[1] // SAMPLE)])
    scale = _reach(data)
    moments = np.linalg.eigvalsh((data[:2] * scale[:, None]) @ (data[:2] * scale[:, None]).T)
    valley = moments[0] <= FLAT * moments[1]  # without end, of whose floor the point that is found from zero stands for all
    found: list[tuple[float, Floats]] = []
    for start in _starts(scale):
        rough = _descend(terms, sample, start, scale)
        place = None if rough is None else _descend(terms, data, rough, scale)
        if place is None:
            continue
        loss, _, hessian = _at(terms, data, place)
        if valley:
            found = [(loss, place)]
            break
        curvatures = np.linalg.eigvalsh(hessian * np.outer(scale, scale))
        level = curvatures[0] <= FLAT * curvatures[1]  # where a neuron is saturated
        if not level and not any(np.all(np.abs(place - other) <= 1e-6 * scale) for _, other in found):
            found.append((loss, place))
    found.sort(key=lambda one: one[0])
    least = found[0][0] if found else math.inf
    if found and _far_out(terms, sample) < _at(terms, sample, found[0][1])[0]:
        least = -math.inf
    kinds: list[Literal["global minimum", "local minimum"]] = [
        "global minimum" if loss <= least + 1e-12 * abs(least) else "local minimum" for loss, _ in found
    ]
    return Known(tuple(StationaryPoint(_pair(place), loss, kind) for (loss, place), kind in zip(found, kinds, strict=True)))


def _far_out(terms: Terms, data: Floats) -> float:
    """The lowest loss that is only approached, as the weights grow without end.

    Then z grows for all points, except for one where the weights grow along the line on which its z stays as it likes.
    """
    inputs, targets = data[:2], data[2]
    with np.errstate(all="ignore"):
        ends = terms(np.array([[-np.inf], [np.inf]]), targets)[0]
    if np.all(ends.max(axis=0) == np.inf):  # each point has a side on which its loss is infinite, and then a minimum is the lowest
        return math.inf
    own = np.min(terms(np.sinh(np.linspace(-5.0, 5.0, 1001))[:, None], targets)[0], axis=0)
    lowest = math.inf
    for k, (x, y) in enumerate(inputs.T):
        for sign in (-1.0, 1.0):
            grown = np.array([sign * y, -sign * x]) @ inputs
            with np.errstate(all="ignore"):
                losses = terms(np.copysign(np.inf, grown), targets)[0]
            losses[k] = own[k]
            lowest = min(lowest, float(np.mean(losses)))
    return lowest


def _pair(place: Floats) -> tuple[float, float]:
    return float(place[0]), float(place[1])


def domain_of(terms: Terms, data: Floats, minima: Known) -> tuple[tuple[Interval, Interval], tuple[float, float]]:
    """The part of the plane to show and where runs begin: round the lowest minimum, so large that weights of zero lie inside."""
    centre, half = np.zeros(2), WIDE * _reach(data)
    if minima.found:
        centre = np.array(minima.found[0].position)
        loss, _, hessian = _at(terms, data, centre)
        rise = max(_at(terms, data, np.zeros(2))[0] - loss, 0.1 * loss, 1e-12)
        values = np.linalg.eigvalsh(hessian)
        if values[0] > FLAT * values[1]:
            half = np.maximum(ROOM * np.sqrt(2.0 * rise * np.diag(np.linalg.inv(hessian))), np.abs(centre) * 1e-6)
            half = np.minimum(np.maximum(half, 1.1 * np.abs(centre)), 50.0 * WIDE * _reach(data) + 1.1 * np.abs(centre))
    low, high = zip(*(_rounded(middle - width, middle + width) for middle, width in zip(centre, half, strict=True)), strict=True)
    corners = [
        tuple(
            float(np.format_float_positional(a + share * (b - a), 3, fractional=False))
            for a, b, share in zip(low, high, shares, strict=True)
        )
        for shares in ((0.12, 0.12), (0.12, 0.88), (0.88, 0.12), (0.88, 0.88))
    ]
    x, y = max(corners, key=lambda corner: _at(terms, data, np.array(corner))[0])
    return ((low[0], high[0]), (low[1], high[1])), (x, y)


def _reach(data: Floats) -> Floats:
    """Weights that change z by about 1: the inverse root mean squares of what multiplies them."""
    size = np.sqrt(np.mean(np.square(data[:2]), axis=1))
    return np.where(size > 0.0, 1.0 / np.where(size > 0.0, size, 1.0), 1.0)


def _starts(scale: Floats) -> Iterable[Floats]:
    yield np.zeros(2)
    for length in STARTS:
        for angle in np.arange(8) * (math.pi / 4.0):
            yield length * scale * np.array([math.cos(angle), math.sin(angle)])


def _at(terms: Terms, data: Floats, place: Floats) -> tuple[float, Floats, Floats]:
    """The mean loss at ``place`` with its gradient (2,) and its Hessian (2, 2)."""
    inputs = data[:2]
    with np.errstate(all="ignore"):
        loss, slope, curvature = terms(place @ inputs, data[2])
        count = data.shape[1]
        return float(np.mean(loss)), inputs @ slope / count, (inputs * curvature) @ inputs.T / count


def _descend(terms: Terms, data: Floats, start: Floats, scale: Floats) -> Floats | None:
    """Newton's method with the curvatures by their size and steps that are shortened until they go down; None where it comes to no rest."""
    place = start
    loss, gradient, hessian = _at(terms, data, place)
    for _ in range(STEPS):
        step = _newton_step(gradient, hessian, scale)
        if not np.all(np.isfinite(step)):
            return None
        # So close to the minimum the loss is flat to the last bit, and Newton's steps are the better guide.
        close = bool(np.all(np.abs(step) <= 1e-7 * (scale + np.abs(place))))
        for shorter in range(1 if close else SHORTENED):
            following = place - 0.5**shorter * step
            new = _at(terms, data, following)
            if close or new[0] < loss:
                break
        else:
            return None
        place, (loss, gradient, hessian) = following, new
        if np.all(np.abs(step) <= 1e-14 * (scale + np.abs(place))):
            break
    curvatures = np.linalg.eigvalsh(hessian * np.outer(scale, scale))
    resting = np.all(np.abs(step) <= 1e-7 * (scale + np.abs(place))) and np.all(np.abs(place) <= 1e4 * scale)
    return place if resting and curvatures[0] >= -1e-12 * curvatures[1] and curvatures[1] > 1e-10 else None


def _newton_step(gradient: Floats, hessian: Floats, scale: Floats) -> Floats:
    """To the minimum of the quadratic model in units of ``scale``; in a direction in which nothing curves, none."""
    values, vectors = np.linalg.eigh(hessian * np.outer(scale, scale))
    sizes = np.where(np.abs(values) > FLAT * np.max(np.abs(values)), np.abs(values), np.inf)
    return np.asarray(scale * (vectors @ ((vectors.T @ (scale * gradient)) / sizes)))


def _rounded(low: float, high: float) -> tuple[float, float]:
    """An interval a little wider, with ends of few digits."""
    step = 10.0 ** math.floor(math.log10((high - low) / 20.0))
    digits = max(0, -math.floor(math.log10(step)))
    return round(math.floor(low / step) * step, digits), round(math.ceil(high / step) * step, digits)
