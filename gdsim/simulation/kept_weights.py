"""Weights kept on the way of a training, evenly spread however long it grows, in bounded memory."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.networks.learn import LearnerState
from gdsim.simulation.training_record import Snapshots, frozen

Array = NDArray[Any]

MOST_SNAPSHOTS = 256
MOST_BYTES = 32 << 20


class KeptWeights:
    """Takes the weights at multiples of ``stride``; where there are too many, the stride doubles and every other one is given up.

    ``steps`` is how many steps there will be, where that is known: then the stride is right from the start. Rows once written never
    change, so snapshots that were handed out stay true.
    """

    def __init__(self, state: LearnerState, steps: int | None = None) -> None:
        bytes_each = state.weights.nbytes + state.buffers.nbytes
        self.most = max(2, min(MOST_SNAPSHOTS, MOST_BYTES // bytes_each))
        self.stride = 1
        while steps is not None and steps // self.stride >= self.most:
            self.stride *= 2
        self._rows = 0
        self._steps = np.empty(self.most + 1, dtype=np.int64)
        self._weights = np.empty((self.most + 1, len(state.weights)), dtype=state.weights.dtype)
        self._buffers = np.empty((self.most + 1, len(state.buffers)), dtype=state.buffers.dtype)

    def next_after(self, step: int) -> int:
        """The next step (counted from 0) whose weights are wanted."""
        return (step // self.stride + 1) * self.stride

    def keep(self, step: int, state: LearnerState, *, last: bool = False) -> None:
        """Keeps the weights before ``step`` if they are wanted; those of the ``last`` point always are."""
        if step % self.stride and not last:
            return
        if self._rows == self.most and not last:
            self._thin()
            if step % self.stride:
                return
        row = self._rows
        if row and self._steps[row - 1] == step:
            return
        self._steps[row], self._weights[row], self._buffers[row] = step, state.weights, state.buffers
        self._rows += 1

    def put_back(self, steps: Array, weights: Array, buffers: Array, stride: int) -> None:
        """Takes the place of what is kept, by the wider of both strides. Raises ValueError for what cannot have been."""
        stride = max(stride, self.stride)
        regular = steps % stride == 0
        rows = int(np.count_nonzero(regular))
        if not 0 < rows <= self.most or not len(steps) == len(weights) == len(buffers):
            raise ValueError(f"{len(steps)} sets of weights on the way, and {self.most} are the most")
        self.stride, self._rows = stride, rows
        self._steps[:rows], self._weights[:rows], self._buffers[:rows] = steps[regular], weights[regular], buffers[regular]

    def _thin(self) -> None:
        self.stride *= 2
        left = np.flatnonzero(self._steps[: self._rows] % self.stride == 0)
        self._steps, self._weights, self._buffers = (_moved(array, left) for array in (self._steps, self._weights, self._buffers))
        self._rows = len(left)

    def view(self) -> Snapshots:
        """Those so far, read-only."""
        return Snapshots(*(frozen(array[: self._rows]) for array in (self._steps, self._weights, self._buffers)))


def _moved(array: Array, rows: Array) -> Array:
    """A new array with the room of ``array`` that begins with its ``rows``."""
    fresh = np.empty_like(array)
    fresh[: len(rows)] = array[rows]
    return fresh
