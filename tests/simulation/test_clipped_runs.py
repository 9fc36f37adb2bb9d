"""Runs whose gradients are clipped: the same alone, in parts, in a block and done slowly; in a scenario and its file."""

import itertools
import tomllib

import numpy as np
import pytest

import gdsim
from gdsim.engine.clip import clipping
from gdsim.landscapes import LANDSCAPES
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.many import run_many
from gdsim.simulation.scenario_file import to_toml
from tests import naive
from tests.draws import some

LIMITS = ({"clip_value": 0.7}, {"clip_norm": 0.7}, {"clip_value": 0.7, "clip_norm": 0.8})
STEPS = 80


def scenario(optimizer="sgd", landscape="himmelblau", **more):
    run = {"optimizer": optimizer, "learning_rate": 0.05} | more
    return gdsim.Scenario.model_validate({"steps": STEPS, "problem": {"landscape": landscape}, "runs": [run]})


@pytest.mark.parametrize(
    ("landscape", "optimizer", "limits"),
    some(((*pair, limits) for pair in (("himmelblau", "adam"), ("rosenbrock", "sgd"), ("double_well", "sgd")) for limits in LIMITS), 4),
)
def test_a_run_is_the_same_alone_in_parts_in_a_block_and_done_slowly(landscape, optimizer, limits):
    given = scenario(optimizer, landscape, **limits)
    whole = gdsim.run(given).runs[0]
    parts = [chunk.steps.positions for chunk in gdsim.stream(given, chunk_steps=17)]
    assert len(parts) > 3
    assert np.array_equal(np.concatenate(parts), whole.positions)

    record, rule = LANDSCAPES[landscape], OPTIMIZERS[optimizer]
    together = run_many(record, rule, [record.start] * 3, STEPS, learning_rate=0.05, **limits)
    assert np.array_equal(together.positions, np.tile(whole.positions[-1], (3, 1)))

    leaf, numbers = clipping(limits.get("clip_value"), limits.get("clip_norm"))
    slow = naive.descend(record, rule, record.start, {"learning_rate": 0.05}, STEPS, clip=lambda gradient: leaf(*gradient, numbers))
    assert np.array_equal(slow, whole.positions)


def test_runs_of_a_block_may_have_different_limits_or_none():
    record, rule = LANDSCAPES["himmelblau"], OPTIMIZERS["sgd"]
    norms = np.array([0.1, 1.0, np.inf, 30.0])
    together = run_many(record, rule, [record.start] * 4, STEPS, learning_rate=0.01, clip_norm=norms)
    for limit, end in zip(norms, together.positions, strict=True):
        more = {} if limit == np.inf else {"clip_norm": limit}
        assert np.array_equal(gdsim.run(scenario(learning_rate=0.01, **more)).runs[0].positions[-1], end)


def test_the_steps_of_plain_descent_are_no_longer_than_the_limit_allows():
    for value, norm in itertools.product((None, 0.3), (None, 0.4)):
        run = gdsim.run(scenario(clip_value=value, clip_norm=norm)).runs[0]
        moves = np.abs(np.diff(run.positions, axis=0)) / 0.05
        assert (value is not None) == bool(np.all(moves <= 0.3 * (1.0 + 1e-12)))
        assert (norm is not None or value is not None) == bool(np.all(np.hypot.reduce(moves, axis=1) <= 0.43))
        assert np.array_equal(run.gradients, record_gradients(run))


def record_gradients(run):
    return LANDSCAPES["himmelblau"].gradient(*run.positions.T)


def test_a_rate_that_is_too_large_cannot_throw_a_clipped_run_out():
    assert gdsim.run(scenario(learning_rate=0.1)).runs[0].diverged_at is not None
    assert gdsim.run(scenario(learning_rate=0.1, clip_norm=1.0)).runs[0].diverged_at is None


def test_limits_are_written_and_read():
    given = scenario(clip_value=0.5, clip_norm=2.0)
    table = tomllib.loads(to_toml(given))["runs"][0]
    assert (table["clip_value"], table["clip_norm"]) == (0.5, 2.0)
    assert "clip" not in to_toml(scenario())


@pytest.mark.parametrize("key", ["clip_value", "clip_norm"])
@pytest.mark.parametrize("bad", [0.0, -1.0, "1", True, float("nan"), float("inf")])
def test_bad_limits_are_named(key, bad):
    with pytest.raises(gdsim.ScenarioError, match=rf"{key}: found .*; allowed: a number > 0"):
        gdsim.minimise("himmelblau", **{key: bad})


def test_minimise_takes_limits():
    assert np.array_equal(
        gdsim.minimise("himmelblau", learning_rate=0.05, steps=STEPS, clip_norm=1.0).positions,
        gdsim.run(scenario(clip_norm=1.0)).runs[0].positions,
    )
