"""The gradients of a step's points against the run that was recorded and against their formula."""

import numpy as np
import pytest

import gdsim
from gdsim.simulation.scenario import validated
from gdsim.simulation.step_noise import has_cloud, noise_of_step

RATE = 0.05
LINE = {"dataset": "line", "data": {"count": 50}, "model": "line"}
BATCHES = {
    "one": {"batch_size": 1},
    "some": {"batch_size": 8},
    "a smaller last": {"batch_size": 12},
    "drawn anew": {"batch_size": 8, "replacement": True},
    "in order": {"batch_size": 8, "shuffle": False},
    "all": {"batch_size": "full"},
}


def scenario(**run):
    runs = [{"optimizer": "sgd", "learning_rate": RATE, **run}]
    return validated({"steps": 20, "seed": 7, "start": [0.5, -1.0], "problem": LINE, "runs": runs})


@pytest.mark.parametrize("kind", BATCHES)
def test_the_batch_is_what_the_run_stepped_along(kind):
    wanted = scenario(**BATCHES[kind])
    steps = gdsim.run(wanted).runs[0]
    for step in (0, 5, 7, 19):
        found = noise_of_step(wanted, 0, step, steps.positions[step])
        assert (steps.positions[step] - steps.positions[step + 1]) / RATE == pytest.approx(found.batch, rel=1e-9, abs=1e-12)
        assert found.noise.mean == pytest.approx(steps.gradients[step], rel=1e-10)
        assert found.looks_at_all is (kind == "all")


def test_single_gradients_are_those_of_squared_residuals():
    wanted = scenario()
    train = wanted.problem.parts.train
    w, b = 0.3, -0.7
    found = noise_of_step(wanted, 0, 0, np.array([w, b]))
    x, t = train.inputs[:, 0], train.targets[:, 0]
    residual = 2.0 * (w * x + b - t)
    assert found.noise.gradients == pytest.approx(np.column_stack((residual * x, residual)))
    assert found.signal_to_noise == pytest.approx(np.linalg.norm(found.noise.mean) / np.sqrt(found.noise.gradients.var(axis=0).sum()))


@pytest.mark.parametrize("position", [(np.nan, 0.0), (np.inf, 1.0), (1e300, 1e300)])
def test_a_run_that_diverged_has_none(position):
    assert noise_of_step(scenario(batch_size=4), 0, 3, np.array(position)) is None


def test_clouds_are_of_losses_made_of_data_that_stand_still():
    assert has_cloud(scenario())
    run = [{"optimizer": "sgd"}]
    assert not has_cloud(validated({"problem": {"landscape": "himmelblau"}, "runs": run}))
    assert not has_cloud(validated({"problem": {"dataset": "moons", "network": {"layers": [2]}}, "runs": run}))
    moving = validated({"problem": {**LINE, "motion": {"kind": "drift"}}, "runs": run})
    assert not has_cloud(moving)
