"""Two targets on the same gradients, step by step: the first step and weight where they part, and all that both keep there."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gdsim.harness.robust_course import START, Course, walk
from gdsim.harness.target import Floats, Stepper, Target, TargetError
from gdsim.harness.targets import target_of
from gdsim.harness.trial import Family, Outcome, Trial, Verdict
from gdsim.landscapes import Landscape

SIZES: Floats = np.array([1.0, 1e-2, 1e-4, 1e-6])
"""Sizes of the gradients of the four weights: where they are small, eps is not."""
STEPS = 200


@dataclass(frozen=True)
class Difference:
    """Step ``step`` (from 1) took weight ``weight`` (from 0) to ``here`` and to ``there``, ``allowed`` being the largest difference.

    ``before`` are the weights of both before it, ``gradient`` is what both got, the states are what they keep after it.
    """

    step: int
    weight: int
    here: float
    there: float
    allowed: float
    gradient: Floats
    before: tuple[Floats, Floats]
    after: tuple[Floats, Floats]
    states: tuple[Mapping[str, Floats], Mapping[str, Floats]]


@dataclass(frozen=True)
class Comparison:
    """``steps`` steps were taken; ``largest`` is the largest difference until then, in units of how far the weights had come."""

    one: str
    other: str
    steps: int
    largest: float
    difference: Difference | None

    @property
    def sentence(self) -> str:
        found = self.difference
        if found is None:
            return f"{self.one} and {self.other} took the same {self.steps} steps, to {self.largest:.2g} of the way"
        at = f"at step {found.step}, weight {found.weight + 1}"
        return f"{self.one} and {self.other} part {at}: {found.here:.12g} and {found.there:.12g}, from {found.before[0][found.weight]:.12g}"


@dataclass(frozen=True)
class Ground:
    """The gradients of a landscape."""

    landscape: Landscape

    def meet(self, step: int, weights: Floats) -> tuple[float, Floats]:
        loss = float(self.landscape.loss(*weights))
        return loss, np.asarray(self.landscape.gradient(*weights), dtype=np.float64).reshape(-1)


@dataclass(frozen=True)
class Mixed:
    """Gradients drawn: they keep their sign for a while, are of four sizes, and some are 0."""

    seed: int
    steps: int

    def __post_init__(self) -> None:
        drawn = walk(self.seed, self.steps) * SIZES
        drawn[np.random.default_rng((self.seed, 9)).random(drawn.shape) < 0.05] = 0.0
        object.__setattr__(self, "_drawn", drawn)

    def meet(self, step: int, weights: Floats) -> tuple[float, Floats]:
        drawn: Floats = getattr(self, "_drawn")  # noqa: B009
        return 1.0, drawn[step]


def compare(
    one: Target, other: Target, landscape: Landscape | None = None, steps: int = STEPS, tolerance: float = 1e-9, seed: int = 0
) -> Comparison:
    """Both get the gradients of a drawn sequence, or those of ``landscape`` where ``one`` goes, until a weight differs by more than
    ``tolerance`` times the largest way that any has come.

    Raises TargetError for a target whose code fails, and for one that asks for losses at other points.
    """
    course: Course = Mixed(seed, steps) if landscape is None else Ground(landscape)
    start = START if landscape is None else np.array(landscape.start, dtype=np.float64)
    steppers: tuple[Stepper, Stepper] = one.begin(start.copy()), other.begin(start.copy())
    for target, stepper in zip((one, other), steppers, strict=True):
        if getattr(stepper, "needs_ground", False):
            raise TargetError(f"{target.name}: it asks for losses at other points, and two are compared on gradients alone")
    here, there, largest = start, start, 0.0
    for k in range(steps):
        loss, gradient = course.meet(k, here)
        before = here, there
        here, there = (stepper.step(gradient, loss) for stepper in steppers)
        with np.errstate(all="ignore"):
            off = np.abs(here - there)
            off[(here == there) | (np.isnan(here) & np.isnan(there))] = 0.0
            moved = np.abs(np.concatenate((here - start, there - start)))
            way = max(float(np.where(np.isnan(moved), 0.0, moved).max()), 1e-300)
            rounding = 4e-16 * (k + 1) * np.maximum(np.abs(here), 1.0)
            allowed = tolerance * way + rounding
        off = np.where(np.isnan(off), np.inf, off)
        wrong = (off > 0.0) & ~(off <= allowed)
        if wrong.any():
            # Of several weights the one that is farthest off.
            weight = int(np.argmax(np.where(wrong, off / way, 0.0)))
            states = steppers[0].state(), steppers[1].state()
            numbers = float(here[weight]), float(there[weight]), float(allowed[weight])
            found = Difference(k + 1, weight, *numbers, gradient, before, (here, there), states)
            return Comparison(one.name, other.name, k + 1, float(off[weight] / way), found)
        largest = max(largest, float(off.max()) / way)
        if not np.isfinite(here).all():
            return Comparison(one.name, other.name, k + 1, largest, None)
    return Comparison(one.name, other.name, steps, largest, None)


def like(text: str, target: Target) -> Target:
    """The target that ``text`` names, with the hyper-parameters of ``target`` wherever it has such. Raises TargetError."""
    try:
        base = target_of(text, {"learning_rate": target.values.get("learning_rate", 1e-2)})
    except TargetError:
        base = target_of(text)
    return base.at(**{name: value for name, value in target.values.items() if name in base.values})


def outcome(comparison: Comparison) -> Outcome:
    """The comparison as the answer to a trial."""
    trial = Trial(f"truth/against/{comparison.other}", Family.TRUTH, f"It takes the same steps as {comparison.other}.", "against")
    verdict = Verdict.PASSED if comparison.difference is None else Verdict.FAILED
    return Outcome(trial, verdict, comparison.sentence, figures={"steps": comparison.steps, "largest difference": comparison.largest})
