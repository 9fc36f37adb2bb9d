"""Pits: Gaussian dips (and hills) in a bowl."""

import math
from functools import lru_cache

from gdsim.engine.elementary import exp
from gdsim.landscapes.landscape import Landscape, StationaryPoint
from gdsim.landscapes.stationary import as_minima, turning_points
from gdsim.parameter import Param

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def local_minimum(x, y, params):
    half = 1.96 * y
    square = half * y
    left = x + 1.0
    right = x - 1.0
    deep = 6.0 * exp(-5.0 * (left * left + square))
    shallow = 2.0 * exp(-5.0 * (right * right + square))
    dips = deep + shallow
    return (x * x + square) - dips, 2.0 * x + 10.0 * (left * deep + right * shallow), half * (2.0 + 10.0 * dips)


def local_minimum_second(x, y, params):
    half = 1.96 * y
    square = half * y
    left = x + 1.0
    right = x - 1.0
    deep = 6.0 * exp(-5.0 * (left * left + square))
    shallow = 2.0 * exp(-5.0 * (right * right + square))
    dips = deep + shallow
    hxx = 2.0 + 10.0 * dips - 100.0 * (left * left * deep + right * right * shallow)
    return hxx, -100.0 * half * (left * deep + right * shallow), 1.96 * (2.0 + 10.0 * dips - 100.0 * square * dips)


def local_minimum_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """All three: dJ/dy is y times something positive, so they lie on the x axis."""
    return (
        StationaryPoint((-0.9675774464554598, 0.0), -5.032339968658435, "global minimum"),
        StationaryPoint((0.9053178606008482, 0.0), -1.0927320384810152, "local minimum"),
        StationaryPoint((0.12025036405942183, 0.0), -0.03856400986031282, "saddle"),
    )


def two_pits(x, y, params):
    a, b, c, d = params
    right = x - 1.0
    left = x + 1.0
    yy = y * y
    inverse_c = 1.0 / c
    inverse_d = 1.0 / d
    one = a * exp(-(right * right + yy) * inverse_c)
    other = b * exp(-(left * left + yy) * inverse_d)
    pull = one * inverse_c
    other_pull = other * inverse_d
    gx = 2.0 * (x + right * pull + left * other_pull)
    return (x * x + yy) - (one + other), gx, 2.0 * y * (1.0 + pull + other_pull)


def two_pits_second(x, y, params):
    a, b, c, d = params
    right = x - 1.0
    left = x + 1.0
    yy = y * y
    inverse_c = 1.0 / c
    inverse_d = 1.0 / d
    pull = a * exp(-(right * right + yy) * inverse_c) * inverse_c
    other_pull = b * exp(-(left * left + yy) * inverse_d) * inverse_d
    bend = pull * inverse_c
    other_bend = other_pull * inverse_d
    bowl = 2.0 + 2.0 * (pull + other_pull)
    hxx = bowl - 4.0 * (right * right * bend + left * left * other_bend)
    return hxx, -4.0 * y * (right * bend + left * other_bend), bowl - 4.0 * yy * (bend + other_bend)


@lru_cache
def two_pits_points(values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """All: dJ/dy is y times something positive, so they lie on the x axis, and between the pits' centres."""
    a, b, c, d = values

    def loss(x: float) -> float:
        return x * x - a * math.exp(-((x - 1.0) ** 2) / c) - b * math.exp(-((x + 1.0) ** 2) / d)

    def slope(x: float) -> float:
        one, other = a / c * math.exp(-((x - 1.0) ** 2) / c), b / d * math.exp(-((x + 1.0) ** 2) / d)
        return 2.0 * (x + (x - 1.0) * one + (x + 1.0) * other)

    found = list(turning_points(slope, -1.1, 1.1, 801))
    saddles = tuple(StationaryPoint((x, 0.0), loss(x), "saddle") for x, rises in found if not rises)
    return (*as_minima(((x, 0.0), loss(x)) for x, rises in found if rises), *saddles)


def hills(x, y, params):
    w = 1.4 * y
    right = x - 1.0
    left = x + 1.0
    low = w + 1.0
    ww = w * w
    square = right * right
    one = 2.0 * exp(-5.0 * (square + ww))
    two = 6.0 * exp(-5.0 * (left * left + ww))
    dip = 2.0 * exp(-5.0 * (square + low * low))
    gx = 2.0 * x - 10.0 * (right * (one - dip) + left * two)
    return (x * x + ww) + (one + two - dip), gx, 1.4 * (2.0 * w - 10.0 * (w * (one + two) - low * dip))


def hills_second(x, y, params):
    w = 1.4 * y
    right = x - 1.0
    left = x + 1.0
    low = w + 1.0
    ww = w * w
    square = right * right
    one = 2.0 * exp(-5.0 * (square + ww))
    two = 6.0 * exp(-5.0 * (left * left + ww))
    dip = 2.0 * exp(-5.0 * (square + low * low))
    bowl = 2.0 - 10.0 * (one + two - dip)
    hxx = bowl + 100.0 * (square * (one - dip) + left * left * two)
    hxw = 100.0 * (right * (w * one - low * dip) + left * w * two)
    return hxx, 1.4 * hxw, 1.96 * (bowl + 100.0 * (ww * (one + two) - low * low * dip))


def hills_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """All seven."""
    return (
        StationaryPoint((0.9003065222993073, -0.6534011583039486), -0.1588086100344146, "global minimum"),
        StationaryPoint((0.04150712569956181, -0.0006403776376543042), 0.04828496079613093, "local minimum"),
        StationaryPoint((0.4582929737230109, -0.44998075616155375), 0.43776865189343134, "saddle"),
        StationaryPoint((1.4852458636525214, 0.0065611916934556124), 2.8182018464271112, "saddle"),
        StationaryPoint((-1.71027297234088, 3.829141752254398e-18), 3.4066155215177796, "saddle"),
        StationaryPoint((1.1215460775056234, 0.005060385663539712), 3.103382288405209, "maximum"),
        StationaryPoint((-1.0346981883783095, 1.7092977303426621e-12), 7.034589911693167, "maximum"),
    )


def ecliptic_bowl(x, y, params):
    xx = x * x
    yy = y * y
    dip = exp(-0.25 * (xx + 5.0 * yy))
    return 0.25 * xx + 0.125 * yy - dip, 0.5 * x * (1.0 + dip), y * (0.25 + 2.5 * dip)


def ecliptic_bowl_second(x, y, params):
    xx = x * x
    yy = y * y
    dip = exp(-0.25 * (xx + 5.0 * yy))
    return 0.5 + dip * (0.5 - 0.25 * xx), -1.25 * x * y * dip, 0.25 + dip * (2.5 - 6.25 * yy)


def ecliptic_bowl_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """The only one: each slope is its weight times something positive."""
    return (StationaryPoint((0.0, 0.0), -1.0, "global minimum"),)


LOCAL_MINIMUM = Landscape(
    name="local_minimum",
    title="Local and global minimum",
    dim=2,
    family="pits",
    value_and_gradient=local_minimum,
    second_derivatives=local_minimum_second,
    formula="x^2 + (1.4*y)^2 - 2*exp(-((x - 1)^2 + (1.4*y)^2)/0.2) - 6*exp(-((x + 1)^2 + (1.4*y)^2)/0.2)",
    latex=r"x^2 + (1.4y)^2 - 2\,e^{-\left((x - 1)^2 + (1.4y)^2\right)/0.2} - 6\,e^{-\left((x + 1)^2 + (1.4y)^2\right)/0.2}",
    domain=((-2.0, 2.0), (-2.0, 2.0)),
    start=(1.4, 1.2),
    points=local_minimum_points,
    source="lilipads, gradient_descent_viz, surface 'local minimum'",
    notes="A bowl with two pits. The shallow one lies on the way from the start, and plain gradient descent stays in it; momentum may "
    "carry a run through into the deep one.",
)

TWO_PITS = Landscape(
    name="two_pits",
    title="Two pits, wide and narrow",
    dim=2,
    family="pits",
    value_and_gradient=two_pits,
    second_derivatives=two_pits_second,
    formula="x^2 + y^2 - a*exp(-((x - 1)^2 + y^2)/c) - b*exp(-((x + 1)^2 + y^2)/d)",
    latex=r"x^2 + y^2 - a\,e^{-\left((x - 1)^2 + y^2\right)/c} - b\,e^{-\left((x + 1)^2 + y^2\right)/d}",
    domain=((-3.0, 3.0), (-3.0, 3.0)),
    start=(2.2, 2.0),
    points=two_pits_points,
    parameters=(
        Param("a", 2.0, "depth of the right pit", low=0.0, high=20.0),
        Param("b", 3.0, "depth of the left pit", low=0.0, high=20.0),
        Param("c", 0.6, "width of the right pit, squared", low=0.05, high=4.0),
        Param("d", 0.15, "width of the left pit, squared", low=0.05, high=4.0),
    ),
    source="Dupont's interactive gradient descent; parameters gdsim's",
    notes="A wide pit and a narrow, deeper one. A large rate cannot stay in the narrow pit, where the curvature is several times larger: "
    "flat minima hold a run that sharp ones throw out.",
)

HILLS = Landscape(
    name="hills",
    title="Hills in a bowl",
    dim=2,
    family="pits",
    value_and_gradient=hills,
    second_derivatives=hills_second,
    formula="x^2 + (1.4*y)^2 + 2*exp(-((x - 1)^2 + (1.4*y)^2)/0.2) + 6*exp(-((x + 1)^2 + (1.4*y)^2)/0.2)"
    " - 2*exp(-((x - 1)^2 + (1.4*y + 1)^2)/0.2)",
    latex=r"x^2 + w^2 + 2\,e^{-\left((x - 1)^2 + w^2\right)/0.2} + 6\,e^{-\left((x + 1)^2 + w^2\right)/0.2}"
    r" - 2\,e^{-\left((x - 1)^2 + (w + 1)^2\right)/0.2},\ w = 1.4y",
    domain=((-2.0, 2.0), (-2.0, 2.0)),
    start=(-1.85, 0.05),
    points=hills_points,
    source="lilipads, gradient_descent_viz, surface 'hills'",
    notes="Two hills stand in the way and a small pit hides behind one of them. Runs flow round the hills like water; the lowest point "
    "lies off the path, so that most end in the middle of the bowl instead.",
)

ECLIPTIC_BOWL = Landscape(
    name="ecliptic_bowl",
    title="Ecliptic bowl",
    dim=2,
    family="pits",
    value_and_gradient=ecliptic_bowl,
    second_derivatives=ecliptic_bowl_second,
    formula="x^2/4 + y^2/8 - exp(-(x^2 + 5*y^2)/4)",
    latex=r"\tfrac{1}{4}x^2 + \tfrac{1}{8}y^2 - e^{-(x^2 + 5y^2)/4}",
    domain=((-4.0, 4.0), (-4.0, 4.0)),
    start=(-3.2, 3.2),
    points=ecliptic_bowl_points,
    source="lilipads, gradient_descent_viz, surface 'ecliptic bowl' (there drawn over half this width)",
    notes="Far out the bowl is steeper along x, near its middle eleven times steeper along y than it was. What an adaptive rule has learnt "
    "about the two weights on the way in is wrong at the end.",
)

LANDSCAPES = (LOCAL_MINIMUM, TWO_PITS, HILLS, ECLIPTIC_BOWL)
