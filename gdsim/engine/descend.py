"""Gradient descent as arrays in, arrays out: one run recorded step by step, or a block of runs with summaries only."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.engine import templates
from gdsim.engine.gather import gather, scatter
from gdsim.engine.specialise import specialise

Floats = NDArray[np.float64]
Leaf = Callable[..., Any]

RUNNING, CONVERGED, DIVERGED = templates.RUNNING, templates.CONVERGED, templates.DIVERGED
LANES = 128
STEEPEST = 1e150
"""Largest gradient norm of a run that goes on: beyond it the squared norm leaves float64."""


@dataclass(frozen=True, slots=True)
class Rule:
    """The leaves of one landscape and one optimizer with their switches: what ``specialise`` binds.

    ``slots`` and ``shared`` are the counts of numbers kept a weight and a run, ``params`` and ``hyper`` those of the landscape's and the
    optimizer's parameters.
    """

    value_and_gradient: Leaf
    update: Leaf
    advance: Leaf
    on: tuple[bool, ...]
    slots: int
    shared: int
    params: int
    hyper: int

    def bindings(self) -> dict[str, Any]:
        """The names that stand free in the templates."""
        return {
            "value_and_gradient": self.value_and_gradient,
            "update": self.update,
            "advance": self.advance,
            "ON": self.on,
            "SLOTS": self.slots,
            "SHARED": self.shared,
            "PARAMS": self.params,
            "HYPER": self.hyper,
            "gather_params": gather(self.params),
            "gather_hyper": gather(self.hyper),
            "gather_shared": gather(self.shared),
            "scatter_shared": scatter(self.shared),
            "gather_slots": gather(self.slots),
            "scatter_slots": scatter(self.slots),
        }


@dataclass
class State:
    """Where runs stand, one column a run: ``weights`` (2, n), ``slots`` (2 slots, n), ``shared`` (shared, n); ``step`` is the next step."""

    weights: Floats
    slots: Floats
    shared: Floats
    step: int = 1

    @classmethod
    def start(cls, weights: Floats, slots: tuple[float, ...] | Floats, shared: tuple[float, ...]) -> "State":
        """``weights`` (2, n); ``slots`` the initial numbers of a weight, (slots,) for all runs or (slots, n)."""
        runs = weights.shape[1]
        each = np.asarray(slots, dtype=np.float64)
        each = np.broadcast_to(each if each.ndim == 2 else each[:, None], (len(each), runs))
        common = np.broadcast_to(np.asarray(shared, dtype=np.float64).reshape(-1, 1), (len(shared), runs))
        return cls(np.array(weights, dtype=np.float64), np.concatenate((each, each)), np.array(common))


@cache
def recorder(rule: Rule) -> Callable[..., Any]:
    """The compiled kernel that records one run of ``rule``."""
    return specialise(templates.record, **rule.bindings())


@cache
def summariser(rule: Rule, lanes: int, shared_by_all: bool) -> Callable[..., Any]:
    """The compiled kernel that takes a block of runs of ``rule`` through their steps."""
    return specialise(templates.block, LANES=lanes, SHARED_BY_ALL=shared_by_all, **rule.bindings())


def _squares(tolerance: float | None, limit: float) -> tuple[float, float]:
    return (-1.0 if tolerance is None else tolerance * tolerance), min(limit, STEEPEST) ** 2


@dataclass(frozen=True)
class Recording:
    """Points of one run: ``positions`` and ``gradients`` (n, 2), ``losses`` (n,), and the status after the last of them."""

    positions: Floats
    losses: Floats
    gradients: Floats
    status: int


def record(
    rule: Rule,
    state: State,
    params: Floats,
    hyper: Floats,
    steps: int,
    *,
    closing: bool = True,
    tolerance: float | None = None,
    limit: float = math.inf,
) -> Recording:
    """Takes ``steps`` steps of the one run in ``state`` (which is moved on), recording the point before each.

    ``params`` (p,) and ``hyper`` (h,) are the landscape's and the optimizer's parameters. With ``closing`` the point after the last step
    is recorded too. Fewer points come back where the run converged (gradient norm <= ``tolerance``) or diverged (not finite, or steeper
    than ``limit``).
    """
    rows = steps + closing
    positions, losses, gradients = np.empty((rows, 2)), np.empty(rows), np.empty((rows, 2))
    weights, slots, shared = state.weights[:, 0].copy(), state.slots[:, 0].copy(), state.shared[:, 0].copy()
    small, large = _squares(tolerance, limit)
    arrays = (weights, slots, shared, params, hyper)
    points, status = recorder(rule)(*arrays, state.step, steps, closing, small, large, positions, losses, gradients)
    state.weights[:, 0], state.slots[:, 0], state.shared[:, 0] = weights, slots, shared
    state.step += steps
    return Recording(positions[:points], losses[:points], gradients[:points], status)


@dataclass(frozen=True)
class Summaries:
    """What became of every run of a block: steps taken, loss at the end, the least seen, and the status; arrays of length n."""

    taken: NDArray[np.int64]
    losses: Floats
    best: Floats
    status: NDArray[np.int8]


class Block:
    """Many runs of one rule at once, in pieces that any number of threads may work on.

    ``params`` (p, n) and ``hyper`` (h, n) hold each run's parameters. ``advance(low, high, steps)`` moves runs low to high and releases
    the interpreter lock meanwhile; pieces may not overlap. Neither their size nor their order changes a bit of any run. Once all have been
    advanced, ``move_on(steps)`` makes the next call go on from there.
    """

    def __init__(
        self, rule: Rule, state: State, params: Floats, hyper: Floats, *, tolerance: float | None = None, limit: float = math.inf
    ) -> None:
        runs = state.weights.shape[1]
        self.rule, self.state, self.params, self.hyper = rule, state, params, hyper
        self.summaries = Summaries(
            np.zeros(runs, dtype=np.int64), np.full(runs, math.nan), np.full(runs, math.inf), np.zeros(runs, np.int8)
        )
        self._squares = _squares(tolerance, limit)
        # What the optimizer shares may depend on anything but the learning rate (row 0).
        same = bool(np.all(hyper[1:] == hyper[1:, :1]) and np.all(state.shared == state.shared[:, :1])) if runs else True
        self._kernel = summariser(rule, LANES, same)

    def advance(self, low: int, high: int, steps: int) -> None:
        state, out = self.state, self.summaries
        arrays = (state.weights, state.slots, state.shared, self.params, self.hyper)
        self._kernel(*arrays, state.step, steps, *self._squares, low, high, out.taken, out.losses, out.best, out.status)

    def move_on(self, steps: int) -> None:
        """Says that every run has been advanced by ``steps``."""
        self.state.step += steps
