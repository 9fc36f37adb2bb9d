"""Kinks: creases where the slope jumps, or is infinite."""

import math
from functools import lru_cache

from gdsim.engine.elementary import exp, log, sincos
from gdsim.landscapes.landscape import Landscape, StationaryPoint
from gdsim.landscapes.stationary import as_minima, mirrored

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

# The derivatives are those of the smooth pieces. On a crease, where there are none, the part that jumps counts 0, the mean of both sides.


def bukin_6(x, y, params):
    across = y - 0.01 * x * x
    off = x + 10.0
    root = math.sqrt(abs(across))
    side = (1.0 if across > 0.0 else 0.0) - (1.0 if across < 0.0 else 0.0)
    slope = 50.0 * side / (root if root > 0.0 else 1.0)
    along = 0.01 * ((1.0 if off > 0.0 else 0.0) - (1.0 if off < 0.0 else 0.0))
    return 100.0 * root + 0.01 * abs(off), along - 0.02 * x * slope, slope


def bukin_6_second(x, y, params):
    across = y - 0.01 * x * x
    root = math.sqrt(abs(across))
    side = (1.0 if across > 0.0 else 0.0) - (1.0 if across < 0.0 else 0.0)
    # Below 1e-200 the point counts as on the crease, so that no power overflows.
    inverse = (0.0 if root < 1e-100 else 1.0) / (1.0 if root < 1e-100 else root)
    bend = -25.0 * inverse * inverse * inverse
    return 0.0004 * x * x * bend - side * inverse, -0.02 * x * bend, bend


def bukin_6_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """The least point: on the crease, where it meets the other one."""
    return (StationaryPoint((-10.0, 1.0), 0.0, "global minimum"),)


def cross_in_tray(x, y, params):
    sin_x, cos_x = sincos(x)
    sin_y, cos_y = sincos(y)
    product = sin_x * sin_y
    side = (1.0 if product > 0.0 else 0.0) - (1.0 if product < 0.0 else 0.0)
    r = math.sqrt(x * x + y * y + 1e-300)
    lift = 100.0 - 0.3183098861837907 * r
    turn = -0.3183098861837907 * ((1.0 if lift > 0.0 else 0.0) - (1.0 if lift < 0.0 else 0.0)) / r
    height = abs(lift)
    size = abs(product)
    # (size e^height + 1)^0.1 by way of size + e^-height, because e^height alone may be out of range.
    scaled = size + exp(-height)
    scaled = 1e-300 if scaled < 1e-300 else scaled
    loss = -0.0001 * exp(0.1 * (height + log(scaled)))
    weight = 0.1 * loss / scaled
    return loss, weight * (side * cos_x * sin_y + size * turn * x), weight * (side * sin_x * cos_y + size * turn * y)


def cross_in_tray_second(x, y, params):
    sin_x, cos_x = sincos(x)
    sin_y, cos_y = sincos(y)
    product = sin_x * sin_y
    side = (1.0 if product > 0.0 else 0.0) - (1.0 if product < 0.0 else 0.0)
    r = math.sqrt(x * x + y * y + 1e-300)
    lift = 100.0 - 0.3183098861837907 * r
    rise = -0.3183098861837907 * ((1.0 if lift > 0.0 else 0.0) - (1.0 if lift < 0.0 else 0.0))
    height = abs(lift)
    size = abs(product)
    scaled = size + exp(-height)
    scaled = 1e-300 if scaled < 1e-300 else scaled
    loss = -0.0001 * exp(0.1 * (height + log(scaled)))
    weight = 0.1 * loss / scaled
    ux = x / r
    uy = y / r
    size_x = side * cos_x * sin_y
    size_y = side * sin_x * cos_y
    log_x = (size_x + size * rise * ux) / scaled
    log_y = (size_y + size * rise * uy) / scaled
    bend = size * rise / r
    square = size * rise * rise
    hxx = weight * (bend * uy * uy + square * ux * ux + 2.0 * size_x * rise * ux - size) - 0.09 * loss * log_x * log_x
    hyy = weight * (bend * ux * ux + square * uy * uy + 2.0 * size_y * rise * uy - size) - 0.09 * loss * log_y * log_y
    mixed = (square - bend) * ux * uy + rise * (size_x * uy + size_y * ux) + side * cos_x * cos_y
    return hxx, weight * mixed - 0.09 * loss * log_x * log_y, hyy


@lru_cache
def cross_in_tray_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """Every minimum of the domain, 36: one in every cell of the creases, which are the maxima, whole lines of them."""

    def loss(x: float, y: float) -> float:
        return -0.0001 * math.pow(abs(math.sin(x) * math.sin(y)) * math.exp(100.0 - math.hypot(x, y) / math.pi) + 1.0, 0.1)

    middles = [((n + 0.5) * math.pi, (m + 0.5) * math.pi) for n in range(3) for m in range(3)]
    return as_minima(mirrored((at, loss(*at)) for at in (_balanced(*middle, 1.0) for middle in middles)))


def holder_table(x, y, params):
    sin_x, cos_x = sincos(x)
    sin_y, cos_y = sincos(y)
    product = sin_x * cos_y
    side = (1.0 if product > 0.0 else 0.0) - (1.0 if product < 0.0 else 0.0)
    r = math.sqrt(x * x + y * y + 1e-300)
    lift = 1.0 - 0.3183098861837907 * r
    turn = -0.3183098861837907 * ((1.0 if lift > 0.0 else 0.0) - (1.0 if lift < 0.0 else 0.0)) / r
    growth = exp(abs(lift))
    size = abs(product)
    return -size * growth, -growth * (side * cos_x * cos_y + size * turn * x), growth * (side * sin_x * sin_y - size * turn * y)


def holder_table_second(x, y, params):
    sin_x, cos_x = sincos(x)
    sin_y, cos_y = sincos(y)
    product = sin_x * cos_y
    side = (1.0 if product > 0.0 else 0.0) - (1.0 if product < 0.0 else 0.0)
    r = math.sqrt(x * x + y * y + 1e-300)
    lift = 1.0 - 0.3183098861837907 * r
    rise = -0.3183098861837907 * ((1.0 if lift > 0.0 else 0.0) - (1.0 if lift < 0.0 else 0.0))
    growth = exp(abs(lift))
    size = abs(product)
    ux = x / r
    uy = y / r
    size_x = side * cos_x * cos_y
    size_y = -side * sin_x * sin_y
    bend = size * rise / r
    square = size * rise * rise
    hxx = -growth * (bend * uy * uy + square * ux * ux + 2.0 * size_x * rise * ux - size)
    hyy = -growth * (bend * ux * ux + square * uy * uy + 2.0 * size_y * rise * uy - size)
    return hxx, -growth * ((square - bend) * ux * uy + rise * (size_x * uy + size_y * ux) - side * cos_x * sin_y), hyy


@lru_cache
def holder_table_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """Every minimum of the domain, 42: one in every cell of the creases, which are the maxima, whole lines of them."""

    def loss(x: float, y: float) -> float:
        return -abs(math.sin(x) * math.cos(y)) * math.exp(abs(1.0 - math.hypot(x, y) / math.pi))

    # Within the circle of radius pi the loss sinks towards the centre, beyond it outwards; only one cell has its minimum within.
    cells = [((n + 0.5) * math.pi, m * math.pi, 1.0 if n == m == 0 else -1.0) for n in range(3) for m in range(4)]
    return as_minima(mirrored((at, loss(*at)) for at in (_balanced(*cell) for cell in cells)))


def _balanced(middle_x: float, middle_y: float, inward: float) -> tuple[float, float]:
    """Where in a cell the wave's own slope balances that of e^(-r/pi), or of e^(r/pi) if ``inward`` is -1.

    With d the distance from the middle of the cell that is tan d_x = -inward x / (pi r), and the same along y: found by repeating it.
    """
    x, y = middle_x, middle_y
    for _ in range(100):
        reach = math.pi * math.hypot(x, y)
        x, y = middle_x - math.atan(inward * x / reach), middle_y - math.atan(inward * y / reach)
    return x, y


BUKIN_6 = Landscape(
    name="bukin_6",
    title="Bukin's crease",
    dim=2,
    family="kinks",
    value_and_gradient=bukin_6,
    second_derivatives=bukin_6_second,
    formula="100*sqrt(abs(y - 0.01*x^2)) + 0.01*abs(x + 10)",
    latex=r"100\sqrt{|y - 0.01\,x^2|} + 0.01\,|x + 10|",
    domain=((-15.0, -5.0), (-3.0, 3.0)),
    start=(-7.0, -1.5),
    points=bukin_6_points,
    source="Bukin (1997); Mishra, Some New Test Functions for Global Optimization (2006), number 6",
    notes="A crease along a parabola: the nearer a run comes, the steeper it gets, without bound, so that every step is thrown across. "
    "Along the crease the slope is a hundredth. No constant rate settles.",
)

CROSS_IN_TRAY = Landscape(
    name="cross_in_tray",
    title="Cross in a tray",
    dim=2,
    family="kinks",
    value_and_gradient=cross_in_tray,
    second_derivatives=cross_in_tray_second,
    formula="-0.0001*(abs(sin(x)*sin(y)*exp(abs(100 - sqrt(x^2 + y^2)/pi))) + 1)^0.1",
    latex=r"-0.0001\left(\left|\sin x\,\sin y\,e^{\left|100 - \sqrt{x^2 + y^2}/\pi\right|}\right| + 1\right)^{0.1}",
    domain=((-10.0, 10.0), (-10.0, 10.0)),
    start=(3.4, 3.6),
    points=cross_in_tray_points,
    source="Mishra, Some New Test Functions for Global Optimization (2006)",
    notes="Four best pits round a cross of walls, and a grid of walls round all others. A run stays in the cell where it begins, unless a "
    "large step vaults the wall. Far outside (beyond 600) the loss sinks again, without a floor.",
    bounded_below=False,
)

HOLDER_TABLE = Landscape(
    name="holder_table",
    title="Hölder's table",
    dim=2,
    family="kinks",
    value_and_gradient=holder_table,
    second_derivatives=holder_table_second,
    formula="-abs(sin(x)*cos(y)*exp(abs(1 - sqrt(x^2 + y^2)/pi)))",
    latex=r"-\left|\sin x\,\cos y\,e^{\left|1 - \sqrt{x^2 + y^2}/\pi\right|}\right|",
    domain=((-10.0, 10.0), (-10.0, 10.0)),
    start=(6.5, 4.9),
    points=holder_table_points,
    source="Mishra, Some New Test Functions for Global Optimization (2006)",
    notes="A table with four legs: the pits in the corners are the best of the domain, and beyond it they become deeper without end. "
    "Creases part the cells; whoever begins in the middle stays on the table top.",
    bounded_below=False,
)

LANDSCAPES = (BUKIN_6, CROSS_IN_TRAY, HOLDER_TABLE)
