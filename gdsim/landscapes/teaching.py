"""Curves J(w) of one weight, each made to show one thing about the learning rate."""

import math
from functools import lru_cache

from gdsim.engine.elementary import exp
from gdsim.landscapes.landscape import Landscape, StationaryPoint
from gdsim.landscapes.stationary import as_minima, between
from gdsim.parameter import Param

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def double_well(x, y, params):
    (tilt,) = params
    bend = x * x - 1.0
    return bend * bend + tilt * x, 4.0 * x * bend + tilt, 0.0


def double_well_second(x, y, params):
    return 12.0 * x * x - 4.0, 0.0, 0.0


def double_well_points(values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """Two wells and the ridge: for every tilt allowed the slope changes sign on each side of the points of inflection."""

    def slope(x: float) -> float:
        return float(double_well(x, 0.0, values)[1])

    bend = 1.0 / math.sqrt(3.0)
    left, ridge, right = between(slope, -2.0, -bend), between(slope, -bend, bend), between(slope, bend, 2.0)
    wells = as_minima(((x,), double_well(x, 0.0, values)[0]) for x in (left, right))
    return (*wells, StationaryPoint((ridge,), double_well(ridge, 0.0, values)[0], "maximum"))


def shallow_slope(x, y, params):
    (slope,) = params
    xx = x * x
    root = math.sqrt(1.0 + xx)
    dip = exp(-0.5 * xx)
    return slope * (root - 1.0) + (1.0 - dip), x * (slope / root + dip), 0.0


def shallow_slope_second(x, y, params):
    (slope,) = params
    xx = x * x
    square = 1.0 + xx
    return slope / (square * math.sqrt(square)) + (1.0 - xx) * exp(-0.5 * xx), 0.0, 0.0


def minimum_at_zero(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """The only one: the derivative is x times something positive."""
    return (StationaryPoint((0.0,), 0.0, "global minimum"),)


def narrow_valley(x, y, params):
    depth, width = params
    inverse = 1.0 / (width * width)
    from_centre = x - 1.5
    dip = depth * exp(-0.5 * from_centre * from_centre * inverse)
    return 0.5 * x * x + (depth - dip), x + dip * inverse * from_centre, 0.0


def narrow_valley_second(x, y, params):
    depth, width = params
    inverse = 1.0 / (width * width)
    from_centre = x - 1.5
    square = from_centre * from_centre * inverse
    return 1.0 + depth * inverse * (1.0 - square) * exp(-0.5 * square), 0.0, 0.0


@lru_cache
def narrow_valley_points(values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """The wide valley's floor, the rim and the narrow valley's floor.

    For every depth and width allowed J falls at 0 and at the point of inflection left of the dip, and rises at 0.4 and at the dip's centre.
    """
    _, width = values

    def slope(x: float) -> float:
        return float(narrow_valley(x, 0.0, values)[1])

    wide, rim, narrow = between(slope, 0.0, 0.4), between(slope, 0.4, 1.5 - width), between(slope, 1.5 - width, 1.5)
    floors = as_minima(((x,), narrow_valley(x, 0.0, values)[0]) for x in (wide, narrow))
    return (*floors, StationaryPoint((rim,), narrow_valley(rim, 0.0, values)[0], "maximum"))


DOUBLE_WELL = Landscape(
    name="double_well",
    title="Double well",
    dim=1,
    family="teaching",
    value_and_gradient=double_well,
    second_derivatives=double_well_second,
    formula="(x^2 - 1)^2 + tilt*x",
    latex=r"(x^2 - 1)^2 + \mathrm{tilt}\,x",
    domain=((-2.0, 2.0),),
    start=(1.7,),
    points=double_well_points,
    parameters=(Param("tilt", 0.5, "how much lower one well lies than the other; 0 makes them equal", low=-1.5, high=1.5),),
    source="gdsim; the tilted double well of Landau theory",
    notes="The ball rolls into the nearer well, and that is the false one: small steps cannot climb the ridge. A first step large "
    "enough to leap over the ridge ends in the lower well.",
)

SHALLOW_SLOPE = Landscape(
    name="shallow_slope",
    title="Long shallow slope",
    dim=1,
    family="teaching",
    value_and_gradient=shallow_slope,
    second_derivatives=shallow_slope_second,
    formula="slope*(sqrt(1 + x^2) - 1) + 1 - exp(-x^2/2)",
    latex=r"\mathrm{slope}\left(\sqrt{1 + x^2} - 1\right) + 1 - e^{-x^2/2}",
    domain=((-10.0, 4.0),),
    start=(-9.0,),
    points=minimum_at_zero,
    parameters=(Param("slope", 0.05, "gradient far from the valley; 0 makes a plateau", low=0.0, high=1.0),),
    source="gdsim",
    notes="A step is the rate times the gradient, and here the gradient is small for a long way: a small rate never arrives. In the "
    "valley the curvature is twenty times the slope, and that is what limits the rate.",
)

NARROW_VALLEY = Landscape(
    name="narrow_valley",
    title="Narrow valley in a wide one",
    dim=1,
    family="teaching",
    value_and_gradient=narrow_valley,
    second_derivatives=narrow_valley_second,
    formula="x^2/2 + depth*(1 - exp(-(x - 1.5)^2/(2*width^2)))",
    latex=r"\tfrac{1}{2}x^2 + \mathrm{depth}\left(1 - e^{-(x - 1.5)^2/(2\,\mathrm{width}^2)}\right)",
    domain=((-3.5, 3.5),),
    start=(2.8,),
    points=narrow_valley_points,
    parameters=(
        Param("depth", 2.5, "depth of the narrow valley", low=1.5, high=5.0),
        Param("width", 0.25, "width of the narrow valley; that of the wide one is 1", low=0.05, high=0.3),
    ),
    source="gdsim",
    notes="The wide valley bears any rate below 2, the narrow one on its flank only rates below 0.05. A rate that suits the wide valley "
    "jumps over the narrow one, or out of it, and ends on the wide floor, although the narrow one is deeper.",
)

LANDSCAPES = (DOUBLE_WELL, SHALLOW_SLOPE, NARROW_VALLEY)
