"""The learning-rate finder: one run with a growing rate, and what a run at each of these rates says of it."""

import numpy as np
import pytest

import gdsim
from gdsim.simulation.rate_finder import find_rate
from gdsim.simulation.scenario import validated

TABLES = {
    "steps": 150,
    "problem": {"landscape": "quadratic", "parameters": {"a": 0.5, "b": 4.0}},
    "start": [1.5, -1.0],
    "runs": [{"optimizer": "sgd", "learning_rate": 0.1}],
}


def test_the_run_is_descent_by_growing_rates():
    found = find_rate(validated(TABLES), 1e-3, 2.0, 64)
    np.testing.assert_allclose(found.rates, np.geomspace(1e-3, 2.0, 150), rtol=1e-9)
    at, losses = np.array([1.5, -1.0]), []
    for rate in found.rates:
        losses.append(0.5 * (0.5 * at[0] ** 2 + 4.0 * at[1] ** 2))
        at = at - rate * np.array([0.5, 4.0]) * at
    np.testing.assert_allclose(found.losses, losses, rtol=1e-9)
    assert found.lowest == found.rates[np.argmin(losses)]
    assert found.suggested == pytest.approx(found.lowest / 10.0)


def test_the_truth_is_the_sweep_over_the_same_rates():
    found = find_rate(validated(TABLES), 1e-3, 2.0, 64)
    axis = {"over": "learning_rate", "low": 1e-3, "high": 2.0, "count": 64, "scale": "log"}
    alone = gdsim.sweep(validated(TABLES), axes=[axis])
    np.testing.assert_array_equal(found.truth["verdict"], alone["verdict"])
    low, high = found.working
    assert low < 2.0 / 4.0
    assert high == pytest.approx(max(rate for rate in alone.axes["learning_rate"] if rate < 0.5), rel=0.15)  # theory: 2 / lambda_max
    assert find_rate(validated(TABLES), 1e-9, 1e-8, 4).working is None


def test_epochs_are_the_way_from_the_lowest_rate_to_the_highest():
    """10 of 100 points a step, so that 3 epochs are 30 steps, whatever the scenario's steps."""
    descent = {"optimizer": "sgd", "learning_rate": 0.01, "batch_size": 10, "epochs": 3}
    found = find_rate(validated({"problem": {"dataset": "line", "model": "line"}, "runs": [descent]}), 1e-4, 1.0, 4)
    np.testing.assert_allclose(found.rates, np.geomspace(1e-4, 1.0, 30), rtol=1e-9)


def test_what_no_finder_takes():
    several = validated(TABLES | {"runs": TABLES["runs"] * 2})
    scheduled = validated(TABLES | {"runs": [TABLES["runs"][0] | {"schedule": {"name": "cosine"}}]})
    for scenario, low, high in (
        (several, 1e-3, 1.0),
        (scheduled, 1e-3, 1.0),
        (validated(TABLES), 1.0, 1e-3),
        (validated(TABLES), 0.0, 1.0),
    ):
        with pytest.raises(ValueError, match="a finder takes one run"):
            find_rate(scenario, low, high)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_its_picture_has_the_curve_above_the_ruler(tmp_path, theme):
    found = find_rate(validated(TABLES), 1e-3, 2.0, 64)
    pixels = found.plot(theme=theme)
    assert pixels.shape == (620, 1100, 4)
    strip, curve = pixels[480, 110:790, :3], pixels[100:380, 110:790, :3]
    assert len(np.unique(strip, axis=0)) > 3
    ink = np.any(curve != curve[140, 1], axis=2)
    assert np.all(np.any(ink[:, :400], axis=0))  # the line goes all the way
    found.plot(tmp_path / "finder.svg", theme=theme)
    assert (tmp_path / "finder.svg").read_text().startswith("<?xml")
    with pytest.raises(ValueError, match="a map is one of"):
        found.plot(tmp_path / "finder.bmp")
