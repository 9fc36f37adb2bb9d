"""What every unit says, against the network's own outputs and against one unit at a time; which units a picture shows."""

import math

import numpy as np
import pytest

from gdsim.networks.layers import ACTIVATIONS
from gdsim.networks.learn import predict
from gdsim.networks.network import Network
from gdsim.networks.units import activations, columns_of, thinned

RNG = np.random.default_rng(11)


def drawn(network):
    weights = RNG.normal(size=network.weights)
    return weights, RNG.uniform(0.5, 2.0, sum(part.size for part in network.buffers))


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_units_one_at_a_time(activation, batch_norm):
    network = Network([2, 3, 2, 1], activation=activation, batch_norm=batch_norm, output="tanh")
    weights, buffers = drawn(network)
    inputs = RNG.normal(size=(5, 2))
    tensors, running = network.views(weights), list(network.views(buffers, network.buffers).values())
    parts = list(tensors.values())
    said = list(activations(network, weights, buffers, inputs))
    assert [array.shape for array in said] == [(5, 3), (5, 2), (5, 1)]
    for k, point in enumerate(inputs):
        before = list(point)
        for layer in range(3):
            hidden = layer < 2
            per_layer = 4 if batch_norm else 2
            matrix, bias = parts[per_layer * layer], parts[per_layer * layer + 1]
            leaf = ACTIVATIONS[activation if hidden else "tanh"].value_and_slope
            after = []
            for unit in range(len(bias)):
                z = math.fsum(matrix[unit, i] * before[i] for i in range(len(before))) + bias[unit]
                if hidden and batch_norm:
                    mean, variance = running[2 * layer][unit], running[2 * layer + 1][unit]
                    factor, shift = parts[per_layer * layer + 2][unit], parts[per_layer * layer + 3][unit]
                    z = (z - mean) / math.sqrt(variance + 1e-5) * factor + shift
                after.append(leaf(z)[0])
            assert said[layer][k] == pytest.approx(after, rel=1e-12, abs=1e-14)
            before = after


def test_the_last_layer_is_what_the_network_predicts():
    network = Network([2, 3, 1])
    weights, buffers = drawn(network)
    inputs = RNG.normal(size=(64, 2))
    *_, last = activations(network, weights, buffers, inputs)
    assert last == pytest.approx(predict(network, weights, buffers, inputs), rel=1e-12)


def test_weights_that_diverged_raise_nothing():
    network = Network([2, 3, 1], activation="gelu")
    for value in (np.nan, np.inf, 1e308):
        last = list(activations(network, np.full(network.weights, value), np.empty(0), np.ones((2, 2))))[-1]
        assert last.shape == (2, 1)


@pytest.mark.parametrize("count", [1, 2, 15, 16, 17, 64, 1000])
def test_thinned_units_are_spread_evenly(count):
    found = thinned(count, 16)
    assert len(found) == min(count, 16)
    assert found[0] == 0
    assert found[-1] == count - 1
    apart = np.diff(found)
    assert len(found) == 1 or (apart.min() >= 1 and apart.max() - apart.min() <= 1)


@pytest.mark.parametrize("layers", [(2, 1), (2, 16, 16, 1), (784, 128, 10), (3, *[5] * 20, 2)])
def test_a_picture_shows_first_and_last_layers(layers):
    columns = columns_of(Network(layers))
    numbers = [column.layer for column in columns]
    assert numbers[0] == 0
    assert numbers[-1] == len(layers) - 1
    assert len(numbers) == min(len(layers), 10)
    assert numbers == sorted(set(numbers))
    assert [column.count for column in columns] == [layers[number] for number in numbers]
    assert all(len(column.units) == min(16, column.count) for column in columns)
