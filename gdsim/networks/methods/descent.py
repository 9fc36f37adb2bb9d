"""Descent that finds the length of its steps by itself, and conjugate gradients: the vector form of ``gdsim.optimizers.step_lengths``."""

from collections.abc import Mapping

import numpy as np

from gdsim.networks.methods.ground import Floats, Ground, Here, State, Step
from gdsim.networks.methods.search import armijo, strong_wolfe

Values = Mapping[str, float | bool]


def first_length(learning_rate: float, gradient: Floats) -> float:
    """The first length tried along -g, when nothing is known: no farther than learning_rate, counted along the axes."""
    size = float(np.abs(gradient).sum())
    return learning_rate / size if size > 1.0 else learning_rate


def backtracking(here: Here, state: State, values: Values, step: int, ground: Ground) -> Step:
    slope = -float(here.gradient @ here.gradient)
    rate, decrease, shrink = values["learning_rate"], values["sufficient_decrease"], values["shrink"]
    length, tried = armijo(here, -here.gradient, slope, rate, decrease, shrink, ground)
    return Step(here.weights - length * here.gradient, state, tried + (length == 0.0))


def barzilai_borwein(here: Here, state: State, values: Values, step: int, ground: Ground) -> Step:
    length = float(values["learning_rate"])
    if state:
        s, u = here.weights - state["weights"], here.gradient - state["gradient"]
        su = float(s @ u)
        above, below = (su, float(u @ u)) if values["short"] else (float(s @ s), su)
        if su > 0.0 and below > 0.0:
            length = above / below
    return Step(here.weights - length * here.gradient, {"weights": here.weights, "gradient": here.gradient}, 1)


def polyak(here: Here, state: State, values: Values, step: int, ground: Ground) -> Step:
    square = float(here.gradient @ here.gradient)
    above = here.loss - values["least_loss"]
    length = values["learning_rate"] * above / square if above > 0.0 and square > 0.0 else 0.0
    return Step(here.weights - length * here.gradient, state, 1)


def conjugate_gradient(here: Here, state: State, values: Values, step: int, ground: Ground) -> Step:
    g, rate = here.gradient, float(values["learning_rate"])
    turn = length = 0.0
    if state:
        before = state["gradient"]
        square = float(before @ before)
        if square > 0.0:
            turn = float(g @ g) / square
            turn = turn if values["fletcher_reeves"] else max(turn - float(g @ before) / square, 0.0)
        direction = turn * state["direction"] - g
        slope = float(direction @ g)
        last_length, last_slope = state["length_and_slope"]
        length = rate * last_length * (last_slope / slope) if slope < 0.0 else 0.0
    if not (length > 0.0 and turn > 0.0):
        direction = -g
        slope = float(direction @ g)
        length = first_length(rate, g)
        if not slope < 0.0:
            return Step(here.weights, state, 1)
    decrease, curvature = float(values["sufficient_decrease"]), float(values["curvature"])
    length, _, tried = strong_wolfe(here, direction, slope, length, decrease, curvature, ground)
    if not length > 0.0:
        return Step(here.weights, {}, tried + 1)
    kept = {"gradient": g, "direction": direction, "length_and_slope": np.array([length, slope])}
    return Step(here.weights + length * direction, kept, tried)
