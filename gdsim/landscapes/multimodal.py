"""Several minima: where a run ends depends on where it begins and how far it steps."""

from gdsim.engine.elementary import exp
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
    notes="Two weights that know nothing of each other, each with a deep well and a shallow one: four minima, of which one is the best. "
    "A run ends in the well on whose side of the ridge it begins, unless its steps carry it across.",
)

LOCAL_MINIMUM = Landscape(
    name="local_minimum",
    title="Local and global minimum",
    dim=2,
    family="multimodal",
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

LANDSCAPES = (HIMMELBLAU, STYBLINSKI_TANG, LOCAL_MINIMUM)
