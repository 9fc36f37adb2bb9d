"""What models of data say where they are looked at, against formulas written out."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdsim.networks import features as made_of
from gdsim.simulation import answers as a
from gdsim.simulation.data_problem import DataProblem
from gdsim.simulation.network_problem import NetworkProblem

NONE = np.empty(0)
NUMBERS = st.floats(-3.0, 3.0)


def problem(**table) -> DataProblem | NetworkProblem:
    kind = NetworkProblem if "network" in table else DataProblem
    return kind.model_validate(table)


def forward(network, weights, inputs):
    """A fully connected network with tanh, layer by layer."""
    sizes, at, values = network.layers, 0, inputs
    for layer, (before, after) in enumerate(pairwise(sizes)):
        matrix = weights[at : at + before * after].reshape(after, before)
        bias = weights[at + before * after : at + before * after + after]
        at += before * after + after
        values = values @ matrix.T + bias
        values = values if layer == len(sizes) - 2 else np.tanh(values)
    return values


@pytest.mark.parametrize("standardised", [False, True])
@given(w=NUMBERS, b=NUMBERS)
@settings(max_examples=15, deadline=None)
def test_a_line_in_the_units_of_the_data(standardised, w, b):
    given = problem(dataset="line", model="line", standardise=standardised, standardise_target=standardised)
    where = a.places(given)
    said = a.answers(given, np.array([w, b]), NONE, where)
    data = given.loaded
    x, y = where.x, np.array([w, b])
    if standardised:
        mean, deviation = data.inputs.mean(), data.inputs.std()
        expected = (w * (x - mean) / deviation + b) * data.targets.std() + data.targets.mean()
    else:
        expected = y[0] * x + y[1]
    assert where.kind == "curve"
    np.testing.assert_allclose(said.values, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("model", "share"), [("logistic", lambda z: 1 / (1 + np.exp(-z))), ("neuron", lambda z: (1 + np.tanh(z)) / 2)])
@given(w=NUMBERS, v=NUMBERS)
@settings(max_examples=15, deadline=None)
def test_two_classes_in_the_plane(model, share, w, v):
    given = problem(dataset="gaussians", model=model)
    where = a.places(given, 40)
    said = a.answers(given, np.array([w, v]), NONE, where)
    second = share(where.inputs @ (w, v)).reshape(40, 40)
    np.testing.assert_allclose(np.where(said.classes == 1, said.values, 1.0 - said.values), second, rtol=1e-5, atol=1e-6)
    for line in said.lines:  # the boundary is where w x + v y = 0
        assert np.abs(line @ (w, v)).max() < 0.05 * (abs(w) + abs(v)) + 1e-9


@pytest.mark.parametrize(
    "table",
    [
        {"dataset": "spiral", "network": {"layers": [5, 4]}},
        {"dataset": "clusters", "data": {"classes": 4}, "network": {"layers": [6]}},
        {"dataset": "moons", "features": ["x", "y^2", "sin x"], "standardise": True, "network": {"layers": [5]}},
        {"dataset": "bumps", "data": {"count": 60}, "standardise": True, "standardise_target": True, "network": {"layers": [5]}},
        {"dataset": "sine", "network": {"layers": [7]}},
    ],
    ids=lambda table: table["dataset"],
)
def test_networks_in_the_units_of_the_data(table):
    given = problem(**table)
    where = a.places(given, 30)
    weights = np.random.default_rng(5).normal(size=given.shape.weights)
    said = a.answers(given, weights, NONE, where)
    seen = made_of.columns(where.inputs, given.features) if given.features else where.inputs
    scale = given.standardisation
    out = forward(given.shape, weights, scale.scaled(seen) if scale else seen)
    if not given.loaded.is_classification:
        expected = scale.targets.unscaled(out) if scale and scale.targets else out
        np.testing.assert_allclose(said.values.ravel(), expected[:, 0], rtol=1e-5, atol=1e-5)
        return
    logits = np.column_stack((np.zeros(len(out)), out)) if out.shape[1] == 1 else out
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    np.testing.assert_array_equal(said.classes.ravel(), shares.argmax(axis=1))
    np.testing.assert_allclose(said.values.ravel(), shares.max(axis=1), rtol=1e-5)
    changes = (np.diff(said.classes, axis=0) != 0).any() or (np.diff(said.classes, axis=1) != 0).any()
    assert bool(said.lines) == bool(changes)


def test_more_classes_than_a_byte_has():
    rows = [[float(k % 20), float(k // 20), k] for k in range(300)]
    given = problem(points=rows, split=[1.0, 0.0, 0.0], network={"layers": [2]})
    where = a.places(given, 20)
    said = np.eye(300)[np.arange(400) % 300]
    np.testing.assert_array_equal(a.arranged(given, said, where).classes.ravel(), np.arange(400) % 300)


def test_the_line_of_a_regression_is_where_the_mean_target_is_predicted(rng):
    """0 where targets lie on both sides of it."""
    w, v = rng.uniform(0.5, 2.0, 2)
    for low, level in ((1.0, None), (-10.0, 0.0)):
        at = rng.uniform(-9.0, 9.0, (30, 2)).tolist()
        rows = [[x, y, low + (abs(x) + abs(y)) / 10.0 + 12.0 * (k == 0)] for k, (x, y) in enumerate(at)]
        given = problem(points=rows, classification=False, model="line")
        where = a.places(given, 30)
        (line,) = a.answers(given, np.array([w, v]), NONE, where).lines
        expected = np.mean([row[2] for row in rows]) if level is None else level
        np.testing.assert_allclose(line @ (w, v), expected, rtol=1e-9, atol=1e-9)


def test_answers_in_pieces_are_those_at_once(monkeypatch):
    given = problem(dataset="clusters", network={"layers": [5]})
    weights = np.random.default_rng(0).normal(size=given.shape.weights)
    whole = a.answers(given, weights, NONE, a.places(given))
    monkeypatch.setattr(a, "AT_ONCE", 100 * len(weights))
    pieces = 0

    def counted():
        nonlocal said
        said = yield from a.answering(given, weights, NONE, a.places(given))

    said = None
    for _ in counted():
        pieces += 1
    assert pieces == -(-(a.ACROSS**2) // 100) - 1
    np.testing.assert_allclose(said.values, whole.values, rtol=1e-6)


def test_a_model_that_has_diverged_says_nothing():
    given = problem(dataset="gaussians", model="logistic")
    said = a.answers(given, np.array([np.nan, 1.0]), NONE, a.places(given))
    assert np.isnan(said.values).all()
    assert said.lines == ()


def test_points_are_laid_out_as_batches_number_them():
    given = problem(dataset="spiral", split=[0.6, 0.2, 0.2], standardise=True, network={"layers": [3]})
    data, parts = a.laid_out(given)
    assert np.bincount(parts).tolist() == [300, 100, 100]
    scale = given.standardisation
    for number, part in enumerate(given.parts):
        np.testing.assert_allclose(scale.scaled(data.inputs[parts == number]), part.inputs, rtol=1e-12)
        np.testing.assert_array_equal(data.targets[parts == number], part.targets)


def test_more_inputs_than_a_plane_has(tmp_path):
    path = tmp_path / "four.csv"
    rows = np.random.default_rng(1).normal(size=(5000, 4)).round(4)
    path.write_text("a,b,c,y\n" + "\n".join(",".join(map(str, row)) for row in rows))
    given = problem(csv=str(path), network={"layers": [3]})
    where = a.places(given)
    assert where.kind == "points"
    assert len(where.rows) == a.MOST_POINTS
    np.testing.assert_array_equal(where.inputs, a.laid_out(given)[0].inputs[where.rows])
