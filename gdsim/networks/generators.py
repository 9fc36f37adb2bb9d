"""Data made to measure: one record and one leaf a kind, and the functions of ``gdsim.datasets`` made from them.

A leaf gives one point. What is random about it is named by the seed and the point's number, so a set is the same on every machine, and
compiled or not. Points of the classes take turns, so that a set that is never shuffled does not show one class first.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gdsim.engine import evaluate
from gdsim.engine.elementary import sincos
from gdsim.engine.random import normals, uniforms
from gdsim.networks.dataset import Dataset
from gdsim.parameter import Param
from gdsim.registry import Registry

Leaf = Callable[..., Any]

PI = 3.141592653589793
TURN = 6.283185307179586

MOST_POINTS = 1_000_000
LARGEST_SEED = 2**63 - 1
STREAM = 0xFFFF_FF00
"""The stream of the numbers that make data: no run has it, so no run meets the noise that is in its data again."""

FEW = 2000
"""Points up to which Python is done before a kernel would be compiled."""


@dataclass(frozen=True)
class Generator:
    """One kind of made data.

    ``point(params, step, seed, stream, draw) -> (x, y, target)`` is a leaf function: plain scalar Python in numba's subset. It gives the
    point numbered ``step``, from 1; ``params`` are the values of ``parameters`` in their order, the first of which is the number of points.
    A set of one input (``dim`` 1) ignores y. The target is a class number in a ``classification``.
    """

    name: str
    title: str
    kind: str
    point: Leaf
    doc: str
    parameters: tuple[Param, ...]
    source: str
    dim: int = 2

    @property
    def defaults(self) -> dict[str, Any]:
        return {param.name: param.default for param in self.parameters}

    def make(self, *, seed: int = 0, **values: float) -> Dataset:
        """The data for these parameters: the same for the same values and seed, anywhere.

        Raises TypeError for a parameter that there is not, ValueError for a value out of bounds.
        """
        for name in values:
            if name not in self.defaults:
                raise TypeError(f"{self.name} has no parameter {name!r}; it has {', '.join(self.defaults)} and seed")
        chosen = self.defaults | values
        for param in self.parameters:
            if isinstance(chosen[param.name], bool) or not param.admits(chosen[param.name]):
                raise ValueError(f"{self.name}: {param.name} is {chosen[param.name]!r}; allowed is {param.allowed}")
        if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= LARGEST_SEED:
            raise ValueError(f"{self.name}: seed is {seed!r}; allowed is a whole number from 0 to 2^63 - 1")
        params = tuple(float(value) for value in chosen.values())
        x, y, target = self._columns(params, int(chosen["count"]), seed)
        inputs = x[:, np.newaxis] if self.dim == 1 else np.stack((x, y), axis=1)
        features = ("x", "y")[: self.dim]
        if self.kind == "regression":
            return Dataset(inputs, target[:, np.newaxis], features, name=self.name)
        classes = tuple(str(number) for number in range(int(chosen.get("classes", 2))))
        return Dataset(inputs, target.astype(np.int64), features, "class", classes, self.name)

    def _columns(self, params: tuple[float, ...], count: int, seed: int) -> Any:
        if count > FEW:
            return evaluate.over_steps(self.point, params, count, seed, STREAM, 0)
        return np.array([self.point(params, step, seed, STREAM, 0) for step in range(1, count + 1)]).T


def circle(params, step, seed, stream, draw):
    _, noise = params
    outer = 1 - step % 2
    u, v = uniforms(seed, stream, step, draw)
    radius = 3.5 + 1.5 * u if outer else 2.5 * u
    sine, cosine = sincos(TURN * v)
    x, y = radius * sine, radius * cosine
    u, v = uniforms(seed, stream, step, draw + 1)
    seen_x, seen_y = x + 5.0 * noise * (2.0 * u - 1.0), y + 5.0 * noise * (2.0 * v - 1.0)
    return x, y, 1.0 if seen_x * seen_x + seen_y * seen_y < 6.25 else 0.0


def xor(params, step, seed, stream, draw):
    _, noise = params
    u, v = uniforms(seed, stream, step, draw)
    x, y = 10.0 * u - 5.0, 10.0 * v - 5.0
    x += 0.3 if x > 0.0 else -0.3
    y += 0.3 if y > 0.0 else -0.3
    u, v = uniforms(seed, stream, step, draw + 1)
    product = (x + 5.0 * noise * (2.0 * u - 1.0)) * (y + 5.0 * noise * (2.0 * v - 1.0))
    return x, y, 1.0 if product >= 0.0 else 0.0


def gaussians(params, step, seed, stream, draw):
    _, noise = params
    first = step % 2
    deviation = math.sqrt(0.5 + 7.0 * noise)
    n, m = normals(seed, stream, step, draw)
    centre = 2.0 if first else -2.0
    return centre + deviation * n, centre + deviation * m, float(first)


def spiral(params, step, seed, stream, draw):
    count, noise = params
    first = step % 2
    along = ((step - 1) // 2) / (0.5 * count)
    sine, cosine = sincos(1.75 * TURN * along + (0.0 if first else PI))
    u, v = uniforms(seed, stream, step, draw)
    return 5.0 * along * sine + noise * (2.0 * u - 1.0), 5.0 * along * cosine + noise * (2.0 * v - 1.0), float(first)


def moons(params, step, seed, stream, draw):
    count, noise = params
    upper = step % 2
    last = (count + 1 if upper else count) // 2 - 1
    sine, cosine = sincos(PI * ((step - 1) // 2) / max(last, 1))
    x, y = (cosine, sine) if upper else (1.0 - cosine, 0.5 - sine)
    n, m = normals(seed, stream, step, draw)
    return x + noise * n, y + noise * m, 0.0 if upper else 1.0


def clusters(params, step, seed, stream, draw):
    _, classes, noise = params
    number = (step - 1) % classes
    sine, cosine = sincos(TURN * number / classes)
    n, m = normals(seed, stream, step, draw)
    return 4.0 * cosine + noise * n, 4.0 * sine + noise * m, number


def plane(params, step, seed, stream, draw):
    _, noise = params
    u, v = uniforms(seed, stream, step, draw)
    radius = 6.0 * math.sqrt(u)
    sine, cosine = sincos(TURN * v)
    x, y = radius * cosine, radius * sine
    u, v = uniforms(seed, stream, step, draw + 1)
    return x, y, (x + y + 6.0 * noise * (2.0 * u - 1.0) + 6.0 * noise * (2.0 * v - 1.0)) / 10.0


def bumps(params, step, seed, stream, draw):
    _, noise = params
    u, v = uniforms(seed, stream, step, draw)
    x, y = 12.0 * u - 6.0, 12.0 * v - 6.0
    u, v = uniforms(seed, stream, step, draw + 1)
    seen_x, seen_y = x + 6.0 * noise * (2.0 * u - 1.0), y + 6.0 * noise * (2.0 * v - 1.0)
    # Cones of radius 2, 4 and more apart: at most one of them stands over a point.
    target = 0.0
    for i in range(6):
        centre_x, centre_y = 4.0 * (i % 3) - 4.0, 2.5 if i < 3 else -2.5
        dx, dy = seen_x - centre_x, seen_y - centre_y
        height = 1.0 - 0.5 * math.sqrt(dx * dx + dy * dy)
        if height > 0.0:
            target = height if i % 2 == 0 else -height
    return x, y, target


def line(params, step, seed, stream, draw):
    _, noise, slope, intercept = params
    u, _ = uniforms(seed, stream, step, draw)
    x = 4.0 * u - 2.0
    n, _ = normals(seed, stream, step, draw + 1)
    return x, 0.0, slope * x + intercept + noise * n


def sine(params, step, seed, stream, draw):
    _, noise = params
    u, _ = uniforms(seed, stream, step, draw)
    x = PI * (2.0 * u - 1.0)
    value, _ = sincos(x)
    n, _ = normals(seed, stream, step, draw + 1)
    return x, 0.0, value + noise * n


def _count(default: int) -> Param:
    return Param("count", default, "points", low=2, high=MOST_POINTS, whole=True, log=True)


def _share(doc: str) -> Param:
    return Param("noise", 0.1, doc, low=0.0, high=0.5)


def _deviation(default: float, doc: str) -> Param:
    return Param("noise", default, doc, low=0.0, high=100.0)


MISJUDGED = "each point is judged up to noise * 5 away from where it is, along either axis"
PLAYGROUND = "the data of TensorFlow Playground (Smilkov, Carter, Sculley, Viégas and Wattenberg, arXiv 1708.03788)"

DATASETS: Registry[Generator] = Registry(
    Generator,
    "gdsim.datasets",
    [
        Generator(
            "circle",
            "Circle and ring",
            "classification",
            circle,
            "Class 1 within radius 2.5, class 0 between 3.5 and 5. Radii and angles are uniform.",
            (_count(500), _share(MISJUDGED)),
            PLAYGROUND,
        ),
        Generator(
            "xor",
            "Exclusive or",
            "classification",
            xor,
            "Class 1 where x and y have one sign, uniform on [-5, 5]^2, the quadrants moved 0.3 away from the axes.",
            (_count(500), _share(MISJUDGED)),
            PLAYGROUND,
        ),
        Generator(
            "gaussians",
            "Two Gaussians",
            "classification",
            gaussians,
            "Normal around (2, 2) (class 1) and (-2, -2) (class 0), the same variance in every direction.",
            (_count(500), _share("the variance is 0.5 + 7 * noise: from 0.5 to 4")),
            PLAYGROUND,
        ),
        Generator(
            "spiral",
            "Two spirals",
            "classification",
            spiral,
            "Two arms of 1.75 turns, the radius growing evenly from 0 to 5.",
            (_count(500), _share("each point is moved by up to noise along either axis")),
            PLAYGROUND,
        ),
        Generator(
            "moons",
            "Two moons",
            "classification",
            moons,
            "Two half circles of radius 1 that reach into each other: round (0, 0), and upside down round (1, 0.5).",
            (_count(500), _deviation(0.1, "standard deviation of the displacement along either axis")),
            "the moons of scikit-learn (Pedregosa et al., JMLR 12 (2011) 2825)",
        ),
        Generator(
            "clusters",
            "Clusters",
            "classification",
            clusters,
            "Normal around centres that are even on a circle of radius 4, one for each class, from (4, 0) on.",
            (
                _count(500),
                Param("classes", 3, "classes", low=2, high=10, whole=True),
                _deviation(0.8, "standard deviation of a cluster along either axis"),
            ),
            "normal clusters, as in scikit-learn (Pedregosa et al., JMLR 12 (2011) 2825)",
        ),
        Generator(
            "plane",
            "Plane",
            "regression",
            plane,
            "The target is (x + y) / 10, on points uniform on a disc of radius 6.",
            (_count(1200), _share("the target is that of a point up to noise * 6 away along either axis")),
            f"after {PLAYGROUND}",
        ),
        Generator(
            "bumps",
            "Six bumps",
            "regression",
            bumps,
            "Cones of height 1 and radius 2, up and down in turn, at x = -4, 0, 4 and y = 2.5, -2.5; points uniform on [-6, 6]^2.",
            (_count(1200), _share("the target is that of a point up to noise * 6 away along either axis")),
            PLAYGROUND,
        ),
        Generator(
            "line",
            "Noisy line",
            "regression",
            line,
            "The target is slope * x + intercept, on points uniform on [-2, 2].",
            (
                _count(100),
                _deviation(0.5, "standard deviation of the target"),
                Param("slope", 2.0, "rise of the line", low=-100.0, high=100.0),
                Param("intercept", 1.0, "the line's value at 0", low=-100.0, high=100.0),
            ),
            "a textbook's line fit",
            dim=1,
        ),
        Generator(
            "sine",
            "Noisy sine",
            "regression",
            sine,
            "The target is sin x, on points uniform on [-pi, pi].",
            (_count(200), _deviation(0.1, "standard deviation of the target")),
            "a textbook's curve fit",
            dim=1,
        ),
    ],
)
"""Every generator by name, in the order in which menus show them; installed packages add to it."""
