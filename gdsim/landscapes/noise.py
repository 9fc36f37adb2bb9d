"""What noise makes of the gradient: one record and one leaf a kind. The trajectory records the true gradient, the optimizer sees this one.

Random numbers are named by the scenario's seed, a stream, the step and a draw: the same step meets the same noise however a run is cut.
Where several kinds are applied, one after the other, each has draws of its own.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from gdsim.engine.circular import tan
from gdsim.engine.elementary import exp
from gdsim.engine.random import normals, uniforms
from gdsim.landscapes.values import defaults, with_values
from gdsim.parameter import Param

Leaf = Callable[..., Any]


@dataclass(frozen=True)
class Noise:
    """One kind of noise with its parameters and their ``values``.

    ``disturb(gx, gy, x, y, memory, params, step, seed, stream, draw) -> (gx, gy, memory)`` is a leaf function: plain scalar Python in
    numba's subset. ``memory`` is a tuple of ``memory`` numbers kept a run, all 0 at first. Noise that is ``planar`` needs two weights.
    """

    name: str
    title: str
    disturb: Leaf
    doc: str
    parameters: tuple[Param, ...]
    memory: int = 0
    planar: bool = False
    source: str = ""
    values: tuple[float, ...] = field(default=())

    def __post_init__(self) -> None:
        if not self.values:
            object.__setattr__(self, "values", defaults(self.parameters))

    def with_parameters(self, **values: float) -> "Noise":
        """The same noise with other values. Raises KeyError for an unknown name, ValueError for a value out of bounds."""
        return replace(self, values=with_values(self.name, self.parameters, self.values, values))


def gaussian(gx, gy, x, y, memory, params, step, seed, stream, draw):
    (scale,) = params
    n, m = normals(seed, stream, step, draw)
    return gx + scale * n, gy + scale * m, memory


def multiplicative(gx, gy, x, y, memory, params, step, seed, stream, draw):
    (sigma,) = params
    n, _ = normals(seed, stream, step, draw)
    factor = exp(sigma * n)
    return factor * gx, factor * gy, memory


def cauchy(gx, gy, x, y, memory, params, step, seed, stream, draw):
    (scale,) = params
    u, v = uniforms(seed, stream, step, draw)
    return gx + scale * tan(3.141592653589793 * (u - 0.5)), gy + scale * tan(3.141592653589793 * (v - 0.5)), memory


def masked(gx, gy, x, y, memory, params, step, seed, stream, draw):
    probability, whole = params
    u, v = uniforms(seed, stream, step, draw)
    v = u if whole > 0.0 else v
    return 0.0 if u < probability else gx, 0.0 if v < probability else gy, memory


def brownian(gx, gy, x, y, memory, params, step, seed, stream, draw):
    (scale,) = params
    n, m = normals(seed, stream, step, draw)
    walk_x, walk_y = memory[0] + scale * n, memory[1] + scale * m
    return gx + walk_x, gy + walk_y, (walk_x, walk_y)


def curl(gx, gy, x, y, memory, params, step, seed, stream, draw):
    scale, x0, y0 = params
    return gx - scale * (y - y0), gy + scale * (x - x0), memory


UNIT_TESTS = "Schaul, Antonoglou and Silver, Unit tests for stochastic optimization (arXiv:1312.6055)"

NOISE = (
    Noise(
        name="gaussian",
        title="Gaussian noise",
        disturb=gaussian,
        doc="adds scale * n to every component, n standard normal and fresh at every step",
        parameters=(Param("scale", 0.1, "standard deviation of what is added to every component of the gradient", low=0.0, log=True),),
        source=UNIT_TESTS,
    ),
    Noise(
        name="multiplicative",
        title="Multiplicative noise",
        disturb=multiplicative,
        doc="multiplies the whole gradient by e^(sigma n), one standard normal n a step: the median is 1, the mean e^(sigma^2/2)",
        parameters=(Param("sigma", 0.5, "standard deviation of the logarithm of the factor", low=0.0, high=50.0),),
        source=UNIT_TESTS,
    ),
    Noise(
        name="cauchy",
        title="Cauchy noise",
        disturb=cauchy,
        doc="adds scale * c to every component, c of the standard Cauchy distribution: half of them within 1, and no variance",
        parameters=(Param("scale", 0.1, "half width at half height of what is added to every component", low=0.0, log=True),),
        source=UNIT_TESTS,
    ),
    Noise(
        name="masked",
        title="Masked gradient",
        disturb=masked,
        doc="sets each component to 0 with the probability, on its own, or all of them together where whole is true",
        parameters=(
            Param("probability", 0.5, "how often a component is set to 0", low=0.0, high=1.0),
            Param("whole", False, "set the whole gradient to 0, or nothing"),
        ),
        source=UNIT_TESTS,
    ),
    Noise(
        name="brownian",
        title="Brownian noise",
        disturb=brownian,
        doc="adds a random walk, whose steps have the standard deviation scale, to every component: noise that remembers",
        parameters=(Param("scale", 0.01, "standard deviation of a step of the random walk", low=0.0, log=True),),
        memory=2,
    ),
    Noise(
        name="curl",
        title="Curl",
        disturb=curl,
        doc="adds scale * (-(y - y0), x - x0): an eddy round (x0, y0), which is the slope of no landscape. It is not random",
        parameters=(
            Param("scale", 0.5, "angular speed of the eddy; negative turns it clockwise"),
            Param("x0", 0.0, "x of the centre"),
            Param("y0", 0.0, "y of the centre"),
        ),
        planar=True,
        source=UNIT_TESTS + "; of their random rotation this is the part that no landscape's slope can have",
    ),
)

NOISES: Mapping[str, Noise] = MappingProxyType({record.name: record for record in NOISE})
"""Every kind of noise by name, read-only."""
