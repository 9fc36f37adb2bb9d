"""Batches: which points a step looks at. A function of seed, stream and step alone, the same in every kernel and in Python.

An epoch is cut by a table of stages: a row says from which step on (from 1), after how many epochs, a batch has how many points, and how
many steps an epoch then takes. Batches of one size have one row.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gdsim.engine.random import LOW_32, philox
from gdsim.networks.batch_order import ORDER_DRAW, all_drawn, order

FIRST, BEFORE, SIZE, STEPS = range(4)
"""Columns of a table of stages: the first step, the epochs before it, the points of a batch, the steps of an epoch."""


def word(seed, stream, step, draw):
    """32 random bits named by (seed, stream, step, draw): the first word of four. A leaf."""
    return philox(step & LOW_32, (step >> 32) & LOW_32, draw & LOW_32, stream & LOW_32, seed & LOW_32, (seed >> 32) & LOW_32)[0]


def shuffle(order, seed, stream, epoch):
    """Fills ``order`` with 0 to n - 1 in the order of ``epoch`` (from 0): Fisher and Yates, from the end. A leaf.

    Place i is exchanged with place floor(word * (i + 1) / 2^32); no order is more likely than another by more than n / 2^32.
    """
    for i in range(order.size):
        order[i] = i
    for i in range(order.size - 1, 0, -1):
        j = (word(seed, stream, epoch, ORDER_DRAW + i) * (i + 1)) >> 32
        order[i], order[j] = order[j], order[i]


def drawn(count, seed, stream, step, place):
    """The point at ``place`` of the batch of ``step`` (from 1), drawn from ``count`` with replacement. A leaf."""
    return (word(seed, stream, step, ORDER_DRAW + place) * count) >> 32


def place(stages, begin, end, step):
    """(epoch from 0, first place in its order, points of a batch) of the batch of ``step``, by rows ``begin`` to ``end``. A leaf.

    The last batch of an epoch may have fewer points.
    """
    while end - begin > 1:
        middle = (begin + end) >> 1
        if stages[middle, FIRST] <= step:
            begin = middle
        else:
            end = middle
    size, steps = stages[begin, SIZE], stages[begin, STEPS]
    passed = step - stages[begin, FIRST]
    epochs = passed // steps
    return stages[begin, BEFORE] + epochs, (passed - epochs * steps) * size, size


@dataclass(frozen=True, slots=True)
class Batches:
    """How ``count`` points are cut into batches of ``size``.

    Without ``replacement`` an epoch takes every point once: in an order of its own with ``shuffle``, else (and where all points are one
    batch) as they stand. The last batch of an epoch is smaller where ``size`` does not divide ``count``, or is left out with ``drop_last``;
    the next epoch begins afresh. With ``replacement`` every batch is ``size`` points drawn anew, and an epoch is as many steps as without.

    ``later`` are pairs (epoch, size), epochs counted from 0 and rising: from that epoch on, batches have another size.
    """

    count: int
    size: int
    shuffle: bool = True
    drop_last: bool = False
    replacement: bool = False
    later: tuple[tuple[int, int], ...] = ()

    @property
    def stages(self) -> NDArray[np.int64]:
        """The table of stages, (rows, 4), read-only."""
        return _stages(self)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes that batches have, one after the other."""
        return (self.size, *(size for _, size in self.later))

    @property
    def largest(self) -> int:
        """Points of the largest batch."""
        return max(self.sizes)

    @property
    def all_at_once(self) -> bool:
        """Whether every step is taken on the whole set."""
        return min(self.sizes) >= self.count and not self.replacement

    @property
    def steps(self) -> int:
        """Steps of the first epoch, which is as long as any where there is nothing ``later``."""
        return self.until(1)

    def until(self, epochs: int) -> int:
        """Steps of the first ``epochs`` epochs together."""
        stages = self.stages
        row = stages[int(np.searchsorted(stages[:, BEFORE], epochs, side="right")) - 1]
        return int(row[FIRST] - 1 + (epochs - row[BEFORE]) * row[STEPS])

    def place_of(self, step: int) -> tuple[int, int, int]:
        """``place`` of ``step`` (from 1)."""
        epoch, low, size = place(self.stages, 0, len(self.stages), step)
        return int(epoch), int(low), int(size)

    def epoch(self, step: int) -> int:
        """The epoch (from 0) of ``step`` (from 1)."""
        return self.place_of(step)[0]

    def at(self, step: int) -> "Batches":
        """Batches that all have the size of that of ``step`` (from 1)."""
        return replace(self, size=self.place_of(step)[2], later=())

    def rows(self, step: int, seed: int, stream: int = 0) -> NDArray[np.int64]:
        """The points of batch ``step`` (from 1), in order."""
        epoch, low, size = self.place_of(step)
        if self.replacement:
            return all_drawn(self.count, size, seed, stream, step)
        mixed = self.shuffle and size < self.count
        points = order(self.count, seed, stream, epoch) if mixed else np.arange(self.count)
        return points[low : low + size]

    def of_epoch(self, epoch: int, seed: int, stream: int = 0) -> Iterator[NDArray[np.int64]]:
        """``rows`` of every batch of an epoch (from 0), one after the other."""
        for step in range(self.until(epoch), self.until(epoch + 1)):
            yield self.rows(step + 1, seed, stream)


@lru_cache(maxsize=64)
def _stages(batches: Batches) -> NDArray[np.int64]:
    epochs = np.array([0, *(epoch for epoch, _ in batches.later)])
    sizes = np.array(batches.sizes)
    steps = batches.count // sizes if batches.drop_last else -(-batches.count // sizes)
    firsts = 1 + np.cumsum(np.diff(epochs, prepend=0) * np.roll(steps, 1))
    table = np.column_stack((firsts, epochs, sizes, steps)).astype(np.int64)
    table.flags.writeable = False
    return table
