"""Weights by PyTorch's names: there and back, and what is refused."""

import numpy as np
import pytest

from gdsim.networks.model import Model
from gdsim.networks.network import ACTIVATIONS, Network
from gdsim.networks.tensors import WeightsError, load_tensors, save_tensors
from gdsim.networks.weights import load, save, state_dict, vectors

SHAPES = {
    "one layer": Network([3, 2]),
    "deep": Network([2, 4, 3, 1], activation="relu"),
    "single precision": Network([2, 4, 1], precision="float32"),
    "batch normalisation": Network([2, 4, 4, 3], batch_norm=True, dropout=0.5, loss="cross_entropy"),
    "an output that is no identity": Network([2, 3, 1], output="tanh", activation="identity"),
}


def drawn(network, seed=0):
    """Random weights and buffers."""
    rng = np.random.default_rng(seed)
    buffers = rng.uniform(0.5, 2.0, sum(part.size for part in network.buffers))
    return rng.normal(size=network.weights).astype(network.precision), buffers.astype(network.precision)


@pytest.mark.parametrize("network", SHAPES.values(), ids=SHAPES)
def test_there_and_back(network, tmp_path):
    weights, buffers = drawn(network)
    save(tmp_path / "w.safetensors", network, weights, buffers, batches=7)
    found, also = load(tmp_path / "w.safetensors", network)
    assert found.dtype == also.dtype == np.dtype(network.precision)
    assert np.array_equal(found, weights)
    assert np.array_equal(also, buffers)


def test_names_shapes_and_types_are_pytorchs():
    network = SHAPES["batch normalisation"]
    found = {name: (array.shape, str(array.dtype)) for name, array in state_dict(network, *drawn(network), batches=5).items()}
    assert found == {
        "0.weight": ((4, 2), "float64"),
        "0.bias": ((4,), "float64"),
        "1.weight": ((4,), "float64"),
        "1.bias": ((4,), "float64"),
        "4.weight": ((4, 4), "float64"),
        "4.bias": ((4,), "float64"),
        "5.weight": ((4,), "float64"),
        "5.bias": ((4,), "float64"),
        "8.weight": ((3, 4), "float64"),
        "8.bias": ((3,), "float64"),
        "1.running_mean": ((4,), "float64"),
        "1.running_var": ((4,), "float64"),
        "5.running_mean": ((4,), "float64"),
        "5.running_var": ((4,), "float64"),
        "1.num_batches_tracked": ((), "int64"),
        "5.num_batches_tracked": ((), "int64"),
    }


@pytest.mark.parametrize("prefix", ["", "net.", "layers.", "model.net.", "0."])
@pytest.mark.parametrize("network", SHAPES.values(), ids=SHAPES)
def test_a_common_prefix_is_seen(network, prefix):
    weights, buffers = drawn(network)
    tensors = {prefix + name: array for name, array in state_dict(network, weights, buffers).items()}
    found, also = vectors(network, tensors)
    assert np.array_equal(found, weights)
    assert np.array_equal(also, buffers)


def test_precisions_are_converted():
    wide, narrow = Network([2, 3, 1]), Network([2, 3, 1], precision="float32")
    weights, _ = drawn(wide)
    found, _ = vectors(narrow, state_dict(wide, weights))
    assert found.dtype == np.float32
    assert np.array_equal(found, weights.astype(np.float32))
    back, _ = vectors(wide, state_dict(narrow, found))
    assert np.array_equal(back, found.astype(np.float64))


def test_a_count_of_batches_may_be_missing():
    network = SHAPES["batch normalisation"]
    weights, buffers = drawn(network)
    tensors = {name: array for name, array in state_dict(network, weights, buffers).items() if "num_batches" not in name}
    assert np.array_equal(vectors(network, tensors)[0], weights)


NORMED = SHAPES["batch normalisation"]
SIMPLE = SHAPES["deep"]
BAD = {
    "nothing": (SIMPLE, lambda t: t.clear(), "0.weight", "no such tensor"),
    "a tensor missing": (SIMPLE, lambda t: t.pop("2.bias"), "2.bias", "no such tensor"),
    "a tensor too many": (SIMPLE, lambda t: t.update({"6.weight": np.zeros(2)}), "6.weight", "does not have"),
    "one name with a prefix": (SIMPLE, lambda t: t.update({"net.0.bias": t.pop("0.bias")}), "0.bias", "no such tensor"),
    "another activation in between": (
        SIMPLE,
        lambda t: t.update({"3.weight": t.pop("2.weight"), "3.bias": t.pop("2.bias")}),
        "2.weight",
        "no such tensor",
    ),
    "transposed": (SIMPLE, lambda t: t.update({"0.weight": t["0.weight"].T}), "0.weight", r"the shape \[2, 4\].*\[4, 2\]"),
    "flat": (SIMPLE, lambda t: t.update({"0.weight": t["0.weight"].ravel()}), "0.weight", r"the shape \[8\]"),
    "a number": (SIMPLE, lambda t: t.update({"0.bias": np.array(1.0)}), "0.bias", r"the shape \[\]"),
    "whole numbers": (SIMPLE, lambda t: t.update({"0.bias": np.zeros(4, dtype=np.int64)}), "0.bias", "type int64"),
    "NaN": (SIMPLE, lambda t: t["4.bias"].fill(np.nan), "4.bias", "found nan"),
    "infinity": (SIMPLE, lambda t: t["0.weight"].fill(-np.inf), "0.weight", "found -inf"),
    "too large for single precision": (SHAPES["single precision"], lambda t: t.update({"0.bias": np.full(4, 1e39)}), "0.bias", "1e.39"),
    "a negative variance": (NORMED, lambda t: t["1.running_var"].fill(-1.0), "1.running_var", "found -1.0"),
    "a mean missing": (NORMED, lambda t: t.pop("5.running_mean"), "5.running_mean", "no such tensor"),
    "a negative count": (NORMED, lambda t: t.update({"1.num_batches_tracked": np.array(-1)}), "1.num_batches_tracked", "int64 -1"),
    "a count that is none": (NORMED, lambda t: t.update({"1.num_batches_tracked": np.array(1.5)}), "1.num_batches_tracked", "float64"),
    "many counts": (NORMED, lambda t: t.update({"1.num_batches_tracked": np.zeros(3, dtype=int)}), "1.num_batches_tracked", r"\[3\]"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_does_not_fit_is_refused(case, tmp_path):
    network, spoil, tensor, words = BAD[case]
    tensors = state_dict(network, *drawn(network))
    spoil(tensors)
    save_tensors(tmp_path / "w.safetensors", tensors)
    with pytest.raises(WeightsError, match=words) as caught:
        load(tmp_path / "w.safetensors", network)
    assert caught.value.tensor == tensor
    assert caught.value.file == str(tmp_path / "w.safetensors")


def test_buffers_have_to_be_saved_as_well():
    with pytest.raises(ValueError, match="running means and variances"):
        state_dict(NORMED, drawn(NORMED)[0])


def sequential(network):
    """The equal nn.Sequential."""
    torch = pytest.importorskip("torch")
    nn = torch.nn
    made, layer = [], -1
    kinds = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "leaky_relu": nn.LeakyReLU, "gelu": nn.GELU, "softplus": nn.Softplus}
    for kind in network.modules:
        layer += kind == "linear"
        before, after = network.layers[layer : layer + 2]
        if kind == "linear":
            made.append(nn.Linear(before, after))
        elif kind == "batch_norm":
            made.append(nn.BatchNorm1d(after))
        elif kind == "dropout":
            made.append(nn.Dropout(network.dropout))
        else:
            made.append(kinds.get(kind, nn.Identity)())
    return nn.Sequential(*made).to(getattr(torch, network.precision))


@pytest.mark.torch
@pytest.mark.parametrize("network", SHAPES.values(), ids=SHAPES)
def test_pytorch_takes_them_unchanged(network, tmp_path):
    model = sequential(network)
    torchs = pytest.importorskip("safetensors.torch")
    save(tmp_path / "w.safetensors", network, *drawn(network), batches=3)
    found = torchs.load_file(tmp_path / "w.safetensors")
    own = model.state_dict()
    assert {name: (tensor.shape, tensor.dtype) for name, tensor in found.items()} == {
        name: (tensor.shape, tensor.dtype) for name, tensor in own.items()
    }
    model.load_state_dict(found, strict=True)
    kept, _ = load_tensors(tmp_path / "w.safetensors")
    assert all(np.array_equal(tensor.numpy(), kept[name]) for name, tensor in model.state_dict().items())


@pytest.mark.torch
@pytest.mark.parametrize("network", SHAPES.values(), ids=SHAPES)
def test_pytorchs_weights_are_taken(network, tmp_path):
    torch = pytest.importorskip("torch")
    torchs = pytest.importorskip("safetensors.torch")

    class Module(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.net = sequential(network)

    module = Module()
    torchs.save_file(module.state_dict(), tmp_path / "prefixed.safetensors")
    torchs.save_file(module.net.state_dict(), tmp_path / "plain.safetensors")
    wanted = {name: tensor.numpy() for name, tensor in module.net.state_dict().items()}
    for name in ("prefixed", "plain"):
        weights, buffers = load(tmp_path / f"{name}.safetensors", network)
        found = state_dict(network, weights, buffers)
        assert found.keys() == wanted.keys()
        assert all(np.array_equal(found[key], wanted[key]) for key in wanted)


@pytest.mark.torch
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("batch_norm", [False, True])
def test_the_network_says_the_same_there(activation, batch_norm, tmp_path):
    torch = pytest.importorskip("torch")
    torchs = pytest.importorskip("safetensors.torch")
    network = Network([3, 7, 5, 2], activation=activation, output=activation, batch_norm=batch_norm, dropout=0.4)
    points = np.random.default_rng(1).normal(size=(40, 3))
    # torch's Softplus is the identity above 20, where it is 2e-9 more.
    near = {"rtol": 1e-12, "atol": 1e-7 if activation == "softplus" else 1e-12}
    here = Model(network, *drawn(network))
    here.save(tmp_path / "w.safetensors")
    there = sequential(network).eval()
    there.load_state_dict(torchs.load_file(tmp_path / "w.safetensors"), strict=True)
    with torch.no_grad():
        np.testing.assert_allclose(here.predict(points), there(torch.from_numpy(points)).numpy(), **near)

    there.train()  # other running means and variances
    there(torch.from_numpy(points))
    there.eval()
    torchs.save_file(there.state_dict(), tmp_path / "back.safetensors")
    back = Model.load(tmp_path / "back.safetensors", network)
    assert back.batches == int(batch_norm)
    with torch.no_grad():
        np.testing.assert_allclose(back.predict(points), there(torch.from_numpy(points)).numpy(), **near)


@pytest.mark.torch
def test_a_file_of_torch_save_is_not_opened(tmp_path):
    torch = pytest.importorskip("torch")
    for zipped in (True, False):
        torch.save(sequential(SIMPLE).state_dict(), tmp_path / "w.pt", _use_new_zipfile_serialization=zipped)
        with pytest.raises(WeightsError, match=r"torch\.save .*In PyTorch, save weights with safetensors"):
            load(tmp_path / "w.pt", SIMPLE)
