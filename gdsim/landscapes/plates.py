"""Plates: one wide basin, gently curved, or flat in one direction."""

import math

from gdsim.engine.elementary import cos, sincos
from gdsim.landscapes.landscape import Landscape, StationaryPoint

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def zakharov(x, y, params):
    s = 0.5 * x + y
    ss = s * s
    pull = s * (2.0 + 4.0 * ss)
    return x * x + y * y + ss * (1.0 + ss), 2.0 * x + 0.5 * pull, 2.0 * y + pull


def zakharov_second(x, y, params):
    s = 0.5 * x + y
    bend = 2.0 + 12.0 * s * s
    return 2.0 + 0.25 * bend, 0.5 * bend, 2.0 + bend


def minimum_at_origin(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """The only stationary point."""
    return (StationaryPoint((0.0, 0.0), 0.0, "global minimum"),)


def mccormick(x, y, params):
    sin_s, cos_s = sincos(x + y)
    d = x - y
    return sin_s + d * d - 1.5 * x + 2.5 * y + 1.0, cos_s + 2.0 * d - 1.5, cos_s - 2.0 * d + 2.5


def mccormick_second(x, y, params):
    sin_s, _ = sincos(x + y)
    return 2.0 - sin_s, -2.0 - sin_s, 2.0 - sin_s


def mccormick_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """All of the domain: the two slopes vanish where x - y is 1 and the cosine of s = x + y is -1/2, and J there is sin s + s/2."""

    def at(s: float) -> tuple[tuple[float, float], float]:
        return (0.5 * (s + 1.0), 0.5 * (s - 1.0)), math.sin(s) + 0.5 * s

    third = 2.0 * math.pi / 3.0
    return (
        StationaryPoint(*at(-third), "global minimum"),
        StationaryPoint(*at(2.0 * math.pi - third), "local minimum"),
        StationaryPoint(*at(third), "saddle"),
    )


def madsen(x, y, params):
    sin_x, cos_x = sincos(x)
    sin_y, cos_y = sincos(y)
    return x * x + y * y + x * y + sin_x + cos_y, 2.0 * x + y + cos_x, 2.0 * y + x - sin_y


def madsen_second(x, y, params):
    sin_x, _ = sincos(x)
    return 2.0 - sin_x, 1.0, 2.0 - cos(y)


def madsen_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """The only one: the Hessian has no negative eigenvalue anywhere."""
    return (StationaryPoint((-0.7105124332210225, 0.6629971112840627), 0.6092542080276119, "global minimum"),)


def flower(x, y, params):
    sin_x, cos_x = sincos(x)
    sin_y, cos_y = sincos(y)
    loss = x * sin_y + y * sin_x + (x * x + y * y)
    return loss, sin_y + y * cos_x + 2.0 * x, x * cos_y + sin_x + 2.0 * y


def flower_second(x, y, params):
    sin_x, cos_x = sincos(x)
    sin_y, cos_y = sincos(y)
    return 2.0 - y * sin_x, cos_x + cos_y, 2.0 - x * sin_y


ZAKHAROV = Landscape(
    name="zakharov",
    title="Zakharov's plate",
    dim=2,
    family="plates",
    value_and_gradient=zakharov,
    second_derivatives=zakharov_second,
    formula="x^2 + y^2 + (0.5*x + y)^2 + (0.5*x + y)^4",
    latex=r"x^2 + y^2 + \left(\tfrac{1}{2}x + y\right)^2 + \left(\tfrac{1}{2}x + y\right)^4",
    domain=((-5.0, 10.0), (-5.0, 10.0)),
    start=(7.0, 6.0),
    points=minimum_at_origin,
    source="Zakharov; Rahnamayan, Tizhoosh and Salama, Computers and Mathematics with Applications 53 (2007) 1605",
    notes="Convex, with no false minimum, and yet hard on a constant rate: far out the fourth power makes the walls a thousand times "
    "steeper than the floor. A rate that suits the floor explodes from the corner.",
    log_levels=True,
)

MCCORMICK = Landscape(
    name="mccormick",
    title="McCormick's stairs",
    dim=2,
    family="plates",
    value_and_gradient=mccormick,
    second_derivatives=mccormick_second,
    formula="sin(x + y) + (x - y)^2 - 1.5*x + 2.5*y + 1",
    latex=r"\sin(x + y) + (x - y)^2 - 1.5\,x + 2.5\,y + 1",
    domain=((-1.5, 4.0), (-3.0, 4.0)),
    start=(1.2, 3.0),
    points=mccormick_points,
    source="McCormick, Mathematical Programming 10 (1976) 147; Adorio and Diliman, MVF, a library of test functions (2005)",
    notes="Along the diagonal the loss goes down stairs with a landing every 2 pi, for ever: there is no lowest one. The best landing of "
    "the domain counts as the global minimum; a large step overshoots it and goes on down.",
    bounded_below=False,
)

MADSEN = Landscape(
    name="madsen",
    title="Madsen's bent bowl",
    dim=2,
    family="plates",
    value_and_gradient=madsen,
    second_derivatives=madsen_second,
    formula="x^2 + y^2 + x*y + sin(x) + cos(y)",
    latex=r"x^2 + y^2 + x y + \sin x + \cos y",
    domain=((-5.0, 5.0), (-5.0, 5.0)),
    start=(-4.0, 0.5),
    points=madsen_points,
    source="the sum of the three parts of Madsen, An Algorithm for Minimax Solution of Overdetermined Systems (1973)",
    notes="A slanting bowl with waves in it, too shallow for a second minimum. The curvature changes on the way, by a factor of about "
    "three, so that the best rate at the rim is not the best rate at the bottom.",
)

FLOWER = Landscape(
    name="flower",
    title="Flower with a flat bottom",
    dim=2,
    family="plates",
    value_and_gradient=flower,
    second_derivatives=flower_second,
    formula="x*sin(y) + y*sin(x) + x^2 + y^2",
    latex=r"x\sin y + y\sin x + x^2 + y^2",
    domain=((-6.0, 6.0), (-6.0, 6.0)),
    start=(4.5, -3.0),
    points=minimum_at_origin,
    source="Frederickson, the library fmin",
    notes="At the minimum one curvature is 4 and the other 0: along the diagonal the loss rises only with the fourth power. No constant "
    "rate arrives there in a hurry; the distance shrinks like one over the root of the steps.",
)

LANDSCAPES = (ZAKHAROV, MCCORMICK, MADSEN, FLOWER)
