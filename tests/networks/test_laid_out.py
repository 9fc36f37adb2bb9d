"""Points laid out for the engine: the same whatever the pieces, once, and without reading the data for anything else."""

import numpy as np
import pytest

from gdsim.networks import laid_out
from gdsim.networks.dataset import Dataset
from gdsim.networks.laid_out import engine_data, lay_out
from gdsim.networks.network import Network
from gdsim.simulation.run import stream
from gdsim.simulation.scenario import validated
from tests.draws import fresh

KINDS = {
    "classes": ("cross_entropy", 3, None),
    "one of three": ("mse", 3, lambda targets: (targets[:, None] == np.arange(3)).astype(float)),
    "two classes": ("bce", 1, lambda targets: targets[:, None].astype(float)),
    "numbers": ("mse", 2, lambda targets: targets),
}


@pytest.mark.parametrize("precision", ["float64", "float32"])
@pytest.mark.parametrize("kind", KINDS)
def test_pieces_make_the_whole(kind, precision, monkeypatch):
    loss, outputs, expected = KINDS[kind]
    rng, count = fresh(), 101
    targets = rng.normal(size=(count, 2)) if kind == "numbers" else rng.integers(0, 2 if outputs == 1 else 3, count)
    inputs = rng.normal(size=(count, 4))
    dataset = Dataset.from_arrays(inputs, targets, classes=None if kind == "numbers" else ("a", "b", "c")[: max(outputs, 2)])
    network = Network((4, 5, outputs), loss=loss, precision=precision)
    monkeypatch.setattr(laid_out, "PIECE", 60)
    pieces = 0
    for _ in lay_out(network, dataset):
        pieces += 1
    assert pieces == -(-count // (60 // (4 + outputs)))
    data = engine_data(network, dataset)
    assert np.array_equal(data.inputs, inputs.astype(precision).ravel())
    assert np.array_equal(data.targets, [] if expected is None else expected(targets).astype(precision).ravel())
    assert np.array_equal(data.labels, targets if expected is None else [])
    assert engine_data(network, dataset) is data
    assert list(lay_out(network, dataset)) == []
    assert "digest" not in vars(dataset)


def test_what_does_not_fit_is_refused():
    dataset = Dataset.from_arrays(np.zeros((4, 3)), np.arange(4.0), name="four")
    for ask in (engine_data, lambda *given: list(lay_out(*given))):
        with pytest.raises(ValueError, match="the network takes 2 inputs, and four has 3 features"):
            ask(Network((2, 1), loss="mse"), dataset)


def test_between_two_chunks_few_numbers_are_copied(monkeypatch):
    """Counted, not timed: this many numbers a piece are what keeps a large training ready to be given up."""
    monkeypatch.setattr(laid_out, "PIECE", 30)
    table = {"dataset": "spiral", "data": {"count": 200, "seed": int(fresh().integers(2**20))}, "network": {"layers": [4]}}
    scenario = validated({"problem": table, "runs": [{"optimizer": "sgd", "epochs": 1, "batch_size": 10}]})
    points = len(scenario.problem.parts.train)
    before = 0
    for chunk in stream(scenario):
        if len(chunk.steps.losses):
            break
        before += 1
    assert before >= points // (30 // (2 + scenario.problem.shape.layers[-1]))
    assert "digest" not in vars(scenario.problem.parts.train)
