"""Two weights fitted to data in a scenario: the file, batches and epochs of a run, complaints, verdicts, and what the window asks for."""

import numpy as np
import pytest

import gdsim
from gdsim.app.work import Work, key_of
from gdsim.networks.batches import Batches
from gdsim.simulation.complaints import ScenarioError
from gdsim.simulation.run_batches import points_of, steps_of
from gdsim.simulation.scenario import validated
from gdsim.simulation.scenario_file import parse, to_toml
from tests import naive

LINE = {"dataset": "line", "data": {"count": 40}, "model": "line"}
POINTS = {"points": [[0.0, 1.0], [1.0, 2.5], [2.0, 2.5]], "model": "line"}
LOGISTIC = {"dataset": "circle", "data": {"count": 30}, "model": "logistic"}
NEURON = {"dataset": "gaussians", "data": {"count": 30}, "model": "neuron", "split": [0.5, 0.25, 0.25]}


def scenario(problem=LINE, *runs, **others):
    return validated({"problem": problem, "runs": [{"optimizer": "sgd", "learning_rate": 0.05, **run} for run in runs or ({},)], **others})


@pytest.mark.parametrize("problem", [LINE, POINTS, LOGISTIC, NEURON], ids=["line", "points", "logistic", "neuron"])
def test_a_scenario_of_data_is_equal_to_its_file(problem):
    given = scenario(problem, {"batch_size": 2, "epochs": 3, "shuffle": False, "drop_last": True}, {"replacement": True}, steps=7, seed=5)
    text = to_toml(given)
    assert validated(parse(text)) == given
    assert "batch_size = 2" in text
    assert "batch_size" not in to_toml(scenario(problem))
    assert given.landscape == validated(parse(text)).landscape
    assert points_of(given.problem) == len(given.landscape.data)


def test_the_model_sees_the_training_part():
    given = scenario(NEURON)
    parts = given.problem.parts
    assert len(given.landscape.data) == len(parts.train) < 30
    targets = np.where(parts.train.targets == 1, 1.0, -1.0)
    wanted = naive.mean_loss("neuron", parts.train.inputs, targets, (0.3, -0.2))
    assert float(given.landscape.loss(0.3, -0.2)) == pytest.approx(float(wanted), rel=1e-12)


@pytest.mark.parametrize(("run", "steps"), [
    ({}, 50),
    ({"batch_size": 8}, 50),
    ({"epochs": 3}, 3),
    ({"batch_size": 8, "epochs": 3}, 15),
    ({"batch_size": 7, "epochs": 3}, 18),
    ({"batch_size": 7, "epochs": 3, "drop_last": True}, 15),
    ({"batch_size": 1, "epochs": 2, "replacement": True}, 80),
])  # fmt: skip
def test_epochs_give_the_steps(run, steps):
    given = scenario(LINE, run, steps=50)
    assert steps_of(given, 0) == steps
    assert gdsim.run(given).runs[0].steps == steps


def test_runs_see_the_batches_of_the_seed():
    given = scenario(LINE, {"batch_size": 6}, {"batch_size": 40}, {}, steps=30, seed=11)
    some, all_, full = gdsim.run(given).runs
    slow = naive.descend_in_batches(
        given.landscape, gdsim.OPTIMIZERS["sgd"], given.landscape.start, {"learning_rate": 0.05}, 30, Batches(40, 6), 11, 0
    )
    assert np.array_equal(some.positions, slow)
    assert np.array_equal(all_.positions, full.positions)
    assert np.array_equal(some.losses, given.landscape.loss(*some.positions.T))
    chunks = [chunk.steps.positions for chunk in gdsim.stream(given, 7, [0])]
    assert np.array_equal(np.concatenate(chunks), some.positions)


WRONG = [
    (LINE, {"batch_size": 41}, "runs.0.batch_size: found 41"),
    (LINE, {"batch_size": 0}, "runs.0.batch_size: found 0; allowed: a whole number from 1"),
    (LINE, {"batch_size": "half"}, "runs.0.batch_size: found 'half'"),
    (LINE, {"batch_size": True}, "runs.0.batch_size: found true"),
    (LINE, {"epochs": 0}, "runs.0.epochs: found 0"),
    (LINE, {"batch_size": 1, "epochs": 1_000_000}, "runs.0.epochs: the runs would record 40,000,001 points"),
    (LINE, {"optimizer": "newton", "batch_size": 8}, "cannot do so with mini-batches"),
    (LOGISTIC, {"optimizer": "levenberg_marquardt"}, "sum of squares"),
    (LINE, {"start": [1.0]}, "runs.0.start: found 1 number"),
    ({"landscape": "sphere"}, {"batch_size": 4}, "runs.0.batch_size: found 4; batch_size goes with problems made of data"),
    ({"formula": "x^2 + y^2"}, {"epochs": 4}, "runs.0.epochs: found 4"),
    ({"dataset": "line", "model": "logistic"}, {}, "problem.model: logistic needs two classes"),
    ({"dataset": "circle", "model": "line"}, {}, "problem.model: line needs numbers"),
    ({"dataset": "line", "model": "lines"}, {}, "problem.model: found 'lines'"),
    ({"dataset": "line"}, {}, "problem.model: this key is missing"),
    ({"model": "line"}, {}, "problem.dataset: this key is missing"),
    (LINE | {"landscape": "sphere"}, {}, "problem.landscape: found 'sphere'; allowed: no landscape beside data"),
]


@pytest.mark.parametrize(("problem", "run", "said"), WRONG)
def test_complaints(problem, run, said):
    with pytest.raises(ScenarioError) as caught:
        scenario(problem, run)
    assert said in str(caught.value)
    assert len(caught.value.complaints) == 1


def test_a_method_that_looks_around_takes_all_points():
    given = scenario(LINE, {"optimizer": "newton", "learning_rate": 1.0, "batch_size": 40}, steps=3)
    path = gdsim.run(given).runs[0]
    assert path.positions[1] == pytest.approx(given.landscape.minima[0].position, rel=1e-9)


def test_the_window_computes_again_what_an_edit_changed_and_nothing_else():
    base = scenario(LINE, {"batch_size": 4}, {})
    keys = [key_of(base, 0), key_of(base, 1)]
    seeded = base.changed(seed=1)
    assert key_of(seeded, 0) != keys[0]
    assert key_of(seeded, 1) == keys[1]
    assert key_of(base.with_run(0, base.runs[0].changed(batch_size=5)), 0) != keys[0]
    assert key_of(base.with_run(0, base.runs[0].changed(epochs=2)), 0) != keys[0]
    moved = validated({"problem": POINTS | {"points": [[0.0, 1.0], [1.0, 2.5], [2.0, 2.6]]}, "runs": [{"optimizer": "sgd"}]})
    assert key_of(moved, 0) != key_of(scenario(POINTS), 0)
    work = Work()
    ground = work.surveyed(base.landscape)
    assert work.surveyed(scenario(LINE).landscape) is ground
    assert work.surveyed(moved.landscape) is not ground


@pytest.mark.parametrize(("run", "outcome", "rate"), [
    ({"learning_rate": 0.03, "batch_size": 1}, "noise-limited", "stable"),
    ({"learning_rate": 0.05, "batch_size": 8, "momentum": 0.5}, "noise-limited", "stable"),
    ({"learning_rate": 0.05, "batch_size": 8, "replacement": True}, "noise-limited", "stable"),
    ({"learning_rate": 0.05}, "converged", "stable"),
    ({"learning_rate": 1e-5, "batch_size": 1}, "too slow", "too small"),
    ({"learning_rate": 0.7, "batch_size": 1}, "diverged", "too large"),
])  # fmt: skip
def test_verdicts(run, outcome, rate):
    verdict = gdsim.run(scenario(LINE, run, steps=600, seed=3)).runs[0].verdict
    assert (str(verdict.outcome), str(verdict.rate)) == (outcome, rate), verdict.evidence
    if outcome == "noise-limited":
        assert "theory gives" in verdict.evidence
    if run.get("batch_size") == 1:
        full = gdsim.run(scenario(LINE, {"learning_rate": 0.05}, steps=600)).runs[0].verdict
        assert verdict.limit < 0.6 * full.limit
