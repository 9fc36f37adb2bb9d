"""Batch-size schedules: each is its formula, rounded, between 1 and all points; and a run with one is what walking through it slowly is."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gdsim
from gdsim.networks.batches import Batches
from gdsim.networks.dataset import Dataset
from gdsim.networks.initialise import draw
from gdsim.networks.learn import Learner, start_buffers
from gdsim.networks.network import Network
from gdsim.optimizers import OPTIMIZERS
from gdsim.schedules.batch_size import BATCH_SCHEDULES
from gdsim.simulation.complaints import ScenarioError
from gdsim.simulation.ensemble import ensemble
from gdsim.simulation.run import run, stream
from gdsim.simulation.run_batches import batches_of, steps_of
from gdsim.simulation.scenario import Scenario, validated
from gdsim.simulation.scenario_file import parse, to_toml
from gdsim.simulation.sweep import sweep
from gdsim.simulation.train import train
from tests import naive_networks
from tests.draws import fresh

COUNTS, SIZES = st.integers(1, 5000), st.integers(1, 5000)


def size_at(pairs, epoch):
    return [size for first, size in pairs if first <= epoch][-1]


def nearest(value, count):
    return min(max(math.floor(value + 0.5), 1), count)


@given(count=COUNTS, size=SIZES, every=st.integers(1, 30), factor=st.floats(1.01, 9.0), most=st.none() | SIZES, epoch=st.integers(0, 500))
@settings(max_examples=200, deadline=None)
def test_steps(count, size, every, factor, most, epoch):
    size = min(size, count)
    values = {"every": every, "factor": factor, "most": most}
    pairs = BATCH_SCHEDULES["step"].sizes(size, count, values)
    exact = size * factor ** (epoch // every) if epoch // every * math.log(factor) < 700 else math.inf
    wanted = min(exact, most or count, count)
    # Multiplying again and again rounds; where that matters is within a hair of a half.
    assert size_at(pairs, epoch) in {nearest(wanted * (1 - 1e-12), count), nearest(wanted * (1 + 1e-12), count)}
    assert_pairs(pairs, count)


@given(count=COUNTS, size=SIZES, end=SIZES, epochs=st.integers(1, 60), epoch=st.integers(0, 100))
@settings(max_examples=200, deadline=None)
def test_line(count, size, end, epochs, epoch):
    size = min(size, count)
    pairs = BATCH_SCHEDULES["linear"].sizes(size, count, {"end": end, "epochs": epochs})
    wanted = size + (end - size) * min(epoch / epochs, 1)
    assert size_at(pairs, epoch) in {nearest(wanted - 1e-9, count), nearest(wanted + 1e-9, count)}
    assert_pairs(pairs, count)


@given(
    count=COUNTS,
    size=SIZES,
    at=st.lists(st.integers(0, 80), min_size=1, max_size=6, unique=True),
    data=st.data(),
    epoch=st.integers(0, 100),
)
@settings(max_examples=200, deadline=None)
def test_drawn_points(count, size, at, data, epoch):
    at = sorted(at)
    sizes = data.draw(st.lists(SIZES, min_size=len(at), max_size=len(at)))
    pairs = BATCH_SCHEDULES["points"].sizes(min(size, count), count, {"epochs": at, "sizes": sizes})
    wanted = float(np.interp(epoch, at, sizes))
    assert size_at(pairs, epoch) in {nearest(wanted - 1e-9, count), nearest(wanted + 1e-9, count)}
    assert_pairs(pairs, count)


def assert_pairs(pairs, count):
    epochs, sizes = zip(*pairs, strict=True)
    assert epochs[0] == 0
    assert all(before < after for before, after in pairwise(epochs))
    assert all(before != after for before, after in pairwise(sizes))
    assert 1 <= min(sizes) <= max(sizes) <= count


LINE = {"dataset": "line", "data": {"count": 30}, "model": "line"}
GROWING = {"name": "step", "every": 2, "factor": 2.0, "most": 17}


def scenario(steps=70, problem=LINE, **run_):
    table = {"optimizer": "sgd", "learning_rate": 0.02, "batch_size": 3, "batch_schedule": GROWING} | run_
    return validated({"problem": problem, "steps": steps, "seed": 5, "runs": [table]})


def test_a_run_in_chunks_in_an_ensemble_and_in_a_sweep_is_the_run_alone():
    one = scenario()
    whole = run(one).runs[0]
    parts = list(stream(one, 9))
    assert np.array_equal(np.concatenate([chunk.steps.positions for chunk in parts]), whole.positions)
    members = ensemble(one, 3).runs[0]
    for seed in range(3):
        alone = run(one.changed(seed=5 + seed)).runs[0]
        assert np.array_equal(members.positions[seed], alone.positions[-1])
    axes = {"axes": [{"over": "batch_schedule.every", "values": [1, 2, 5]}, {"over": "learning_rate", "values": [0.01, 0.03]}]}
    swept = one.changed(sweep=axes)
    result = sweep(swept)
    for row, every in enumerate((1, 2, 5)):
        for column, rate in enumerate((0.01, 0.03)):
            alone = run(scenario(learning_rate=rate, batch_schedule=GROWING | {"every": every})).runs[0]
            found = [float(np.reshape(result.columns[name], (3, 2))[row, column]) for name in "xy"]
            assert found == list(alone.positions[-1])


def test_epochs_are_counted_as_they_are():
    # 30 points in batches of 3, 3, 6, 6, 12, 12, 17 ...: 10 + 10 + 5 + 5 + 3 + 3 + 2 steps.
    one = scenario(epochs=7)
    assert steps_of(one, 0) == 38
    assert batches_of(one.runs[0], 30) == Batches(30, 3, later=((2, 6), (4, 12), (6, 17)))
    assert len(run(one).runs[0].losses) == 39


def test_a_scenario_file_and_python_say_the_same():
    one = scenario(replacement=True)
    assert 'batch_schedule = {name = "step", every = 2, most = 17}' in to_toml(one)
    assert validated(parse(to_toml(one))) == one
    for name, table in (("linear", {"end": 9, "epochs": 4}), ("points", {"epochs": [0, 4], "sizes": [2, 30]})):
        other = scenario(batch_schedule={"name": name} | table)
        assert validated(parse(to_toml(other))) == other


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"name": "stepp"}, "did you mean 'step'"),
        ({"name": "step", "factor": 1.0}, ">= 1.01"),
        ({"name": "linear"}, "end"),
        ({"name": "points", "epochs": [3, 2], "sizes": [1, 2]}, "each epoch must be larger than the one before"),
        ({"name": "points", "epochs": [1, 2], "sizes": [1]}, "the same length"),
        ({"every": 3}, "name"),
        ("step", "a table such as"),
    ],
)
def test_what_is_wrong_is_said(table, words):
    with pytest.raises(ScenarioError, match=words):
        scenario(batch_schedule=table)


def test_a_landscape_without_points_has_no_batches_to_grow():
    with pytest.raises(ScenarioError, match="batch_schedule goes with problems made of data"):
        scenario(problem={"landscape": "himmelblau"}, batch_size="full")
    with pytest.raises(ScenarioError, match="mini-batches"):
        scenario(optimizer="newton", learning_rate=1.0)


NETWORK = Network((2, 5, 1))


def points(count=26):
    rng = fresh()
    inputs = rng.normal(size=(count, 2))
    return Dataset.from_arrays(inputs, inputs[:, :1] * inputs[:, 1:])


def test_a_network_trained_on_growing_batches_is_the_slow_one_and_the_same_in_parts():
    data, rule = points(), OPTIMIZERS["sgd"]
    batches = Batches(26, 2, later=((1, 5), (2, 11), (3, 26)))
    hyper = rule.pack({"learning_rate": 0.05})
    whole = Learner(NETWORK, data, rule, *hyper, batches, 3)
    rows = whole.advance(30)
    slow, weights = naive_networks.train(
        NETWORK,
        draw(NETWORK, 3, 0),
        start_buffers(NETWORK),
        data,
        batches,
        lambda: naive_networks.OPTIMIZERS["sgd"](learning_rate=0.05),
        30,
        3,
    )
    assert rows.losses == pytest.approx(slow[:, 0], rel=1e-9)
    assert whole.state.weights == pytest.approx(weights, rel=1e-9)
    other = Learner(NETWORK, data, rule, *hyper, batches, 3)
    pieces = [other.advance(steps).losses for steps in (4, 13, 1, 12)]
    assert np.array_equal(np.concatenate(pieces), rows.losses)
    assert np.array_equal(other.state.weights, whole.state.weights)


def test_a_training_counts_its_epochs_and_goes_on_from_a_checkpoint(tmp_path):
    data = points(26)
    given = {"learning_rate": 0.05, "batch_size": 2, "batch_schedule": {"name": "step", "every": 1, "factor": 2.0}, "validation": 0.0}
    whole = train(NETWORK, data, "adam", epochs=8, **given)
    # 13, 7, 4, 2 steps, then one of all points.
    assert whole.epochs.step.tolist() == [0, 13, 20, 24, 26, 27, 28, 29, 30]
    assert whole.epochs.epoch.tolist() == list(range(9))
    train(NETWORK, data, "adam", epochs=3, **given, checkpoint=tmp_path / "c.safetensors")
    again = train(NETWORK, data, "adam", epochs=8, **given, checkpoint=tmp_path / "c.safetensors")
    assert np.array_equal(again.losses, whole.losses)
    assert again.epochs.step.tolist() == whole.epochs.step.tolist()
    assert again.verdict == whole.verdict


def test_growing_batches_end_closer_to_the_minimum_than_small_ones():
    # What the paper says: growing the batch quiets the noise as a falling rate does.
    noisy = {"dataset": "line", "data": {"count": 200, "noise": 0.5}, "model": "line"}
    table = {"optimizer": "sgd", "learning_rate": 0.1, "batch_size": 2, "epochs": 30}
    growth = {"batch_schedule": {"name": "step", "every": 5, "factor": 3.0}}
    both = Scenario.model_validate({"problem": noisy, "seed": 1, "runs": [table, table | growth]})
    small, grown = ensemble(both, 200).runs
    least = both.landscape.minima[0].loss
    assert np.median(grown.losses - least) < 0.1 * np.median(small.losses - least)
    assert gdsim.BATCH_SCHEDULES is BATCH_SCHEDULES
