"""Unit maps: what the units of a network say where it is looked at, as small pictures over its inputs."""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdsim.networks import features
from gdsim.networks.units import Column, activations, columns_of, thinned
from gdsim.simulation.answers import AT_ONCE, Kind, places
from gdsim.simulation.network_problem import NetworkProblem
from gdsim.simulation.trajectory import Floats

ACROSS = 48
"""Places along either axis of the map of a unit over two inputs, and along the curve of one over one."""
MOST_POINTS = 512
"""Points over which a unit is averaged where there are more than two inputs."""


@dataclass(frozen=True, eq=False)
class UnitMaps:
    """``values[i]`` (units, ...) are those of the units of ``columns[i]``, as shares of ``spans[i]`` in steps of 1/127: over the plane
    (48, 48), row by row from its lowest y, along a curve (48,), or, for more inputs, the mean over some points (). 0 stands for what is not
    a number. The inputs are the first column.
    """

    kind: Kind
    columns: tuple[Column, ...]
    values: tuple[NDArray[np.int8], ...]
    spans: tuple[float, ...]


def seen(problem: NetworkProblem, inputs: Floats) -> Floats:
    """Points as the network sees them: through its features, scaled."""
    through = features.columns(inputs, problem.seen) if problem.seen else inputs
    scale = problem.standardisation
    return scale.scaled(through) if scale else through


def looked_at(problem: NetworkProblem) -> tuple[Kind, Floats]:
    """Where units are looked at, in the data's units."""
    where = places(problem, ACROSS)
    if where.kind == "plane":
        return where.kind, where.inputs
    return where.kind, where.inputs[list(thinned(len(where.inputs), ACROSS if where.kind == "curve" else MOST_POINTS))]


def unit_maps(problem: NetworkProblem, weights: Floats, buffers: Floats) -> Generator[None, None, UnitMaps]:
    """The maps of a network with these weights; interrupted every few milliseconds."""
    kind, inputs = looked_at(problem)
    network, points = problem.shape, seen(problem, inputs)
    columns = columns_of(network)
    said: list[list[Floats]] = [[] for _ in columns]
    block = max(16, AT_ONCE // network.weights)
    for first in range(0, len(points), block):
        layers = (points[first : first + block], *activations(network, weights, buffers, points[first : first + block]))
        for column, pieces in zip(columns, said, strict=True):
            pieces.append(layers[column.layer][:, list(column.units)])
        yield
    found = [_small(kind, np.concatenate(pieces), column) for pieces, column in zip(said, columns, strict=True)]
    return UnitMaps(kind, columns, tuple(values for values, _ in found), tuple(span for _, span in found))


def _small(kind: Kind, said: Floats, column: Column) -> tuple[NDArray[np.int8], float]:
    """Values (n, units) of the shown units in steps of the layer's span, one unit after another."""
    chosen = np.where(np.isfinite(said), said, 0.0).T
    chosen = chosen.mean(axis=1) if kind == "points" else chosen
    span = float(np.abs(chosen).max(initial=0.0)) or 1.0
    values = np.round(127.0 * (chosen / span)).astype(np.int8)
    values = values.reshape(len(column.units), ACROSS, ACROSS) if kind == "plane" else values
    values.flags.writeable = False
    return values, span
