"""Furrows: waves along hyperbolas, which fade with the distance from the centre."""

import math
from collections.abc import Callable, Iterable
from functools import lru_cache

from gdsim.engine.elementary import sincos
from gdsim.landscapes.landscape import Landscape, StationaryPoint
from gdsim.landscapes.stationary import Found, as_minima, between

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def schaffer_2(x, y, params):
    xx = x * x
    yy = y * y
    sine, cosine = sincos(xx - yy)
    fade = 1.0 / (1.0 + 0.001 * (xx + yy))
    square = fade * fade
    height = sine * sine - 0.5
    across = 2.0 * (sine * cosine) * square
    outward = -0.002 * height * square * fade
    return 0.5 + height * square, 2.0 * x * (outward + across), 2.0 * y * (outward - across)


def schaffer_2_second(x, y, params):
    xx = x * x
    yy = y * y
    sine, cosine = sincos(xx - yy)
    fade = 1.0 / (1.0 + 0.001 * (xx + yy))
    square = fade * fade
    height = sine * sine - 0.5
    across = 2.0 * (sine * cosine) * square
    outward = -0.002 * height * square * fade
    uu = 2.0 * (cosine * cosine - sine * sine) * square
    uv = -0.002 * across * fade
    vv = 6e-6 * height * square * square
    hxx = 2.0 * (outward + across) + 4.0 * xx * (uu + 2.0 * uv + vv)
    return hxx, 4.0 * x * y * (vv - uu), 2.0 * (outward - across) + 4.0 * yy * (uu - 2.0 * uv + vv)


@lru_cache
def schaffer_2_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """All of the domain, on the axes: with t = x^2 or y^2, minima lie near t = k pi and maxima near (k + 1/2) pi. There are no saddles."""

    def slope(t: float) -> float:
        return math.sin(2.0 * t) * (1.0 + 0.001 * t) - 0.002 * (math.sin(t) ** 2 - 0.5)

    def loss(t: float) -> float:
        return 0.5 + (math.sin(t) ** 2 - 0.5) / (1.0 + 0.001 * t) ** 2

    minima = [between(slope, k * math.pi - 0.5, k * math.pi + 0.5) for k in (1, 2)]
    maxima = [between(slope, (k + 0.5) * math.pi - 0.5, (k + 0.5) * math.pi + 0.5) for k in (0, 1, 2)]
    return (*as_minima([((0.0, 0.0), 0.0), *_on_the_axes(minima, loss)]), *_maxima(_on_the_axes(maxima, loss)))


def schaffer_4(x, y, params):
    # The absolute value in the formula is under an even function and makes no kink.
    xx = x * x
    yy = y * y
    inner, inner_slope = sincos(xx - yy)
    sine, cosine = sincos(inner)
    fade = 1.0 / (1.0 + 0.001 * (xx + yy))
    square = fade * fade
    height = cosine * cosine - 0.5
    across = -2.0 * (sine * cosine) * inner_slope * square
    outward = -0.002 * height * square * fade
    return 0.5 + height * square, 2.0 * x * (outward + across), 2.0 * y * (outward - across)


def schaffer_4_second(x, y, params):
    xx = x * x
    yy = y * y
    inner, inner_slope = sincos(xx - yy)
    sine, cosine = sincos(inner)
    fade = 1.0 / (1.0 + 0.001 * (xx + yy))
    square = fade * fade
    height = cosine * cosine - 0.5
    double = 2.0 * (sine * cosine)
    across = -double * inner_slope * square
    outward = -0.002 * height * square * fade
    uu = (double * inner - 4.0 * height * inner_slope * inner_slope) * square
    uv = -0.002 * across * fade
    vv = 6e-6 * height * square * square
    hxx = 2.0 * (outward + across) + 4.0 * xx * (uu + 2.0 * uv + vv)
    return hxx, 4.0 * x * y * (vv - uu), 2.0 * (outward - across) + 4.0 * yy * (uu - 2.0 * uv + vv)


@lru_cache
def schaffer_4_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """All of the domain, on the axes as those of number 2, with minima and maxima exchanged."""

    def slope(t: float) -> float:
        inner = math.sin(t)
        return -math.sin(2.0 * inner) * math.cos(t) * (1.0 + 0.001 * t) - 0.002 * (math.cos(inner) ** 2 - 0.5)

    def loss(t: float) -> float:
        return 0.5 + (math.cos(math.sin(t)) ** 2 - 0.5) / (1.0 + 0.001 * t) ** 2

    minima = [between(slope, (k + 0.5) * math.pi - 0.5, (k + 0.5) * math.pi + 0.5) for k in (0, 1, 2)]
    maxima = [between(slope, k * math.pi - 0.5, k * math.pi + 0.5) for k in (1, 2)]
    return (*as_minima(_on_the_axes(minima, loss)), *_maxima([((0.0, 0.0), 1.0), *_on_the_axes(maxima, loss)]))


def _on_the_axes(squares: Iterable[float], loss: Callable[[float], float]) -> list[Found]:
    """The four points at each squared distance from the centre."""
    return [(at, loss(t)) for t in squares for r in (math.sqrt(t), -math.sqrt(t)) for at in ((r, 0.0), (0.0, r))]


def _maxima(found: Iterable[Found]) -> tuple[StationaryPoint, ...]:
    return tuple(StationaryPoint(at, loss, "maximum") for at, loss in found)


SCHAFFER_2 = Landscape(
    name="schaffer_2",
    title="Schaffer's furrows",
    dim=2,
    family="furrows",
    value_and_gradient=schaffer_2,
    second_derivatives=schaffer_2_second,
    formula="0.5 + (sin(x^2 - y^2)^2 - 0.5)/(1 + 0.001*(x^2 + y^2))^2",
    latex=r"\frac{1}{2} + \frac{\sin^2(x^2 - y^2) - \frac{1}{2}}{\left(1 + 0.001\,(x^2 + y^2)\right)^2}",
    domain=((-3.0, 3.0), (-3.0, 3.0)),
    start=(-2.4, 1.3),
    points=schaffer_2_points,
    source="Schaffer, Caruana, Eshelman and Das (1989); Mishra, Some New Test Functions for Global Optimization (2006), number 2",
    notes="Furrows along hyperbolas, closer and closer together with the distance. A run drops into its furrow at once; along it the "
    "ground is almost level, and few steps are ever enough.",
)

SCHAFFER_4 = Landscape(
    name="schaffer_4",
    title="Schaffer's four pits",
    dim=2,
    family="furrows",
    value_and_gradient=schaffer_4,
    second_derivatives=schaffer_4_second,
    formula="0.5 + (cos(sin(abs(x^2 - y^2)))^2 - 0.5)/(1 + 0.001*(x^2 + y^2))^2",
    latex=r"\frac{1}{2} + \frac{\cos^2\left(\sin|x^2 - y^2|\right) - \frac{1}{2}}{\left(1 + 0.001\,(x^2 + y^2)\right)^2}",
    domain=((-3.0, 3.0), (-3.0, 3.0)),
    start=(2.3, 1.4),
    points=schaffer_4_points,
    source="Schaffer, Caruana, Eshelman and Das (1989); Mishra, Some New Test Functions for Global Optimization (2006), number 4",
    notes="The centre is a hilltop here. The best pits lie in the first furrows round it, one on each half-axis, but they are hardly "
    "deeper than any other place in those furrows.",
)

LANDSCAPES = (SCHAFFER_2, SCHAFFER_4)
