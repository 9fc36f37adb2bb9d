"""Every shipped scenario shows what it was made to show."""

import pytest

from gdsim import shipped
from gdsim.simulation.run import run
from gdsim.simulation.scenario_file import load
from gdsim.simulation.sweep import sweep

VERDICTS = {
    "too-small": [("too small", "too slow", "too small")],
    "stable": [("stable", "converged", "stable")],
    "too-large": [("too large", "diverged", "too large")],
    "three-learning-rates": [
        ("too small", "too slow", "too small"),
        ("stable", "converged", "stable"),
        ("too large", "overshooting", "too large"),
    ],
    "false-minimum": [
        ("small steps", "stuck in a local minimum", "stable"),
        ("one long leap", "converged", "stable"),
        ("momentum", "converged, oscillating", "stable"),
    ],
    "ravine": [
        ("plain", "too slow", "stable"),
        ("momentum", "converged, oscillating", "stable"),
        ("nesterov", "converged", "stable"),
    ],
    "optimizer-race": [
        ("plain", "too slow", "stable"),
        ("momentum", "converged, oscillating", "stable"),
        ("adagrad", "converged", "stable"),
        ("adadelta", "too slow", "too small"),
        ("rmsprop", "overshooting", "too large"),
        ("adam", "converged, oscillating", "stable"),
    ],
    "spiral": [
        ("too small", "too slow", "too small"),
        ("stable", "converged", "stable"),
        ("too large", "overshooting", "too large"),
    ],
    "curve-fit": [
        ("too small", "too slow", "too small"),
        ("stable", "converged", "stable"),
        ("too large", "overshooting", "too large"),
    ],
    "stopping-distances": [
        ("batches of 8", "converged", "stable"),
        ("full batch", "converged", "stable"),
    ],
    "learning-rate-ruler": [("plain", "converged", "stable")],
    "basin-map": [("momentum", "converged, oscillating", "stable")],
    "stability-map": [("momentum", "converged", "stable")],
    "learning-rate-by-condition-number": [("plain", "converged", "stable")],
    "learning-rate-by-batch-size": [("plain", "noise-limited", "stable")],
    "trainability-map": [("gradient descent", "converged", "stable")],
    "first-weights-by-learning-rate": [("gradient descent", "converged", "stable")],
    "stochastic-vs-mini-batch": [
        ("one point", "noise-limited", "stable"),
        ("16 points", "noise-limited", "stable"),
        ("all points", "converged", "stable"),
    ],
    "larger-batches-larger-rates": [
        ("one point, 0.1", "noise-limited", "stable"),
        ("16 points, 0.3", "noise-limited", "stable"),
        ("all points, 0.6", "converged, oscillating", "stable"),
        ("one point, 0.6", "diverged", "too large"),
    ],
}
"""Label, outcome and place of the learning rate of each run."""

NETWORKS = {"spiral": 0.95, "curve-fit": 0.96, "stopping-distances": 0.99}
"""Scenarios that train networks, and the least score on the test part of the best run."""

MAPPED = ("trainability-map", "first-weights-by-learning-rate")
"""Scenarios whose networks are there to be mapped: they learn points by heart."""


def test_every_shipped_scenario_is_here():
    assert set(VERDICTS) == set(shipped.scenarios())


@pytest.mark.parametrize("name", VERDICTS)
def test_verdicts(name):
    found = [(path.label, str(path.verdict.outcome), str(path.verdict.rate)) for path in run(load(name)).runs]
    assert found == VERDICTS[name]


@pytest.mark.parametrize("name", VERDICTS)
def test_students_find_a_title_and_comments(name):
    text = shipped.scenarios()[name].read_text(encoding="utf-8")
    assert load(name).title
    assert text.startswith("# ")
    assert text.count("\n# ") >= 1


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in VERDICTS
        if name not in ("too-large", "false-minimum", "optimizer-race", "larger-batches-larger-rates")
        and name not in NETWORKS
        and name not in MAPPED
    ],
)
def test_pictures_are_worth_looking_at(name):
    """Every path that is drawn stays in the landscape's domain."""
    scenario = load(name)
    for path in run(scenario).runs:
        for axis, (low, high) in enumerate(scenario.landscape.domain):
            assert low <= path.positions[:, axis].min()
            assert path.positions[:, axis].max() <= high


SHARES = {
    "learning-rate-ruler": {"too slow": (0.5, 0.7), "converged": (0.2, 0.3), "overshooting": (0.03, 0.1), "diverged": (0.05, 0.15)},
    "basin-map": {"converged": (0.95, 0.99), "diverged": (0.01, 0.05)},
    "stability-map": {"converged": (0.6, 0.7), "diverged": (0.3, 0.36)},
    "learning-rate-by-batch-size": {"noise-limited": (0.6, 0.8), "diverged": (0.15, 0.25), "overshooting": (0.01, 0.05)},
    "trainability-map": {"converged": (0.6, 0.72), "diverged": (0.27, 0.34)},
    "first-weights-by-learning-rate": {"converged": (0.5, 0.6), "too slow": (0.05, 0.15), "diverged": (0.3, 0.4)},
    "learning-rate-by-condition-number": {"converged": (0.1, 0.2), "too slow": (0.4, 0.5), "diverged": (0.35, 0.45)},
}
"""Which verdicts a sweep shows, and how many of each."""


def test_every_shipped_sweep_is_here():
    assert set(SHARES) == {name for name in VERDICTS if load(name).sweep}


@pytest.mark.parametrize("name", SHARES)
def test_a_sweep_shows_what_it_was_made_to_show(name):
    shares = {str(outcome): share for outcome, share in sweep(name).shares().items()}
    for outcome, (low, high) in SHARES[name].items():
        assert low <= shares[outcome] <= high, shares


@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_learns_what_it_was_not_shown(name):
    assert max(training.test.score for training in run(load(name)).runs) >= NETWORKS[name]


def test_every_shipped_network_is_here():
    assert {*NETWORKS, *MAPPED} == {name for name in VERDICTS if load(name).is_network}
