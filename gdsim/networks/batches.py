"""Batches: which points a step looks at. A function of seed, stream and step alone, the same in every kernel and in Python."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdsim.engine.random import LOW_32, philox

ORDER_DRAW = 0x8000_0000
"""First number of the draws that name places in an order; noise and starts use those below."""


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


@dataclass(frozen=True, slots=True)
class Batches:
    """How ``count`` points are cut into batches of ``size``.

    Without ``replacement`` an epoch takes every point once: in an order of its own with ``shuffle``, else (and where all points are one
    batch) as they stand. The last batch of an epoch is smaller where ``size`` does not divide ``count``, or is left out with ``drop_last``;
    the next epoch begins afresh. With ``replacement`` every batch is ``size`` points drawn anew, and an epoch is as many steps as without.
    """

    count: int
    size: int
    shuffle: bool = True
    drop_last: bool = False
    replacement: bool = False

    @property
    def steps(self) -> int:
        """Steps of an epoch."""
        return self.count // self.size if self.drop_last else -(-self.count // self.size)

    def rows(self, step: int, seed: int, stream: int = 0) -> NDArray[np.int64]:
        """The points of batch ``step`` (from 1), in order. Slow and obvious: kernels do the same with the leaves above."""
        epoch, place = divmod(step - 1, self.steps)
        low, high = place * self.size, min((place + 1) * self.size, self.count)
        if self.replacement:
            return np.array([drawn(self.count, seed, stream, step, i) for i in range(self.size)], dtype=np.int64)
        order = np.arange(self.count, dtype=np.int64)
        if self.shuffle and self.size < self.count:
            shuffle(order, seed, stream, epoch)
        return order[low:high]
