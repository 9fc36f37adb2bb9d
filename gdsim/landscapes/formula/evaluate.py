"""A graph over arrays of points, with NumPy: at once, without compiling anything."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.landscapes.formula.functions import CONSTANTS, FUNCTIONS
from gdsim.landscapes.formula.graph import Graph

Floats = NDArray[np.float64]
OPERATORS: dict[str, Any] = {"add": np.add, "subtract": np.subtract, "multiply": np.multiply, "negate": np.negative}


def evaluate(graph: Graph, roots: Sequence[int], x: Floats, y: Floats, parameters: Mapping[str, float]) -> list[Floats]:
    """The value of each root at every point (x, y), both of one shape. An intermediate result is let go after its last use."""
    order = list(graph.used(roots))
    last = {arg: place for place in order for arg in graph[place].args}
    weights = {"x": x, "y": y}
    values: dict[int, Any] = {}
    with np.errstate(all="ignore"):
        for place in order:
            node = graph[place]
            match node.kind:
                case "number":
                    values[place] = np.float64(node.value)
                case "constant":
                    values[place] = np.float64(CONSTANTS[str(node.value)])
                case "variable":
                    values[place] = weights[str(node.value)]
                case "parameter":
                    values[place] = np.float64(parameters[str(node.value)])
                case kind:
                    function = OPERATORS[kind] if kind in OPERATORS else FUNCTIONS[kind].over
                    values[place] = function(*(values[arg] for arg in node.args))
            for arg in set(node.args):
                if last[arg] == place and arg not in roots:
                    del values[arg]
    return [np.array(np.broadcast_to(values[root], x.shape), dtype=np.float64) for root in roots]
