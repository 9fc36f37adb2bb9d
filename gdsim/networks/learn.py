"""Learning: what a network says of data, how its loss slopes, and a training that goes on step by step.

Arrays of weights are flat vectors as ``Network.parts`` describes them, buffers as ``Network.buffers`` does. Losses that are trained on and
their gradients include the penalties of l1 and l2; those of ``evaluate`` do not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdsim.networks.batches import Batches
from gdsim.networks.dataset import Dataset
from gdsim.networks.network import Network
from gdsim.optimizers import Optimizer

Floats = NDArray[np.float64]
Leaf = Callable[..., Any]


def start_buffers(network: Network) -> NDArray[Any]:
    """The buffers of a network that has seen nothing: means 0, variances 1; empty without batch normalisation."""
    raise NotImplementedError


def loss_and_gradient(network: Network, weights: ArrayLike, dataset: Dataset, rows: ArrayLike | None = None) -> tuple[float, NDArray[Any]]:
    """J and dJ/dW (weights,) of the points ``rows`` (all without), as a training step sees them, except that no unit is dropped.

    Batch normalisation takes the statistics of these points. Raises ValueError where network and data do not fit.
    """
    raise NotImplementedError


def point_gradients(network: Network, weights: ArrayLike, dataset: Dataset, rows: ArrayLike | None = None) -> tuple[Floats, NDArray[Any]]:
    """J_k (n,) and dJ_k/dW (n, weights) of single points; their means are J and dJ/dW. Raises ValueError with batch normalisation."""
    raise NotImplementedError


def predict(network: Network, weights: ArrayLike, buffers: ArrayLike, inputs: ArrayLike) -> NDArray[Any]:
    """The network's outputs (n, outputs) for ``inputs`` (n, features), evaluated and not trained; logits where the loss takes such."""
    raise NotImplementedError


def evaluate(network: Network, weights: ArrayLike, buffers: ArrayLike, dataset: Dataset) -> tuple[float, float]:
    """(loss, metric) on a dataset, evaluated and not trained. The loss is the data's alone. The metric is the share of points whose class
    is found, or R^2 for regression (NaN where all targets are equal, and both NaN for no points).
    """
    raise NotImplementedError


@dataclass(frozen=True)
class Pacing:
    """A schedule as the engine wants it: ``pace`` (leaf), its ``numbers``, the numbers that it keeps (``calm``, as they are at first) and
    ``table(first, steps)`` with offsets and factors (2, steps) of steps numbered from ``first``, 1 for the first of the training.
    """

    pace: Leaf
    table: Callable[[int, int], Floats]
    numbers: tuple[float, ...] = ()
    calm: tuple[float, ...] = ()


@dataclass
class LearnerState:
    """Where a training stands; with it put back, the same training goes on to the bit.

    ``weights`` (w,), ``slots`` (slots, w) and ``buffers`` are in the network's precision, ``shared`` and ``calm`` float64; ``step`` is the
    next step, from 1, which with the seed decides everything random.
    """

    weights: NDArray[Any]
    slots: NDArray[Any]
    shared: Floats
    buffers: NDArray[Any]
    calm: Floats
    step: int = 1


@dataclass(frozen=True)
class Rows:
    """One row a step, each describing the point before it: the loss of the step's batch and the norm of its gradient (with penalties,
    before clipping), the norm of all weights, the length of the step and its learning rate. ``status`` is that of the last:
    ``descend.RUNNING``, CONVERGED or DIVERGED; the last two end the training at a row whose step was not taken (its length is NaN).
    """

    losses: Floats
    gradient_norms: Floats
    weight_norms: Floats
    step_lengths: Floats
    learning_rates: Floats
    status: int


class Learner:
    """The training of a network, as many steps at a time as one likes: ``advance(n)`` equals ``advance(k)``, then ``advance(n - k)``.

    ``hyper`` and ``on`` are the method's parameters as ``Optimizer.pack`` gives them. Everything random is named by ``seed`` and ``stream``:
    the weights drawn (unless ``weights`` are given), the batches, the units dropped. ``clip_value`` and ``clip_norm`` cut gradients as
    torch.nn.utils does, the norm being that of all weights. A training ends where the gradient's norm is at most ``tolerance``, and where
    loss or gradient leave what its precision can hold.

    Raises ValueError where network, data, batches and method do not go together.
    """

    def __init__(
        self,
        network: Network,
        train: Dataset,
        method: Optimizer,
        hyper: tuple[float, ...],
        on: tuple[bool, ...],
        batches: Batches,
        seed: int,
        stream: int = 0,
        *,
        schedule: Pacing | None = None,
        clip_value: float | None = None,
        clip_norm: float | None = None,
        tolerance: float | None = None,
        weights: ArrayLike | None = None,
    ) -> None:
        raise NotImplementedError

    state: LearnerState

    def advance(self, steps: int) -> Rows:
        """Takes ``steps`` steps, fewer where the training ends (and none after that). Releases the interpreter lock meanwhile."""
        raise NotImplementedError
