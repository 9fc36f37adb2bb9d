"""Runs with a schedule: the rates that they say are those that they used, in chunks, in blocks and step by step."""

import random

import numpy as np
import pytest

import gdsim
from gdsim.app.changes import DuplicateRun, SetOptimizer, SetParam
from gdsim.app.update import initial, update
from gdsim.simulation.many import run_many
from gdsim.simulation.run import stream
from gdsim.simulation.store import columns
from tests import naive
from tests.draws import fresh
from tests.schedules.tables import drawn

STEPS = 120
PLATEAU = {"name": "reduce_on_plateau", "factor": 0.5, "patience": 2, "cooldown": 3, "threshold": 0.01}
SEQUENTIAL = {"name": "sequential", "milestones": [30], "parts": [{"name": "warmup", "steps": 30}, {"name": "cosine", "eta_min": 0.001}]}
SCHEDULES = pytest.mark.parametrize("schedule", [SEQUENTIAL, PLATEAU], ids=["by table", "by losses"])
PAIRS = pytest.mark.parametrize(
    ("landscape", "optimizer", "values"),
    [("quadratic", "sgd", {"learning_rate": 0.19, "momentum": 0.5}), ("himmelblau", "adam", {"learning_rate": 0.7})],
    ids=["sgd", "adam"],
)


def run(landscape, optimizer, values, schedule, steps=STEPS):
    return gdsim.minimise(landscape, optimizer, steps=steps, schedule=schedule, **values)


def scenario(**values):
    content = {"steps": STEPS, "problem": {"landscape": "quadratic"}, "runs": [{"optimizer": "sgd", "learning_rate": 0.1} | values]}
    return gdsim.Scenario.model_validate(content)


def assert_same(one, other):
    for name in ("positions", "losses", "gradients", "step_lengths", "learning_rates"):
        assert np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True), name
    assert one.verdict == other.verdict


@PAIRS
def test_a_factor_of_1_is_no_schedule(landscape, optimizer, values):
    always = {"name": "constant", "factor": 1.0}
    assert_same(run(landscape, optimizer, values, always), run(landscape, optimizer, values, None))


def test_any_rule_takes_a_schedule():
    """Rosenbrock is a sum of squares, so every method goes on it."""
    optimizer = random.choice(list(gdsim.OPTIMIZERS))
    always = {"name": "chained", "parts": [{"name": "constant", "factor": 1.0}]}
    assert_same(run("rosenbrock", optimizer, {}, always, 40), run("rosenbrock", optimizer, {}, None, 40))


@PAIRS
@SCHEDULES
def test_step_by_step(landscape, optimizer, values, schedule):
    """Each step is the textbook's with the rate that the textbook's schedule gives."""
    found = run(landscape, optimizer, values, schedule)
    slow = naive.OPTIMIZERS[optimizer](**values)
    plateau = naive.Plateau(values["learning_rate"], **{k: v for k, v in schedule.items() if k != "name"}) if schedule is PLATEAU else None
    weights = list(found.positions[0])
    for k in range(STEPS):
        rate = plateau.rate if plateau else naive.rate(schedule, k, values["learning_rate"], STEPS)
        assert found.learning_rates[k] == pytest.approx(rate, rel=1e-13)
        assert np.allclose(weights, found.positions[k], rtol=1e-9, atol=1e-12)
        weights = list(found.positions[k])
        slow.learning_rate = rate
        weights = slow.step(weights, list(found.gradients[k]))
        if plateau:
            plateau.see(found.losses[k])
    assert len(set(found.learning_rates)) > 2


@SCHEDULES
@pytest.mark.parametrize("chunk_steps", [1, 29, 31, STEPS])
def test_chunks_join_to_the_whole(schedule, chunk_steps):
    mine = scenario(schedule=schedule, learning_rate=0.19, momentum=0.5)
    whole, chunks = gdsim.run(mine).runs[0], list(stream(mine, chunk_steps))
    for name in ("positions", "losses", "learning_rates"):
        assert np.array_equal(np.concatenate([getattr(chunk.steps, name) for chunk in chunks]), getattr(whole, name)), name
    assert chunks[-1].trajectory.verdict == whole.verdict


@PAIRS
@SCHEDULES
@pytest.mark.parametrize("tolerance", [None, 0.05])
def test_many_runs_have_the_bits_of_single_ones(landscape, optimizer, values, schedule, tolerance):
    rng = fresh()
    record = gdsim.LANDSCAPES[landscape]
    low, high = np.array(record.domain).T
    starts, rates = rng.uniform(low, high, (30, 2)), values["learning_rate"] * rng.uniform(0.1, 1.5, 30)
    together = run_many(
        record, gdsim.OPTIMIZERS[optimizer], starts, STEPS, tolerance, schedule=schedule, **values | {"learning_rate": rates}
    )
    for i, (start, rate) in enumerate(zip(starts, rates, strict=True)):
        others = values | {"learning_rate": rate, "start": start, "tolerance": tolerance}
        alone = run(landscape, optimizer, others, schedule)
        assert np.array_equal(alone.positions[-1], together.positions[i])
        assert (alone.steps, alone.losses[-1], alone.losses.min()) == (together.steps[i], together.losses[i], together.best[i])
        assert ((alone.converged_at is not None), (alone.diverged_at is not None)) == (together.converged[i], together.diverged[i])


def test_rates_are_in_the_table_of_the_run():
    found = run("quadratic", "sgd", {"learning_rate": 0.1}, {"name": "step", "step_size": 50})
    assert np.array_equal(columns(found, 0)["learning_rate"], found.learning_rates)
    assert np.allclose(found.learning_rates, np.repeat([0.1, 0.01, 0.001], [50, 50, 21]), rtol=1e-14)
    assert found.learning_rate == 0.1
    assert np.allclose(found.step_lengths[:-1], (found.learning_rates * found.gradient_norms)[:-1], rtol=1e-9)


def test_rules_that_begin_with_the_rate_begin_with_that_of_the_first_step():
    found = run("quadratic", "rprop", {"learning_rate": 0.2}, {"name": "constant", "factor": 0.5})
    assert np.allclose(np.abs(np.diff(found.positions[:2], axis=0)), 0.1)


def test_rates_without_bound_are_a_result():
    found = run("quadratic", "sgd", {"learning_rate": 0.1}, {"name": "exponential", "gamma": 1.5})
    assert found.verdict.outcome == "diverged"
    assert found.diverged_at == found.steps < STEPS


def test_the_verdict_goes_by_the_late_rate():
    """Twice the limit at first, a tenth of it in the end: the run is thrown about, then settles."""
    calmed = {"name": "points", "steps": [0, 4, 5], "rates": [0.4, 0.4, 0.05]}
    found = run("quadratic", "sgd", {"learning_rate": 9.0}, calmed, 400)
    assert found.verdict.rate == "stable"
    assert f"{0.05 * found.learning_rate / 9.0 * 2.0 / found.verdict.limit:.3g}" in found.verdict.evidence
    assert run("quadratic", "sgd", {"learning_rate": 0.01}, {"name": "points", "steps": [0], "rates": [9.0]}).verdict.rate == "too large"
    assert run("quadratic", "sgd", {"learning_rate": 0.19}, {"name": "exponential", "gamma": 0.5}).verdict.rate == "too small"


def test_another_optimizer_keeps_the_schedule():
    before, _ = initial(scenario(schedule=SEQUENTIAL))
    after, _ = update(before, SetOptimizer(0, "adam"))
    after, _ = update(after, SetParam(0, "learning_rate", 0.5))
    assert after.scenario.runs[0].optimizer == "adam"
    assert after.scenario.runs[0].schedule == before.scenario.runs[0].schedule
    twice, _ = update(after, DuplicateRun(0))
    assert twice.scenario.runs[1].schedule == before.scenario.runs[0].schedule


@pytest.mark.parametrize("name", [name for name in gdsim.SCHEDULES if name not in ("chained", "sequential")])
def test_every_schedule_drives_a_run(name):
    """The position after a step is the one before, less rate times gradient, to the bit."""
    found = run("quadratic", "sgd", {"learning_rate": 0.1}, drawn(name, random))
    moved = found.positions[:-1] - found.learning_rates[:-1, None] * found.gradients[:-1]
    assert np.array_equal(found.positions[1:], moved)
