"""Waves on a bowl: a lattice of minima, of which one is the best."""

import math
from functools import lru_cache

from gdsim.engine.elementary import exp, sincos
from gdsim.landscapes.landscape import Landscape, StationaryPoint
from gdsim.landscapes.stationary import as_minima, between
from gdsim.parameter import Param

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def rastrigin(x, y, params):
    (A,) = params
    two_pi = 6.283185307179586
    sin_x, cos_x = sincos(two_pi * x)
    sin_y, cos_y = sincos(two_pi * y)
    steepness = two_pi * A
    loss = x * x + y * y + A * ((1.0 - cos_x) + (1.0 - cos_y))
    return loss, 2.0 * x + steepness * sin_x, 2.0 * y + steepness * sin_y


def rastrigin_second(x, y, params):
    (A,) = params
    two_pi = 6.283185307179586
    _, cos_x = sincos(two_pi * x)
    _, cos_y = sincos(two_pi * y)
    curvature = two_pi * two_pi * A
    return 2.0 + curvature * cos_x, 0.0, 2.0 + curvature * cos_y


@lru_cache
def rastrigin_points(values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """Every minimum of the domain, 121 at A = 10: both weights at a minimum of x^2 + A (1 - cos 2 pi x). Saddles and maxima are not listed.

    A minimum near n > 0 lies between n and the point of inflection below it; it is there if J falls at that point.
    """
    (A,) = values
    two_pi = 2.0 * math.pi

    def slope(x: float) -> float:
        return 2.0 * x + two_pi * A * math.sin(two_pi * x)

    along = {0.0: 0.0}
    if two_pi * two_pi * A > 2.0:
        to_inflection = math.acos(-2.0 / (two_pi * two_pi * A)) / two_pi
        for n in range(1, 6):
            if slope(n - to_inflection) < 0.0:
                x = between(slope, n - to_inflection, float(n))
                along[x] = along[-x] = x * x + A * (1.0 - math.cos(two_pi * x))
    return as_minima(((x, y), along[x] + along[y]) for x in along for y in along)


def ackley(x, y, params):
    a, b, c = params
    r = math.sqrt(0.5 * (x * x + y * y))
    # At the tip of the cone the loss has no gradient; 0.0, the mean of those around it, stands for it.
    inverse = (1.0 if r > 0.0 else 0.0) / (r if r > 0.0 else 1.0)
    cone = a * exp(-b * r)
    pull = 0.5 * b * cone * inverse
    sin_x, cos_x = sincos(c * x)
    sin_y, cos_y = sincos(c * y)
    waves = 2.718281828459045 * exp(0.5 * (cos_x + cos_y) - 1.0)  # never above e, so that no loss is negative
    steepness = 0.5 * c * waves
    return (a - cone) + (2.718281828459045 - waves), pull * x + steepness * sin_x, pull * y + steepness * sin_y


def ackley_second(x, y, params):
    a, b, c = params
    r = math.sqrt(0.5 * (x * x + y * y))
    inverse = (1.0 if r > 0.0 else 0.0) / (r if r > 0.0 else 1.0)  # at the tip the cone's part is 0.0
    pull = 0.5 * a * b * exp(-b * r) * inverse
    radial = 0.5 * pull * (1.0 + b * r)
    along_x = x * inverse
    along_y = y * inverse
    sin_x, cos_x = sincos(c * x)
    sin_y, cos_y = sincos(c * y)
    curvature = 0.5 * c * c * exp(0.5 * (cos_x + cos_y))
    hxx = pull - radial * along_x * along_x + curvature * (cos_x - 0.5 * sin_x * sin_x)
    hyy = pull - radial * along_y * along_y + curvature * (cos_y - 0.5 * sin_y * sin_y)
    return hxx, -radial * along_x * along_y - 0.5 * curvature * sin_x * sin_y, hyy


@lru_cache
def ackley_points(values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """Every minimum of the domain (121 at the defaults). Saddles and maxima are not listed.

    The waves alone have their minima on a lattice; the cone draws each towards the origin, and there are fewer where it is steep.
    Symmetry leaves an eighth of the plane to search.
    """
    spacing = 2.0 * math.pi / values[2]
    found = {(0.0, 0.0): 0.0}
    for n in range(1, int(5.0 / spacing) + 2):
        for m in range(n + 1):
            at = _ackley_minimum(n * spacing, m * spacing, values)
            if at is not None and at[0] <= 5.0:
                u, v = at
                loss = ackley(u, v, values)[0]
                found |= {(s * p, t * q): loss for p, q in ((u, v), (v, u)) for s in (1.0, -1.0) for t in (1.0, -1.0)}
    return as_minima(found.items())


def _ackley_minimum(lattice_x: float, lattice_y: float, values: tuple[float, ...]) -> tuple[float, float] | None:
    """The minimum that belongs to one minimum of the waves, or None where the cone has swallowed it.

    A stationary point has sin(c x) + s x = 0 and sin(c y) + s y = 0 with the same s = 2 pull / (c waves): Newton's method for both weights,
    which the waves' own minimum starts on the right side; the Hessian then tells whether it is a minimum.
    """
    a, b, c = values
    x, y = lattice_x, lattice_y
    for _ in range(60):
        sin_x, cos_x, sin_y, cos_y = math.sin(c * x), math.cos(c * x), math.sin(c * y), math.cos(c * y)
        r = math.sqrt(0.5 * (x * x + y * y))
        s = a * b * math.exp(-b * r - 0.5 * (cos_x + cos_y)) / (r * c)
        s_x = 0.5 * s * (c * sin_x - (b + 1.0 / r) * x / r)
        s_y = 0.5 * s * (c * sin_y - (b + 1.0 / r) * y / r)
        f, f_x, f_y = sin_x + s * x, c * cos_x + s + x * s_x, x * s_y
        g, g_x, g_y = sin_y + s * y, y * s_x, c * cos_y + s + y * s_y
        determinant = f_x * g_y - f_y * g_x
        if determinant <= 0.0:
            return None
        dx, dy = (g_y * f - f_y * g) / determinant, (f_x * g - g_x * f) / determinant
        x, y = x - dx, y - dy
        if not (abs(c * (x - lattice_x)) < 1.6 and abs(c * (y - lattice_y)) < 1.6 and x > 0.0):
            return None
        if abs(dx) + abs(dy) < 1e-15 * (x + y):
            break
    _, gx, gy = ackley(x, y, values)
    hxx, hxy, hyy = ackley_second(x, y, values)
    is_minimum = abs(gx) + abs(gy) < 1e-9 * c * c and hxx + hyy > 0.0 and hxx * hyy > hxy * hxy
    return (x, y) if is_minimum else None


RASTRIGIN = Landscape(
    name="rastrigin",
    title="Rastrigin's egg box",
    dim=2,
    family="waves",
    value_and_gradient=rastrigin,
    second_derivatives=rastrigin_second,
    formula="2*A + x^2 + y^2 - A*cos(2*pi*x) - A*cos(2*pi*y)",
    latex=r"2A + x^2 + y^2 - A\cos(2\pi x) - A\cos(2\pi y)",
    domain=((-5.12, 5.12), (-5.12, 5.12)),
    start=(3.4, -2.7),
    points=rastrigin_points,
    parameters=(Param("A", 10.0, "height of the waves; at 0 a plain bowl is left", low=0.0, high=100.0),),
    source="Rastrigin, Systems of Extremal Control (1974); Mühlenbein, Schomisch and Born, Parallel Computing 17 (1991) 619",
    notes="A bowl covered with waves: about a hundred minima in sight, one of them the best. The gradient points to the nearest minimum "
    "and says nothing of the bowl; a rate too small for the waves to throw the run out of a pit never leaves it.",
)

ACKLEY = Landscape(
    name="ackley",
    title="Ackley's funnel",
    dim=2,
    family="waves",
    value_and_gradient=ackley,
    second_derivatives=ackley_second,
    formula="a + exp(1) - a*exp(-b*sqrt((x^2 + y^2)/2)) - exp((cos(c*x) + cos(c*y))/2)",
    latex=r"a + e - a\,e^{-b\sqrt{(x^2 + y^2)/2}} - e^{\left(\cos(c x) + \cos(c y)\right)/2}",
    domain=((-5.0, 5.0), (-5.0, 5.0)),
    start=(3.3, 2.2),
    points=ackley_points,
    parameters=(
        Param("a", 20.0, "depth of the funnel", low=0.0, low_open=True, high=100.0),
        Param("b", 0.2, "steepness of the funnel", low=0.0, low_open=True, high=1.0),
        Param("c", 6.283185307179586, "how close together the waves are: 2 pi over their length", low=1.0, high=12.566370614359172),
    ),
    source="Ackley, A Connectionist Machine for Genetic Hillclimbing (1987)",
    notes="A funnel with waves on its walls and a sharp tip. At the tip the loss has no derivative (gdsim says 0 there): the gradient "
    "just beside it does not become small, so that a constant rate circles the minimum and never settles.",
)

LANDSCAPES = (RASTRIGIN, ACKLEY)
