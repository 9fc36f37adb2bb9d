"""The catalogue of unit trials: 3,944 short descents, each with one thing or two that make descent hard.

After Schaul, Antonoglou and Silver, Unit tests for stochastic optimization (arXiv:1312.6055). The fifteen prototypes, the four scales, the
ten noises, norms, rotation, curl and the three kinds of non-stationarity are theirs, and so is how many trials there are of each kind: 8
curves with all noises, 37 with four of them, 43 joins of two dimensions and 31 of ten. Which concatenations, joins and four noises these
are is chosen here, as the paper does not list them, and the names are ours. ``bend``, which goes on from flat ground, stands behind
``relu``. Where there is no noise that could walk, the optimum drifts instead.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gdsim.harness.trial import Family, Trial
from gdsim.landscapes.prototypes import SCALES
from gdsim.landscapes.prototypes.pieces import CURVED

WITH_ALL_NOISES: tuple[str, ...] = ("line", "abs", "cliff", "exponential", "quad_bowl", "gauss_bowl", "gauss_nonconvex", "laplace_bowl")
WITH_SOME_NOISES: tuple[str, ...] = (
    "relu",
    "ridge",
    "quad_convex",
    "gauss_convex",
    "laplace_nonconvex",
    "laplace_convex",
    "relu-bend",
    "relu-bend-quad_bowl",
    "line-relu-bend-abs",
    "line-abs",
    "line-cliff",
    "line-quad_bowl",
    "line-gauss_bowl",
    "line-laplace_bowl",
    "abs-abs",
    "abs-quad_bowl",
    "abs-laplace_bowl",
    "cliff-quad_bowl",
    "ridge-quad_bowl",
    "ridge-exponential",
    "quad_convex-abs",
    "quad_convex-quad_bowl",
    "quad_convex-cliff-gauss_nonconvex",
    "quad_bowl-quad_bowl",
    "quad_bowl-cliff",
    "exponential-abs",
    "exponential-cliff",
    "exponential-quad_bowl",
    "gauss_nonconvex-gauss_convex",
    "gauss_nonconvex-quad_bowl",
    "gauss_convex-gauss_bowl",
    "gauss_bowl-gauss_bowl",
    "gauss_bowl-cliff-laplace_bowl",
    "laplace_nonconvex-laplace_convex",
    "laplace_convex-laplace_bowl",
    "laplace_bowl-laplace_bowl",
    "laplace_bowl-ridge-exponential",
)
JOINED: tuple[tuple[tuple[str, ...], str], ...] = (
    (("quad_bowl",), "normal"),
    (("quad_bowl", "abs"), "normal"),
    (("gauss_bowl", "ridge-quad_bowl"), "steep"),
    (("quad_convex-cliff-gauss_nonconvex", "laplace_bowl"), "normal"),
    (("line", "exponential"), "flat"),
)
"""Curves that share the dimensions by turns, and the scale of all of them."""

STRUCTURES = ("separable", "rotated", "curled")
NORMS = ("l1", "l2", "max")
WITH_ALL_NORMS = {2: 14, 10: 8}
"""How many of the joins of so many dimensions, in order, come with all norms; the others come with the first."""

NOISES: Mapping[str, tuple[str, float]] = MappingProxyType(
    {
        "noiseless": ("noiseless", 0.0),
        "gauss_add_low": ("additive", 0.01),
        "gauss_add_normal": ("additive", 0.1),
        "gauss_add_high": ("additive", 10.0),
        "gauss_mul_low": ("multiplicative", 0.1),
        "gauss_mul_normal": ("multiplicative", 1.0),
        "gauss_mul_high": ("multiplicative", 10.0),
        "mask_low": ("mask", 0.1),
        "mask_high": ("mask", 0.9),
        "cauchy": ("cauchy", 1.0),
    }
)
"""Kind and level of every noise: a standard deviation, that of a logarithm, a probability, or half the width at half height."""

SOME_NOISES = ("noiseless", "gauss_add_normal", "gauss_mul_normal", "cauchy")
HEAVY = ("gauss_add_high", "gauss_mul_high", "mask_high", "cauchy")

WALKS: Mapping[str, float] = MappingProxyType({"scale": 0.1, "noise": 0.5, "offset": 0.1})
"""Standard deviation of a step of what walks at random, at every tenth look: log scale, log noise level, place of the optimum."""

DRIFT = 0.01
"""How far an optimum that drifts moves at every step."""

CURL = 0.5
"""Angular speed of an eddy, in units of the slope at the start."""


@dataclass(frozen=True)
class UnitTrial:
    """``curves`` holds the text of one curve a dimension; in one, ``norm`` and ``structure`` are empty. ``change`` is what does not
    stay: ``scale``, ``noise``, ``offset`` (these walk), ``drift``, or nothing.
    """

    curves: tuple[str, ...]
    scale: str
    noise: str
    change: str = ""
    norm: str = ""
    structure: str = ""

    @property
    def dim(self) -> int:
        return len(self.curves)

    @property
    def is_random(self) -> bool:
        return self.noise != "noiseless" or self.change in WALKS

    @property
    def id(self) -> str:
        shape = (f"{self.dim}d", self.norm, self.structure) if self.norm else ()
        return "/".join(
            part for part in ("unit", "+".join(dict.fromkeys(self.curves)), *shape, self.scale, self.noise, self.change) if part
        )

    @property
    def group(self) -> str:
        if self.structure:
            return f"{self.dim}-D {self.structure}"
        if self.change:
            return f"1-D {'offset' if self.change == 'drift' else self.change} non-stationary"
        if self.noise == "noiseless":
            return "1-D noiseless"
        if self.noise in HEAVY:
            return "1-D heavy noise"
        smooth = all(piece == "line" or (piece in CURVED and "laplace" not in piece) for piece in self.curves[0].split("-"))
        return "1-D differentiable" if smooth else "1-D non-differentiable"

    @property
    def title(self) -> str:
        curves = " and ".join(dict.fromkeys(self.curves))
        kind, level = NOISES[self.noise]
        met = [f"scale {self.scale}", f"{kind} noise {level:g}" if level else "no noise"]
        if self.norm:
            met = [f"{self.dim} dimensions, norm {self.norm}, {self.structure}", *met]
        if self.change:
            met.append("the optimum drifts" if self.change == "drift" else f"the {self.change} walks at random")
        return f"Does it get as far down {curves} as gradient descent ({', '.join(met)})?"

    @property
    def trial(self) -> Trial:
        return Trial(self.id, Family.UNIT, self.title, self.group)


def _listed() -> Iterator[UnitTrial]:
    for names, noises in ((WITH_ALL_NOISES, tuple(NOISES)), (WITH_SOME_NOISES, SOME_NOISES)):
        for name in names:
            for scale in SCALES:
                for noise in noises:
                    for change in ("", "scale", "drift" if noise == "noiseless" else "noise", "offset"):
                        yield UnitTrial((name,), scale, noise, change)
    for dim, complete in WITH_ALL_NORMS.items():
        joins = [(names, scale, structure) for names, scale in JOINED for structure in STRUCTURES]
        for k, (names, scale, structure) in enumerate(joins):
            curves = tuple(names[i % len(names)] for i in range(dim))
            for norm in NORMS if k < complete else NORMS[:1]:
                for noise in SOME_NOISES:
                    yield UnitTrial(curves, scale, noise, norm=norm, structure=structure)


CATALOGUE: Mapping[str, UnitTrial] = MappingProxyType({trial.id: trial for trial in _listed()})
"""All of them by id, in order."""
