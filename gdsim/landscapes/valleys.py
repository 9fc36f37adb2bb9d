"""Curved valleys: steep across, nearly flat along."""

from gdsim.landscapes.landscape import Landscape, StationaryPoint
from gdsim.parameter import Param

# ruff: noqa: D103


def rosenbrock(x, y, params):
    a, b = params
    along = a - x
    across = y - x * x
    pull = b * across
    return along * along + pull * across, -2.0 * along - 4.0 * pull * x, 2.0 * pull


def rosenbrock_second(x, y, params):
    _, b = params
    return 2.0 - 4.0 * b * (y - 3.0 * x * x), -4.0 * b * x, 2.0 * b


def rosenbrock_points(values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    a, _ = values
    return (StationaryPoint((a, a * a), 0.0, "global minimum"),)


ROSENBROCK = Landscape(
    name="rosenbrock",
    title="Rosenbrock's valley",
    dim=2,
    family="valleys",
    value_and_gradient=rosenbrock,
    second_derivatives=rosenbrock_second,
    formula="(a - x)^2 + b (y - x^2)^2",
    latex=r"(a - x)^2 + b\,(y - x^2)^2",
    domain=((-2.0, 2.0), (-1.0, 3.0)),
    start=(-1.2, 1.0),
    points=rosenbrock_points,
    parameters=(
        Param("a", 1.0, "position of the minimum along x", low=-10.0, high=10.0),
        Param("b", 100.0, "steepness of the walls", low=0.0, low_open=True, high=1e6, log=True),
    ),
    source="Rosenbrock, The Computer Journal 3 (1960) 175",
    log_levels=True,
)

LANDSCAPES = (ROSENBROCK,)
