"""Backpropagation as it is taught: forward values and backward gradients, layer by layer, of some points. For pictures, not for training.

With z = W a + b of the values a of the layer before, and f(z) what the layer makes of it, the gradients of a point's loss J are
dJ/dz = dJ/da * f'(z) (called delta), dJ/dW = delta a^T, dJ/db = delta, and for the layer before dJ/da = W^T delta.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,name-defined"
# ruff: noqa: F821 (names in capitals stand free: composed)

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdsim.engine import evaluate
from gdsim.engine.compose import composed
from gdsim.networks.dataset import Dataset
from gdsim.networks.layers import ACTIVATIONS, LOSSES, Leaf
from gdsim.networks.network import Network

Floats = NDArray[np.float64]

NO_CHAIN = "with batch normalisation a point has no gradient of its own: it depends on the others of its batch"


@dataclass(frozen=True, eq=False)
class Link:
    """Linear layer ``layer`` (from 0) with what follows it: ``weight`` (out, in), ``bias`` (out,). For n points: ``before`` (n, in) what
    comes in, ``sums`` (n, out) z, ``values`` f(z), ``slopes`` f'(z), ``errors`` dJ/da of the values, ``deltas`` dJ/dz.
    """

    layer: int
    weight: Floats
    bias: Floats
    before: Floats
    sums: Floats
    values: Floats
    slopes: Floats
    errors: Floats
    deltas: Floats

    @property
    def weight_gradient(self) -> Floats:
        """dJ/dW (out, in), the mean over the points."""
        return np.asarray(self.deltas.T @ self.before / len(self.before))

    @property
    def bias_gradient(self) -> Floats:
        """dJ/db (out,), the mean over the points."""
        return np.asarray(self.deltas.mean(axis=0))


@dataclass(frozen=True, eq=False)
class Chain:
    """``links`` from the first layer to the last, ``targets`` (n, outputs), ``losses`` (n,) of the points, without penalties."""

    links: tuple[Link, ...]
    targets: Floats
    losses: Floats

    def gradient(self, network: Network) -> Floats:
        """dJ/dW of the mean loss as a flat vector, without penalties."""
        out = np.empty(network.weights)
        for link in self.links:
            weight, bias = (part for part in network.parts if part.layer == link.layer)
            out[weight.place], out[bias.place] = link.weight_gradient.reshape(-1), link.bias_gradient
        return out


def with_slope(z, _y, _params):
    """An activation as a leaf of points."""
    a, slope = OF_SUM(z)
    return a, slope, 0.0


def of_output(z, y, _params):
    """A loss as a leaf of points."""
    loss, slope = OF_OUTPUT(z, y)
    return loss, slope, 0.0


@cache
def _activation(name: str) -> Leaf:
    return composed(with_slope, OF_SUM=ACTIVATIONS[name].value_and_slope)


@cache
def _loss(name: str) -> Leaf:
    return composed(of_output, OF_OUTPUT=LOSSES[name].value_and_slope)


def targets_of(network: Network, dataset: Dataset, rows: ArrayLike) -> Floats:
    """The targets (n, outputs) of points of ``dataset``, classes as 0 and 1: in one output, or a 1 in that of the class."""
    chosen = dataset.targets[np.asarray(rows)]
    if not dataset.is_classification:
        return np.asarray(chosen, dtype=np.float64).reshape(len(chosen), -1)
    outputs = network.layers[-1]
    return np.asarray(chosen[:, np.newaxis] == (np.arange(outputs) if outputs > 1 else 1), dtype=np.float64)


def chain(network: Network, weights: ArrayLike, inputs: ArrayLike, targets: ArrayLike) -> Chain:
    """Forward and back for points ``inputs`` (n, features) with ``targets`` (n, outputs), as a training step sees them but that no unit is
    dropped; in float64. Raises ValueError with batch normalisation.
    """
    if network.batch_norm:
        raise ValueError(NO_CHAIN)
    tensors = list(network.views(np.asarray(weights, dtype=np.float64)).values())
    said, wanted = np.asarray(inputs, dtype=np.float64), np.asarray(targets, dtype=np.float64)
    last = len(network.layers) - 2
    forward = []
    with np.errstate(all="ignore"):
        for layer in range(last + 1):
            weight, bias = tensors[2 * layer], tensors[2 * layer + 1]
            sums = np.ascontiguousarray(said @ weight.T + bias)
            leaf = _activation(network.output if layer == last else network.activation)
            values, slopes, _ = evaluate.three_numbers(leaf, (), sums, 0.0)
            forward.append((layer, weight, bias, said, sums, values, slopes))
            said = values
        losses, errors = _losses(network, said, wanted)
        links: list[Link] = []
        for layer, weight, bias, before, sums, values, slopes in reversed(forward):
            deltas = errors * slopes
            links.append(Link(layer, weight, bias, before, sums, values, slopes, errors, deltas))
            errors = deltas @ weight
    return Chain(tuple(reversed(links)), wanted, losses)


def _losses(network: Network, outputs: Floats, targets: Floats) -> tuple[Floats, Floats]:
    """J (n,) and dJ/da (n, outputs) of what the network says."""
    if network.loss == "cross_entropy":
        shifted = outputs - outputs.max(axis=1, keepdims=True)
        shares = np.exp(shifted)
        total = shares.sum(axis=1, keepdims=True)
        return np.log(total[:, 0]) - (shifted * targets).sum(axis=1), shares / total - targets
    each, slopes, _ = evaluate.three_numbers(_loss(network.loss), (), outputs, targets)
    return each.mean(axis=1), slopes / outputs.shape[1]
