"""Newton's method, damped Newton, and Levenberg-Marquardt for any number of weights: the vector form of ``gdsim.optimizers.newton``."""

from collections.abc import Mapping

import numpy as np

from gdsim.networks.methods.ground import Floats, Ground, Here, State, Step
from gdsim.networks.methods.search import armijo
from gdsim.optimizers.newton import TRIES

Values = Mapping[str, float | bool]


def solved(matrix: Floats, right: Floats) -> Floats:
    """The solution of matrix p = right; zeros if there is not exactly one."""
    try:
        return np.asarray(np.linalg.solve(matrix, right), dtype=np.float64)
    except np.linalg.LinAlgError:
        return np.zeros_like(right)


def newton(here: Here, state: State, values: Values, step: int, ground: Ground) -> Step:
    p = solved(ground.hessian(here.weights), here.gradient)
    return Step(here.weights - values["learning_rate"] * p, state, 2)


def damped_newton(here: Here, state: State, values: Values, step: int, ground: Ground) -> Step:
    hessian = ground.hessian(here.weights)
    if not np.isfinite(hessian).all():
        return Step(here.weights, state, 2)
    curvatures, along = np.linalg.eigh(hessian)
    sizes = np.abs(curvatures)
    least = values["floor"] * sizes.max() if sizes.max() > 0.0 else 1.0
    p = along @ ((along.T @ here.gradient) / np.maximum(sizes, least))
    slope = -float(here.gradient @ p)
    if not slope < 0.0:
        return Step(here.weights, state, 2)
    rate, decrease, shrink = values["learning_rate"], values["sufficient_decrease"], values["shrink"]
    length, tried = armijo(here, -p, slope, rate, decrease, shrink, ground)
    return Step(here.weights - length * p, state, tried + (1 if length > 0.0 else 2))


def levenberg_marquardt(here: Here, state: State, values: Values, step: int, ground: Ground) -> Step:
    r, slopes = ground.residuals(here.weights)
    square, right = slopes.T @ slopes, slopes.T @ r
    most = float(square.diagonal().max())
    damping, growth = state["damping_and_growth"] if state else (values["damping"] * most, 2.0)
    # Never 0, or no factor could raise it again.
    begun = damping = max(damping, 1e-16 * most)
    for tried in range(1, TRIES + 1):
        p = solved(square + damping * np.eye(len(right)), right)
        after = here.weights - values["learning_rate"] * p
        value = ground.loss(after)
        # Of the squares' sum; the quadratic model promises the sum of these products for a whole step.
        promised = float(p @ (damping * p + right))
        if value < here.loss and promised > 0.0:
            miss = 2.0 * (here.loss - value) / promised - 1.0
            return Step(after, {"damping_and_growth": np.array([damping * max(1.0 - miss**3, 1.0 / 3.0), 2.0])}, 1 + tried)
        damping *= growth
        growth *= 2.0
    return Step(here.weights, {"damping_and_growth": np.array([begun, 2.0])}, 2 + TRIES)
