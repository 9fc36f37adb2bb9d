"""Bowls: one minimum, everything known in closed form."""

from gdsim.landscapes.landscape import Landscape, StationaryPoint
from gdsim.parameter import Param

# mypy: disable-error-code="no-untyped-def"


def quadratic(x, y, params):
    a, b = params
    gx = a * x
    gy = b * y
    return 0.5 * (gx * x + gy * y), gx, gy


def quadratic_second(x, y, params):
    a, b = params
    return a, 0.0, b


def quadratic_points(values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """The origin, by the signs of the curvatures. With a curvature of 0 a whole line is stationary and no single point is named."""
    a, b = values
    if a == 0.0 or b == 0.0:
        return ()
    if a > 0.0 and b > 0.0:
        return (StationaryPoint((0.0, 0.0), 0.0, "global minimum"),)
    return (StationaryPoint((0.0, 0.0), 0.0, "maximum" if a < 0.0 and b < 0.0 else "saddle"),)


def quadratic_is_bounded(values: tuple[float, ...]) -> bool:
    return min(values) >= 0.0


QUADRATIC = Landscape(
    name="quadratic",
    title="Quadratic bowl",
    dim=2,
    family="bowls",
    value_and_gradient=quadratic,
    second_derivatives=quadratic_second,
    formula="(a*x^2 + b*y^2)/2",
    latex=r"\tfrac{1}{2}\left(a\,x^2 + b\,y^2\right)",
    domain=((-5.0, 5.0), (-5.0, 5.0)),
    start=(-4.0, 2.0),
    points=quadratic_points,
    is_bounded=quadratic_is_bounded,
    parameters=(
        Param("a", 1.0, "curvature along x; 0 makes a trough, a negative one a ridge", low=-1e6, high=1e6),
        Param("b", 10.0, "curvature along y; 0 makes a trough, a negative one a ridge", low=-1e6, high=1e6),
    ),
    source="Nocedal and Wright, Numerical Optimization (2006), section 3.3",
    notes="Every smooth minimum looks like this from close by. Along each axis a step multiplies the distance by 1 - rate * curvature: "
    "the steeper axis sets the largest stable rate, the flatter one the speed.",
)

LANDSCAPES = (QUADRATIC,)
