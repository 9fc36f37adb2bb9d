"""Bowls: quadratic losses, everything about them known in closed form."""

from gdsim.engine.elementary import sincos
from gdsim.landscapes.landscape import Landscape, StationaryPoint
from gdsim.parameter import Param

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


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


def sphere(x, y, params):
    return x * x + y * y, 2.0 * x, 2.0 * y


def sphere_residuals(x, y, params):
    return (x, 1.0, 0.0), (y, 0.0, 1.0)


def sphere_second(x, y, params):
    return 2.0, 0.0, 2.0


def sphere_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    return (StationaryPoint((0.0, 0.0), 0.0, "global minimum"),)


def ellipsoid(x, y, params):
    kappa, angle, scale, x0, y0 = params
    sin_a, cos_a = sincos(0.017453292519943295 * angle)
    dx = x - x0
    dy = y - y0
    u = cos_a * dx + sin_a * dy
    v = cos_a * dy - sin_a * dx
    gu = scale * u
    gv = scale * kappa * v
    return 0.5 * (gu * u + gv * v), cos_a * gu - sin_a * gv, sin_a * gu + cos_a * gv


def ellipsoid_second(x, y, params):
    kappa, angle, scale, _, _ = params
    sin_a, cos_a = sincos(0.017453292519943295 * angle)
    steep = scale * kappa
    hxx = scale * cos_a * cos_a + steep * sin_a * sin_a
    return hxx, (scale - steep) * sin_a * cos_a, scale * sin_a * sin_a + steep * cos_a * cos_a


def ellipsoid_points(values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    return (StationaryPoint((values[3], values[4]), 0.0, "global minimum"),)


def booth(x, y, params):
    p = x + 2.0 * y - 7.0
    q = 2.0 * x + y - 5.0
    return p * p + q * q, 2.0 * p + 4.0 * q, 4.0 * p + 2.0 * q


def booth_second(x, y, params):
    return 10.0, 8.0, 10.0


def booth_residuals(x, y, params):
    return (x + 2.0 * y - 7.0, 1.0, 2.0), (2.0 * x + y - 5.0, 2.0, 1.0)


def booth_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    return (StationaryPoint((1.0, 3.0), 0.0, "global minimum"),)


def matyas(x, y, params):
    return 0.26 * (x * x + y * y) - 0.48 * x * y, 0.52 * x - 0.48 * y, 0.52 * y - 0.48 * x


def matyas_second(x, y, params):
    return 0.52, -0.48, 0.52


def trid(x, y, params):
    u = x - 1.0
    v = y - 1.0
    return u * u + v * v - x * y, 2.0 * u - y, 2.0 * v - x


def trid_second(x, y, params):
    return 2.0, -1.0, 2.0


def trid_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    return (StationaryPoint((2.0, 2.0), -2.0, "global minimum"),)


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
    notes="Every smooth minimum looks like this from close by. Along each axis a step multiplies the distance by 1 - rate * curvature: the "
    "steeper axis sets the largest stable rate, the flatter one the speed.",
)

SPHERE = Landscape(
    name="sphere",
    title="Round bowl",
    dim=2,
    family="bowls",
    value_and_gradient=sphere,
    second_derivatives=sphere_second,
    formula="x^2 + y^2",
    latex=r"x^2 + y^2",
    domain=((-5.12, 5.12), (-5.12, 5.12)),
    start=(-4.2, 3.1),
    residuals=sphere_residuals,
    points=sphere_points,
    source="De Jong, An Analysis of the Behavior of a Class of Genetic Adaptive Systems (1975), F1; lilipads, surface 'global minimum'",
    notes="The easiest ground there is: the gradient points straight at the minimum, and a rate of 1/2 arrives in one step. An optimizer "
    "that gives each weight a rate of its own has nothing to gain here.",
)

ELLIPSOID = Landscape(
    name="ellipsoid",
    title="Ellipsoid, turned and shifted",
    dim=2,
    family="bowls",
    value_and_gradient=ellipsoid,
    second_derivatives=ellipsoid_second,
    formula="scale/2*(((x - x0)*cos(angle*pi/180) + (y - y0)*sin(angle*pi/180))^2"
    " + kappa*((y - y0)*cos(angle*pi/180) - (x - x0)*sin(angle*pi/180))^2)",
    latex=r"\tfrac{\mathrm{scale}}{2}\left(u^2 + \kappa\,v^2\right),\ "
    r"u = (x - \mathrm{x0})\cos\mathrm{angle} + (y - \mathrm{y0})\sin\mathrm{angle},\ "
    r"v = (y - \mathrm{y0})\cos\mathrm{angle} - (x - \mathrm{x0})\sin\mathrm{angle}",
    domain=((-5.0, 5.0), (-5.0, 5.0)),
    start=(-4.0, 1.5),
    points=ellipsoid_points,
    parameters=(
        Param("kappa", 25.0, "condition number: how many times steeper across than along", low=1.0, high=1e6, log=True),
        Param("angle", 30.0, "direction of the long axis, anticlockwise from x", low=-180.0, high=180.0, unit="degrees"),
        Param("scale", 1.0, "curvature along the long axis; multiplies the whole loss", low=0.0, low_open=True, high=1e6, log=True),
        Param("x0", 0.0, "position of the minimum along x", low=-10.0, high=10.0),
        Param("y0", 0.0, "position of the minimum along y", low=-10.0, high=10.0),
    ),
    source="Hansen and Ostermeier, Evolutionary Computation 9 (2001) 159",
    notes="Gradient descent is blind to the angle: it walks the same path, turned. An optimizer that scales each weight by itself does "
    "well where the axes lie along the weights, and loses that help as they turn.",
)

BOOTH = Landscape(
    name="booth",
    title="Booth's slanting bowl",
    dim=2,
    family="bowls",
    value_and_gradient=booth,
    second_derivatives=booth_second,
    formula="(x + 2*y - 7)^2 + (2*x + y - 5)^2",
    latex=r"(x + 2y - 7)^2 + (2x + y - 5)^2",
    domain=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-7.0, 6.5),
    residuals=booth_residuals,
    points=booth_points,
    source="Booth, Quarterly Journal of Mechanics and Applied Mathematics 2 (1949) 460",
    notes="Two linear equations, solved by making the squares of their errors small. The bowl lies slantwise with curvatures of 2 and 18: "
    "rates above 1/9 explode.",
)

MATYAS = Landscape(
    name="matyas",
    title="Matyas's trough",
    dim=2,
    family="bowls",
    value_and_gradient=matyas,
    second_derivatives=matyas_second,
    formula="0.26*(x^2 + y^2) - 0.48*x*y",
    latex=r"0.26\,(x^2 + y^2) - 0.48\,x y",
    domain=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-3.0, -9.0),
    points=sphere_points,
    source="Matyas, Random Optimization, Automation and Remote Control 26 (1965)",
    notes="A long trough along the diagonal, 25 times steeper across than along (curvatures of 1 and 0.04). Every run falls to the "
    "diagonal at once and then takes its time.",
)

TRID = Landscape(
    name="trid",
    title="Trid's tilted bowl",
    dim=2,
    family="bowls",
    value_and_gradient=trid,
    second_derivatives=trid_second,
    formula="(x - 1)^2 + (y - 1)^2 - x*y",
    latex=r"(x - 1)^2 + (y - 1)^2 - x y",
    domain=((-4.0, 4.0), (-4.0, 4.0)),
    start=(-3.2, 1.0),
    points=trid_points,
    source="Neumaier, global optimization test problems; the Hessian is tridiagonal in more dimensions",
    notes="Each weight alone would settle at 1, but the two pull each other on to 2: the loss is least where both are larger than either "
    "would choose. The least loss is -2, not 0.",
)

LANDSCAPES = (QUADRATIC, SPHERE, ELLIPSOID, BOOTH, MATYAS, TRID)
