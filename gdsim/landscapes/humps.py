"""Humps: a few minima with hills and passes between them, all in closed form or to the last digit."""

import math

from gdsim.engine.elementary import sincos
from gdsim.landscapes.landscape import Landscape, StationaryPoint

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def three_hump_camel(x, y, params):
    xx = x * x
    loss = xx * (2.0 - xx * (1.05 - 0.16666666666666666 * xx)) + x * y + y * y
    return loss, x * (4.0 - xx * (4.2 - xx)) + y, x + 2.0 * y


def three_hump_camel_second(x, y, params):
    xx = x * x
    return 4.0 - xx * (12.6 - 5.0 * xx), 1.0, 2.0


def three_hump_camel_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """All five: y is -x/2 and x^2 is 0 or a root of t^2 - 4.2 t + 3.5."""
    far, near = math.sqrt(2.1 + math.sqrt(0.91)), math.sqrt(2.1 - math.sqrt(0.91))
    return (
        StationaryPoint((0.0, 0.0), 0.0, "global minimum"),
        StationaryPoint((far, -0.5 * far), 0.2986384422368598, "local minimum"),
        StationaryPoint((-far, 0.5 * far), 0.2986384422368598, "local minimum"),
        StationaryPoint((near, -0.5 * near), 0.8773615577631402, "saddle"),
        StationaryPoint((-near, 0.5 * near), 0.8773615577631402, "saddle"),
    )


def six_hump_camel(x, y, params):
    xx = x * x
    yy = y * y
    loss = xx * (4.0 - xx * (2.1 - 0.3333333333333333 * xx)) + x * y + yy * (4.0 * yy - 4.0)
    return loss, x * (8.0 - xx * (8.4 - 2.0 * xx)) + y, x + y * (16.0 * yy - 8.0)


def six_hump_camel_second(x, y, params):
    xx = x * x
    return 8.0 - xx * (25.2 - 10.0 * xx), 1.0, 48.0 * y * y - 8.0


def six_hump_camel_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """All fifteen: the origin, and seven with their mirror images through it."""
    half = (
        StationaryPoint((0.08984201310031806, -0.7126564030207396), -1.0316284534898774, "global minimum"),
        StationaryPoint((1.703606714969981, -0.7960835686726251), -0.21546382438371764, "local minimum"),
        StationaryPoint((1.6071047529201972, 0.5686514548841314), 2.1042503103112584, "local minimum"),
        StationaryPoint((1.1092053368047865, -0.7682680925095399), 0.5437186009781851, "saddle"),
        StationaryPoint((1.6380679841897785, 0.22867406904439408), 2.2293571975307147, "saddle"),
        StationaryPoint((1.2960702671671092, 0.6050843880386585), 2.22947081802986, "saddle"),
        StationaryPoint((1.2302298765166526, 0.16233458445899496), 2.496295351023577, "maximum"),
    )
    other = tuple(StationaryPoint((-p.position[0], -p.position[1]), p.loss, p.kind) for p in half)
    return (*half, *other, StationaryPoint((0.0, 0.0), 0.0, "saddle"))


def goldstein_price(x, y, params):
    # The first factor depends on x + y alone, the second on 2 x - 3 y; both slopes have three simple roots.
    t = x + y
    w = 2.0 * x - 3.0 * y
    e = t + 1.0
    first = 1.0 + e * e * (19.0 + t * (3.0 * t - 14.0))
    second = 30.0 + w * w * (18.0 + w * (3.0 * w - 16.0))
    along_t = 12.0 * e * (t - 1.0) * (t - 2.0) * second
    along_w = 12.0 * w * (w - 1.0) * (w - 3.0) * first
    return first * second, along_t + 2.0 * along_w, along_t - 3.0 * along_w


def goldstein_price_second(x, y, params):
    t = x + y
    w = 2.0 * x - 3.0 * y
    e = t + 1.0
    first = 1.0 + e * e * (19.0 + t * (3.0 * t - 14.0))
    second = 30.0 + w * w * (18.0 + w * (3.0 * w - 16.0))
    tt = 12.0 * (t * (3.0 * t - 4.0) - 1.0) * second
    tw = 144.0 * (e * (t - 1.0) * (t - 2.0)) * (w * (w - 1.0) * (w - 3.0))
    ww = 12.0 * (w * (3.0 * w - 8.0) + 3.0) * first
    return tt + 4.0 * (tw + ww), tt - tw - 6.0 * ww, tt - 6.0 * tw + 9.0 * ww


def goldstein_price_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """All nine: x + y is -1, 1 or 2, and 2 x - 3 y is 0, 1 or 3."""
    return (
        StationaryPoint((0.0, -1.0), 3.0, "global minimum"),
        StationaryPoint((-0.6, -0.4), 30.0, "local minimum"),
        StationaryPoint((1.8, 0.2), 84.0, "local minimum"),
        StationaryPoint((1.2, 0.8), 840.0, "local minimum"),
        StationaryPoint((-0.4, -0.6), 35.0, "saddle"),
        StationaryPoint((1.2, -0.2), 99.0, "saddle"),
        StationaryPoint((1.4, 0.6), 980.0, "saddle"),
        StationaryPoint((0.6, 0.4), 990.0, "saddle"),
        StationaryPoint((0.8, 0.2), 1155.0, "maximum"),
    )


def branin(x, y, params):
    bend = 0.12918450914398066  # 5.1 / (4 pi^2)
    tilt = 1.5915494309189535  # 5 / pi
    height = 9.602112642270262  # 10 (1 - 1 / (8 pi))
    sin_x, cos_x = sincos(x)
    t = y - bend * x * x + tilt * x - 6.0
    slope = 2.0 * t
    return t * t + height * cos_x + 10.0, slope * (tilt - 2.0 * bend * x) - height * sin_x, slope


def branin_second(x, y, params):
    bend = 0.12918450914398066
    tilt = 1.5915494309189535
    _, cos_x = sincos(x)
    t = y - bend * x * x + tilt * x - 6.0
    along = tilt - 2.0 * bend * x
    return 2.0 * along * along - 4.0 * bend * t - 9.602112642270262 * cos_x, 2.0 * along, 2.0


def branin_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """All five of the domain: sin x is 0, and y lies on the parabola."""
    pit, pass_ = 0.3978873577297383, 19.60211264227026
    return (
        StationaryPoint((-math.pi, 12.275), pit, "global minimum"),
        StationaryPoint((math.pi, 2.275), pit, "global minimum"),
        StationaryPoint((3.0 * math.pi, 2.475), pit, "global minimum"),
        StationaryPoint((0.0, 6.0), pass_, "saddle"),
        StationaryPoint((2.0 * math.pi, 1.1), pass_, "saddle"),
    )


THREE_HUMP_CAMEL = Landscape(
    name="three_hump_camel",
    title="Three-hump camel",
    dim=2,
    family="humps",
    value_and_gradient=three_hump_camel,
    second_derivatives=three_hump_camel_second,
    formula="2*x^2 - 1.05*x^4 + x^6/6 + x*y + y^2",
    latex=r"2x^2 - 1.05\,x^4 + \tfrac{1}{6}x^6 + x y + y^2",
    domain=((-2.4, 2.4), (-2.0, 2.0)),
    start=(2.1, 1.4),
    points=three_hump_camel_points,
    source="Dixon and Szegö, Towards Global Optimisation 2 (1978)",
    notes="A deep pit in the middle and a shallow one on each side. Runs from the sides end in the shallow ones unless momentum, or a step "
    "that is large enough, carries them over the pass.",
)

SIX_HUMP_CAMEL = Landscape(
    name="six_hump_camel",
    title="Six-hump camel",
    dim=2,
    family="humps",
    value_and_gradient=six_hump_camel,
    second_derivatives=six_hump_camel_second,
    formula="4*x^2 - 2.1*x^4 + x^6/3 + x*y - 4*y^2 + 4*y^4",
    latex=r"4x^2 - 2.1\,x^4 + \tfrac{1}{3}x^6 + x y - 4y^2 + 4y^4",
    domain=((-2.1, 2.1), (-1.2, 1.2)),
    start=(-1.85, -0.05),
    points=six_hump_camel_points,
    source="Dixon and Szegö, Towards Global Optimisation 2 (1978)",
    notes="Six minima in three pairs that mirror each other: two are the best, two are fair and two are poor. Seven saddles part them, and "
    "runs slow down wherever they pass near one.",
)

GOLDSTEIN_PRICE = Landscape(
    name="goldstein_price",
    title="Goldstein and Price's gorge",
    dim=2,
    family="humps",
    value_and_gradient=goldstein_price,
    second_derivatives=goldstein_price_second,
    formula="(1 + (x + y + 1)^2*(19 - 14*x + 3*x^2 - 14*y + 6*x*y + 3*y^2))"
    "*(30 + (2*x - 3*y)^2*(18 - 32*x + 12*x^2 + 48*y - 36*x*y + 27*y^2))",
    latex=r"\left(1 + (x + y + 1)^2(19 - 14x + 3x^2 - 14y + 6xy + 3y^2)\right)"
    r"\left(30 + (2x - 3y)^2(18 - 32x + 12x^2 + 48y - 36xy + 27y^2)\right)",
    domain=((-2.0, 2.0), (-2.0, 2.0)),
    start=(1.3, 1.5),
    points=goldstein_price_points,
    source="Goldstein and Price, Mathematics of Computation 25 (1971) 569",
    notes="Losses from 3 to a million in one small square, and four minima. Gradients are so large on the heights that only tiny rates "
    "survive, and those crawl in the valleys: rules that scale the gradient are at home here.",
    log_levels=True,
)

BRANIN = Landscape(
    name="branin",
    title="Branin's three pits",
    dim=2,
    family="humps",
    value_and_gradient=branin,
    second_derivatives=branin_second,
    formula="(y - 5.1*x^2/(4*pi^2) + 5*x/pi - 6)^2 + 10*(1 - 1/(8*pi))*cos(x) + 10",
    latex=r"\left(y - \tfrac{5.1}{4\pi^2}x^2 + \tfrac{5}{\pi}x - 6\right)^2 + 10\left(1 - \tfrac{1}{8\pi}\right)\cos x + 10",
    domain=((-5.0, 10.0), (0.0, 15.0)),
    start=(-2.0, 2.0),
    points=branin_points,
    source="Branin, IBM Journal of Research and Development 16 (1972) 504; Dixon and Szegö (1978)",
    notes="A curved valley with three pits in it, all equally deep. The walls pull a run into the valley quickly, and where it enters "
    "decides which pit it finds.",
    log_levels=True,
)

LANDSCAPES = (THREE_HUMP_CAMEL, SIX_HUMP_CAMEL, GOLDSTEIN_PRICE, BRANIN)
