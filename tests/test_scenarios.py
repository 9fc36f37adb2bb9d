"""Every shipped scenario shows what it was made to show."""

import pytest

from gdsim import shipped
from gdsim.simulation.run import run
from gdsim.simulation.scenario_file import load

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
}
"""Label, outcome and place of the learning rate of each run."""


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


@pytest.mark.parametrize("name", [name for name in VERDICTS if name not in ("too-large", "false-minimum", "optimizer-race")])
def test_pictures_are_worth_looking_at(name):
    """Every path that is drawn stays in the landscape's domain."""
    scenario = load(name)
    for path in run(scenario).runs:
        for axis, (low, high) in enumerate(scenario.landscape.domain):
            assert low <= path.positions[:, axis].min()
            assert path.positions[:, axis].max() <= high
