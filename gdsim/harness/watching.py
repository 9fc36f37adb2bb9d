"""A target that is watched: every step that anybody takes with it is written down."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.harness.robust_course import Row
from gdsim.harness.target import Floats, Stepper, Target

MOST_ROWS = 2000
"""Steps that are written down; later ones are taken and forgotten."""


class WatchedStepper:
    def __init__(self, stepper: Stepper, run: str, rows: list[Row]) -> None:
        self._stepper, self._run, self._rows, self._done = stepper, run, rows, 0

    def step(self, gradient: Floats, loss: float) -> Floats:
        given = np.array(gradient, dtype=np.float64)
        after = self._stepper.step(gradient, loss)
        self._done += 1
        if len(self._rows) < MOST_ROWS:
            self._rows.append(Row(self._run, self._done, float(loss), given, np.array(after, dtype=np.float64), dict(self.state())))
        return after

    def state(self) -> Mapping[str, Floats]:
        return self._stepper.state()

    def restored(self) -> "WatchedStepper":
        other = WatchedStepper(self._stepper.restored(), f"{self._run} restored", self._rows)
        other._done = self._done
        return other

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stepper, name)


def watched(target: Target, rows: list[Row]) -> Target:
    """``target``, whose runs write their steps into ``rows``: numbered, with the hyper-parameters that are not its own."""
    own = target.values
    runs = 0

    def watching(one: Target) -> Target:
        other = ", ".join(f"{name} {value:g}" for name, value in one.values.items() if own.get(name) != value)

        def begin(weights: NDArray[Any]) -> Stepper:
            nonlocal runs
            runs += 1
            return WatchedStepper(one.begin(weights), f"{runs} ({other})" if other else str(runs), rows)

        return replace(one, begin=begin, make=lambda values: watching(one.make(values)))

    return watching(target)
