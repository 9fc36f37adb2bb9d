"""Unit maps against what the model says, for every kind of inputs."""

import numpy as np
import pytest

from gdsim.networks.units import activations
from gdsim.simulation.answers import places
from gdsim.simulation.scenario import validated
from gdsim.simulation.unit_maps import ACROSS, looked_at, seen, unit_maps

RNG = np.random.default_rng(3)
FOUR = [[0.1 * k, float(k % 3), float(k % 7), 1.0 - k, float(k % 2)] for k in range(30)]

PROBLEMS = {
    "plane": {"dataset": "moons", "network": {"layers": [20, 3]}},
    "features": {"dataset": "moons", "features": ["x", "y^2", "x*y"], "standardise": True, "network": {"layers": [4]}},
    "curve": {"points": [[0.1 * k, k % 3] for k in range(20)], "network": {"layers": [4], "activation": "relu"}},
    "points": {"csv": "four.csv", "target": "e", "standardise": True, "network": {"layers": [3]}},
}


def problem(kind, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rows = ["a,b,c,d,e", *(",".join(map(str, row)) for row in FOUR)]
    (tmp_path / "four.csv").write_text("\n".join(rows))
    return validated({"problem": PROBLEMS[kind], "runs": [{"optimizer": "sgd"}]}).problem


def whole(work):
    while True:
        try:
            next(work)
        except StopIteration as over:
            return over.value


@pytest.mark.parametrize("kind", PROBLEMS)
def test_maps_are_the_units_values(kind, tmp_path, monkeypatch):
    wanted = problem(kind, tmp_path, monkeypatch)
    network = wanted.shape
    weights = RNG.normal(size=network.weights)
    maps = whole(unit_maps(wanted, weights, np.empty(0)))
    shape = {"curve": (ACROSS,), "points": ()}.get(maps.kind, (ACROSS, ACROSS))
    assert maps.kind == places(wanted).kind
    _, inputs = looked_at(wanted)
    said = [seen(wanted, inputs), *activations(network, weights, np.empty(0), seen(wanted, inputs))]
    for column, values, span in zip(maps.columns, maps.values, maps.spans, strict=True):
        assert values.shape == (len(column.units), *shape)
        for place, unit in enumerate(column.units):
            true = said[column.layer][:, unit]
            true = true.mean() if maps.kind == "points" else true.reshape(shape)
            assert values[place] / 127 * span == pytest.approx(true, abs=0.51 * span / 127)
        assert np.abs(values).max() == 127


def test_a_network_that_diverged_has_maps(tmp_path, monkeypatch):
    wanted = problem("plane", tmp_path, monkeypatch)
    maps = whole(unit_maps(wanted, np.full(wanted.shape.weights, np.nan), np.empty(0)))
    assert not maps.values[-1].any()


def test_the_inputs_lie_as_in_the_picture_of_the_data(tmp_path, monkeypatch):
    """x grows with the column, y with the row."""
    wanted = problem("plane", tmp_path, monkeypatch)
    x, y = whole(unit_maps(wanted, np.zeros(wanted.shape.weights), np.empty(0))).values[0].astype(int)
    assert (np.diff(x, axis=1) >= 0).all()
    assert (np.diff(x, axis=0) == 0).all()
    assert (np.diff(y, axis=0) >= 0).all()
    assert x[0, 0] < x[0, -1]
    assert y[0, 0] < y[-1, 0]
