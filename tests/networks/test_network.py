"""The shape of a network: names as PyTorch's, places that fill the flat vector, and refusals that say why."""

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdsim.networks.network import ACTIVATIONS, LOSSES, Network
from tests.draws import fresh

SIZES = st.lists(st.integers(1, 9), min_size=2, max_size=5)


def test_names_are_those_of_a_sequential():
    net = Network([2, 16, 8, 1], batch_norm=True, dropout=0.1, activation="relu", output="tanh")
    hidden = ("linear", "batch_norm", "relu", "dropout")
    assert net.modules == (*hidden, *hidden, "linear", "tanh")
    assert [(part.name, part.shape) for part in net.parts] == [
        *(("0.weight", (16, 2)), ("0.bias", (16,)), ("1.weight", (16,)), ("1.bias", (16,))),
        *(("4.weight", (8, 16)), ("4.bias", (8,)), ("5.weight", (8,)), ("5.bias", (8,))),
        *(("8.weight", (1, 8)), ("8.bias", (1,))),
    ]
    assert [part.name for part in net.buffers] == ["1.running_mean", "1.running_var", "5.running_mean", "5.running_var"]


def test_an_identity_among_hidden_layers_is_a_module():
    assert [part.name for part in Network([2, 3, 1], activation="identity").parts] == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert Network([2, 3, 1]).modules == ("linear", "tanh", "linear")


@settings(deadline=None)
@given(SIZES, st.booleans(), st.booleans())
def test_places_fill_the_flat_vector_without_gaps(sizes, batch_norm, dropout):
    net = Network(sizes, batch_norm=batch_norm, dropout=0.5 * dropout)
    for parts, length in ((net.parts, net.weights), (net.buffers, sum(part.size for part in net.buffers))):
        places = [place for part in parts for place in range(part.place.start, part.place.stop)]
        assert places == list(range(length))
    assert all(net.layers[part.layer + 1] == part.shape[0] for part in (*net.parts, *net.buffers))
    flat = fresh().normal(size=net.weights)
    views = net.views(flat)
    assert all(np.shares_memory(view, flat) for view in views.values())
    assert np.array_equal(net.flat(views), flat)


def test_equal_networks_are_one_key():
    assert Network([2, 3, 1], l2=1) == Network((2, 3, 1), l2=1.0)
    assert hash(Network([2, 3, 1])) == hash(Network(np.array([2, 3, 1])))
    assert Network([2, 3, 1]) != Network([2, 3, 1], activation="relu")


@pytest.mark.parametrize(
    ("layers", "others", "words"),
    [
        ([2], {}, "2 to 100 sizes"),
        ([2, 0, 1], {}, "whole number >= 1"),
        ([2, 2.5, 1], {}, "2.5"),
        ([2, True, 1], {}, "True"),
        ("21", {}, "list of sizes"),
        ([1000, 1000, 1], {}, "1,002,001 weights"),
        ([2, 3, 1], {"activation": "swish"}, "activation is 'swish'"),
        ([2, 3, 1], {"loss": "l4"}, "one of mse, bce"),
        ([2, 3, 1], {"dropout": 1.0}, "below 1"),
        ([2, 3, 1], {"l2": -1.0}, "l2 is -1.0"),
        ([2, 3, 1], {"scale": math.nan}, "scale is nan"),
        ([2, 3, 1], {"batch_norm": 1}, "true or false"),
        ([2, 3, 1], {"width": 3}, "no 'width'"),
        ([2, 3, 1], {"loss": "bce", "output": "sigmoid"}, "takes logits"),
        ([2, 3, 1], {"loss": "cross_entropy"}, "one output"),
    ],
)
def test_refusals_say_why(layers, others, words):
    with pytest.raises(ValueError, match=words):
        Network(layers, **others)


def test_views_and_flat_refuse_what_does_not_fit():
    net = Network([2, 3, 1])
    with pytest.raises(ValueError, match=r"need \(13,\)"):
        net.views(np.zeros(12))
    tensors = net.views(np.zeros(13))
    with pytest.raises(ValueError, match=r"'2.bias' is missing"):
        net.flat({name: tensors[name] for name in tensors if name != "2.bias"})
    with pytest.raises(ValueError, match=r"'3.bias' is no tensor"):
        net.flat({**tensors, "3.bias": np.zeros(1)})
    with pytest.raises(ValueError, match=r"'0.weight' has the shape \(2, 3\)"):
        net.flat({**tensors, "0.weight": np.zeros((2, 3))})


MODULES = {
    "sigmoid": "Sigmoid",
    "tanh": "Tanh",
    "relu": "ReLU",
    "leaky_relu": "LeakyReLU",
    "gelu": "GELU",
    "softplus": "Softplus",
    "identity": "Identity",
}


def sequential(net):
    """The network as PyTorch would build it."""
    nn = pytest.importorskip("torch").nn
    modules, layer = [], 0
    for module in net.modules:
        size = net.layers[layer]
        if module == "linear":
            modules.append(nn.Linear(*net.layers[layer : layer + 2]))
            layer += 1
        elif module == "batch_norm":
            modules.append(nn.BatchNorm1d(size))
        elif module == "dropout":
            modules.append(nn.Dropout(net.dropout))
        else:
            modules.append(getattr(nn, MODULES[module])())
    return nn.Sequential(*modules).double()


@pytest.mark.torch
def test_torch_has_the_same_tensors():
    for _ in range(20):
        sizes = [random.randint(1, 6) for _ in range(random.randint(2, 5))]
        net = Network(
            sizes,
            activation=random.choice(ACTIVATIONS),
            loss=random.choice(("mse", "huber")),
            output=random.choice(ACTIVATIONS),
            batch_norm=random.random() < 0.5,
            dropout=random.choice((0.0, 0.3)),
        )
        module = sequential(net)
        assert [(n, tuple(p.shape)) for n, p in module.named_parameters()] == [(p.name, p.shape) for p in net.parts]
        theirs = [(n, tuple(b.shape)) for n, b in module.named_buffers() if not n.endswith("num_batches_tracked")]
        assert theirs == [(part.name, part.shape) for part in net.buffers]
    assert set(LOSSES) == {"mse", "bce", "cross_entropy", "huber"}
