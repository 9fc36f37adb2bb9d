"""Several minima: where a run ends depends on where it begins and how far it steps."""

import math

from gdsim.engine.elementary import exp, exp_of_remainder, sincos, two_to_the
from gdsim.landscapes.landscape import Landscape, StationaryPoint

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def himmelblau(x, y, params):
    u = x * x + y - 11.0
    v = x + y * y - 7.0
    return u * u + v * v, 4.0 * x * u + 2.0 * v, 2.0 * u + 4.0 * y * v


def himmelblau_second(x, y, params):
    xx = x * x
    yy = y * y
    return 12.0 * xx + 4.0 * y - 42.0, 4.0 * (x + y), 12.0 * yy + 4.0 * x - 26.0


def himmelblau_residuals(x, y, params):
    return (x * x + y - 11.0, 2.0 * x, 1.0), (x + y * y - 7.0, 1.0, 2.0 * y)


def himmelblau_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """All nine."""
    return (
        StationaryPoint((3.0, 2.0), 0.0, "global minimum"),
        StationaryPoint((-2.805118086952745, 3.131312518250573), 0.0, "global minimum"),
        StationaryPoint((-3.779310253377747, -3.2831859912861694), 0.0, "global minimum"),
        StationaryPoint((3.5844283403304917, -1.8481265269644036), 0.0, "global minimum"),
        StationaryPoint((3.385154183607021, 0.07385187983774929), 13.31192627040559, "saddle"),
        StationaryPoint((0.08667750455539635, 2.884254701174776), 67.71915008752614, "saddle"),
        StationaryPoint((-3.0730257507643896, -0.08135304428796751), 104.01516291755811, "saddle"),
        StationaryPoint((-0.12796134673068007, -1.9537149802445764), 178.3372392019275, "saddle"),
        StationaryPoint((-0.2708445906673476, -0.9230385564799815), 181.6165215225827, "maximum"),
    )


def styblinski_tang(x, y, params):
    xx = x * x
    yy = y * y
    loss = 0.5 * (xx * (xx - 16.0) + yy * (yy - 16.0) + 5.0 * (x + y))
    return loss, x * (2.0 * xx - 16.0) + 2.5, y * (2.0 * yy - 16.0) + 2.5


def styblinski_tang_second(x, y, params):
    return 6.0 * x * x - 16.0, 0.0, 6.0 * y * y - 16.0


def styblinski_tang_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """All nine: both weights at one of the three roots of 2 x^3 - 16 x + 5/2, two of which are minima along their axis."""
    deep, ridge, shallow = -2.903534027771177, 0.15673125678034011, 2.746802770990837
    return (
        StationaryPoint((deep, deep), -78.33233140754283, "global minimum"),
        StationaryPoint((deep, shallow), -64.19561235905536, "local minimum"),
        StationaryPoint((shallow, deep), -64.19561235905536, "local minimum"),
        StationaryPoint((shallow, shallow), -50.058893310567885, "local minimum"),
        StationaryPoint((ridge, deep), -38.97055334471706, "saddle"),
        StationaryPoint((deep, ridge), -38.97055334471706, "saddle"),
        StationaryPoint((ridge, shallow), -24.833834296228585, "saddle"),
        StationaryPoint((shallow, ridge), -24.833834296228585, "saddle"),
        StationaryPoint((ridge, ridge), 0.39122471811071614, "maximum"),
    )


def exp_of_at_most_four(square):
    """e^square for 0 <= square <= 4: nothing can overflow, and one power of two is enough."""
    growth, rounded = exp_of_remainder(square)
    return growth * two_to_the(rounded)


def bird(x, y, params):
    sin_x, cos_x = sincos(x)
    sin_y, cos_y = sincos(y)
    p = 1.0 - cos_y
    q = 1.0 - sin_x
    d = x - y
    e = exp_of_at_most_four(p * p)
    g = exp_of_at_most_four(q * q)
    loss = sin_x * e + cos_y * g + d * d
    return loss, cos_x * (e - 2.0 * cos_y * q * g) + 2.0 * d, sin_y * (2.0 * sin_x * p * e - g) - 2.0 * d


def bird_second(x, y, params):
    sin_x, cos_x = sincos(x)
    sin_y, cos_y = sincos(y)
    p = 1.0 - cos_y
    q = 1.0 - sin_x
    e = exp(p * p)
    g = exp(q * q)
    e_yy = e * (sin_y * sin_y * (2.0 + 4.0 * p * p) + 2.0 * p * cos_y)
    g_xx = g * (cos_x * cos_x * (2.0 + 4.0 * q * q) + 2.0 * q * sin_x)
    hxy = 2.0 * cos_x * sin_y * (p * e + q * g) - 2.0
    return cos_y * g_xx - sin_x * e + 2.0, hxy, sin_x * e_yy - cos_y * g + 2.0


def bird_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """All of the domain: J is the same one period (2 pi, 2 pi) further on."""
    period = 2.0 * math.pi
    one_each = (
        StationaryPoint((4.701043130249553, 3.15293850372493), -106.76453674926468, "global minimum"),
        StationaryPoint((-1.536662471846804, 3.1074587986417006), -87.31088273300352, "local minimum"),
        StationaryPoint((4.655171399427279, -3.084375072632382), -48.40602343067036, "local minimum"),
        StationaryPoint((0.6652776279479201, 0.9055186988469766), 1.4870191265420762, "local minimum"),
        StationaryPoint((-0.05191441898230145, 1.622710745777198), 2.49056518041257, "saddle"),
        StationaryPoint((2.4445443563748257, 1.5188639992446031), 2.493080227327293, "saddle"),
        StationaryPoint((0.05193232755029341, -0.8737480295799291), 2.493080227327293, "saddle"),
        StationaryPoint((0.4541477599832537, 4.263758495945287), 17.345617576989223, "saddle"),
        StationaryPoint((-2.6929621691503898, 1.116648566811643), 17.345617576989223, "saddle"),
        StationaryPoint((3.488157894407921, -1.9173615676130242), 25.13154980890978, "saddle"),
        StationaryPoint((5.613359323857056, -1.1421073703689328), 50.51345777694704, "saddle"),
        StationaryPoint((2.7129036971638296, -4.042562997062159), 50.51345777694704, "saddle"),
        StationaryPoint((-5.842538233798368, 3.8857365964918755), 102.29230851455678, "saddle"),
        StationaryPoint((1.51042808651905, 3.156775216805667), 56.18414634962229, "maximum"),
        StationaryPoint((-1.58597889001077, 0.06036824027584652), 56.18414634962229, "maximum"),
        StationaryPoint((4.758867264950678, -0.1827030381552787), 76.87798939303764, "maximum"),
        StationaryPoint((1.7534993649501753, -3.1880709381557817), 76.87798939303764, "maximum"),
        StationaryPoint((-5.0228289972311195, 3.2225537769924886), 118.29947964324951, "maximum"),
    )
    shifted = (
        StationaryPoint((p.position[0] + k * period, p.position[1] + k * period), p.loss, p.kind)
        for p in one_each
        for k in (-1.0, 0.0, 1.0)
    )
    return tuple(p for p in shifted if max(map(abs, p.position)) <= period)


HIMMELBLAU = Landscape(
    name="himmelblau",
    title="Himmelblau's four pits",
    dim=2,
    family="multimodal",
    value_and_gradient=himmelblau,
    second_derivatives=himmelblau_second,
    formula="(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
    latex=r"(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
    domain=((-6.0, 6.0), (-6.0, 6.0)),
    start=(0.5, -0.5),
    residuals=himmelblau_residuals,
    points=himmelblau_points,
    source="Himmelblau, Applied Nonlinear Programming (1972)",
    notes="Four minima, all equally deep, round a hill. Where a run ends depends on its start, and with a large rate on its first steps.",
    log_levels=True,
)

STYBLINSKI_TANG = Landscape(
    name="styblinski_tang",
    title="Styblinski and Tang's four wells",
    dim=2,
    family="multimodal",
    value_and_gradient=styblinski_tang,
    second_derivatives=styblinski_tang_second,
    formula="(x^4 - 16*x^2 + 5*x + y^4 - 16*y^2 + 5*y)/2",
    latex=r"\tfrac{1}{2}\left(x^4 - 16x^2 + 5x + y^4 - 16y^2 + 5y\right)",
    domain=((-5.0, 5.0), (-5.0, 5.0)),
    start=(0.5, 4.0),
    points=styblinski_tang_points,
    source="Styblinski and Tang, Neural Networks 3 (1990) 467",
    notes="Two weights that know nothing of each other, each with a deep well and a shallow one: four minima, of which one is the best. A "
    "run ends in the well on whose side of the ridge it begins, unless its steps carry it across.",
)

BIRD = Landscape(
    name="bird",
    title="Bird",
    dim=2,
    family="multimodal",
    value_and_gradient=bird,
    second_derivatives=bird_second,
    formula="sin(x)*exp((1 - cos(y))^2) + cos(y)*exp((1 - sin(x))^2) + (x - y)^2",
    latex=r"\sin x\,e^{(1 - \cos y)^2} + \cos y\,e^{(1 - \sin x)^2} + (x - y)^2",
    domain=((-6.283185307179586, 6.283185307179586), (-6.283185307179586, 6.283185307179586)),
    start=(0.0, 5.0),
    points=bird_points,
    source="Mishra, Some New Test Functions for Global Optimization (2006)",
    notes="Two deep pits on the diagonal, one period of 2 pi apart and equally deep, with false minima beside them. The curvature in the "
    "deep pits is a hundred times that of the ground between: the rate has to suit the pits.",
)

LANDSCAPES = (HIMMELBLAU, STYBLINSKI_TANG, BIRD)
