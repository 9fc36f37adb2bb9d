"""Plain Python as a target: ``step(weights, gradient, state) -> (weights, state)``."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.harness.arguments import Arguments
from gdsim.harness.keeping import named_arrays, saved_and_read
from gdsim.harness.target import Floats, Target, TargetError
from gdsim.harness.user_code import file_of, running


class CallableStepper:
    """The function gets copies, which it may change, and its own state, None before the first step."""

    def __init__(self, function: Callable[..., Any], given: Mapping[str, Any], weights: NDArray[Any], name: str) -> None:
        self._function, self._given, self._name, self._file = function, given, name, file_of(function)
        self._weights = np.array(weights)
        self._kept: Any = None

    def step(self, gradient: Floats, loss: float) -> Floats:
        with running(self._name, self._file):
            given = np.array(gradient, self._weights.dtype)
            returned = self._function(self._weights.copy(), given, self._kept, **self._given)
        if not isinstance(returned, tuple | list) or len(returned) != 2:
            raise TargetError(f"{self._name}: its step returned {_shown(returned)}; allowed: a pair (weights, state)")
        if np.iscomplexobj(returned[0]):
            raise TargetError(f"{self._name}: its step returned complex weights; allowed: real ones")
        with running(self._name, self._file):
            weights = np.array(returned[0], self._weights.dtype)
        if weights.shape != self._weights.shape:
            raise TargetError(f"{self._name}: its step returned weights of shape {weights.shape}; allowed: {self._weights.shape}")
        self._weights, self._kept = weights, returned[1]
        return weights.copy()

    def state(self) -> dict[str, Floats]:
        return named_arrays(self._kept)

    def restored(self) -> "CallableStepper":
        other = CallableStepper(self._function, self._given, self._weights, self._name)
        other._kept = saved_and_read(self._kept, self._name)
        return other


def _shown(value: Any) -> str:
    return f"{type(value).__name__} {value!r}"[:80] if value is not None else "None"


def callable_target(function: Callable[..., Any], values: Mapping[str, float | bool], name: str, claims: str | None) -> Target:
    """Further arguments of ``function`` that have a number or a switch as their default are its hyper-parameters."""
    arguments = Arguments(function, skip=3)
    full = arguments.complete(values, name)

    def begin(weights: NDArray[Any]) -> CallableStepper:
        return CallableStepper(function, arguments.theirs(full), weights, name)

    return Target(name, full, begin, lambda others: callable_target(function, others, name, claims), None, claims)
