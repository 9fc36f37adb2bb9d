"""Backpropagation at a step, against the step that the training took."""

import numpy as np
import pytest

import gdsim
from gdsim.simulation import step_chain
from gdsim.simulation.scenario import validated
from gdsim.simulation.step_chain import chain_of_step, no_chain

RATE = 0.05
BATCHES = {
    "one": {"batch_size": 1},
    "a smaller last": {"batch_size": 6},
    "drawn anew": {"batch_size": 8, "replacement": True},
    "in order": {"batch_size": 5, "shuffle": False},
    "all": {"batch_size": "full"},
}


def scenario(**run):
    problem = {"dataset": "sine", "data": {"count": 20}, "split": [1.0, 0.0, 0.0], "network": {"layers": [6]}}
    return validated({"steps": 12, "seed": 7, "problem": problem, "runs": [{"optimizer": "sgd", "learning_rate": RATE, **run}]})


@pytest.mark.parametrize("kind", BATCHES)
def test_its_gradient_is_what_the_training_stepped_along(kind):
    wanted = scenario(**BATCHES[kind])
    (training,) = gdsim.run(wanted).runs
    weights = training.snapshots.weights
    for step in (0, 3, 7, 11):
        found = chain_of_step(wanted, 0, weights[step], step, None)
        gradient = found.chain.gradient(wanted.problem.shape)
        assert (weights[step] - weights[step + 1]) / RATE == pytest.approx(gradient, rel=1e-9, abs=1e-12)
        assert found.is_mean == (len(found.batch) > 1)
        np.testing.assert_array_equal(found.rows, found.batch)


def test_of_one_point_in_its_batch(monkeypatch):
    wanted = scenario(batch_size=6)
    weights = np.linspace(-1.0, 1.0, wanted.problem.shape.weights)
    whole = chain_of_step(wanted, 0, weights, 3, None)  # the last of its epoch, of 20 - 3 * 6 points
    assert len(whole.batch) == 2
    for place, row in ((0, 0), (1, 1), (5, 1)):
        one = chain_of_step(wanted, 0, weights, 3, place)
        np.testing.assert_array_equal(one.rows, whole.batch[[row]])
        np.testing.assert_allclose(one.chain.losses, whole.chain.losses[[row]], rtol=1e-12)
        assert not one.is_mean
    monkeypatch.setattr(step_chain, "MOST_WORK", len(weights) * 2 - 1)
    np.testing.assert_array_equal(chain_of_step(wanted, 0, weights, 3, None).rows, whole.batch[:1])


def test_batch_normalisation_has_none():
    table = {"dataset": "sine", "network": {"layers": [3], "batch_norm": True}}
    assert no_chain(scenario().problem) is None
    normalised = validated({"problem": table, "runs": [{"optimizer": "sgd", "batch_size": 5}]})
    assert no_chain(normalised.problem).startswith("With batch normalisation")
