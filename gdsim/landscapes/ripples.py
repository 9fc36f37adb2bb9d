"""Ripples: a bowl whose waves are small, or far from the minimum."""

import math
from functools import lru_cache

from gdsim.engine.elementary import sincos
from gdsim.landscapes.landscape import Landscape, StationaryPoint
from gdsim.landscapes.stationary import as_minima, mirrored, polished, turning_points

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def griewank(x, y, params):
    root_half = 0.7071067811865476
    sin_x, cos_x = sincos(x)
    sin_y, cos_y = sincos(root_half * y)
    loss = 0.00025 * (x * x + y * y) + (1.0 - cos_x * cos_y)
    return loss, 0.0005 * x + sin_x * cos_y, 0.0005 * y + root_half * (cos_x * sin_y)


def griewank_second(x, y, params):
    root_half = 0.7071067811865476
    sin_x, cos_x = sincos(x)
    sin_y, cos_y = sincos(root_half * y)
    waves = cos_x * cos_y
    return 0.0005 + waves, -root_half * (sin_x * sin_y), 0.0005 + 0.5 * waves


@lru_cache
def griewank_points(values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """Every minimum of the domain, 17: next to every other point of a lattice. Saddles and maxima are not listed."""
    lattice = [(math.pi * n, math.sqrt(2.0) * math.pi * m) for n in range(4) for m in range(3) if (n + m) % 2 == 0]
    return as_minima(mirrored(polished(griewank, griewank_second, values, lattice)))


def bohachevsky(x, y, params):
    three_pi = 9.42477796076938
    four_pi = 12.566370614359172
    sin_x, cos_x = sincos(three_pi * x)
    sin_y, cos_y = sincos(four_pi * y)
    loss = x * x + 2.0 * y * y + 0.3 * (1.0 - cos_x) + 0.4 * (1.0 - cos_y)
    return loss, 2.0 * x + 0.3 * three_pi * sin_x, 4.0 * y + 0.4 * four_pi * sin_y


def bohachevsky_second(x, y, params):
    three_pi = 9.42477796076938
    four_pi = 12.566370614359172
    _, cos_x = sincos(three_pi * x)
    _, cos_y = sincos(four_pi * y)
    return 2.0 + 0.3 * three_pi * three_pi * cos_x, 0.0, 4.0 + 0.4 * four_pi * four_pi * cos_y


@lru_cache
def bohachevsky_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """Every minimum, 25: both weights at a minimum along their axis. Saddles and maxima are not listed."""
    along_x, along_y = {0.0: 0.0}, {0.0: 0.0}
    for along, bowl, height, wave in ((along_x, 1.0, 0.3, 3.0 * math.pi), (along_y, 2.0, 0.4, 4.0 * math.pi)):

        def slope(x: float, bowl: float = bowl, height: float = height, wave: float = wave) -> float:
            return 2.0 * bowl * x + height * wave * math.sin(wave * x)

        for x, rises in turning_points(slope, 0.1, 2.0, 100):
            if rises:
                along[x] = along[-x] = bowl * x * x + height * (1.0 - math.cos(wave * x))
    return as_minima(((x, y), along_x[x] + along_y[y]) for x in along_x for y in along_y)


def levy_13(x, y, params):
    two_pi = 6.283185307179586
    three_pi = 9.42477796076938
    u = x - 1.0
    v = y - 1.0
    sin_x, cos_x = sincos(three_pi * x)
    sin_y, cos_y = sincos(three_pi * y)
    sin_slow, cos_slow = sincos(two_pi * y)
    uu = u * u
    vv = v * v
    wave = 1.0 + sin_y * sin_y
    slow = 1.0 + sin_slow * sin_slow
    gy = 2.0 * v * slow + 2.0 * (three_pi * uu * (sin_y * cos_y) + two_pi * vv * (sin_slow * cos_slow))
    return sin_x * sin_x + uu * wave + vv * slow, 2.0 * (three_pi * sin_x * cos_x + u * wave), gy


def levy_13_second(x, y, params):
    two_pi = 6.283185307179586
    three_pi = 9.42477796076938
    u = x - 1.0
    v = y - 1.0
    sin_x, cos_x = sincos(three_pi * x)
    sin_y, cos_y = sincos(three_pi * y)
    sin_slow, cos_slow = sincos(two_pi * y)
    steep = 2.0 * three_pi * three_pi
    slow = 2.0 * two_pi * two_pi
    hyy = (
        2.0 * (1.0 + sin_slow * sin_slow)
        + steep * (u * u) * (cos_y * cos_y - sin_y * sin_y)
        + 8.0 * two_pi * v * (sin_slow * cos_slow)
        + slow * (v * v) * (cos_slow * cos_slow - sin_slow * sin_slow)
    )
    hxx = steep * (cos_x * cos_x - sin_x * sin_x) + 2.0 * (1.0 + sin_y * sin_y)
    return hxx, 4.0 * three_pi * u * (sin_y * cos_y), hyy


def levy_13_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """The global minimum alone; more than a hundred local minima of the domain, and what lies between them, are not listed."""
    return (StationaryPoint((1.0, 1.0), 0.0, "global minimum"),)


GRIEWANK = Landscape(
    name="griewank",
    title="Griewank's ripples",
    dim=2,
    family="ripples",
    value_and_gradient=griewank,
    second_derivatives=griewank_second,
    formula="1 + (x^2 + y^2)/4000 - cos(x)*cos(y/sqrt(2))",
    latex=r"1 + \frac{x^2 + y^2}{4000} - \cos x\,\cos\frac{y}{\sqrt{2}}",
    domain=((-10.0, 10.0), (-10.0, 10.0)),
    start=(-4.6, 2.0),
    points=griewank_points,
    source="Griewank, Journal of Optimization Theory and Applications 34 (1981) 11",
    notes="From afar a smooth wide bowl, six hundred units across; from near, as here, waves that hide it. All pits are nearly equally "
    "deep, and the gradient knows only the nearest one.",
)

BOHACHEVSKY = Landscape(
    name="bohachevsky",
    title="Bohachevsky's ripples",
    dim=2,
    family="ripples",
    value_and_gradient=bohachevsky,
    second_derivatives=bohachevsky_second,
    formula="x^2 + 2*y^2 - 0.3*cos(3*pi*x) - 0.4*cos(4*pi*y) + 0.7",
    latex=r"x^2 + 2y^2 - 0.3\cos(3\pi x) - 0.4\cos(4\pi y) + 0.7",
    domain=((-2.0, 2.0), (-2.0, 2.0)),
    start=(-1.7, 1.55),
    points=bohachevsky_points,
    source="Bohachevsky, Johnson and Stein, Technometrics 28 (1986) 209",
    notes="Waves that matter only near the bottom: farther out the bowl is steeper than they are, and nothing holds a run up. Momentum "
    "gathered on the way down carries it through the last pits, or past the best one.",
)

LEVY_13 = Landscape(
    name="levy_13",
    title="Lévy's corrugated bowl",
    dim=2,
    family="ripples",
    value_and_gradient=levy_13,
    second_derivatives=levy_13_second,
    formula="sin(3*pi*x)^2 + (x - 1)^2*(1 + sin(3*pi*y)^2) + (y - 1)^2*(1 + sin(2*pi*y)^2)",
    latex=r"\sin^2(3\pi x) + (x - 1)^2\left(1 + \sin^2(3\pi y)\right) + (y - 1)^2\left(1 + \sin^2(2\pi y)\right)",
    domain=((-1.0, 3.0), (-1.0, 3.0)),
    start=(-0.6, 2.4),
    points=levy_13_points,
    source="Lévy and Montalvo, SIAM Journal on Scientific and Statistical Computing 6 (1985) 15, number 13",
    notes="A bowl pressed into furrows, which grow with the distance from the minimum. More than a hundred pits are in sight; only the "
    "best one is marked.",
)

LANDSCAPES = (GRIEWANK, BOHACHEVSKY, LEVY_13)
