"""Methods that look at all weights together as targets, for any number of weights."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.harness.target import Floats, TargetError
from gdsim.networks.methods import METHODS, Ground, Here, State

ALONG_THE_GRADIENT = frozenset(("barzilai_borwein", "polyak"))
"""Methods that ask for nothing but the loss and the gradient where they stand."""


class MethodStepper:
    """A method under way. ``ground`` answers for losses elsewhere: whoever drives it sets it, and without one most methods cannot step."""

    def __init__(self, method: str, values: Mapping[str, float | bool], weights: NDArray[Any]) -> None:
        self._method, self._values = method, values
        self._weights = np.array(weights, np.float64)
        self._state: State = {}
        self._done = 0
        self.ground: Ground | None = None
        self.needs_ground = method not in ALONG_THE_GRADIENT

    def step(self, gradient: Floats, loss: float) -> Floats:
        if self.ground is None and self.needs_ground:
            raise TargetError(f"{self._method} asks for losses at other points, and here there are only gradients")
        self._done += 1
        here = Here(self._weights.copy(), float(loss), np.array(gradient, np.float64))
        with np.errstate(all="ignore"):
            # Polyak's and Barzilai and Borwein's methods never look at the ground.
            after = METHODS[self._method](here, self._state, self._values, self._done, self.ground)  # type: ignore[arg-type]
        self._weights, self._state = np.array(after.weights, np.float64), after.state
        return self._weights.copy()

    def state(self) -> dict[str, Floats]:
        kept = {name: np.array(array, np.float64).reshape(-1) for name, array in self._state.items()}
        return {**kept, "steps": np.array([float(self._done)])}

    def restored(self) -> "MethodStepper":
        other = MethodStepper(self._method, self._values, self._weights)
        other._state = {name: np.array(array) for name, array in self._state.items()}
        other._done, other.ground = self._done, self.ground
        return other
