"""Saddles: the gradient vanishes where there is no minimum."""

import math

from gdsim.engine.elementary import cos, sin
from gdsim.landscapes.landscape import Landscape, StationaryPoint

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def saddle(x, y, params):
    return x * x - y * y, 2.0 * x, -2.0 * y


def saddle_second(x, y, params):
    return 2.0, 0.0, -2.0


def monkey_saddle(x, y, params):
    xx = x * x
    yy = y * y
    return x * (xx - 3.0 * yy), 3.0 * (xx - yy), -6.0 * (x * y)


def monkey_saddle_second(x, y, params):
    return 6.0 * x, -6.0 * y, -6.0 * x


def saddle_at_origin(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    return (StationaryPoint((0.0, 0.0), 0.0, "saddle"),)


def sine_saddle(x, y, params):
    return sin(x) + y * y, cos(x), 2.0 * y


def sine_saddle_second(x, y, params):
    return -sin(x), 0.0, 2.0


def sine_saddle_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """Both of the domain; they repeat along x with a period of 2 pi."""
    return (
        StationaryPoint((-0.5 * math.pi, 0.0), -1.0, "global minimum"),
        StationaryPoint((0.5 * math.pi, 0.0), 1.0, "saddle"),
    )


SADDLE = Landscape(
    name="saddle",
    title="Saddle",
    dim=2,
    family="saddles",
    value_and_gradient=saddle,
    second_derivatives=saddle_second,
    formula="x^2 - y^2",
    latex=r"x^2 - y^2",
    domain=((-2.0, 2.0), (-2.0, 2.0)),
    start=(1.6, 0.001),
    points=saddle_at_origin,
    source="Hilbert and Cohn-Vossen, Anschauliche Geometrie (1932)",
    notes="Downhill along y without end. A start almost on the ridge rolls to the saddle first and lingers there, because the gradient is "
    "nearly zero; the smallest sideways push grows step by step until the run escapes.",
    bounded_below=False,
)

MONKEY_SADDLE = Landscape(
    name="monkey_saddle",
    title="Monkey saddle",
    dim=2,
    family="saddles",
    value_and_gradient=monkey_saddle,
    second_derivatives=monkey_saddle_second,
    formula="x^3 - 3*x*y^2",
    latex=r"x^3 - 3\,x\,y^2",
    domain=((-2.0, 2.0), (-2.0, 2.0)),
    start=(1.5, 0.001),
    points=saddle_at_origin,
    source="Hilbert and Cohn-Vossen, Anschauliche Geometrie (1932)",
    notes="Three ways down and three up (two legs and a tail). At the saddle the curvature vanishes too, so the gradient dies away with "
    "the square of the distance and a run is held up far longer than at an ordinary saddle.",
    bounded_below=False,
)

SINE_SADDLE = Landscape(
    name="sine_saddle",
    title="Saddle with a way down",
    dim=2,
    family="saddles",
    value_and_gradient=sine_saddle,
    second_derivatives=sine_saddle_second,
    formula="sin(x) + y^2",
    latex=r"\sin x + y^2",
    domain=((-3.0, 3.0), (-2.0, 2.0)),
    start=(1.55, 1.7),
    points=sine_saddle_points,
    source="lilipads, gradient_descent_viz, surface 'saddle'",
    notes="A groove that rises and falls. A run falls into the groove next to its crest, where the gradient all but vanishes; a tool that "
    "stops at a small gradient stops there, on a saddle. In time the run slides down the groove to a minimum.",
)

LANDSCAPES = (SADDLE, MONKEY_SADDLE, SINE_SADDLE)
