"""Kernel templates: many short runs of one optimizer, each in a world of its own that is told by numbers alone.

``specialise`` gives the names that stand free here their meaning:

- ``lend(world)`` gives the same arrays without counting who holds them (``borrowed``).
- ``begin(world, trial, weights, state) -> n`` puts a run at its start: how many weights there are, and the first n of ``weights``.
- ``look(world, trial, state, weights, gradient, step, seed) -> (loss, seen)`` fills in the gradient that the optimizer sees at a step,
  moving on what is not stationary; ``loss`` is the true one, ``seen`` goes with the gradient.
- ``update``, ``advance``, ``take_step``, ``ON``, SLOTS and SHARED are the optimizer's; ``value_and_gradient``, ``second_derivatives`` and
  ``residuals`` those of a landscape, whose parameters are (world, trial, state, weights, gradient).
- MOST weights and STATE numbers are enough for any world.

A run ends where its loss is no number or above ``ceiling``: it has diverged, and what is told of it is infinity. It also ends at ``floor``
or below, where there is nothing left to gain.
"""

# mypy: ignore-errors
# ruff: noqa: F821

import math

import numpy as np

from gdsim.engine.intrinsics import borrowed


def elementwise(trials, seeds, steps, hyper, slots, shared, world, floor, ceiling, low, high, losses):
    """Runs ``low`` to ``high`` of an optimizer that treats every weight on its own: ``losses`` gets the loss where each ends.

    ``trials`` and ``seeds`` (runs,) say where and with which random numbers. ``hyper`` are the optimizer's parameters, ``slots`` and
    ``shared`` the numbers that it begins with.
    """
    weights, gradient, state, kept = np.empty(MOST), np.empty(MOST), np.empty(STATE), np.empty(MOST * SLOTS + 1)
    rates = gather_hyper(hyper, 0, 1)
    lent = lend(world)
    for run in range(low, high):
        trial, seed = trials[run], seeds[run]
        n = begin(lent, trial, weights, state)
        for i in range(n * SLOTS):
            kept[i] = slots[i % SLOTS]
        common = gather_shared(shared, 0, 1)
        loss = 0.0
        for step in range(1, steps + 2):
            loss, _ = look(lent, trial, state, weights, gradient, step, seed)
            if step > steps or not floor < loss <= ceiling:
                break
            common = advance(common, rates, step)
            for i in range(n):
                weights[i], own = update(weights[i], gradient[i], gather_slots(kept, i * SLOTS, 1), common, rates, ON, step)
                scatter_slots(kept, i * SLOTS, 1, own)
        losses[run] = end_of(loss, floor, ceiling)


def together(trials, seeds, steps, hyper, slots, shared, world, floor, ceiling, low, high, losses):
    """``elementwise`` for a method that looks at a landscape of one or two weights by itself; the world must stand still."""
    weights, gradient, state = np.zeros(MOST), np.zeros(MOST), np.empty(STATE)
    rates = gather_hyper(hyper, 0, 1)
    lent = lend(world)
    for run in range(low, high):
        trial = trials[run]
        begin(lent, trial, weights, state)
        x, y = weights[0], weights[1]
        values = (lent, trial, borrowed(state), borrowed(weights), borrowed(gradient))
        slots_x, slots_y = gather_slots(slots, 0, 1), gather_slots(slots, 0, 1)
        common = gather_shared(shared, 0, 1)
        loss = 0.0
        for step in range(1, steps + 2):
            loss, gx, gy = value_and_gradient(x, y, values)
            if step > steps or not floor < loss <= ceiling:
                break
            common = advance(common, rates, step)
            x, y, slots_x, slots_y, _ = take_step(x, y, loss, gx, gy, slots_x, slots_y, common, rates, values, step)
        losses[run] = end_of(loss, floor, ceiling)


def end_of(loss, floor, ceiling):
    """What is told of a run that ended with this loss."""
    if not loss <= ceiling:
        return math.inf
    return loss if loss > floor else floor


def one_look(world, trial, state, weights, gradient, step, seed):
    """A single look, for runs whose steps are taken elsewhere."""
    return look(world, trial, state, weights, gradient, step, seed)


def one_begin(world, trial, weights, state):
    return begin(world, trial, weights, state)
