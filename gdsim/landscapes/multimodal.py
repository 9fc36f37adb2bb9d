"""Several minima."""

from gdsim.landscapes.landscape import Landscape, StationaryPoint

# ruff: noqa: D103


def himmelblau(x, y, params):
    u = x * x + y - 11.0
    v = x + y * y - 7.0
    return u * u + v * v, 4.0 * x * u + 2.0 * v, 2.0 * u + 4.0 * y * v


def himmelblau_second(x, y, params):
    u = x * x + y - 11.0
    v = x + y * y - 7.0
    return 4.0 * u + 8.0 * x * x + 2.0, 4.0 * x + 4.0 * y, 2.0 + 4.0 * v + 8.0 * y * y


def himmelblau_points(values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    minima = ((3.0, 2.0), (-2.80511809, 3.13131252), (-3.77931025, -3.28318599), (3.58442834, -1.84812653))
    return tuple(StationaryPoint(p, 0.0, "global minimum") for p in minima)


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
    log_levels=True,
)

LANDSCAPES = (HIMMELBLAU,)
