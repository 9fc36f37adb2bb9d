"""Many runs on one landscape, with the moment in which each one reached its goal.

A rule that treats every weight on its own is compiled apart from the landscape: so an optimizer that was written a minute ago compiles
once, and not once for every landscape that it is tried on. The bits are those of ``gdsim.simulation.many``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdsim.engine import templates
from gdsim.engine.descend import STEEPEST
from gdsim.engine.evaluate import NO_DATA
from gdsim.engine.gather import gather, scatter
from gdsim.engine.intrinsics import fma
from gdsim.engine.specialise import specialise
from gdsim.harness.target import Stepper, Target
from gdsim.landscapes import Landscape
from gdsim.optimizers import Optimizer
from gdsim.simulation.many import Many

# mypy: disable-error-code="name-defined"
# ruff: noqa: F821 (the names of leaves stand free in the template)

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ends:
    """What became of n runs: the ``losses`` (n,) where they ended, the ``best`` that each saw, and ``times`` (n,), how many evaluations of
    loss and gradient each took until its loss was first at its goal or below, infinity where it never was. ``diverged`` (n,) tells which
    ended at a point that is not finite or too steep to go on, ``steps`` (n,) after how many steps.
    """

    losses: Floats
    best: Floats
    times: Floats
    diverged: NDArray[np.bool_]
    steps: NDArray[np.int64]


def step_all(weights, slots, shared, hyper, seen, goals, limit, step, hits, ends, best):  # type: ignore[no-untyped-def]
    """Template: every run looks at what it has ``seen`` (loss, dJ/dx, dJ/dy), and takes a step if that is finite. Quantity k of run i of n
    is number k n + i of an array; those of the second weight's slots follow those of the first.
    """
    n = goals.size
    for i in range(n):
        loss, gx, gy = seen[0, i], seen[1, i], seen[2, i]
        going = fma(0.0, loss, fma(gx, gx, gy * gy)) <= limit
        best[i] = loss if loss < best[i] else best[i]
        hits[i] = step - 1 if hits[i] < 0 and loss <= goals[i] else hits[i]
        ends[i] = step - 1 if ends[i] < 0 and not going else ends[i]
        rates = gather_hyper(hyper, i, n)
        common = advance(gather_shared(shared, i, n), rates, step)
        slots_x, slots_y = gather_slots(slots, i, n), gather_slots(slots, SLOTS * n + i, n)
        x, slots_x = update(weights[i], gx, slots_x, common, rates, ON, step)
        y, slots_y = update(weights[n + i], gy, slots_y, common, rates, ON, step)
        weights[i] = x if going else weights[i]
        weights[n + i] = y if going else weights[n + i]
        scatter_slots(slots, i, n, slots_x)
        scatter_slots(slots, SLOTS * n + i, n, slots_y)
        scatter_shared(shared, i, n, common)


def runs_of(
    landscape: Landscape,
    optimizer: Optimizer,
    starts: ArrayLike,
    steps: int,
    goals: ArrayLike,
    values: Mapping[str, ArrayLike | bool] | None = None,
    seed: int = 0,
    streams: ArrayLike | None = None,
) -> Ends:
    """Runs from ``starts`` (n, dim), each with its own goal and its own ``values`` (a number, or an array (n,); switches are the same for
    all). Noise and motion of the landscape take their random numbers from ``seed`` and ``streams`` (n,).

    A method that looks around stops to count when it has taken ``steps`` evaluations. Raises ValueError for one that cannot run there.
    """
    at = np.atleast_2d(np.asarray(starts, dtype=np.float64))
    full = {**optimizer.defaults, **(values or {})}
    if not optimizer.is_elementwise or landscape.noise or landscape.motion is not None:
        return _in_legs(landscape, optimizer, at, steps, np.broadcast_to(goals, len(at)), full, seed, streams)
    hyper = np.array([np.broadcast_to(np.asarray(full[name], np.float64), len(at)) for name in optimizer.hyper_names])
    on = tuple(bool(np.any(full[name])) for name in optimizer.switches)
    n = len(at)
    slots = np.array([np.broadcast_to(slot, n) for slot in optimizer.initial_slots(tuple(hyper))]).ravel()
    shared = np.repeat(np.array(optimizer.initial_shared), n)
    kernel, rates = _stepper(optimizer, on), hyper.ravel()
    kept = (np.concatenate((slots, slots)), shared, rates)

    def move(weights: Floats, seen: Floats, watch: "Watch", step: int) -> None:
        kernel(weights, *kept, seen, watch.goals, watch.limit, step, watch.hits, watch.ends, watch.best)

    return _walk(landscape, at, steps, goals, move)


@cache
def _stepper(optimizer: Optimizer, on: tuple[bool, ...]) -> Callable[..., None]:
    slots, shared = len(optimizer.slot_names), len(optimizer.initial_shared)
    picked: dict[str, Any] = {"gather_hyper": gather(len(optimizer.hyper_names)), "gather_slots": gather(slots)}
    picked |= {"gather_shared": gather(shared), "scatter_slots": scatter(slots), "scatter_shared": scatter(shared)}
    assert optimizer.update is not None
    return specialise(step_all, update=optimizer.update, advance=optimizer.advance, ON=on, SLOTS=slots, **picked)


class Watch:
    """What is kept of runs under way: the step in which each reached its goal, and in which it ended (-1 for not yet)."""

    def __init__(self, goals: ArrayLike, runs: int) -> None:
        self.goals = np.array(np.broadcast_to(np.asarray(goals, np.float64), runs))
        self.hits, self.ends = np.full(runs, -1, np.int64), np.full(runs, -1, np.int64)
        self.best = np.full(runs, np.inf)
        self.limit = STEEPEST**2

    def look(self, seen: Floats, step: int) -> NDArray[np.bool_]:
        """Takes note of the point before ``step``; says which runs go on."""
        loss, gx, gy = seen
        with np.errstate(all="ignore"):
            going = 0.0 * loss + (gx * gx + gy * gy) <= self.limit
            self.best = np.where(loss < self.best, loss, self.best)
            self.hits = np.where((self.hits < 0) & (loss <= self.goals), step - 1, self.hits)
        self.ends = np.where((self.ends < 0) & ~going, step - 1, self.ends)
        return np.asarray(going, dtype=np.bool_)

    def ended(self, losses: Floats, steps: int) -> Ends:
        times = np.where(self.hits < 0, np.inf, self.hits)
        return Ends(losses, self.best, times, self.ends >= 0, np.where(self.ends < 0, steps, self.ends))


Move = Callable[[Floats, Floats, Watch, int], None]
"""``move(weights, seen, watch, step)`` looks, and moves the weights (2 n,), x and then y, of those that go on."""


def _walk(landscape: Landscape, starts: Floats, steps: int, goals: ArrayLike, move: Move) -> Ends:
    n = len(starts)
    weights = np.zeros(2 * n)
    weights[: landscape.dim * n] = starts.T.ravel()
    watch, seen = Watch(goals, n), np.empty((3, n))
    params = np.array(landscape.values, dtype=np.float64)
    made = landscape.data is not None
    values_of = templates.parameters_and_data if made else templates.parameters
    look = specialise(
        templates.at_points, three_numbers=landscape.value_and_gradient, values_of=values_of, gather_params=gather(len(params))
    )
    data = NO_DATA if landscape.data is None else landscape.data.array
    for step in range(1, steps + 1):
        look(weights[:n], weights[n:], params, data, seen)
        move(weights, seen, watch, step)
    look(weights[:n], weights[n:], params, data, seen)
    watch.look(seen, steps + 1)
    return watch.ended(seen[0].copy(), steps)


def runs_of_targets(landscape: Landscape, targets: Sequence[Target], starts: Floats, steps: int, goals: ArrayLike) -> Ends:
    """The same for targets that are not compiled, one a start, step by step in their own code. Raises TargetError."""
    steppers: list[Stepper] = [target.begin(start.copy()) for target, start in zip(targets, starts, strict=True)]
    n, dim = starts.shape

    def move(weights: Floats, seen: Floats, watch: Watch, step: int) -> None:
        going = watch.look(seen, step)
        for i in np.flatnonzero(going):
            weights[i::n][:dim] = steppers[i].step(seen[1 : 1 + dim, i].copy(), float(seen[0, i]))

    return _walk(landscape, starts, steps, goals, move)


def legs(steps: int) -> list[int]:
    """Steps after which a run is looked at, one by one at first and then 5 % apart, ``steps`` the last."""
    marks = [*range(1, min(20, steps) + 1)]
    while marks[-1] < steps:
        marks.append(min(steps, int(marks[-1] * 1.05) + 1))
    return marks


def _in_legs(
    landscape: Landscape,
    optimizer: Optimizer,
    starts: Floats,
    steps: int,
    goals: ArrayLike,
    values: Mapping[str, Any],
    seed: int,
    streams: ArrayLike | None,
) -> Ends:
    """Runs whose landscape and optimizer are compiled together. The time in which they reached their goal is known to 5 %."""
    many = Many(landscape, optimizer, starts, steps, seed=seed, streams=streams, **values)
    first = landscape.loss(*starts.T)
    wanted = np.asarray(goals, np.float64)
    times = np.where(first <= wanted, 0.0, np.inf)
    done = 0
    for mark in legs(steps):
        many.walk(mark - done)
        done = mark
        now = many.summary()
        with np.errstate(invalid="ignore"):
            times = np.where(np.isinf(times) & (now.best <= wanted) & (now.evaluations <= steps), now.evaluations, times)
        if np.all(now.evaluations >= steps) or np.all(now.diverged):
            break
    return Ends(now.losses, now.best, times, now.diverged, now.steps)
