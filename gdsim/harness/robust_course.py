"""Courses: what a target meets in a trial of robustness, and how it is driven along them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from gdsim.harness.target import Floats, Stepper, Target

START: Floats = np.array([1.0, -2.0, 0.5, 0.0])
"""Weights of both signs, and one that has no size of its own: no decay moves it."""


class Course(Protocol):
    def meet(self, step: int, weights: Floats) -> tuple[float, Floats]:
        """The loss and the gradient (n,) that step ``step``, from 0, gets at these weights."""


@dataclass(frozen=True)
class Given:
    """The same ``gradients`` (steps, n) wherever the weights are; the loss says nothing."""

    gradients: Floats

    def meet(self, step: int, weights: Floats) -> tuple[float, Floats]:
        return 1.0, self.gradients[step]


@dataclass(frozen=True)
class Parabola:
    """J = sum of curvatures w^2 / 2. It answers methods that ask for losses elsewhere (``gdsim.networks.methods.Ground``)."""

    curvatures: Floats

    def meet(self, step: int, weights: Floats) -> tuple[float, Floats]:
        return self.loss_and_gradient(weights)

    def loss(self, weights: Floats) -> float:
        with np.errstate(all="ignore"):
            return float(0.5 * (self.curvatures * weights * weights).sum())

    def loss_and_gradient(self, weights: Floats) -> tuple[float, Floats]:
        return self.loss(weights), self.curvatures * weights

    def hessian(self, weights: Floats) -> Floats:
        return np.diag(self.curvatures)

    def residuals(self, weights: Floats) -> tuple[Floats, Floats]:
        roots = np.sqrt(0.5 * self.curvatures)
        return roots * weights, np.diag(roots)


@dataclass
class Disturbed:
    """A parabola whose gradient reaches the target as ``disturb(step, gradient)`` makes it."""

    parabola: Parabola
    disturb: Callable[[int, Floats], Floats]

    def meet(self, step: int, weights: Floats) -> tuple[float, Floats]:
        loss, gradient = self.parabola.loss_and_gradient(weights)
        return loss, self.disturb(step, gradient)


@dataclass(frozen=True)
class Row:
    """One step of one run: what the target was given, and what came of it."""

    run: str
    step: int
    loss: float
    gradient: Floats
    weights: Floats
    state: dict[str, Floats]


@dataclass
class Driver:
    """Drives a target along courses; where ``rows`` is a list, every step is written there."""

    target: Target
    rows: list[Row] | None = None
    _asks: bool | None = field(default=None, repr=False)

    @property
    def asks_elsewhere(self) -> bool:
        """Whether the target asks for losses at other points, so that gradients alone are not enough."""
        if self._asks is None:
            self._asks = bool(getattr(self.target.begin(START.copy()), "needs_ground", False))
        return self._asks

    @property
    def is_method(self) -> bool:
        """Whether it builds on exact gradients: a method of ours that looks at all weights together, or one that asks for losses."""
        record = self.target.record
        return self.asks_elsewhere or (record is not None and not record.is_elementwise)

    @property
    def adds_noise(self) -> bool:
        """Whether weights part that are alike and meet no slope: by numbers that it draws."""
        if self.asks_elsewhere:
            return False
        stepper, alike = self.target.begin(np.ones(len(START))), np.zeros(len(START))
        after = [stepper.step(alike, 1.0) for _ in range(2)][-1]
        return bool(np.isfinite(after).all() and np.ptp(after) > 0.0)

    @property
    def rate(self) -> float:
        rate = float(self.target.values.get("learning_rate", 1.0))
        return rate if rate > 0.0 else 1.0

    def begin(self, course: Course, start: NDArray[Any] = START, target: Target | None = None) -> Stepper:
        stepper = (target or self.target).begin(start.copy())
        if isinstance(course, Parabola) and hasattr(stepper, "ground"):
            setattr(stepper, "ground", course)  # noqa: B010 (only some have it)
        return stepper

    def drive(
        self, stepper: Stepper, course: Course, start: NDArray[Any], steps: int, first: int = 0, run: str = "", dtype: Any = np.float64
    ) -> Floats:
        """Weights before step ``first`` and after each of ``steps`` steps: (steps + 1, n)."""
        path = np.empty((steps + 1, len(start)))
        path[0] = start
        for k in range(steps):
            loss, gradient = course.meet(first + k, path[k])
            path[k + 1] = stepper.step(gradient.astype(dtype), loss)
            if self.rows is not None:
                self.rows.append(Row(run, first + k + 1, loss, gradient, path[k + 1].copy(), dict(stepper.state())))
        return path

    def follow(self, gradients: Floats, start: Floats = START, run: str = "") -> Floats:
        """A run that meets the same gradients wherever it is: weights (steps + 1, n)."""
        course = Given(gradients)
        return self.drive(self.begin(course, start), course, start, len(gradients), run=run)

    def course(self, gradients: Floats) -> Course:
        """These gradients, or where they are not enough a parabola that starts with the first of them."""
        return Parabola(np.array([1.0, 0.5, 2.0, 0.25])) if self.asks_elsewhere else Given(gradients)


def walk(seed: int, steps: int = 40, n: int = len(START)) -> Floats:
    """Gradients (steps, n) of size 1 that keep their sign for a while: a random walk."""
    rng = np.random.default_rng((seed, 6))
    return np.asarray(rng.normal(size=n) + 0.5 * np.cumsum(rng.normal(size=(steps, n)), axis=0), dtype=np.float64)


def steady(seed: int, steps: int = 30) -> Floats:
    """Gradients (steps, n) between 1/2 and 2 whose signs never change: plus, minus, plus, minus."""
    sizes = 2.0 ** np.random.default_rng((seed, 7)).uniform(-1.0, 1.0, (steps, len(START)))
    return np.asarray(sizes * np.array([1.0, -1.0, 1.0, -1.0]), dtype=np.float64)
