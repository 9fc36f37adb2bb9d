"""The fifteen prototypes as functions on the whole line, given where they begin, how high and how steep; and their concatenation.

After Schaul, Antonoglou and Silver, Unit tests for stochastic optimization (arXiv:1312.6055), with the mathematics done anew. Every one is
a list of segments, and a segment is a handful of numbers, so that one formula serves all (``Segment``).
"""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

LINES = ("line", "relu", "abs", "bend", "cliff", "ridge")
TURNING = ("bend", "cliff", "ridge")
"""Prototypes whose slope after the kink may be chosen: ``cliff:up``, ``cliff:down``."""


class Segment(NamedTuple):
    """J = p0 + p1 t + p2 t^2 + a e^(-t (k1 + k2 t)) with t = x - origin, for x below ``end`` (``at_end``: and at it)."""

    end: float
    origin: float
    p0: float = 0.0
    p1: float = 0.0
    p2: float = 0.0
    a: float = 0.0
    k1: float = 0.0
    k2: float = 0.0
    at_end: bool = False

    def value_and_slope(self, x: float) -> tuple[float, float]:
        t = x - self.origin
        bump = self.a * math.exp(min(-t * (self.k1 + self.k2 * t), 700.0)) if self.a else 0.0
        return self.p0 + t * (self.p1 + t * self.p2) + bump, self.p1 + 2.0 * self.p2 * t - (self.k1 + 2.0 * self.k2 * t) * bump


Segments = list[Segment]
Piece = Callable[[float, float, float, float], Segments]


def kinked(start: float, length: float, value: float, slope: float, after: float) -> Segments:
    """A straight line, and from the middle of the piece on another one; at the kink the mean of both slopes stands for the slope."""
    middle = start + 0.5 * length
    height = value + 0.5 * length * slope
    return [
        Segment(middle, start, value, slope),
        Segment(middle, middle, height, 0.5 * (slope + after), at_end=True),
        Segment(math.inf, middle, height, after),
    ]


def line(start: float, length: float, value: float, slope: float) -> Segments:
    return [Segment(math.inf, start, value, slope)]


def exponential(start: float, length: float, value: float, slope: float) -> Segments:
    """The slope falls to a thousandth over the piece."""
    rate = math.log(1000.0) / length
    return [Segment(math.inf, start, value + slope / rate, a=-slope / rate, k1=rate)]


def quad_convex(start: float, length: float, value: float, slope: float) -> Segments:
    """A descent flattens to a tenth of its slope, an ascent steepens to ten times it: convex either way."""
    after = 0.1 * slope if slope < 0.0 else 10.0 * slope
    return [Segment(math.inf, start, value, slope, (after - slope) / (2.0 * length))]


def quad_bowl(start: float, length: float, value: float, slope: float) -> Segments:
    """A parabola with its vertex in the middle of the piece."""
    return [Segment(math.inf, start, value, slope, -slope / length)]


def gauss(start: float, value: float, slope: float, mean: float, width: float) -> Segments:
    """value - b e^(-((x - mean)/width)^2) with the slope given at the start."""
    distance = start - mean
    at_start = math.exp(-((distance / width) ** 2))
    depth = width * width * slope / (2.0 * distance * at_start)
    return [Segment(math.inf, mean, value + depth * at_start, a=-depth, k2=1.0 / (width * width))]


def gauss_nonconvex(start: float, length: float, value: float, slope: float) -> Segments:
    """A flank of a Gaussian from four widths off its mean to the point of inflection, or the way back."""
    width = 2.0 * length / (8.0 - math.sqrt(2.0))
    mean = start + 4.0 * width if slope < 0.0 else start + length - 4.0 * width
    return gauss(start, value, slope, mean, width)


def gauss_convex(start: float, length: float, value: float, slope: float) -> Segments:
    """The flank of a Gaussian between its point of inflection and a tenth of its width from the mean."""
    width = 10.0 * length / (5.0 * math.sqrt(2.0) - 1.0)
    mean = start + length + 0.1 * width if slope < 0.0 else start - 0.1 * width
    return gauss(start, value, slope, mean, width)


def gauss_bowl(start: float, length: float, value: float, slope: float) -> Segments:
    """A Gaussian five pieces wide, its mean in the middle of the piece."""
    return gauss(start, value, slope, start + 0.5 * length, 5.0 * length)


def laplace(start: float, value: float, slope: float, mean: float, width: float) -> Segments:
    """value - b e^(-|x - mean|/width) with the slope given at the start; at the cusp the slope counts as 0."""
    distance = start - mean
    at_start = math.exp(-abs(distance) / width)
    depth = math.copysign(width * slope / at_start, slope * distance)
    level = value + depth * at_start
    return [
        Segment(mean, mean, level, a=-depth, k1=-1.0 / width),
        Segment(mean, mean, level - depth, at_end=True),
        Segment(math.inf, mean, level, a=-depth, k1=1.0 / width),
    ]


def laplace_nonconvex(start: float, length: float, value: float, slope: float) -> Segments:
    """The flank from eight widths off the mean to one, or the way back."""
    width = length / 7.0
    return laplace(start, value, slope, start + 8.0 * width if slope < 0.0 else start - width, width)


def laplace_convex(start: float, length: float, value: float, slope: float) -> Segments:
    """The flank from one width off the mean to a tenth, or the way back. (The name is the catalogue's: every flank is concave.)"""
    width = length / 0.9
    return laplace(start, value, slope, start + width if slope < 0.0 else start - 0.1 * width, width)


def laplace_bowl(start: float, length: float, value: float, slope: float) -> Segments:
    """A cusp in the middle of the piece, five pieces wide."""
    return laplace(start, value, slope, start + 0.5 * length, 5.0 * length)


CURVED: dict[str, Piece] = {
    "exponential": exponential,
    "quad_convex": quad_convex,
    "quad_bowl": quad_bowl,
    "gauss_nonconvex": gauss_nonconvex,
    "gauss_convex": gauss_convex,
    "gauss_bowl": gauss_bowl,
    "laplace_nonconvex": laplace_nonconvex,
    "laplace_convex": laplace_convex,
    "laplace_bowl": laplace_bowl,
}

PROTOTYPES = (*LINES, *CURVED)
"""The names of all fifteen."""

STEEPNESS = 10.0
"""How many times steeper it is beyond a cliff or a ridge."""


def concatenated(pieces: tuple[tuple[str, str], ...], sign: float) -> tuple[Segment, ...]:
    """The segments of the pieces, (name, way) each, on equal parts of [0, 1], from J(0) = 0 and J'(0) = ``sign``.

    ``way`` is "up", "down" or "" (the prototype's own). Value and slope go on from piece to piece; the first and the last piece go on
    outside. Raises ValueError for a piece that needs a slope where there is none, or the other way round.
    """
    length = 1.0 / len(pieces)
    value, slope, steepness = 0.0, sign, sign
    joined: list[Segment] = []
    for k, (name, way) in enumerate(pieces):
        start, end = k * length, (k + 1) * length
        if name == "bend" and k == 0:
            slope = 0.0
        if (slope == 0.0) != (name == "bend") and not (slope == 0.0 and name == "line"):
            raise ValueError("bend goes on from flat ground only" if name == "bend" else f"{name} cannot go on from flat ground; bend can")
        steepness = slope or steepness
        whole = _lines(name, way, start, length, value, slope, steepness) if name in LINES else CURVED[name](start, length, value, slope)
        low, high = -math.inf if k == 0 else start, math.inf if k == len(pieces) - 1 else end
        inside = list(_between(whole, low, high))
        joined += inside
        value, slope = inside[-1].value_and_slope(end)
    return tuple(joined)


def _between(segments: Segments, low: float, high: float) -> Iterator[Segment]:
    """The segments cut to the interval."""
    begin = -math.inf
    for segment in segments:
        if begin < high and segment.end > low:
            yield segment._replace(end=min(segment.end, high))
        begin = segment.end


def _lines(name: str, way: str, start: float, length: float, value: float, slope: float, steepness: float) -> Segments:
    after = {"relu": 0.0, "abs": -slope, "bend": steepness, "cliff": -STEEPNESS * slope, "ridge": STEEPNESS * slope}
    if name == "line":
        return line(start, length, value, slope)
    turned = math.copysign(after[name], 1.0 if way == "up" else -1.0) if way else after[name]
    return kinked(start, length, value, slope, turned)
