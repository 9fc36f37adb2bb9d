"""BFGS and L-BFGS for any number of weights: the vector form of ``gdsim.optimizers.quasi_newton``."""

from collections.abc import Mapping

import numpy as np

from gdsim.networks.methods.descent import first_length
from gdsim.networks.methods.ground import Floats, Ground, Here, State, Step
from gdsim.networks.methods.search import strong_wolfe

Values = Mapping[str, float | bool]


def bfgs(here: Here, state: State, values: Values, step: int, ground: Ground) -> Step:
    """Keeps the estimate of the inverse Hessian: n^2 numbers."""
    g = here.gradient
    inverse = state.get("inverse")
    direction = -g if inverse is None else -(inverse @ g)
    found = _searched(here, direction, inverse is None, values, ground)
    if found is None:
        return Step(here.weights, state, 1)
    s, u, unknown, tried = found
    if s is None or u is None:
        return Step(here.weights, {}, tried + 1)
    su, uu = float(s @ u), float(u @ u)
    if su > 0.0 and uu > 0.0:
        if unknown or inverse is None:
            inverse = su / uu * np.eye(len(g))
        a = inverse @ u / su
        # (I - s u^T / su) B (I - u s^T / su) + s s^T / su
        inverse = inverse - np.outer(a, s) - np.outer(s, a) + (1.0 + float(u @ a)) / su * np.outer(s, s)
    return Step(here.weights + s, {} if inverse is None else {"inverse": inverse}, tried)


def lbfgs(here: Here, state: State, values: Values, step: int, ground: Ground) -> Step:
    """Keeps the last few steps and changes of the gradient, newest first: 2 history n numbers."""
    history = int(values["history"])
    n = len(here.weights)
    steps, changes = state.get("steps", np.empty((0, n))), state.get("changes", np.empty((0, n)))
    direction = -_product(here.gradient, steps, changes)
    found = _searched(here, direction, not len(steps), values, ground)
    if found is None:
        return Step(here.weights, state, 1)
    s, u, _, tried = found
    if s is None or u is None:
        return Step(here.weights, {}, tried + 1)
    if float(s @ u) > 0.0:
        steps, changes = np.vstack((s, steps))[:history], np.vstack((u, changes))[:history]
    return Step(here.weights + s, {"steps": steps, "changes": changes}, tried)


def _product(gradient: Floats, steps: Floats, changes: Floats) -> Floats:
    """B g by the two loops of Nocedal and Wright (2006), algorithm 7.4."""
    q = gradient
    taken = []
    for s, u in zip(steps, changes, strict=True):
        share = float(s @ q) / float(s @ u)
        q = q - share * u
        taken.append(share)
    if len(steps):
        q = float(steps[0] @ changes[0]) / float(changes[0] @ changes[0]) * q
    for s, u, share in reversed(list(zip(steps, changes, taken, strict=True))):
        q = q + (share - float(u @ q) / float(s @ u)) * s
    return q


def _searched(
    here: Here, direction: Floats, unknown: bool, values: Values, ground: Ground
) -> tuple[Floats | None, Floats | None, bool, int] | None:
    """(step, change of the gradient, whether nothing was known, points tried), the first two None if no length will do.

    None where the ground is level.
    """
    g, length = here.gradient, float(values["learning_rate"])
    slope = float(direction @ g)
    if unknown or not slope < 0.0:
        unknown, direction = True, -g
        slope, length = float(direction @ g), first_length(length, g)
        if not slope < 0.0:
            return None
    decrease, curvature = float(values["sufficient_decrease"]), float(values["curvature"])
    length, gradient, tried = strong_wolfe(here, direction, slope, length, decrease, curvature, ground)
    return (length * direction, gradient - g, unknown, tried) if length > 0.0 else (None, None, unknown, tried)
