"""A model in a file says everything that it takes to answer; what it says is checked, and no answer is out of place."""

import copy
import json

import numpy as np
import pytest

from gdsim.networks.dataset import DataError, Dataset
from gdsim.networks.features import columns
from gdsim.networks.model import KEY, Model
from gdsim.networks.network import Network
from gdsim.networks.split import Standardise
from gdsim.networks.tensors import WeightsError, load_tensors, save_tensors
from gdsim.networks.weights import save
from gdsim.simulation.train import train

RNG = np.random.default_rng(5)
SCALE = Standardise((1.0, -2.0), (0.5, 3.0))
OF_TARGETS = Standardise((0.0, 1.0), (1.0, 1.0), Standardise((10.0,), (2.0,)))


def model(network, **others):
    buffers = RNG.uniform(0.5, 2.0, sum(part.size for part in network.buffers))
    return Model(network, RNG.normal(size=network.weights), buffers, **others)


MODELS = {
    "numbers": model(Network([2, 4, 1]), standardise=OF_TARGETS, inputs=("wide", "high"), target="price"),
    "plain numbers": model(Network([3, 2])),
    "single precision": model(Network([2, 4, 1], precision="float32"), standardise=SCALE),
    "two classes": model(Network([2, 4, 1], loss="bce"), classes=("no", "yes"), standardise=SCALE),
    "two classes, two outputs": model(Network([2, 4, 2], loss="cross_entropy"), classes=("a", "b")),
    "classes without names": model(Network([1, 4, 3], loss="cross_entropy")),
    "features": model(
        Network([3, 4, 1], loss="bce"), features=("x", "x*y", "sin y"), standardise=Standardise((0.0, 1.0, 0.0), (1.0, 2.0, 1.0))
    ),
    "batch normalisation": model(Network([2, 4, 4, 3], loss="cross_entropy", batch_norm=True, dropout=0.3), batches=12),
    "names of any kind": model(Network([2, 1], loss="bce"), inputs=('"\n\\', "é€😀"), target="\u202e", classes=("", "'")),
}


@pytest.mark.parametrize("case", MODELS)
def test_what_is_saved_is_loaded(case, tmp_path):
    wanted = MODELS[case]
    wanted.save(tmp_path / "m.safetensors")
    found = Model.load(tmp_path / "m.safetensors")
    for name in ("network", "inputs", "features", "target", "classes", "standardise"):
        assert getattr(found, name) == getattr(wanted, name)
    assert found.batches == (wanted.batches if wanted.network.batch_norm else 0)
    for name in ("weights", "buffers"):
        assert np.array_equal(getattr(found, name), getattr(wanted, name))
        assert not getattr(found, name).flags.writeable


def test_equal_models_make_equal_files(tmp_path):
    for name in ("a", "b"):
        MODELS["features"].save(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_weights_alone_need_their_network(tmp_path):
    wanted = MODELS["plain numbers"]
    save(tmp_path / "w.safetensors", wanted.network, wanted.weights)
    with pytest.raises(WeightsError, match="without a description of their network"):
        Model.load(tmp_path / "w.safetensors")
    found = Model.load(tmp_path / "w.safetensors", wanted.network)
    assert np.array_equal(found.weights, wanted.weights)
    assert found.inputs == ("x1", "x2", "x3")


def changed(**others):
    return lambda table: table | others


def shape(**others):
    return lambda table: table | {"network": table["network"] | others}


BAD = {
    "an array": lambda table: [table],
    "null": lambda table: None,
    "a key missing": lambda table: {key: value for key, value in table.items() if key != "target"},
    "a key too many": changed(code="import os"),
    "another format": changed(format=2),
    "a format that is a text": changed(format="1"),
    "a network that is a text": changed(network="2-4-1"),
    "a network without layers": changed(network={}),
    "an unknown activation": shape(activation="eval"),
    "an unknown key of the network": shape(hidden=3),
    "layers that are none": shape(layers=[2, -4, 1]),
    "layers of fractions": shape(layers=[2, 4.0, 1]),
    "too many weights": shape(layers=[2, 10**9, 1]),
    "too many layers": shape(layers=[2] * 10_000),
    "other layers": shape(layers=[2, 5, 1]),
    "a loss of classes": shape(loss="cross_entropy"),
    "dropout of 1": shape(dropout=1.0),
    "dropout that is a text": shape(dropout="0.1"),
    "a target that is a number": changed(target=3),
    "inputs that are a text": changed(inputs="xy"),
    "inputs that are numbers": changed(inputs=[1, 2]),
    "inputs twice": changed(inputs=["x", "x"]),
    "too few inputs": changed(inputs=["x"]),
    "unknown features": changed(features=["x", "__import__"]),
    "too many features": changed(features=["x", "y", "x^2"]),
    "classes of a regression": changed(classes=["a", "b"]),
    "a standardisation that is a text": changed(standardise="z"),
    "a standardisation of one column": changed(standardise={"mean": [0.0], "deviation": [1.0], "targets": None}),
    "deviations of 0": changed(standardise={"mean": [0.0, 0.0], "deviation": [0.0, 1.0], "targets": None}),
    "means that are texts": changed(standardise={"mean": ["0", "0"], "deviation": [1.0, 1.0], "targets": None}),
    "means that are switches": changed(standardise={"mean": [True, 0], "deviation": [1.0, 1.0], "targets": None}),
    "means without end": changed(standardise={"mean": [10**400, 0], "deviation": [1.0, 1.0], "targets": None}),
    "targets of other columns": changed(
        standardise={"mean": [0, 0], "deviation": [1, 1], "targets": {"mean": [0, 0], "deviation": [1, 1], "targets": None}}
    ),
    "targets of targets": changed(
        standardise={
            "mean": [0, 0],
            "deviation": [1, 1],
            "targets": {"mean": [0], "deviation": [1], "targets": {"mean": [0], "deviation": [1], "targets": None}},
        }
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_description_is_refused(case, tmp_path):
    MODELS["numbers"].save(tmp_path / "m.safetensors")
    tensors, metadata = load_tensors(tmp_path / "m.safetensors")
    table = BAD[case](copy.deepcopy(json.loads(metadata[KEY])))
    save_tensors(tmp_path / "bad.safetensors", tensors, {KEY: json.dumps(table)})
    with pytest.raises(WeightsError, match="found") as caught:
        Model.load(tmp_path / "bad.safetensors")
    assert len(str(caught.value)) < 1500


@pytest.mark.parametrize("text", ["", "{", "NaN", "[" * 100_000, '{"format": ' * 5000, "9" * 5000, "\ud7ff", '{"format": 1, "format": 1}'])
def test_a_description_that_is_no_json_is_refused(text, tmp_path):
    MODELS["numbers"].save(tmp_path / "m.safetensors")
    tensors, _ = load_tensors(tmp_path / "m.safetensors")
    save_tensors(tmp_path / "bad.safetensors", tensors, {KEY: text})
    with pytest.raises(WeightsError, match="found"):
        Model.load(tmp_path / "bad.safetensors")


def naive(model_, points):
    """Forward, layer by layer, in float64, with running means and variances."""
    network = model_.network
    tensors = network.views(model_.weights) | network.views(model_.buffers, network.buffers)
    values = points if not model_.features else columns(points, model_.features)
    values = model_.standardise.scaled(values) if model_.standardise else values
    for number, kind in enumerate(network.modules):
        if kind == "linear":
            values = values @ tensors[f"{number}.weight"].T + tensors[f"{number}.bias"]
        elif kind == "batch_norm":
            values = (values - tensors[f"{number}.running_mean"]) / np.sqrt(tensors[f"{number}.running_var"] + 1e-5)
            values = values * tensors[f"{number}.weight"] + tensors[f"{number}.bias"]
        elif kind == "tanh":
            values = np.tanh(values)
    return values


@pytest.mark.parametrize("case", MODELS)
def test_predictions(case):
    found = MODELS[case]
    points = RNG.normal(size=(50, len(found.inputs)))
    outputs = naive(found, points)
    near = {"rtol": 1e-4, "atol": 1e-4} if found.network.precision == "float32" else {"rtol": 1e-12, "atol": 1e-12}
    if not found.is_classification:
        scale = found.standardise.targets if found.standardise else None
        np.testing.assert_allclose(found.predict(points), scale.unscaled(outputs) if scale else outputs, **near)
        with pytest.raises(ValueError, match="no probabilities"):
            found.probabilities(points)
        return
    shares = found.probabilities(points)
    assert shares.shape == (50, len(found.classes))
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    if found.network.loss == "bce":
        np.testing.assert_allclose(shares[:, 1], 1.0 / (1.0 + np.exp(-outputs[:, 0])), **near)
    else:
        np.testing.assert_allclose(shares, np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True), **near)
    assert found.predict(points).tolist() == [found.classes[place] for place in shares.argmax(axis=1)]


def test_large_logits_are_certain_and_no_error():
    sure = Model(Network([1, 3], loss="cross_entropy"), [1e5, 0.0, -1e5, 0.0, 0.0, 0.0], [])
    assert sure.probabilities([[1.0], [-1.0]]).tolist() == [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    assert sure.predict([1.0, -1.0]).tolist() == ["0", "2"]


@pytest.mark.parametrize("inputs", [[1.0, 2.0], [[1.0, 2.0, 3.0]], 1.0, [[[1.0, 2.0]]]])
def test_inputs_of_another_shape_are_refused(inputs):
    with pytest.raises(ValueError, match=r"allowed: \(n, 2\), with a column for each of wide, high"):
        MODELS["numbers"].predict(inputs)


def points_for(wanted, rng, count=12):
    """Data in the model's own units, of the kind that its loss takes."""
    inputs, network = rng.normal(size=(count, len(wanted.inputs))), wanted.network
    if wanted.is_classification:
        return Dataset.from_arrays(inputs, np.arange(count) % len(wanted.classes), classes=wanted.classes)
    return Dataset.from_arrays(inputs, rng.normal(size=(count, network.layers[-1])))


@pytest.mark.parametrize("case", MODELS)
def test_the_gradient_is_that_of_the_loss(case, rng):
    wanted = MODELS[case]
    data, rows = points_for(wanted, rng), [1, 4, 5, 9, 10]
    single = wanted.network.precision == "float32"
    step, tolerance = (1e-2, 3e-2) if single else (1e-5, 1e-6)
    loss, gradient = wanted.loss_and_gradient(data, rows)
    assert wanted.loss_and_gradient(data.take(rows))[0] == loss
    for direction in rng.normal(size=(3, wanted.network.weights)):
        ahead, behind = (wanted.at(wanted.weights + sign * step * direction).loss_and_gradient(data, rows)[0] for sign in (1, -1))
        assert (ahead - behind) / (2 * step) == pytest.approx(gradient @ direction, rel=tolerance, abs=10 * tolerance)


@pytest.mark.parametrize("case", MODELS)
def test_evaluation_says_what_predictions_say(case, rng):
    wanted = MODELS[case]
    data = points_for(wanted, rng)
    loss, score = wanted.evaluate(data)
    if wanted.is_classification:
        shares = wanted.probabilities(data.inputs)[np.arange(len(data)), data.targets]
        assert loss == pytest.approx(-np.log(shares).mean(), rel=1e-4)
        assert score == np.mean(wanted.predict(data.inputs) == np.array(wanted.classes)[data.targets])
    else:
        own = wanted.standardise.targets if wanted.standardise else None
        squares = (wanted.predict(data.inputs) - data.targets) ** 2
        assert loss == pytest.approx(squares.mean() / (own.deviation[0] ** 2 if own else 1.0), rel=1e-4)
        shares = squares.sum(axis=0) / ((data.targets - data.targets.mean(axis=0)) ** 2).sum(axis=0)
        assert 1 - score == pytest.approx(shares.mean(), rel=1e-4)


def test_an_untrained_model_is_what_a_training_begins_with():
    network = Network([2, 4, 1])
    begun = Model.drawn(network, seed=7, target="height")
    training = train(network, Dataset.from_arrays(np.eye(2), [1.0, 2.0]), "sgd", learning_rate=0.0, epochs=1, batch_size="full", seed=7)
    assert np.array_equal(begun.weights, training.model.weights)
    assert begun.target == "height"
    with pytest.raises(ValueError, match="2 weights"):
        begun.at([1.0, 2.0])


def test_data_of_others_are_refused():
    with pytest.raises(DataError, match="columns x; allowed: wide, high"):
        MODELS["numbers"].evaluate(Dataset.from_arrays([1.0, 2.0], [1.0, 2.0]))
    with pytest.raises(ValueError, match="found classes as targets; allowed: numbers, as price"):
        MODELS["numbers"].evaluate(Dataset.from_arrays(np.eye(3, 2), ["a", "b", "c"]))
