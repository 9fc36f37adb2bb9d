"""Landscapes that change while a run goes down them: one record and one leaf a kind.

At step k, counted from 1, the loss is factor * J(w - offset). The first step always meets the landscape as it is. Random numbers are
named by the scenario's seed, a stream and how often the landscape has changed, so where it stands at a step is found at once.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from gdsim.engine.elementary import exp
from gdsim.engine.random import normals
from gdsim.engine.single import number
from gdsim.landscapes.noise import UNIT_TESTS
from gdsim.landscapes.values import defaults, with_values
from gdsim.parameter import Param

Leaf = Callable[..., Any]

DRAW = 1 << 16
"""Which random numbers motion takes: noise takes those from 0 on, one or two a kind."""


@dataclass(frozen=True)
class Motion:
    """One kind of motion with its parameters and their ``values``.

    ``place(params, step, seed, stream, draw) -> (offset_x, offset_y, factor)`` is a leaf function: plain scalar Python in numba's subset.
    ``by_chance`` unless it is the same whatever the seed.
    """

    name: str
    title: str
    place: Leaf
    doc: str
    parameters: tuple[Param, ...]
    source: str = ""
    by_chance: bool = True
    values: tuple[float, ...] = field(default=())

    def __post_init__(self) -> None:
        if not self.values:
            object.__setattr__(self, "values", defaults(self.parameters))

    def with_parameters(self, **values: float) -> "Motion":
        """The same motion with other values. Raises KeyError for an unknown name, ValueError for a value out of bounds."""
        return replace(self, values=with_values(self.name, self.parameters, self.values, values))


def drift(params, step, seed, stream, draw):
    velocity_x, velocity_y = params
    past = number(step - 1)
    return velocity_x * past, velocity_y * past, 1.0


def jump(params, step, seed, stream, draw):
    scale, period = params
    count = int(number(step - 1) / period)
    n, m = normals(seed, stream, count, draw)
    far = scale if count > 0 else 0.0
    return far * n, far * m, 1.0


def scale_growth(params, step, seed, stream, draw):
    (rate,) = params
    return 0.0, 0.0, exp(rate * number(step - 1))


def scale_drift(params, step, seed, stream, draw):
    sigma, period = params
    time = number(step - 1) / period
    count = int(time)
    n, _ = normals(seed, stream, count, draw)
    after, _ = normals(seed, stream, count + 1, draw)
    before = n if count > 0 else 0.0
    return 0.0, 0.0, exp(sigma * (before + (time - number(count)) * (after - before)))


PERIOD = {"low": 1.0, "high": 1e9, "log": True, "unit": "steps"}

MOTION = (
    Motion(
        name="drift",
        title="Drifting optimum",
        place=drift,
        by_chance=False,
        doc="the landscape moves on by the velocity at every step",
        parameters=(
            Param("velocity_x", 0.01, "how far it moves in x at every step"),
            Param("velocity_y", 0.0, "how far it moves in y at every step; without meaning for a curve"),
        ),
    ),
    Motion(
        name="jump",
        title="Jumping optimum",
        place=jump,
        doc="every period steps the landscape jumps to a new place, drawn afresh round the one where it began (jumps do not add up)",
        parameters=(
            Param("scale", 0.5, "standard deviation of the offset in every weight", low=0.0, log=True),
            Param("period", 100.0, "steps from one jump to the next", **PERIOD),  # type: ignore[arg-type]
        ),
        source=UNIT_TESTS,
    ),
    Motion(
        name="scale_growth",
        title="Growing scale",
        place=scale_growth,
        by_chance=False,
        doc="the loss is multiplied by e^(rate (k - 1)) at step k: it grows by the same share at every step, or shrinks",
        parameters=(Param("rate", 0.01, "growth of the logarithm of the loss at every step; negative lets it shrink", low=-1.0, high=1.0),),
    ),
    Motion(
        name="scale_drift",
        title="Wandering scale",
        place=scale_drift,
        doc="the loss is multiplied by e^(sigma z), where z goes straight from one standard normal number to the next in period steps",
        parameters=(
            Param("sigma", 0.5, "standard deviation of the logarithm of the factor", low=0.0, high=50.0),
            Param("period", 100.0, "steps from one number to the next", **PERIOD),  # type: ignore[arg-type]
        ),
        source=UNIT_TESTS,
    ),
)

MOTIONS: Mapping[str, Motion] = MappingProxyType({record.name: record for record in MOTION})
"""Every kind of motion by name, read-only."""
