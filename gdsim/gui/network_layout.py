"""Where the units and weights of a network stand in its picture, in pixels, and what is under a cursor. No Qt here."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gdsim.networks.network import Network, Part
from gdsim.networks.units import Column

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

TOP, BOTTOM = 46.0, 36.0
"""Room above the layers for their names, and below them for the readout."""
SIDES, SIDE_SHARE = 62.0, 0.12
"""Room beside them for the names of inputs and outputs, at most such a share of the width."""
SMALLEST, LARGEST = 14.0, 60.0
"""Side of a unit in pixels."""
GAP = 0.22
"""Least room between units, as a share of their side."""
ROOM = 1.1
"""Least room between layers for the weights, in sides."""
OUTPUT = 1.9
"""A single output is what the network says: it is that much larger."""
ALONG = np.linspace(0.0, 1.0, 21)
REACH = 5.0


@dataclass(frozen=True)
class Unit:
    """Unit ``unit`` of layer ``layer`` (0 are the inputs); ``column`` and ``row`` are its place in the picture."""

    column: int
    row: int
    layer: int
    unit: int


@dataclass(frozen=True)
class Edge:
    """The weight at ``place`` of the flat vector, from unit ``before`` of layer ``layer`` to unit ``after`` of the next."""

    number: int
    place: int
    layer: int
    before: int
    after: int


@dataclass(frozen=True, eq=False)
class Layout:
    """``boxes[c]`` (units, 3) are left, top and side of the units of column c; ``gaps`` the columns before which layers are left out.

    Weights that are shown are numbered: ``places`` (E,) in the flat vector, ``ends`` (E, 4): x and y where each begins and ends.
    ``biases[c]`` (units,) are places in the flat vector too, empty for the inputs.
    """

    columns: tuple[Column, ...]
    boxes: tuple[Floats, ...]
    gaps: tuple[int, ...]
    places: Integers
    ends: Floats
    pairs: Integers
    biases: tuple[Integers, ...]

    @cached_property
    def curves(self) -> Floats:
        """Points (E, 21, 2) along each weight, for the cursor to be near to."""
        x0, y0, x1, y1 = (self.ends[:, k, np.newaxis] for k in range(4))
        t = ALONG[np.newaxis, :]
        a, b, c, d = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3
        middle = (x0 + x1) / 2
        return np.stack((a * x0 + (b + c) * middle + d * x1, (a + b) * y0 + (c + d) * y1), axis=2)

    def under(self, x: float, y: float, widths: Floats) -> Unit | Edge | None:
        """The unit at a place, else the nearest weight; of several that are as near, the one drawn widest."""
        for column, boxes in enumerate(self.boxes):
            inside = (boxes[:, 0] <= x) & (x <= boxes[:, 0] + boxes[:, 2]) & (boxes[:, 1] <= y) & (y <= boxes[:, 1] + boxes[:, 2])
            if inside.any():
                row = int(np.argmax(inside))
                return Unit(column, row, self.columns[column].layer, self.columns[column].units[row])
        if not len(self.places):
            return None
        away = _away(self.curves, x, y) - widths / 2
        number = int(np.argmin(away))
        return self.edge(number) if away[number] <= REACH else None

    def edge(self, number: int) -> Edge:
        layer, before, after = self.pairs[number].tolist()
        return Edge(number, int(self.places[number]), layer, before, after)


def _away(curves: Floats, x: float, y: float) -> Floats:
    """How far (E,) a place is from each polyline (E, n, 2)."""
    starts, along = curves[:, :-1], np.diff(curves, axis=1)
    offset = np.array([x, y]) - starts
    share = np.clip((offset * along).sum(axis=2) / np.maximum((along**2).sum(axis=2), 1e-12), 0.0, 1.0)
    return np.asarray(np.hypot(*np.moveaxis(offset - share[..., np.newaxis] * along, 2, 0)).min(axis=1))


def linear_parts(network: Network, layer: int) -> tuple[Part, Part]:
    """Weight and bias of the linear layer ``layer``, from 0."""
    own = [part for part in network.parts if part.layer == layer]
    return own[0], own[1]


def sides_of(width: float) -> float:
    return min(SIDES, SIDE_SHARE * width)


def layout(
    network: Network, columns: Sequence[Column], width: float, height: float, largest: float = LARGEST, output: float = OUTPUT
) -> Layout:
    """The picture of the layers ``columns`` in so many pixels; units are at most ``largest``, a single output ``output`` times as large."""
    room, sideways = height - TOP - BOTTOM, sides_of(width)
    tallest = max(len(column.units) for column in columns)
    count = len(columns)
    side = min(room / (tallest * (1.0 + GAP)), (width - 2 * sideways) / (count + (count - 1) * ROOM), largest)
    side = max(side, SMALLEST)
    last = min(output * side, room) if len(columns[-1].units) == 1 else side
    sides = [side] * (count - 1) + [last]
    free = width - 2 * sideways - sum(sides)
    boxes: list[Floats] = []
    left = sideways
    for column, own in zip(columns, sides, strict=True):
        units = len(column.units)
        pitch = min(room / units, own * 1.5)
        first = TOP + room / 2 - pitch * units / 2 + (pitch - own) / 2
        boxes.append(np.array([[left, first + pitch * k, own] for k in range(units)]))
        left += own + free / max(count - 1, 1)
    gaps = tuple(c for c in range(1, count) if columns[c].layer != columns[c - 1].layer + 1)
    return Layout(tuple(columns), tuple(boxes), gaps, *_edges(network, columns, boxes), _biases(network, columns))


def _edges(network: Network, columns: Sequence[Column], boxes: Sequence[Floats]) -> tuple[Integers, Floats, Integers]:
    places, ends, pairs = [np.empty(0, dtype=np.int64)], [np.empty((0, 4))], [np.empty((0, 3), dtype=np.int64)]
    for c in range(1, len(columns)):
        before, after = columns[c - 1], columns[c]
        if after.layer != before.layer + 1:
            continue
        part, _ = linear_parts(network, before.layer)
        i, j = (grid.ravel() for grid in np.meshgrid(np.arange(len(before.units)), np.arange(len(after.units))))
        first, second = np.array(before.units)[i], np.array(after.units)[j]
        places.append(part.at + second * part.shape[1] + first)
        source, target = boxes[c - 1][i], boxes[c][j]
        ends.append(
            np.stack((source[:, 0] + source[:, 2], source[:, 1] + source[:, 2] / 2, target[:, 0], target[:, 1] + target[:, 2] / 2), axis=1)
        )
        pairs.append(np.stack((np.full(len(i), before.layer), first, second), axis=1))
    return np.concatenate(places), np.concatenate(ends), np.concatenate(pairs)


def _biases(network: Network, columns: Sequence[Column]) -> tuple[Integers, ...]:
    found = [np.empty(0, dtype=np.int64)]
    for column in columns[1:]:
        _, part = linear_parts(network, column.layer - 1)
        found.append(part.at + np.array(column.units))
    return tuple(found)


THINNEST, WIDEST = 0.5, 7.0


def widths_of(weights: Floats, scale: float) -> Floats:
    """How wide weights are drawn, in pixels: in proportion to their size, ``scale`` and more being the widest; 0 for NaN."""
    share = np.minimum(np.abs(np.nan_to_num(weights, nan=0.0, posinf=np.inf, neginf=np.inf)) / scale, 1.0)
    return np.asarray(np.where(np.isnan(weights), 0.0, THINNEST + (WIDEST - THINNEST) * share))


def scale_of(weights: Floats) -> float:
    """The size of a weight that is drawn widest: few are larger."""
    finite = np.abs(weights[np.isfinite(weights)])
    return float(np.quantile(finite, 0.97)) or 1.0 if finite.size else 1.0
