"""Rings: waves in circles round a centre."""

import math

from gdsim.engine.elementary import sincos
from gdsim.landscapes.landscape import Landscape, StationaryPoint

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def drop_wave(x, y, params):
    # At the centre 1e-150 stands for the radius: sin(12 r) / r then is 12, its limit, and nothing else is changed.
    rr = x * x + y * y
    r = math.sqrt(rr + 1e-300)
    sine, cosine = sincos(12.0 * r)
    crest = 1.0 + cosine
    fade = 1.0 / (0.5 * rr + 2.0)
    pull = fade * (12.0 * (sine / r) + crest * fade)
    return -crest * fade, pull * x, pull * y


def drop_wave_second(x, y, params):
    rr = x * x + y * y
    r = math.sqrt(rr + 1e-300)
    sine, cosine = sincos(12.0 * r)
    crest = 1.0 + cosine
    fade = 1.0 / (0.5 * rr + 2.0)
    pull = fade * (12.0 * (sine / r) + crest * fade)
    along = fade * (144.0 * cosine + fade * (crest - 24.0 * r * sine - 2.0 * rr * crest * fade))
    ux = x / r
    uy = y / r
    excess = along - pull
    return pull + excess * ux * ux, excess * ux * uy, pull + excess * uy * uy


def drop_wave_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """The centre. Round it lie whole circles of false minima and of crests, of which no single point is named."""
    return (StationaryPoint((0.0, 0.0), -1.0, "global minimum"),)


def plateau(x, y, params):
    rho = math.sqrt(x * x + y * y)
    inverse = (1.0 if rho > 0.0 else 0.0) / (rho if rho > 0.0 else 1.0)  # the tip of the cone has no gradient; 0.0 stands for it
    r = 10.0 * rho + 0.01
    sine, cosine = sincos(r)
    wave = sine / r
    pull = 10.0 * ((wave - cosine) / r + 0.02 * r) * inverse
    return 0.01 * r * r - wave, pull * x, pull * y


def plateau_second(x, y, params):
    rho = math.sqrt(x * x + y * y)
    inverse = (1.0 if rho > 0.0 else 0.0) / (rho if rho > 0.0 else 1.0)
    r = 10.0 * rho + 0.01
    sine, cosine = sincos(r)
    wave = sine / r
    pull = 10.0 * ((wave - cosine) / r + 0.02 * r) * inverse
    along = 100.0 * (wave - 2.0 * ((wave - cosine) / r) / r + 0.02)
    ux = x * inverse
    uy = y * inverse
    excess = along - pull
    return pull + excess * ux * ux, excess * ux * uy, pull + excess * uy * uy


def plateau_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """The tip. Round it lie a circle of crests and one of false minima, of which no single point is named."""
    return (StationaryPoint((0.0, 0.0), 1e-6 - math.sin(0.01) / 0.01, "global minimum"),)


DROP_WAVE = Landscape(
    name="drop_wave",
    title="Drop on water",
    dim=2,
    family="rings",
    value_and_gradient=drop_wave,
    second_derivatives=drop_wave_second,
    formula="-(1 + cos(12*sqrt(x^2 + y^2)))/(0.5*(x^2 + y^2) + 2)",
    latex=r"-\frac{1 + \cos\left(12\sqrt{x^2 + y^2}\right)}{\tfrac{1}{2}(x^2 + y^2) + 2}",
    domain=((-2.5, 2.5), (-2.5, 2.5)),
    start=(-1.7, 0.95),
    points=drop_wave_points,
    source="Surjanovic and Bingham, Virtual Library of Simulation Experiments; the least loss is -1",
    notes="Circles of waves, ever higher towards the middle. Every circle between two crests is a false minimum as a whole; to reach the "
    "middle a run has to leap over one crest after another.",
)

PLATEAU = Landscape(
    name="plateau",
    title="Plateau with a hole",
    dim=2,
    family="rings",
    value_and_gradient=plateau,
    second_derivatives=plateau_second,
    formula="0.01*(10*sqrt(x^2 + y^2) + 0.01)^2 - sin(10*sqrt(x^2 + y^2) + 0.01)/(10*sqrt(x^2 + y^2) + 0.01)",
    latex=r"\tfrac{1}{100}r^2 - \frac{\sin r}{r},\ r = 10\sqrt{x^2 + y^2} + \tfrac{1}{100}",
    domain=((-2.0, 2.0), (-2.0, 2.0)),
    start=(1.5, 1.2),
    points=plateau_points,
    source="lilipads, gradient_descent_viz, surface 'plateau'",
    notes="A bowl with a ledge round a deep hole. Runs slow down on the ledge, which has a shallow trough of its own, and small rates stay "
    "there. The bottom is the tip of a very flat cone; gdsim says gradient 0 at the tip itself.",
)

LANDSCAPES = (DROP_WAVE, PLATEAU)
