"""Where a network's numbers lie while a kernel works: rows padded to whole vectors, one scratch array, and a table of places.

PyTorch's order, in which weights are kept, has a row for every output of a layer. Kernels want the outputs side by side, because these
are independent of each other and so fill vectors without changing a sum. Each linear layer becomes a matrix (inputs, WIDE) with its bias
as one more row, WIDE being the number of outputs rounded up to 64 bytes on every processor; the places that this adds hold zeros.

A last layer of one output would be nearly all zeros so: its weights lie side by side and fill vectors with its inputs, and WIDE is 1.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

LINE = 64
"""Bytes that a row is padded to: the widest vector, and a line of the cache."""

COLUMNS = (
    *("INPUTS", "OUTPUTS", "WIDE"),
    *("WEIGHT", "BIAS", "FACTOR", "SHIFT"),
    *("TURNED", "FROM", "STRIDE", "VALUE", "SLOPE", "ERROR", "SCALED", "SPREAD"),
    *("FLAT_WEIGHT", "FLAT_BIAS", "RUNNING", "UNIT"),
)
"""What a row of the table says of its layer. FROM and STRIDE: where its inputs lie; VALUE, SLOPE, ERROR: activations, their slopes and the
loss's derivatives; SCALED: batch normalisation's normalised values, SPREAD one over their deviation. TURNED is where the matrix lies with
rows as columns, the same place as WEIGHT for one output. FLAT_* are places in PyTorch's order, RUNNING in that of the buffers; UNIT counts
the hidden units before.
"""

INPUTS, OUTPUTS, WIDE, WEIGHT, BIAS, FACTOR, SHIFT = range(7)
TURNED, FROM, STRIDE, VALUE, SLOPE, ERROR, SCALED, SPREAD = range(7, 15)
FLAT_WEIGHT, FLAT_BIAS, RUNNING, UNIT = range(15, 19)


def pad(precision: str) -> int:
    """Numbers that rows are padded to."""
    return LINE // np.dtype(precision).itemsize


@dataclass(frozen=True)
class Layout:
    """Places for a network of ``sizes`` that looks at ``tile`` points at a time."""

    sizes: tuple[int, ...]
    batch_norm: bool
    precision: str
    tile: int

    @cached_property
    def _made(self) -> tuple[NDArray[np.int64], int, int]:
        unit = pad(self.precision)

        def padded(count: int, to: int = unit) -> int:
            return -(-count // to) * to

        rows: list[dict[str, int]] = []
        flat = running = hidden = 0
        widest = max(padded(size) for size in self.sizes)
        base = weights = widest + unit
        for layer, (inputs, outputs) in enumerate(pairwise(self.sizes)):
            dot = outputs == 1 and layer == len(self.sizes) - 2
            wide, matrix = (1, padded(inputs)) if dot else (padded(outputs), inputs * padded(outputs))
            row = dict.fromkeys(COLUMNS, 0) | {"INPUTS": inputs, "OUTPUTS": outputs, "WIDE": wide, "UNIT": hidden}
            row |= {"WEIGHT": weights, "BIAS": weights + matrix, "FLAT_WEIGHT": flat, "FLAT_BIAS": flat + inputs * outputs}
            weights += matrix + padded(outputs)
            flat += (inputs + 1) * outputs
            if self._normed(layer):
                row |= {"FACTOR": weights, "SHIFT": weights + wide, "RUNNING": running}
                weights += 2 * wide
                flat += 2 * outputs
                running += 2 * outputs
            hidden += outputs
            rows.append(row)
        length = padded(weights - base, 4 * unit)
        # The gradient lies behind the weights, place by place.
        work, stride = base + 2 * length, self.sizes[0]
        inputs_at, work = work, padded(work + self.tile * stride)
        for layer, row in enumerate(rows):
            row |= {"FROM": inputs_at, "STRIDE": stride}
            block = padded(self.tile * row["WIDE"])
            places = {"VALUE": block, "SLOPE": block, "ERROR": block}
            if row["WIDE"] == 1:
                row["TURNED"] = row["WEIGHT"]
            elif layer > 0:
                places["TURNED"] = row["WIDE"] * stride
            places |= {"SCALED": block, "SPREAD": row["WIDE"]} if self._normed(layer) else {}
            for name, size in places.items():
                row[name] = work
                work += size
            inputs_at, stride = row["VALUE"], row["WIDE"]
        table = np.array([[row[name] for name in COLUMNS] for row in rows], dtype=np.int64)
        return table, length, work

    def _normed(self, layer: int) -> bool:
        return self.batch_norm and layer < len(self.sizes) - 2

    @property
    def table(self) -> NDArray[np.int64]:
        """One row a layer, of COLUMNS."""
        return self._made[0]

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """Where each number of PyTorch's order (weights,) lies, counted from the first padded weight."""
        found = []
        for layer, row in enumerate(map(dict, (zip(COLUMNS, numbers, strict=True) for numbers in self.table.tolist()))):
            outputs = np.arange(row["OUTPUTS"])
            found.append(row["WEIGHT"] + (outputs[:, None] + row["WIDE"] * np.arange(row["INPUTS"])).reshape(-1))
            found += [row[name] + outputs for name in ("BIAS", *(("FACTOR", "SHIFT") if self._normed(layer) else ()))]
        places: NDArray[np.int64] = np.concatenate(found) - self.table[0, WEIGHT]
        return places

    @property
    def weights(self) -> int:
        """Length of the padded weights."""
        return self._made[1]

    @property
    def work(self) -> int:
        """Length of the scratch array."""
        return self._made[2]


def tile_of(sizes: Sequence[int], precision: str) -> int:
    """How many points go through all layers together: what they keep fits the first-level cache, and no fewer than weights are worth
    reading for. No bit depends on it.
    """
    unit = pad(precision)
    kept = 3 * sum(-(-size // unit) * unit for size in sizes) * np.dtype(precision).itemsize
    return int(min(128, max(32, 4 * (32768 // kept // 4))))


def scratch(layout: Layout) -> NDArray[Any]:
    """The scratch array: zeros for the widest row, a line with a one, the weights, their gradient, and what the points leave behind."""
    out = zeros(layout.work, layout.precision)
    out[layout.table[0, WEIGHT] - pad(layout.precision)] = 1.0
    return out


def zeros(size: int, precision: str) -> NDArray[Any]:
    """An array whose first number begins a line of the cache: a vector that lies across two of them takes twice as long to load."""
    width = np.dtype(precision).itemsize
    room = np.zeros(size + LINE // width, dtype=precision)
    begin = -room.ctypes.data % LINE // width
    return room[begin : begin + size]
