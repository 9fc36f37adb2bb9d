"""Curved valleys: steep across, nearly flat along."""

import math

from gdsim.landscapes.landscape import Landscape, StationaryPoint
from gdsim.parameter import Param

# mypy: disable-error-code="no-untyped-def"


def rosenbrock(x, y, params):
    a, b = params
    along = a - x
    across = y - x * x
    pull = b * across
    slope = pull + pull
    return along * along + pull * across, -2.0 * (along + slope * x), slope


def rosenbrock_second(x, y, params):
    _, b = params
    return 2.0 - 4.0 * b * (y - 3.0 * x * x), -4.0 * b * x, 2.0 * b


def rosenbrock_residuals(x, y, params):
    a, b = params
    root = math.sqrt(b)
    return (a - x, -1.0, 0.0), (root * (y - x * x), -2.0 * root * x, root)


def rosenbrock_points(values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    a, _ = values
    return (StationaryPoint((a, a * a), 0.0, "global minimum"),)


def beale(x, y, params):
    yy = y * y
    d1 = y - 1.0
    d2 = yy - 1.0
    d3 = yy * y - 1.0
    t1 = 1.5 + x * d1
    t2 = 2.25 + x * d2
    t3 = 2.625 + x * d3
    gx = 2.0 * (t1 * d1 + t2 * d2 + t3 * d3)
    gy = (x + x) * (t1 + (y + y) * t2 + 3.0 * yy * t3)
    return t1 * t1 + t2 * t2 + t3 * t3, gx, gy


def beale_second(x, y, params):
    yy = y * y
    d1 = y - 1.0
    d2 = yy - 1.0
    d3 = yy * y - 1.0
    t1 = 1.5 + x * d1
    t2 = 2.25 + x * d2
    t3 = 2.625 + x * d3
    s2 = y + y
    s3 = 3.0 * yy
    hxx = 2.0 * (d1 * d1 + d2 * d2 + d3 * d3)
    hxy = 2.0 * (t1 + s2 * t2 + s3 * t3 + x * (d1 + s2 * d2 + s3 * d3))
    hyy = 2.0 * x * (x * (1.0 + s2 * s2 + s3 * s3) + 2.0 * t2 + 6.0 * y * t3)
    return hxx, hxy, hyy


def beale_residuals(x, y, params):
    yy = y * y
    d1 = y - 1.0
    d2 = yy - 1.0
    d3 = yy * y - 1.0
    return (1.5 + x * d1, d1, x), (2.25 + x * d2, d2, 2.0 * x * y), (2.625 + x * d3, d3, 3.0 * x * yy)


def beale_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """All three. With x eliminated, y is 1 (and x is 0) or a root of (2 y - 1)(7 y^2 + 13 y + 17)(3 y^3 + 11 y^2 + 10 y + 5)."""
    return (
        StationaryPoint((3.0, 0.5), 0.0, "global minimum"),
        StationaryPoint((0.0, 1.0), 14.203125, "saddle"),
        StationaryPoint((0.10053793732415836, -2.644513585023125), 9.86451228475556, "saddle"),
    )


def dixon_price(x, y, params):
    u = x - 1.0
    t = 2.0 * y * y - x
    return u * u + 2.0 * t * t, 2.0 * u - 4.0 * t, 16.0 * y * t


def dixon_price_second(x, y, params):
    return 6.0, -16.0 * y, 96.0 * y * y - 16.0 * x


def dixon_price_residuals(x, y, params):
    root = math.sqrt(2.0)
    return (x - 1.0, 1.0, 0.0), (root * (2.0 * y * y - x), -root, 4.0 * root * y)


def dixon_price_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """All three."""
    half_root = math.sqrt(0.5)
    return (
        StationaryPoint((1.0, half_root), 0.0, "global minimum"),
        StationaryPoint((1.0, -half_root), 0.0, "global minimum"),
        StationaryPoint((1.0 / 3.0, 0.0), 2.0 / 3.0, "saddle"),
    )


def freudenstein_roth(x, y, params):
    f1 = x - 13.0 + ((5.0 - y) * y - 2.0) * y
    f2 = x - 29.0 + ((y + 1.0) * y - 14.0) * y
    d1 = (10.0 - 3.0 * y) * y - 2.0
    d2 = (3.0 * y + 2.0) * y - 14.0
    return f1 * f1 + f2 * f2, 2.0 * (f1 + f2), 2.0 * (f1 * d1 + f2 * d2)


def freudenstein_roth_second(x, y, params):
    f1 = x - 13.0 + ((5.0 - y) * y - 2.0) * y
    f2 = x - 29.0 + ((y + 1.0) * y - 14.0) * y
    d1 = (10.0 - 3.0 * y) * y - 2.0
    d2 = (3.0 * y + 2.0) * y - 14.0
    return 4.0, 2.0 * (d1 + d2), 2.0 * (d1 * d1 + d2 * d2 + f1 * (10.0 - 6.0 * y) + f2 * (6.0 * y + 2.0))


def freudenstein_roth_residuals(x, y, params):
    f1 = x - 13.0 + ((5.0 - y) * y - 2.0) * y
    f2 = x - 29.0 + ((y + 1.0) * y - 14.0) * y
    return (f1, 1.0, (10.0 - 3.0 * y) * y - 2.0), (f2, 1.0, (3.0 * y + 2.0) * y - 14.0)


def freudenstein_roth_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """All three: on the parabola where dJ/dx vanishes J is the square of a cubic in y, stationary at its root 4 and at (2 -+ sqrt 22)/3."""
    return (
        StationaryPoint((5.0, 4.0), 0.0, "global minimum"),
        StationaryPoint((11.412778986902094, -0.8968052532744765), 48.98425367924002, "local minimum"),
        StationaryPoint((23.92055434643124, 2.23013858660781), 819.0102593523101, "saddle"),
    )


ROSENBROCK = Landscape(
    name="rosenbrock",
    title="Rosenbrock's valley",
    dim=2,
    family="valleys",
    value_and_gradient=rosenbrock,
    second_derivatives=rosenbrock_second,
    formula="(a - x)^2 + b*(y - x^2)^2",
    latex=r"(a - x)^2 + b\,(y - x^2)^2",
    domain=((-2.0, 2.0), (-1.0, 3.0)),
    start=(-1.2, 1.0),
    residuals=rosenbrock_residuals,
    points=rosenbrock_points,
    parameters=(
        Param("a", 1.0, "position of the minimum along x", low=-10.0, high=10.0),
        Param("b", 100.0, "steepness of the walls", low=0.0, low_open=True, high=1e6, log=True),
    ),
    source="Rosenbrock, The Computer Journal 3 (1960) 175",
    notes="The floor of the valley falls so gently that a run which has found it creeps. The walls are steep and forbid a larger rate; "
    "momentum and adaptive rules help here.",
    log_levels=True,
)

BEALE = Landscape(
    name="beale",
    title="Beale's corners",
    dim=2,
    family="valleys",
    value_and_gradient=beale,
    second_derivatives=beale_second,
    formula="(1.5 - x + x*y)^2 + (2.25 - x + x*y^2)^2 + (2.625 - x + x*y^3)^2",
    latex=r"(1.5 - x + x y)^2 + (2.25 - x + x y^2)^2 + (2.625 - x + x y^3)^2",
    domain=((-4.5, 4.5), (-4.5, 4.5)),
    start=(1.0, 1.5),
    residuals=beale_residuals,
    points=beale_points,
    source="Beale, On an Iterative Method for Finding a Local Minimum of a Function of More than One Variable, Princeton (1958)",
    notes="Flat around a cross through the middle, with walls a hundred thousand high in the corners: a rate that is right at one start "
    "explodes at another. To the far left the valley along y = 1 sinks for ever towards a loss that it never reaches.",
    log_levels=True,
)

DIXON_PRICE = Landscape(
    name="dixon_price",
    title="Dixon and Price's forked valley",
    dim=2,
    family="valleys",
    value_and_gradient=dixon_price,
    second_derivatives=dixon_price_second,
    formula="(x - 1)^2 + 2*(2*y^2 - x)^2",
    latex=r"(x - 1)^2 + 2\,(2y^2 - x)^2",
    domain=((-3.0, 6.0), (-3.0, 3.0)),
    start=(5.0, 0.05),
    residuals=dixon_price_residuals,
    points=dixon_price_points,
    source="Dixon and Price, Journal of Optimization Theory and Applications 60 (1989) 261",
    notes="A valley bent like a horseshoe, with a minimum in each arm and a saddle at its bend. From the middle the slightest push to one "
    "side decides which of the two equal minima a run finds.",
    log_levels=True,
)

FREUDENSTEIN_ROTH = Landscape(
    name="freudenstein_roth",
    title="Freudenstein and Roth's false valley",
    dim=2,
    family="valleys",
    value_and_gradient=freudenstein_roth,
    second_derivatives=freudenstein_roth_second,
    formula="(x - 13 + ((5 - y)*y - 2)*y)^2 + (x - 29 + ((y + 1)*y - 14)*y)^2",
    latex=r"\left(x - 13 + ((5 - y)y - 2)y\right)^2 + \left(x - 29 + ((y + 1)y - 14)y\right)^2",
    domain=((-4.0, 25.0), (-7.0, 9.0)),
    start=(0.5, -2.0),
    residuals=freudenstein_roth_residuals,
    points=freudenstein_roth_points,
    source="Freudenstein and Roth, Journal of the ACM 10 (1963) 550; start of Moré, Garbow and Hillstrom, ACM TOMS 7 (1981) 17",
    notes="Two cubic equations that have one solution, and a point where their errors are locally least without being small. The usual "
    "start leads to that false minimum; the way to the true one goes far round.",
    log_levels=True,
)

LANDSCAPES = (ROSENBROCK, BEALE, DIXON_PRICE, FREUDENSTEIN_ROTH)
