"""A network in a scenario: what it is made of, what is refused and how, and that a file says it all."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdsim.networks.method_learner import misfit
from gdsim.networks.network import ACTIVATIONS, INITIALISATIONS, PRECISIONS
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.complaints import ScenarioError
from gdsim.simulation.run_batches import batches_of
from gdsim.simulation.scenario import validated
from gdsim.simulation.scenario_file import parse, to_toml

MOONS = {"dataset": "moons", "data": {"count": 40}}
SINE = {"dataset": "sine", "data": {"count": 40}}
THREE = {"points": [[x, y, str(k % 3)] for k, (x, y) in enumerate(np.random.default_rng(1).normal(size=(30, 2)).tolist())]}


def tables(data, network, **others):
    return {"problem": {**data, "network": network}, "runs": [{"optimizer": "sgd"}], **others}


@pytest.mark.parametrize(
    ("data", "network", "layers", "loss"),
    [
        (MOONS, {"layers": [4, 3]}, (2, 4, 3, 1), "bce"),
        (MOONS, {"layers": [4], "loss": "cross_entropy"}, (2, 4, 2), "cross_entropy"),
        (MOONS, {"layers": []}, (2, 1), "bce"),
        (MOONS | {"features": ["x", "y", "x^2"]}, {"layers": [4]}, (3, 4, 1), "bce"),
        (THREE, {"layers": [4]}, (2, 4, 3), "cross_entropy"),
        (SINE, {"layers": [4]}, (1, 4, 1), "mse"),
        (SINE, {"layers": [4], "loss": "huber"}, (1, 4, 1), "huber"),
    ],
)
def test_ends_and_loss_follow_from_the_data(data, network, layers, loss):
    scenario = validated(tables(data, network))
    assert (scenario.problem.shape.layers, scenario.problem.shape.loss) == (layers, loss)
    assert scenario.is_network
    assert scenario.problem.dim == 0
    with pytest.raises(TypeError, match="no landscape"):
        _ = scenario.landscape


RUN = {"optimizer": "sgd"}
METHOD = {"optimizer": "bfgs", "batch_size": "full"}
UNFIT_FOR_METHODS = {
    "batches": ({}, METHOD | {"batch_size": 5}, "needs the whole training set each step"),
    "all points, but drawn": ({}, METHOD | {"replacement": True}, "needs the whole training set each step"),
    "dropout": ({"dropout": 0.1}, METHOD, "without dropout and batch normalisation"),
    "batch normalisation": ({"batch_norm": True}, METHOD, "without dropout and batch normalisation"),
    "a limit of values": ({}, METHOD | {"clip_value": 1.0}, "gradients cannot be clipped"),
    "a limit of lengths": ({}, METHOD | {"clip_norm": 1.0}, "gradients cannot be clipped"),
    "no squares": ({"loss": "huber"}, METHOD | {"optimizer": "levenberg_marquardt"}, "needs a sum of squares: loss mse, and l1 0"),
    "squares and a penalty": ({"l1": 0.1}, METHOD | {"optimizer": "levenberg_marquardt"}, "needs a sum of squares: loss mse, and l1 0"),
    "too many weights": ({"layers": [60, 60]}, METHOD, "solves for all weights together: 3,000 at most, and this network has 3,841"),
    "too many to solve for": ({"layers": [400]}, METHOD | {"optimizer": "newton"}, "1,000 at most, and this network has 1,201"),
}


@pytest.mark.parametrize("case", UNFIT_FOR_METHODS)
def test_a_method_that_looks_at_all_weights_says_what_it_cannot_have(case):
    """As complaints about the tables, and in the same words where a learner is made of them."""
    changes, run, words = UNFIT_FOR_METHODS[case]
    network = {"layers": [4]} | changes
    with pytest.raises(ScenarioError, match=words) as error:
        validated(tables(SINE, network, runs=[run]))
    assert {complaint.key for complaint in error.value.complaints} == {"runs.0.optimizer"}
    fitting = validated(tables(SINE, network, runs=[RUN]))
    train, shape = fitting.problem.parts.train, fitting.problem.shape
    clipped = "clip_value" in run or "clip_norm" in run
    assert words in misfit(shape, train, OPTIMIZERS[run["optimizer"]], batches_of(run, len(train)), clipped)


WRONG = {
    "an activation that is misspelt": (tables(MOONS, {"layers": [4], "activation": "rleu"}), "problem.network.activation", "mean 'relu'?"),
    "a loss for numbers": (tables(MOONS, {"layers": [4], "loss": "mse"}), "problem.network.loss", "2 classes to tell apart (allowed: bce"),
    "a loss for classes": (
        tables(SINE, {"layers": [4], "loss": "bce"}),
        "problem.network.loss",
        "numbers to predict (allowed: mse, huber)",
    ),
    "bce for three": (
        tables(THREE, {"layers": [4], "loss": "bce"}),
        "problem.network.loss",
        "3 classes to tell apart (allowed: cross_entropy)",
    ),
    "too many weights": (
        tables(MOONS, {"layers": [2000, 2000]}),
        "problem.network.layers",
        "4,012,002 weights; allowed: at most 1,000,000",
    ),
    "a size of nothing": (tables(MOONS, {"layers": [4, 0]}), "problem.network.layers.1", "found 0; allowed: an array"),
    "no layers": (tables(MOONS, {"activation": "relu"}), "problem.network.layers", "this key is missing; needed: an array"),
    "another key": (tables(MOONS, {"layer": [4]}), "problem.network.layer", "did you mean 'layers'?"),
    "no table": (tables(MOONS, [4, 4]), "problem.network", "allowed: a table such as"),
    "logits squeezed": (tables(MOONS, {"layers": [4], "output": "tanh"}), "problem.network.output", "bce takes logits"),
    "all units dropped": (tables(MOONS, {"layers": [4], "dropout": 1.0}), "problem.network.dropout", "a number >= 0 and < 1"),
    "no data": ({"problem": {"network": {"layers": [4]}}, "runs": [RUN]}, "problem.dataset", "this key is missing"),
    "noise": (tables(MOONS | {"noise": {"kind": "gaussian"}}, {"layers": [4]}), "problem.noise", "only with a landscape"),
    "a start": (tables(MOONS, {"layers": [4]}, start=[0.0, 0.0]), "start", "a network begins with weights drawn"),
    "a start of a run": (tables(MOONS, {"layers": [4]}, runs=[RUN | {"start": [1.0]}]), "runs.0.start", "a network begins with weights"),
    "a landscape beside": (tables(MOONS | {"landscape": "sphere"}, {"layers": [4]}), "problem.landscape", "no landscape beside data"),
    "a batch too large": (
        tables(MOONS, {"layers": [4]}, runs=[RUN | {"batch_size": 99}]),
        "runs.0.batch_size",
        "there are 28 training points",
    ),
    "impatience": (
        tables(MOONS, {"layers": [4]}, runs=[RUN | {"early_stopping": {"patience": 0}}]),
        "runs.0.early_stopping.patience",
        "found 0; allowed: a whole number from 1",
    ),
    "nothing to validate with": (
        tables(MOONS | {"split": [1.0, 0.0, 0.0]}, {"layers": [4]}, runs=[RUN | {"early_stopping": {}}]),
        "runs.0.early_stopping",
        "the split leaves none",
    ),
    "early stopping on a landscape": (
        {"problem": {"landscape": "sphere"}, "runs": [RUN | {"early_stopping": {}}]},
        "runs.0.early_stopping",
        "only a network can stop early",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_of_its_key(case):
    given, key, words = WRONG[case]
    with pytest.raises(ScenarioError) as error:
        validated(given, "file.toml")
    found = [one.text for one in error.value.complaints if one.key == key]
    assert any(words in text for text in found), str(error.value)


NETWORKS = st.fixed_dictionaries(
    {"layers": st.lists(st.integers(1, 9), max_size=3)},
    optional={
        "activation": st.sampled_from(ACTIVATIONS),
        "dropout": st.floats(0.0, 0.9),
        "batch_norm": st.booleans(),
        "l1": st.floats(0.0, 10.0),
        "l2": st.floats(0.0, 10.0),
        "initialisation": st.sampled_from(INITIALISATIONS),
        "scale": st.floats(0.0, 100.0),
        "precision": st.sampled_from(PRECISIONS),
    },
)


@given(st.sampled_from([MOONS, SINE, THREE]), NETWORKS, st.one_of(st.none(), st.integers(1, 50)))
@settings(max_examples=30, deadline=None)
def test_a_file_says_all_of_it(data, network, patience):
    stop = {} if patience is None else {"early_stopping": {"patience": patience}}
    scenario = validated(tables(data, network, runs=[RUN | {"batch_size": 7, "epochs": 3} | stop]))
    assert validated(parse(to_toml(scenario))) == scenario
