"""Optimizers driven through the engine's kernels, on one test surface, so that few kernels are compiled."""

import math

import numpy as np

from gdsim.engine import descend
from gdsim.landscapes import Landscape
from gdsim.optimizers import OPTIMIZERS
from gdsim.parameter import Param
from gdsim.simulation.run import rule_of
from tests.golden.settings import HIMMELBLAU, QUADRATIC, ROSENBROCK, SLOPE, surface

__all__ = ["ELEMENTWISE", "HIMMELBLAU", "QUADRATIC", "ROSENBROCK", "SLOPE", "STAGE", "record", "rule", "shared_after", "start", "step"]

ELEMENTWISE = {name: record for name, record in OPTIMIZERS.items() if record.is_elementwise}

STAGE = Landscape(
    name="stage",
    title="Test surface",
    dim=2,
    family="test",
    value_and_gradient=surface,
    second_derivatives=surface,
    formula="",
    latex="",
    domain=((-5.0, 5.0), (-5.0, 5.0)),
    start=(1.0, 1.0),
    parameters=(Param("kind", QUADRATIC, "which surface"), Param("a", 1.0, "in x"), Param("b", 1.0, "in y")),
)


def rule(name, values, on=None):
    """(rule, hyper) of an optimizer with these values; ``on`` overrides the switches that the values would set."""
    hyper, switches = OPTIMIZERS[name].pack(values)
    return rule_of(STAGE, OPTIMIZERS[name], hyper, switches if on is None else on), np.array(hyper)


def start(name, hyper, weights):
    """The state of a new run at ``weights``, two numbers."""
    optimizer = OPTIMIZERS[name]
    return descend.State.start(
        np.array(weights, dtype=float).reshape(2, 1), optimizer.initial_slots(tuple(hyper)), optimizer.initial_shared
    )


def record(name, values, params, weights, steps, on=None, limit=math.inf):
    """A new run of ``steps`` steps: its recording and the state that it ends in."""
    bound, hyper = rule(name, values, on)
    state = start(name, hyper, weights)
    return descend.record(bound, state, np.array(params), hyper, steps, limit=limit), state


def shared_after(name, hyper, steps):
    """Yields the optimizer's shared numbers before step 1, 2, ... ``steps`` + 1."""
    optimizer = OPTIMIZERS[name]
    shared = optimizer.initial_shared
    for number in range(1, steps + 2):
        yield shared
        shared = optimizer.advance(shared, tuple(hyper), number)


def step(bound, hyper, params, weights, kept, shared, number):
    """One step from any state: ``kept`` has one pair (of x, of y) for each slot. Returns weights (2,) and kept (slots, 2)."""
    slots = np.array(kept, dtype=float).reshape(-1, 2).T.reshape(-1, 1)
    column, nothing = np.array(shared, dtype=float).reshape(-1, 1), np.empty((0, 1))
    state = descend.State(np.array(weights, dtype=float).reshape(2, 1), slots, column, nothing, nothing, number)
    descend.record(bound, state, np.array(params), hyper, 1, closing=False)
    return state.weights[:, 0], state.slots[:, 0].reshape(2, -1).T
