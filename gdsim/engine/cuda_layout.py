"""Where the numbers of one training lie while the threads of a block of a graphics card work on it."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from gdsim.engine.lane_learning import chains_of
from gdsim.engine.layout import COLUMNS, WEIGHT, pad
from gdsim.engine.learning import Model, Rule

SHARED_BYTES = 48 * 1024
"""Memory that threads of a block may share on every card without asking for more."""
BYTES = 16 * 1024
"""Bytes that a training had better take of it: a dozen then share a multiprocessor, and while threads of one wait others compute."""
FAR_TILE = 32
MOST_THREADS = 128

LENGTH, TILE, RATES, COMMON, SUMS, DENSE, SIZE = range(7)
"""What ``places`` says: the numbers of all weights, points that go through all layers together, the places of hyper-parameters layer by
layer, of what all weights share, of the norm's chains and of losses; and the numbers of all.
"""
GOING = 1
"""The place of what is not 0 while a training goes on; place 0 holds a 0."""


@dataclass(frozen=True)
class CardLayout:
    """Places for trainings of ``model`` by ``rule`` on so many ``points``.

    Rows of weights have an odd length: threads that read neighbouring rows then read from different banks of the shared memory. The
    gradient lies before the weights, the slots behind them, each in the weights' order; and the slope of a unit where its error takes its
    place.
    """

    model: Model
    rule: Rule
    points: int

    @cached_property
    def _heads(self) -> tuple[int, ...]:
        """The places of hyper-parameters, shared numbers, sums and the gradient."""
        rates = GOING + 1
        common = rates + self.rule.hyper * (len(self.model.sizes) - 1)
        sums = common + self.rule.shared
        return rates, common, sums, sums + 4 * pad(self.model.precision)

    @cached_property
    def length(self) -> int:
        """Numbers of all weights, with those that only make rows odd."""
        return sum((inputs + 1) * (outputs | 1) for inputs, outputs in pairwise(self.model.sizes))

    @cached_property
    def near(self) -> bool:
        """Whether all fits the memory that threads share."""
        return self._size(self.tile) * self.width <= SHARED_BYTES

    @property
    def width(self) -> int:
        """Bytes of a number."""
        return int(np.dtype(self.model.precision).itemsize)

    @cached_property
    def tile(self) -> int:
        """How many points go through all layers together; no bit depends on it."""
        for most in (BYTES, SHARED_BYTES):
            fitting = (most // self.width - self._size(0)) // self._each
            if fitting >= min(self.points, 16):
                return min(self.points, fitting)
        return min(self.points, FAR_TILE)

    @property
    def _each(self) -> int:
        """Numbers that a point leaves behind: values, slopes and losses."""
        return 2 * sum(self.model.sizes[1:]) + self.model.outputs

    def _size(self, tile: int) -> int:
        return self._heads[-1] + (2 + self.rule.slots) * self.length + tile * self._each

    @property
    def kept(self) -> int:
        """Numbers of a training between calls."""
        return (1 + self.rule.slots) * self.length if self.near else self._size(self.tile)

    @property
    def shared_bytes(self) -> int:
        return self._size(self.tile) * self.width if self.near else 0

    @cached_property
    def threads(self) -> int:
        """Of a block: as many as have work in most of a step, whole warps of them."""
        quarter = -(-self.tile // 4)
        groups = max(max(quarter, -(-inputs // 4)) * outputs for inputs, outputs in pairwise(self.model.sizes))
        return int(min(MOST_THREADS, max(32, 1 << (groups.bit_length() - 1))))

    @cached_property
    def table(self) -> NDArray[np.int64]:
        """A row of ``gdsim.engine.layout.COLUMNS`` for each layer."""
        at = self._heads[-1] + self.length
        rows = []
        for inputs, outputs in pairwise(self.model.sizes):
            row = dict.fromkeys(COLUMNS, 0) | {"INPUTS": inputs, "OUTPUTS": outputs, "WIDE": outputs | 1}
            row |= {"WEIGHT": at, "BIAS": at + inputs * row["WIDE"]}
            at += (inputs + 1) * row["WIDE"]
            rows.append(row)
        at += self.rule.slots * self.length
        for row in rows:
            size = self.tile * row["OUTPUTS"]
            row |= {"VALUE": at, "ERROR": at + size}
            at += 2 * size
        return np.array([[row[name] for name in COLUMNS] for row in rows], dtype=np.int64)

    @cached_property
    def places(self) -> NDArray[np.int64]:
        dense = self.table[-1, COLUMNS.index("ERROR")] + self.tile * self.model.outputs
        rates, common, sums, _ = self._heads
        return np.array([self.length, self.tile, rates, common, sums, dense, self._size(self.tile)], dtype=np.int64)

    @cached_property
    def flat(self) -> NDArray[np.int32]:
        """The places of weights in PyTorch's order."""
        column = {name: index for index, name in enumerate(COLUMNS)}
        parts = []
        for row in self.table:
            inputs, outputs, wide = (row[column[name]] for name in ("INPUTS", "OUTPUTS", "WIDE"))
            j, o = np.meshgrid(np.arange(inputs), np.arange(outputs))
            parts += [(row[column["WEIGHT"]] + j * wide + o).ravel(), row[column["BIAS"]] + np.arange(outputs)]
        return np.concatenate(parts).astype(np.int32)

    @cached_property
    def chains(self) -> NDArray[np.int32]:
        """Which places belong to each chain of a norm, the first of all chains first, so that neighbours read neighbours."""
        gradient = int(self.table[0, WEIGHT]) - self.length
        chains = chains_of(self.model, self.table, 1, -gradient) + gradient
        return chains.T.ravel().astype(np.int32)
