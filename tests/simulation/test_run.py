"""``stream`` and ``run``: chunks join to the whole, starts are drawn as stated, columns mean what they say."""

import itertools

import numpy as np
import pytest

import gdsim
from gdsim.engine.random import normals
from gdsim.simulation.run import start_of, stream
from tests.draws import some

DRAWN = ["sgd", *some([name for name in gdsim.OPTIMIZERS if name != "sgd"], 5)]  # each is a kernel


def scenario(**changes):
    content = {
        "steps": 100,
        "seed": 7,
        "problem": {"landscape": "himmelblau"},
        "runs": [{"optimizer": name, "learning_rate": 0.01} for name in DRAWN],
    }
    return gdsim.Scenario.model_validate(content | changes)


@pytest.mark.parametrize("chunk_steps", [1, 7, 99, 100, 1000])
def test_chunks_join_to_the_whole(chunk_steps):
    whole = gdsim.run(scenario())
    chunks = list(stream(scenario(), chunk_steps))
    for index, run in enumerate(whole.runs):
        mine = [chunk for chunk in chunks if chunk.run == index]
        assert [chunk.first_step for chunk in mine] == list(range(0, 100, chunk_steps))
        for name in ("positions", "losses", "gradients", "step_lengths", "learning_rates"):
            joined = np.concatenate([getattr(chunk.steps, name) for chunk in mine])
            assert np.array_equal(joined, getattr(run, name), equal_nan=True), name
        assert [chunk.trajectory is not None for chunk in mine] == [False] * (len(mine) - 1) + [True]
        assert mine[-1].trajectory.verdict == run.verdict


def test_chosen_runs_only():
    assert [chunk.run for chunk in stream(scenario(), runs=[3, 1])] == [3, 1]


def test_rows_describe_the_point_before_the_step():
    for run in gdsim.run(scenario()).runs:
        landscape = gdsim.LANDSCAPES["himmelblau"]
        assert run.positions.shape == (101, 2)
        assert run.steps == 100
        assert np.array_equal(run.losses, landscape.loss(*run.positions.T))
        assert np.array_equal(run.gradients, landscape.gradient(*run.positions.T))
        assert np.allclose(run.gradient_norms, np.linalg.norm(run.gradients, axis=1), rtol=1e-15)
        assert np.allclose(run.step_lengths[:-1], np.linalg.norm(np.diff(run.positions, axis=0), axis=1), rtol=1e-12)
        assert np.isnan(run.step_lengths[-1])
        assert np.all(run.learning_rates == 0.01)


def test_results_are_read_only():
    run = gdsim.run(scenario()).runs[0]
    for name in ("positions", "losses", "gradients", "step_lengths", "learning_rates"):
        with pytest.raises(ValueError, match="read-only"):
            getattr(run, name)[0] = 1.0


def test_where_runs_begin():
    mine = scenario(
        start={"normal": 2.0},
        runs=[
            {"optimizer": "sgd"},
            {"optimizer": "sgd"},
            {"optimizer": "sgd", "start": {"normal": 2.0}},
            {"optimizer": "sgd", "start": [1.0, -1.0]},
        ],
    )
    starts = [start_of(mine, index) for index in range(4)]
    assert starts[0] == starts[1] == tuple(2.0 * z for z in normals(7, 0, 0, 0))
    assert starts[2] == tuple(2.0 * z for z in normals(7, 3, 0, 0))
    assert starts[3] == (1.0, -1.0)
    assert start_of(mine.changed(seed=8), 0) != starts[0]
    assert start_of(scenario(), 0) == gdsim.LANDSCAPES["himmelblau"].start


def test_convergence_stops_a_run_only_when_asked():
    free, bound = gdsim.run(scenario()).runs[0], gdsim.run(scenario(tolerance=1e-3)).runs[0]
    assert free.converged_at is None
    assert bound.converged_at == bound.steps < 100
    assert bound.gradient_norms[-1] <= 1e-3 < bound.gradient_norms[-2]
    assert np.array_equal(bound.positions, free.positions[: bound.steps + 1])


def test_divergence_is_a_result():
    run = gdsim.run(scenario(runs=[{"optimizer": "sgd", "learning_rate": 10.0}])).runs[0]
    assert run.diverged_at == run.steps < 100
    assert run.verdict.outcome == "diverged"


CURVES = [landscape.name for landscape in gdsim.LANDSCAPES.values() if landscape.dim == 1]


@pytest.mark.parametrize(("optimizer", "curve"), some(zip(gdsim.OPTIMIZERS, itertools.cycle(CURVES), strict=False), 8))
def test_curves_have_one_weight(optimizer, curve):
    table = {"optimizer": optimizer} | ({"learning_rate": 0.01} if optimizer == "schedule_free_sgd" else {})
    if gdsim.OPTIMIZERS[optimizer].needs_residuals:
        with pytest.raises(ValueError, match="sum of squares"):
            scenario(problem={"landscape": curve}, runs=[table])
        return
    if "eps" in gdsim.OPTIMIZERS[optimizer].defaults and optimizer != "adadelta":
        table["eps"] = 0.0  # then the ignored second weight is 0/0, which must not show
    run = gdsim.run(scenario(problem={"landscape": curve}, runs=[table])).runs[0]
    assert run.positions.shape == run.gradients.shape == (101, 1)
    assert np.all(np.isfinite(run.positions))
    assert np.all(np.isfinite(run.step_lengths[:-1]))


def test_a_start_that_leaves_float64_is_a_result():
    run = gdsim.run(scenario(runs=[{"optimizer": "sgd", "start": [1e200, 0.0]}])).runs[0]
    assert (run.steps, run.diverged_at) == (0, 0)
    assert run.verdict.outcome == "diverged"
