"""Backpropagation written out, against finite differences and against that of the trainings."""

import numpy as np
import pytest

from gdsim.networks.chain import chain, targets_of
from gdsim.networks.dataset import Dataset
from gdsim.networks.learn import point_gradients
from gdsim.networks.network import ACTIVATIONS, Network

RNG = np.random.default_rng(17)
CASES = [(activation, "mse", "identity") for activation in ACTIVATIONS] + [
    ("tanh", "bce", "identity"),
    ("tanh", "huber", "identity"),
    ("tanh", "cross_entropy", "identity"),
    ("sigmoid", "mse", "tanh"),
    ("softplus", "huber", "sigmoid"),
]


def case(activation, loss, output):
    outputs = {"bce": 1, "cross_entropy": 3}.get(loss, 2)
    network = Network([2, 3, 4, outputs], activation=activation, loss=loss, output=output)
    weights = RNG.normal(size=network.weights)
    inputs = RNG.normal(size=(6, 2))
    if loss in ("bce", "cross_entropy"):
        data = Dataset.from_arrays(inputs, [0, 1, max(1, outputs - 1), 0, 1, 1])
    else:
        data = Dataset.from_arrays(inputs, 2.0 * RNG.normal(size=(6, outputs)))
    return network, weights, data


@pytest.mark.parametrize(("activation", "loss", "output"), CASES)
def test_the_gradient_is_the_slope_of_the_loss(activation, loss, output):
    network, weights, data = case(activation, loss, output)
    targets = targets_of(network, data, np.arange(6))
    found = chain(network, weights, data.inputs, targets)

    def mean_loss(place, step):
        moved = weights.copy()
        moved[place] += step
        return chain(network, moved, data.inputs, targets).losses.mean()

    # Central differences of two step lengths, put together so that the error is of fourth order.
    true = [
        (8 * (mean_loss(k, 1e-4) - mean_loss(k, -1e-4)) - (mean_loss(k, 2e-4) - mean_loss(k, -2e-4))) / 12e-4 for k in range(len(weights))
    ]
    assert found.gradient(network) == pytest.approx(np.array(true), rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("loss", ["mse", "bce", "cross_entropy"])
def test_it_is_what_a_training_step_sees(loss):
    network, weights, data = case("tanh", loss, "identity")
    losses, gradients = point_gradients(network, weights, data)
    rows = np.array([4, 1])
    found = chain(network, weights, data.inputs[rows], targets_of(network, data, rows))
    assert found.losses == pytest.approx(losses[rows], rel=1e-12)
    assert found.gradient(network) == pytest.approx(gradients[rows].mean(axis=0), rel=1e-10, abs=1e-14)


def test_every_number_follows_from_those_beside_it():
    network, weights, data = case("tanh", "mse", "identity")
    found = chain(network, weights, data.inputs[:1], targets_of(network, data, [0]))
    for before, link in zip((None, *found.links), found.links, strict=False):
        assert link.sums[0] == pytest.approx(link.weight @ link.before[0] + link.bias)
        assert link.deltas == pytest.approx(link.errors * link.slopes)
        assert link.weight_gradient == pytest.approx(np.outer(link.deltas[0], link.before[0]))
        assert link.bias_gradient == pytest.approx(link.deltas[0])
        if before is not None:
            assert link.before is before.values
            assert before.errors[0] == pytest.approx(link.weight.T @ link.deltas[0])
    assert found.links[-1].errors[0] == pytest.approx((found.links[-1].values[0] - found.targets[0]) * 2 / 2)


def test_what_has_no_chain_is_refused_and_divergence_is_not():
    network = Network([2, 3, 1], batch_norm=True)
    with pytest.raises(ValueError, match="batch normalisation"):
        chain(network, np.zeros(network.weights), np.zeros((1, 2)), np.zeros((1, 1)))
    network = Network([2, 3, 1])
    for value in (np.nan, np.inf, 1e300):
        found = chain(network, np.full(network.weights, value), np.ones((1, 2)), np.ones((1, 1)))
        assert found.gradient(network).shape == (network.weights,)
