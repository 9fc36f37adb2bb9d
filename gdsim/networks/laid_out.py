"""Points as the engine wants them: a copy of a data set in the network's precision, made once and piece by piece."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.engine import learning
from gdsim.networks.dataset import Dataset
from gdsim.networks.network import Network

PIECE = 1 << 20
"""Numbers that are copied at a time: some 5 ms."""


def fitting(network: Network, dataset: Dataset) -> str | None:
    """Why the network cannot learn from the dataset, in one sentence; None if it can."""
    inputs, outputs = network.layers[0], network.layers[-1]
    features = dataset.inputs.shape[1]
    if features != inputs:
        return f"the network takes {inputs} inputs, and {dataset.name} has {features} features"
    if not dataset.is_classification:
        if network.loss == "cross_entropy":
            return f"cross_entropy needs classes, and the target of {dataset.name} is a number"
        targets = dataset.targets.reshape(len(dataset), -1).shape[1]
        return None if targets == outputs else f"the network has {outputs} outputs, and {dataset.name} has {targets} targets a point"
    classes = len(dataset.classes)
    if outputs == classes and network.loss != "bce":
        return None
    if outputs == 1 and classes <= 2 and network.loss != "cross_entropy":
        return None
    wanted = f"{classes} outputs" if network.loss == "cross_entropy" else "1 output, for two classes"
    return f"{dataset.name} has {classes} classes and the network {outputs} output{'s' * (outputs != 1)}; {network.loss} needs {wanted}"


def engine_data(network: Network, dataset: Dataset) -> learning.Data:
    """The points as the engine wants them, which only reads them.

    For losses of numbers classes become 0 and 1: in one output, or a 1 in that of the class.

    Raises ValueError where network and data do not fit.
    """
    laid_out = _laid_out(network, _This(dataset))
    for _ in laid_out.pieces():
        pass
    return laid_out.data


def lay_out(network: Network, dataset: Dataset) -> Iterator[None]:
    """Makes what ``engine_data`` then has at hand, in pieces of some milliseconds. Raises ValueError where network and data do not fit."""
    yield from _laid_out(network, _This(dataset)).pieces()


class _This:
    """A data set as a key: only itself is the same. To compare what is in data sets, all of it has to be read."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _This) and self.dataset is other.dataset

    def __hash__(self) -> int:
        return id(self.dataset)


@lru_cache(maxsize=4)  # methods ask for many gradients on the same points
def _laid_out(network: Network, this: _This) -> "_LaidOut":
    return _LaidOut(network, this.dataset)


class _LaidOut:
    """``data``, true as far as it was copied. Threads may share it: what two of them copy is the same, and so is what is copied twice."""

    def __init__(self, network: Network, dataset: Dataset) -> None:
        if (text := fitting(network, dataset)) is not None:
            raise ValueError(text)
        self._network, self._dataset = network, dataset
        count, classed = len(dataset), network.loss == "cross_entropy"
        self._inputs: NDArray[Any] = np.empty((count, network.layers[0]), dtype=network.precision)
        self._targets: NDArray[Any] = np.empty((0 if classed else count, network.layers[-1]), dtype=network.precision)
        self.data = learning.Data(
            self._inputs.reshape(-1), self._targets.reshape(-1), np.array(dataset.targets if classed else (), dtype=np.int64)
        )
        self._step = max(PIECE // (network.layers[0] + network.layers[-1]), 1)
        self._done = 0

    def pieces(self) -> Iterator[None]:
        """Copies what is missing, and pauses after every piece."""
        while self._done < len(self._dataset):
            rows = slice(self._done, self._done + self._step)
            self._inputs[rows] = self._dataset.inputs[rows]
            if len(self._targets):
                self._targets[rows] = self._numbers(self._dataset.targets[rows])
            self._done = max(self._done, rows.stop)
            yield

    def _numbers(self, targets: NDArray[Any]) -> NDArray[Any]:
        """The targets of some points, a column for each output."""
        outputs = self._network.layers[-1]
        if self._dataset.is_classification and outputs > 1:
            found: NDArray[Any] = targets[:, None] == np.arange(outputs)
            return found
        return targets.reshape(len(targets), outputs)
