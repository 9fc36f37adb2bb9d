"""Plateaus: ground so flat that the gradient tells nothing, and pits that only a run next to them feels."""

import math
from functools import lru_cache

from gdsim.engine.elementary import exp, log, sincos
from gdsim.landscapes.landscape import Landscape, StationaryPoint
from gdsim.landscapes.stationary import as_minima, between
from gdsim.parameter import Param

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def easom(x, y, params):
    u = x - 3.141592653589793
    v = y - 3.141592653589793
    sin_x, cos_x = sincos(x)
    sin_y, cos_y = sincos(y)
    bell = exp(-(u * u + v * v))
    return -cos_x * cos_y * bell, bell * cos_y * (sin_x + 2.0 * u * cos_x), bell * cos_x * (sin_y + 2.0 * v * cos_y)


def easom_second(x, y, params):
    u = x - 3.141592653589793
    v = y - 3.141592653589793
    sin_x, cos_x = sincos(x)
    sin_y, cos_y = sincos(y)
    bell = exp(-(u * u + v * v))
    hxx = bell * cos_y * (cos_x * (3.0 - 4.0 * u * u) - 4.0 * u * sin_x)
    hyy = bell * cos_x * (cos_y * (3.0 - 4.0 * v * v) - 4.0 * v * sin_y)
    return hxx, -bell * (sin_x + 2.0 * u * cos_x) * (sin_y + 2.0 * v * cos_y), hyy


def easom_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """All thirteen of the domain: J is -g(x) g(y), and stationary where both factors are, or where both are 0."""
    centre, low, high = math.pi, 1.3049954504376675, 4.978189856741919
    return (
        StationaryPoint((centre, centre), -1.0, "global minimum"),
        *(StationaryPoint((x, y), -8.110223891570066e-05, "local minimum") for x in (low, high) for y in (low, high)),
        *(StationaryPoint((x, y), 0.0, "saddle") for x in (0.5 * math.pi, 1.5 * math.pi) for y in (0.5 * math.pi, 1.5 * math.pi)),
        *(StationaryPoint(at, 0.009005678148573858, "maximum") for u in (low, high) for at in ((u, centre), (centre, u))),
    )


def michalewicz(x, y, params):
    (m,) = params
    sin_x, cos_x = sincos(x)
    sin_y, cos_y = sincos(y)
    sin_u, cos_u = sincos(0.3183098861837907 * x * x)
    sin_v, cos_v = sincos(0.6366197723675814 * y * y)
    uu = sin_u * sin_u
    vv = sin_v * sin_v
    # Powers m - 1 of the squares; where a sine is 0 the logarithm of a tiny number stands for that of 0.
    power_u = exp((m - 1.0) * log(1e-300 if uu < 1e-300 else uu))
    power_v = exp((m - 1.0) * log(1e-300 if vv < 1e-300 else vv))
    cut_x = uu * power_u
    cut_y = vv * power_v
    slope_x = 1.2732395447351628 * m * x * (sin_u * cos_u) * power_u
    slope_y = 2.5464790894703255 * m * y * (sin_v * cos_v) * power_v
    return -(sin_x * cut_x + sin_y * cut_y), -(cos_x * cut_x + sin_x * slope_x), -(cos_y * cut_y + sin_y * slope_y)


def michalewicz_second(x, y, params):
    (m,) = params
    sin_x, cos_x = sincos(x)
    sin_y, cos_y = sincos(y)
    sin_u, cos_u = sincos(0.3183098861837907 * x * x)
    sin_v, cos_v = sincos(0.6366197723675814 * y * y)
    uu = sin_u * sin_u
    vv = sin_v * sin_v
    power_u = 2.0 * m * exp((m - 1.0) * log(1e-300 if uu < 1e-300 else uu))
    power_v = 2.0 * m * exp((m - 1.0) * log(1e-300 if vv < 1e-300 else vv))
    rate_u = 0.6366197723675814 * x
    rate_v = 1.2732395447351628 * y
    odd = 2.0 * m - 1.0
    bend_x = ((odd * cos_u * cos_u - uu) * rate_u * rate_u + 0.6366197723675814 * (sin_u * cos_u)) * power_u
    bend_y = ((odd * cos_v * cos_v - vv) * rate_v * rate_v + 1.2732395447351628 * (sin_v * cos_v)) * power_v
    slope_x = rate_u * (sin_u * cos_u) * power_u
    slope_y = rate_v * (sin_v * cos_v) * power_v
    whole = 2.0 * m
    hxx = sin_x * (uu * power_u / whole - bend_x) - 2.0 * cos_x * slope_x
    hyy = sin_y * (vv * power_v / whole - bend_y) - 2.0 * cos_y * slope_y
    return hxx, 0.0, hyy


@lru_cache
def michalewicz_points(values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """Both minima. Saddles and maxima are not listed: nearly everywhere the ground is flat, and where a sine is 0 it has no curvature."""
    (m,) = values

    def cut(x: float, bend: float) -> float:
        return math.pow(math.sin(bend * x * x / math.pi) ** 2, m)

    def along(x: float, bend: float) -> float:
        return -math.sin(x) * cut(x, bend)

    def slope(x: float, bend: float) -> float:
        u = bend * x * x / math.pi
        return -math.cos(x) * math.sin(u) - math.sin(x) * 4.0 * m * bend * x / math.pi * math.cos(u)

    x = between(lambda x: slope(x, 1.0), 0.5 * math.pi, math.pi / math.sqrt(2.0))
    # The second factor is negative in the farther pit of y, and with it the slope above.
    far = between(lambda y: -slope(y, 2.0), math.sqrt(0.625) * math.pi, math.sqrt(0.75) * math.pi)
    return as_minima(((x, y), along(x, 1.0) + along(y, 2.0)) for y in (0.5 * math.pi, far))


EASOM = Landscape(
    name="easom",
    title="Easom's needle",
    dim=2,
    family="plateaus",
    value_and_gradient=easom,
    second_derivatives=easom_second,
    formula="-cos(x)*cos(y)*exp(-(x - pi)^2 - (y - pi)^2)",
    latex=r"-\cos x\,\cos y\,e^{-(x - \pi)^2 - (y - \pi)^2}",
    domain=((0.0, 6.0), (0.0, 6.0)),
    start=(1.9, 2.3),
    points=easom_points,
    source="Easom, A Survey of Global Optimization Techniques, University of Louisville (1990)",
    notes="One pit in a plain that is flat for as far as a number reaches: a few units away the gradient is below 1e-20 and no rate moves "
    "a run. The four shallow dips beside the pit are local minima 0.00008 deep.",
)

MICHALEWICZ = Landscape(
    name="michalewicz",
    title="Michalewicz's gorges",
    dim=2,
    family="plateaus",
    value_and_gradient=michalewicz,
    second_derivatives=michalewicz_second,
    formula="-sin(x)*(sin(x^2/pi)^2)^m - sin(y)*(sin(2*y^2/pi)^2)^m",
    latex=r"-\sin x\,\sin^{2m}\frac{x^2}{\pi} - \sin y\,\sin^{2m}\frac{2y^2}{\pi}",
    domain=((0.0, 3.141592653589793), (0.0, 3.141592653589793)),
    start=(1.75, 2.5),
    points=michalewicz_points,
    parameters=(Param("m", 10.0, "how narrow the gorges are", low=1.0, high=20.0),),
    source="Michalewicz, Genetic Algorithms + Data Structures = Evolution Programs (1992)",
    notes="Flat ground cut by gorges that cross: a run that begins in none sees no slope at all, and one that falls into the wrong gorge "
    "stays there. The larger m, the narrower they are.",
)

LANDSCAPES = (EASOM, MICHALEWICZ)
