"""A graph over arrays of points, with a bound on the rounding error of every value: carried along node by node."""

import functools
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.landscapes.formula.evaluate import OPERATORS
from gdsim.landscapes.formula.functions import CONSTANTS, FUNCTIONS
from gdsim.landscapes.formula.graph import Graph

Floats = NDArray[np.float64]

ROUNDING, SUBNORMAL = 2.0**-51, 5e-324
"""Of a result: two units in the last place, for functions that are not rounded correctly; and where it is too small to have all places."""
EXACT = ("negate", "abs", "min", "max", "sign")
SWING = {"sin": 2.0, "cos": 2.0, "tan": np.inf}
"""How far a periodic function may be off where its argument is known to less than a period."""


def with_errors(graph: Graph, root: int, x: Floats, y: Floats, parameters: Mapping[str, float]) -> tuple[Floats, Floats]:
    """The value of ``root`` at every point (x, y), and a bound on its error.

    The bound is infinite from where something has overflowed, so that its limit is not known; not where there is a pole.
    """
    weights = {"x": x, "y": y}
    known: dict[int, tuple[Any, Any]] = {}
    with np.errstate(all="ignore"):
        for place in graph.used((root,)):
            node = graph[place]
            match node.kind:
                case "number":
                    known[place] = np.float64(node.value), np.float64(0.0)
                case "constant":
                    known[place] = np.float64(CONSTANTS[str(node.value)]), np.float64(0.0)
                case "variable":
                    known[place] = weights[str(node.value)], np.float64(0.0)
                case "parameter":
                    known[place] = np.float64(parameters[str(node.value)]), np.float64(0.0)
                case kind:
                    known[place] = _applied(kind, [known[arg] for arg in node.args])
    value, error = known[root]
    return np.array(np.broadcast_to(value, x.shape)), np.array(np.broadcast_to(error, x.shape))


def _applied(kind: str, args: list[tuple[Any, Any]]) -> tuple[Any, Any]:
    function = OPERATORS[kind] if kind in OPERATORS else FUNCTIONS[kind].over
    values = [value for value, _ in args]
    result = function(*values)
    error = np.zeros_like(result) if kind in EXACT else ROUNDING * np.abs(result)
    if kind not in (*EXACT, "add", "subtract"):
        error = error + (ROUNDING if kind == "sigmoid" else SUBNORMAL)  # the sum of two halves that may all but cancel
    for place, (value, unsure) in enumerate(args):
        if np.any(unsure):
            error = error + _passed_on(kind, function, values, place, value, unsure, result)
    if kind == "multiply":
        error = error + args[0][1] * args[1][1]  # all there is where both factors are 0 but for rounding
    known = functools.reduce(np.logical_and, (np.isfinite(unsure) for _, unsure in args))
    at_a_pole = known & (np.asarray(values[-1]) == 0.0) & (kind in ("divide", "log", "log2", "log10", "power"))
    error = np.where(np.isnan(result), np.where(known, 0.0, np.inf), np.where(np.isinf(result) & ~at_a_pole, np.inf, error))
    return result, np.where(np.isinf(result) & at_a_pole, 0.0, np.where(np.isnan(error), np.inf, error))


def _passed_on(kind: str, function: Any, values: list[Any], place: int, value: Any, unsure: Any, result: Any) -> Any:
    """What becomes of the error of one argument."""
    if kind in SWING:
        return np.where(unsure < 0.1, np.abs(function(value + unsure) - result) + np.abs(function(value - unsure) - result), SWING[kind])
    if kind == "divide" and place == 1:
        return np.where(np.abs(value) > 2.0 * unsure, np.abs(result) * 2.0 * unsure / np.abs(value), np.inf)
    moved = [np.abs(function(*values[:place], value + sign * unsure, *values[place + 1 :]) - result) for sign in (-1.0, 1.0)]
    return np.where(unsure > 0.0, np.fmax(*moved), 0.0)
