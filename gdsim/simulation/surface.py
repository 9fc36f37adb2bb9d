"""The ground under the picture: a landscape's loss over a rectangle, shaded and with level lines."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdsim.landscapes import Landscape

Floats = NDArray[np.float64]
Extent = tuple[tuple[float, float], ...]

CURVE_POINTS = 2_000
MOST_WORK = 100_000_000
"""Losses of single points that a survey takes at most, about: where a landscape is made of many it is sampled more coarsely ..."""
COARSEST = 48
"""... but never more than that."""
LINES = 17
MORE_LINES = 8
# The shapes of window (width to height) that the ground fills with both axes to the same scale.
NARROWEST, WIDEST = 0.7, 1.9


@dataclass(frozen=True, eq=False)
class Surface:
    """``losses`` (ny, nx) over ``x`` (nx,) and ``y`` (ny,); for a curve ``losses`` (nx,) and y is empty.

    ``shades`` has the shape of ``losses`` and lies in [0, 1]: what is coloured (logarithmic where that reads better, robust to spikes).
    ``levels`` are losses; ``lines[k]`` the polylines of level k, each (n, 2). A sketch is coarse, and its landscape is not compiled yet.
    """

    landscape: Landscape
    x: Floats
    y: Floats
    losses: Floats
    shades: Floats
    levels: tuple[float, ...]
    lines: tuple[tuple[Floats, ...], ...]
    is_sketch: bool = False


def survey(landscape: Landscape, resolution: int = 384, extent: Extent | None = None) -> Surface:
    """The surface over ``extent``, an interval an axis; by default the domain and as much ground round it as a window shows.

    ``resolution`` is the number of samples along the longer side of the domain; curves take at least 2,000, landscapes made of
    many points of data fewer. Shades and levels are fitted to the domain, whatever the extent.
    """
    if landscape.dim == 1:
        ((low, high),) = extent or landscape.domain
        x = np.linspace(low, high, max(resolution, CURVE_POINTS))
        return surface_of(landscape, x, np.empty(0), landscape.loss(x))
    (west, east), (south, north) = extent = extent or surroundings(landscape)
    if landscape.data is not None:
        resolution = min(resolution, max(COARSEST, math.isqrt(MOST_WORK // len(landscape.data))))
    spacing = max(high - low for low, high in landscape.domain) / (resolution - 1)
    x = np.linspace(west, east, max(2, 1 + math.ceil((east - west) / spacing)))
    y = np.linspace(south, north, max(2, 1 + math.ceil((north - south) / spacing)))
    return surface_of(landscape, x, y, landscape.loss(x[np.newaxis, :], y[:, np.newaxis]))


def surface_of(landscape: Landscape, x: Floats, y: Floats, losses: Floats, *, is_sketch: bool = False) -> Surface:
    """The surface with these losses; for a curve y is empty."""
    if landscape.dim == 1:
        least, floor, top = _spread(landscape, losses)
        return Surface(landscape, x, y, losses, _shades(landscape, losses, least, floor, top), (), (), is_sketch)
    inside = losses[np.ix_(*(_within(axis, limits) for axis, limits in zip((y, x), landscape.domain[::-1], strict=True)))]
    least, floor, top = _spread(landscape, inside if inside.size else losses)
    levels = _levels(landscape, (least, floor, top), _finite(losses))
    lines = _lines(x, y, losses, levels)
    return Surface(landscape, x, y, losses, _shades(landscape, losses, least, floor, top), levels, lines, is_sketch)


def surroundings(landscape: Landscape) -> Extent:
    """The domain of a landscape of two weights with the ground beside it that fills a window of any usual shape."""
    (west, east), (south, north) = landscape.domain
    width, height = east - west, north - south
    return _widened(west, east, max(width, WIDEST * height)), _widened(south, north, max(height, width / NARROWEST))


def _widened(low: float, high: float, length: float) -> tuple[float, float]:
    margin = (length - (high - low)) / 2
    return low - margin, high + margin


def _within(axis: Floats, limits: tuple[float, float]) -> NDArray[np.intp]:
    return np.flatnonzero((axis >= limits[0]) & (axis <= limits[1]))


def _finite(losses: Floats) -> Floats:
    return losses[np.isfinite(losses)]


def _spread(landscape: Landscape, losses: Floats) -> tuple[float, float, float]:
    """The least loss, the smallest rise above it worth telling apart, and the loss from which on everything is simply high."""
    finite = _finite(losses)
    if not finite.size:
        return 0.0, 1.0, 1.0
    least = min([float(finite.min()), *(point.loss for point in landscape.minima if point.kind == "global minimum")])
    # The top percentile is spikes and corners; the lowest is noise of the sampling round a minimum.
    top = float(np.percentile(finite, 99.5 if landscape.log_levels else 99.0))
    if not top > least:
        return least, 1.0, least + 1.0
    floor = max(float(np.percentile(finite - least, 0.3)), 1e-9 * (top - least))
    return least, floor, top


def _shades(landscape: Landscape, losses: Floats, least: float, floor: float, top: float) -> Floats:
    """Losses to [0, 1]; what is not a number, or infinite, counts as high (as low, if minus infinity)."""
    height = np.maximum(np.nan_to_num(losses, nan=np.inf, posinf=np.inf, neginf=least) - least, 0.0)
    # log(1 + height / floor): linear below the floor, so that the pit of a minimum is round and not a needle.
    share = np.log1p(height / floor) / np.log1p((top - least) / floor) if landscape.log_levels else height / (top - least)
    # What is simply high fades into the last tint without an edge: 0.9 at the top, the same slope on both sides.
    return np.asarray(np.where(share < 1.0, 0.9 * share, 1.0 - 0.1 * np.exp(-9.0 * np.maximum(share - 1.0, 0.0))), dtype=np.float64)


def _levels(landscape: Landscape, spread: tuple[float, float, float], losses: Floats) -> tuple[float, ...]:
    """Losses of the level lines: at round numbers, or at round heights above the least in geometric steps. Ground round the domain that is
    higher or lower still gets more of them, within reason.
    """
    least, floor, top = spread
    lowest, highest = losses.min(initial=least), losses.max(initial=top)
    if landscape.log_levels:
        return tuple(least + height for height in _round_series(floor, top - least, highest - least))
    step = _round_step((top - least) / LINES)
    first, last = math.floor(least / step) + 1, math.floor(top / step)
    first = max(math.floor(lowest / step) + 1, first - MORE_LINES)
    last = min(math.floor(highest / step), last + MORE_LINES)
    return tuple(step * k for k in range(first, last + 1))


def _round_step(step: float) -> float:
    decade = 10.0 ** math.floor(math.log10(step))
    return min((decade * factor for factor in (1.0, 2.0, 2.5, 5.0, 10.0)), key=lambda candidate: abs(math.log(candidate / step)))


def _round_series(low: float, high: float, highest: float) -> list[float]:
    """Round heights from ``low`` to ``high``, about LINES of them, in steps as even as round numbers allow; on to ``highest``."""
    densities: tuple[tuple[float, ...], ...] = (
        (1.0,),
        (1.0, 3.0),
        (1.0, 2.0, 5.0),
        (1.0, 1.5, 2.0, 3.0, 5.0, 7.0),
        (1.0, 1.2, 1.5, 1.8, 2.2, 2.7, 3.3, 4.0, 5.0, 6.0, 7.0, 8.5),
    )

    def series(mantissas: Iterable[float], top: float) -> list[float]:
        decades = range(math.floor(math.log10(low)), math.floor(math.log10(top)) + 1)
        return [height for decade in decades for mantissa in mantissas if low <= (height := mantissa * 10.0**decade) <= top]

    mantissas = min(densities, key=lambda each: abs(len(series(each, high)) - LINES))
    within = series(mantissas, high)
    return within + [height for height in series(mantissas, highest) if height > high][:MORE_LINES]


def _lines(x: Floats, y: Floats, losses: Floats, levels: tuple[float, ...]) -> tuple[tuple[Floats, ...], ...]:
    from contourpy import LineType, contour_generator

    with np.errstate(invalid="ignore"):
        generator = contour_generator(x, y, np.ma.masked_invalid(losses), line_type=LineType.Separate)
    return tuple(tuple(np.asarray(line, dtype=np.float64) for line in generator.lines(level)) for level in levels)
