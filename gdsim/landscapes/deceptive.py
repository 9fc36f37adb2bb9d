"""Deceptive ground: waves that grow with the distance, with the best minimum far from the next best."""

import math
from functools import lru_cache

from gdsim.engine.elementary import sincos
from gdsim.landscapes.landscape import Landscape, StationaryPoint
from gdsim.landscapes.stationary import as_minima, polished, turning_points

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def schwefel(x, y, params):
    # x sin sqrt|x| has the slope sin q + q cos q / 2 with q = sqrt|x|: continuous, and 0 at 0.
    root_x = math.sqrt(abs(x))
    root_y = math.sqrt(abs(y))
    sin_x, cos_x = sincos(root_x)
    sin_y, cos_y = sincos(root_y)
    loss = (418.9828872724337 - x * sin_x) + (418.9828872724337 - y * sin_y)
    return loss, -(sin_x + 0.5 * root_x * cos_x), -(sin_y + 0.5 * root_y * cos_y)


def schwefel_second(x, y, params):
    root_x = math.sqrt(abs(x))
    root_y = math.sqrt(abs(y))
    sin_x, cos_x = sincos(root_x)
    sin_y, cos_y = sincos(root_y)
    # At 0 the curvature jumps from one infinity to the other; 0.0 stands for it.
    turn_x = ((1.0 if x > 0.0 else 0.0) - (1.0 if x < 0.0 else 0.0)) / (root_x if root_x > 0.0 else 1.0)
    turn_y = ((1.0 if y > 0.0 else 0.0) - (1.0 if y < 0.0 else 0.0)) / (root_y if root_y > 0.0 else 1.0)
    return 0.25 * turn_x * (root_x * sin_x - 3.0 * cos_x), 0.0, 0.25 * turn_y * (root_y * sin_y - 3.0 * cos_y)


@lru_cache
def schwefel_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """Every minimum of the domain, 49: both weights at one of the seven along their axis. Saddles and maxima are not listed."""

    def slope(x: float) -> float:
        root = math.sqrt(abs(x))
        return -(math.sin(root) + 0.5 * root * math.cos(root))

    along = {x: 418.9828872724337 - x * math.sin(math.sqrt(abs(x))) for x, rises in turning_points(slope, -500.0, 500.0, 999) if rises}
    return as_minima(((x, y), along[x] + along[y]) for x in along for y in along)


def eggholder(x, y, params):
    p = y + 47.0
    u = 0.5 * x + p
    v = x - p
    root_u = math.sqrt(abs(u))
    root_v = math.sqrt(abs(v))
    sin_u, cos_u = sincos(root_u)
    sin_v, cos_v = sincos(root_v)
    # Where u or v is 0 the loss has a crease with an infinite slope on each side; 0.0, their mean, stands for it.
    slope_u = 0.5 * cos_u * ((1.0 if u > 0.0 else 0.0) - (1.0 if u < 0.0 else 0.0)) / (root_u if root_u > 0.0 else 1.0)
    slope_v = 0.5 * cos_v * ((1.0 if v > 0.0 else 0.0) - (1.0 if v < 0.0 else 0.0)) / (root_v if root_v > 0.0 else 1.0)
    pull_u = p * slope_u
    pull_v = x * slope_v
    return -(p * sin_u + x * sin_v), -(0.5 * pull_u + sin_v + pull_v), pull_v - sin_u - pull_u


def eggholder_second(x, y, params):
    p = y + 47.0
    u = 0.5 * x + p
    v = x - p
    root_u = math.sqrt(abs(u))
    root_v = math.sqrt(abs(v))
    sin_u, cos_u = sincos(root_u)
    sin_v, cos_v = sincos(root_v)
    # On a crease (below 1e-200, so that no power overflows) there is no curvature; 0.0 stands for it.
    inverse_u = (0.0 if root_u < 1e-100 else 0.5) / (1.0 if root_u < 1e-100 else root_u)
    inverse_v = (0.0 if root_v < 1e-100 else 0.5) / (1.0 if root_v < 1e-100 else root_v)
    slope_u = cos_u * inverse_u * (1.0 if u > 0.0 else -1.0)
    slope_v = cos_v * inverse_v * (1.0 if v > 0.0 else -1.0)
    bend_u = -p * inverse_u * inverse_u * (sin_u + 2.0 * cos_u * inverse_u)
    bend_v = -x * inverse_v * inverse_v * (sin_v + 2.0 * cos_v * inverse_v)
    hxx = -(0.25 * bend_u + 2.0 * slope_v + bend_v)
    return hxx, slope_v + bend_v - 0.5 * (slope_u + bend_u), -(2.0 * slope_u + bend_u + bend_v)


@lru_cache
def eggholder_points(values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """The thirteen deepest minima inside the domain, of some seventy-five. The best point of the domain is none: it lies on the border."""
    near = (
        (482.35, 432.88), (479.05, 434.51), (439.48, 453.98), (-465.69, 385.72), (347.33, 499.42), (-456.89, -382.62), (-390.37, -415.09),
        (-360.56, -429.69), (283.08, -487.13), (399.56, -367.69), (464.69, -301.55), (494.05, -271.82), (-294.67, -462.02),
    )  # fmt: skip
    found = polished(eggholder, eggholder_second, values, near)
    return tuple(StationaryPoint(at, loss, "local minimum") for at, loss in found)


SCHWEFEL = Landscape(
    name="schwefel",
    title="Schwefel's deceit",
    dim=2,
    family="deceptive",
    value_and_gradient=schwefel,
    second_derivatives=schwefel_second,
    formula="837.9657745448674 - x*sin(sqrt(abs(x))) - y*sin(sqrt(abs(y)))",
    latex=r"837.9657745448674 - x\sin\sqrt{|x|} - y\sin\sqrt{|y|}",
    domain=((-500.0, 500.0), (-500.0, 500.0)),
    start=(60.0, -250.0),
    points=schwefel_points,
    source="Schwefel, Numerical Optimization of Computer Models (1981), problem 2.26",
    notes="The best pit lies in a corner, the next best far from it: what is learnt in one place misleads in another. Beyond the domain "
    "the waves grow without end, so that the loss has no floor.",
    bounded_below=False,
)

EGGHOLDER = Landscape(
    name="eggholder",
    title="Eggholder",
    dim=2,
    family="deceptive",
    value_and_gradient=eggholder,
    second_derivatives=eggholder_second,
    formula="-(y + 47)*sin(sqrt(abs(x/2 + y + 47))) - x*sin(sqrt(abs(x - y - 47)))",
    latex=r"-(y + 47)\sin\sqrt{\left|\tfrac{1}{2}x + y + 47\right|} - x\sin\sqrt{|x - y - 47|}",
    domain=((-512.0, 512.0), (-512.0, 512.0)),
    start=(300.0, 330.0),
    points=eggholder_points,
    source="Whitley, Mathias, Rana and Dzubera, Artificial Intelligence 85 (1996) 245",
    notes="The published minimum, -959.6407 at (512, 404.2318), is only the end of the domain: the loss falls on beyond it, without a "
    "floor, and descent walks out. Thirteen of the pits inside are marked. On two creases the slope is infinite; gdsim says 0.",
    bounded_below=False,
)

LANDSCAPES = (SCHWEFEL, EGGHOLDER)
