"""Target: what is put through the trials."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from gdsim.optimizers import Optimizer

Floats = NDArray[np.float64]


class TargetError(ValueError):
    """A target that cannot be used, and why, in words for whoever named it."""


class Stepper(Protocol):
    """A target under way on n weights."""

    def step(self, gradient: Floats, loss: float) -> Floats:
        """The weights (n,) after one more step, with the gradient (n,) and the loss at the weights where it stands."""

    def state(self) -> Mapping[str, Floats]:
        """All that it keeps from step to step, by name: arrays (n,), or of one number."""

    def restored(self) -> "Stepper":
        """Another one, made anew from what a user would save now (weights and state), that must go on as this one does."""


@dataclass(frozen=True)
class Target:
    """``name`` is what the user typed: ``adam``, ``my.py:MyAdam``, ``torch:Adam``, ``optax:adam``.

    ``values`` are its hyper-parameters by name; where ``learning_rate`` is among them, trials may ask for others by ``at``. ``record`` is
    set for what is compiled, and then says the same as ``begin``. ``claims`` names the optimizer of the catalogue that it says it is, or
    is None. ``begin(weights)`` starts it on weights (n,) of ``dtype``; ``make(values)`` makes the same target with other values.
    """

    name: str
    values: Mapping[str, float | bool]
    begin: Callable[[NDArray[Any]], Stepper]
    make: Callable[[Mapping[str, float | bool]], "Target"]
    record: Optimizer | None = None
    claims: str | None = None

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value}" for name, value in self.values.items())
        return f"<Target {self.name}({values}){f', which claims to be {self.claims}' if self.claims not in (None, self.name) else ''}>"

    def at(self, **values: float | bool) -> "Target":
        """The same target with other hyper-parameters. Raises TargetError for those that it has not, or that do not go together."""
        return replace(self.make({**self.values, **values}), claims=self.claims)
