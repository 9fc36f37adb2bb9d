"""Weights to begin with: as wide as their sources say, and numbers that have names."""

import math

import numpy as np
import pytest

from gdsim.engine.random import normals, uniforms
from gdsim.networks.initialise import draw
from gdsim.networks.network import INITIALISATIONS, Network

LAYERS = [40, 30, 20]


def tensors(kind, scale=1.0, seed=5, **others):
    net = Network(LAYERS, initialisation=kind, scale=scale, **others)
    return net, net.views(draw(net, seed))


@pytest.mark.parametrize(("kind", "bound"), [("default", 40**-0.5), ("uniform", 1.0), ("xavier", math.sqrt(6 / 70)), ("zeros", 0.0)])
def test_uniform_ones_fill_their_interval(kind, bound):
    _, drawn = tensors(kind, scale=0.5)
    weights = drawn["0.weight"]
    assert abs(weights).max() <= 0.5 * bound
    assert abs(weights).max() >= 0.99 * 0.5 * bound
    assert weights.std() == pytest.approx(0.5 * bound / math.sqrt(3), rel=0.1)
    assert np.any(drawn["0.bias"]) == (kind == "default")


@pytest.mark.parametrize(("kind", "deviation"), [("normal", 1.0), ("he", math.sqrt(2 / 40))])
def test_normal_ones_have_their_deviation(kind, deviation):
    _, drawn = tensors(kind, scale=2.0)
    assert drawn["0.weight"].std() == pytest.approx(2.0 * deviation, rel=0.1)
    assert abs(drawn["0.weight"].mean()) < 5 * 2.0 * deviation / math.sqrt(1200)
    assert not np.any(drawn["0.bias"])


def test_numbers_are_those_that_the_names_say():
    net, drawn = tensors("normal", seed=9)
    flat = [number for k in range(net.weights // 2 + 1) for number in normals(9, 0, 0, k)]
    assert np.array_equal(drawn["0.weight"].ravel(), flat[:1200])
    net, drawn = tensors("uniform", seed=9)
    flat = [2.0 * number - 1.0 for k in range(net.weights // 2 + 1) for number in uniforms(9, 0, 0, k)]
    assert np.array_equal(drawn["2.weight"].ravel(), flat[1230 : 1230 + 600])


@pytest.mark.parametrize("kind", INITIALISATIONS)
def test_seed_and_stream_decide(kind):
    net = Network(LAYERS, initialisation=kind, batch_norm=True, precision="float32")
    first = draw(net, 1, 2)
    assert first.dtype == np.float32
    assert np.array_equal(first, draw(net, 1, 2))
    for other in (draw(net, 2, 2), draw(net, 1, 3)):
        assert np.array_equal(first, other) == (kind == "zeros")
    views = net.views(first)
    assert np.all(views["1.weight"] == 1.0)
    assert not np.any(views["1.bias"])


def test_an_odd_number_of_weights():
    net = Network([2, 1])
    assert np.array_equal(draw(net, 3)[:2], draw(Network([2, 2]), 3)[:2])


@pytest.mark.torch
def test_default_has_torchs_bounds():
    torch = pytest.importorskip("torch")
    for inputs in (3, 50):
        linear = torch.nn.Linear(inputs, 4000 // inputs)
        net = Network([inputs, 4000 // inputs])
        ours = net.views(draw(net, 0))
        for name in ("weight", "bias"):
            theirs = getattr(linear, name).detach().numpy()
            assert abs(ours[f"0.{name}"]).max() == pytest.approx(inputs**-0.5, rel=0.15)
            assert abs(theirs).max() == pytest.approx(inputs**-0.5, rel=0.15)
