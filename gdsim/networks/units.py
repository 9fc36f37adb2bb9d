"""Units: what every unit of a network says of points, and which units a picture of the network has room for."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,name-defined"
# ruff: noqa: F821 (names in capitals stand free: composed)

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdsim.engine import evaluate
from gdsim.engine.backprop import EPS
from gdsim.engine.compose import composed
from gdsim.networks.layers import ACTIVATIONS, Leaf
from gdsim.networks.network import Network

Floats = NDArray[np.float64]


def over_an_array(z, _y, _params):
    """The value and slope of an activation, as a leaf of points."""
    a, slope = ACTIVATION(z)
    return a, slope, 0.0


@cache
def _leaf(name: str) -> Leaf:
    return composed(over_an_array, ACTIVATION=ACTIVATIONS[name].value_and_slope)


def activated(name: str, sums: Floats) -> Floats:
    """The activation ``name`` of an array of sums."""
    return sums if name == "identity" else evaluate.three_numbers(_leaf(name), (), sums, 0.0)[0]


def activations(network: Network, weights: ArrayLike, buffers: ArrayLike, inputs: ArrayLike) -> Iterator[Floats]:
    """What the units say of ``inputs`` (n, features), evaluated and not trained: layer after layer an array (n, units), beginning with the
    first hidden one. Computed in float64, whatever the network's precision.
    """
    flat, running = np.asarray(weights, dtype=np.float64), np.asarray(buffers, dtype=np.float64)
    tensors, statistics = network.views(flat), network.views(running, network.buffers)
    names = iter(network.parts)
    kept = iter(network.buffers)
    said: Floats = np.asarray(inputs, dtype=np.float64)
    last = len(network.layers) - 2
    with np.errstate(all="ignore"):
        for layer in range(last + 1):
            matrix, bias = tensors[next(names).name], tensors[next(names).name]
            sums = said @ matrix.T + bias
            if network.batch_norm and layer < last:
                factor, shift = tensors[next(names).name], tensors[next(names).name]
                mean, variance = statistics[next(kept).name], statistics[next(kept).name]
                sums = (sums - mean) / np.sqrt(variance + EPS) * factor + shift
            said = activated(network.output if layer == last else network.activation, np.ascontiguousarray(sums))
            yield said


@dataclass(frozen=True)
class Column:
    """A layer in a picture: its number (0 are the inputs), the ``units`` that are shown, and how many there are."""

    layer: int
    units: tuple[int, ...]
    count: int


MOST_UNITS = 16
MOST_COLUMNS = 10


def columns_of(network: Network, most_units: int = MOST_UNITS, most_columns: int = MOST_COLUMNS) -> tuple[Column, ...]:
    """The layers that a picture shows: of many the first and the last, of many units some that are spread evenly."""
    count = len(network.layers)
    first = -(-most_columns // 2)
    chosen = range(count) if count <= most_columns else (*range(first), *range(count - most_columns + first, count))
    return tuple(Column(layer, thinned(network.layers[layer], most_units), network.layers[layer]) for layer in chosen)


def thinned(count: int, most: int) -> tuple[int, ...]:
    """0 to count - 1, or ``most`` of them, evenly spread from the first to the last."""
    return tuple(range(count)) if count <= most else tuple(np.round(np.linspace(0, count - 1, most)).astype(int).tolist())
