"""Mini-batches in kernels: the points of ``Batches.rows``, the bits of a slow replay, alone, in parts and in a block."""

from dataclasses import replace

import numpy as np
import pytest

from gdsim.engine import descend
from gdsim.networks.batches import Batches
from gdsim.networks.two_weights import two_weights
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.many import Many
from gdsim.simulation.minimise import minimise
from gdsim.simulation.run import conditions_of, rule_of
from gdsim.simulation.run_batches import cut_up, in_batches
from tests import naive
from tests.draws import SEED
from tests.networks.two_weight_data import MODELS, dataset

POINTS, STEPS = 23, 60
CUTS = {
    "one": {"size": 1},
    "some": {"size": 5},
    "a leftover dropped": {"size": 5, "drop_last": True},
    "put back": {"size": 5, "replacement": True},
    "in order": {"size": 5, "shuffle": False},
    "all": {"size": POINTS},
    "all, put back": {"size": POINTS, "replacement": True},
    "growing": {"size": 2, "later": ((1, 3), (2, 9), (4, POINTS))},
    "shrinking, put back": {"size": 11, "later": ((2, 4), (3, 1)), "replacement": True, "drop_last": True},
}
SGD = OPTIMIZERS["sgd"]


def made(model):
    return two_weights(model, dataset(model, 1, np.random.default_rng((SEED, MODELS.index(model))), POINTS))


def recorded(landscape, batches, seed, stream, parts, values):
    hyper, on = SGD.pack(values)
    rule = in_batches(rule_of(landscape, SGD, hyper, on), landscape)
    conditions = cut_up(conditions_of(landscape, seed, None, STEPS), batches)
    state = descend.State.start(np.array(landscape.start)[:, None], SGD.initial_slots(hyper), SGD.initial_shared)
    pieces = []
    for i, steps in enumerate(parts):
        closing = i == len(parts) - 1
        given = np.array(landscape.values), np.array(hyper), steps
        pieces.append(descend.record(rule, state, *given, closing=closing, conditions=conditions, stream=stream))
    return pieces


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("model", MODELS)
def test_a_run_in_batches_is_the_same_in_parts_and_done_slowly(model, cut):
    landscape, batches = made(model), Batches(POINTS, **CUTS[cut])
    seed, stream = 2**40 + SEED, 3
    values = {"learning_rate": 0.05}
    (whole,) = recorded(landscape, batches, seed, stream, [STEPS], values)
    slow = naive.descend_in_batches(landscape, SGD, landscape.start, values, STEPS, batches, seed, stream)
    assert np.array_equal(np.array(slow), whole.positions), SEED
    parts = recorded(landscape, batches, seed, stream, [7, 30, 23], values)
    assert np.array_equal(np.concatenate([piece.positions for piece in parts]), whole.positions)
    # What is recorded is the loss of all points, whatever the optimizer saw.
    assert np.array_equal(whole.losses, landscape.loss(*whole.positions.T))


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("cut", ["one", "a leftover dropped", "put back", "in order", "all", "growing"])
def test_a_block_in_batches_has_the_bits_of_single_runs(cut, whole):
    landscape, batches = made("line"), Batches(POINTS, **CUTS[cut])
    runs = descend.LANES + 9
    rates = np.linspace(0.001, 0.1, runs)
    many = Many(landscape, SGD, np.tile(landscape.start, (runs, 1)), STEPS, batches=batches, whole=whole, seed=SEED, learning_rate=rates)
    for leg in (13, 0, STEPS - 13):  # orders are kept from one leg to the next
        many.walk(leg)
    ends = many.summary()
    for run in (0, 1, descend.LANES - 1, descend.LANES, runs - 1):
        (alone,) = recorded(landscape, batches, SEED, run, [STEPS], {"learning_rate": rates[run]})
        assert np.array_equal(ends.positions[run], alone.positions[-1]), (SEED, run)
        assert ends.losses[run] == alone.losses[-1]
        # The whole set's loss is known at every step, or at the ends of the legs; a batch's loss is none of the run's.
        seen = alone.losses if whole else alone.losses[[13, STEPS]]
        assert ends.best[run] == seen.min()


def test_orders_that_do_not_fit_are_shuffled_again(monkeypatch):
    landscape, batches = made("line"), Batches(POINTS, 2)

    def ends():
        many = Many(landscape, SGD, np.tile(landscape.start, (200, 1)), STEPS, batches=batches, seed=SEED, learning_rate=0.05)
        for leg in (10, STEPS - 10):
            many.walk(leg)
        return many.summary().positions

    kept = ends()
    monkeypatch.setattr(descend, "MOST_PLACES", 0)
    assert np.array_equal(ends(), kept)


def test_sizes_may_differ_within_a_block():
    landscape = made("line")
    sizes = np.array([1, 5, POINTS, 2])
    start = np.tile(landscape.start, (4, 1))
    many = Many(landscape, SGD, start, STEPS, batches=Batches(POINTS, 1), batch_size=sizes, seed=SEED, streams=0, learning_rate=0.05)
    many.walk(STEPS)
    for run, size in enumerate(sizes):
        (alone,) = recorded(landscape, Batches(POINTS, int(size)), SEED, 0, [STEPS], {"learning_rate": 0.05})
        assert np.array_equal(many.summary().positions[run], alone.positions[-1])
    # A batch of all points has the bits of a run without batches.
    full = minimise(landscape, learning_rate=0.05, steps=STEPS)
    assert np.array_equal(many.summary().positions[2], full.positions[-1])


@pytest.mark.parametrize("whole", [True, False])
def test_a_run_that_is_thrown_out_ends_alone(whole):
    landscape = made("line")
    rates = np.array([0.01, 1e6, 0.01])
    given = {"batches": Batches(POINTS, 1), "whole": whole, "seed": SEED, "streams": 0, "learning_rate": rates}
    many = Many(landscape, SGD, np.tile(landscape.start, (3, 1)), 200, **given)
    with np.errstate(all="ignore"):  # where nothing is compiled, NumPy would warn
        many.walk(200)
    ends = many.summary()
    assert ends.diverged.tolist() == [False, True, False]
    assert ends.steps[0] == 200
    assert ends.steps[1] < 200
    assert np.array_equal(ends.positions[0], ends.positions[2])


def test_batches_meet_a_moving_landscape_where_it_stands():
    landscape = made("line").moving("jump", scale=0.3, period=5.0)
    hyper, on = SGD.pack({"learning_rate": 0.05})
    state = descend.State.start(np.array(landscape.start)[:, None], SGD.initial_slots(hyper), SGD.initial_shared)
    given = np.array(landscape.values), np.array(hyper), STEPS
    plain = descend.record(
        rule_of(landscape, SGD, hyper, on), state, *given, conditions=conditions_of(landscape, SEED, None, STEPS), stream=2
    )
    (in_one_batch,) = recorded(landscape, Batches(POINTS, POINTS), SEED, 2, [STEPS], {"learning_rate": 0.05})
    assert np.array_equal(plain.positions, in_one_batch.positions)


def test_what_does_not_go_with_batches_is_refused():
    landscape = made("line")
    start = [landscape.start]
    with pytest.raises(ValueError, match="mini-batches"):
        Many(landscape, OPTIMIZERS["newton"], start, 5, batches=Batches(POINTS, 4))
    with pytest.raises(ValueError, match="tolerance"):
        Many(landscape, SGD, start, 5, 1e-3, batches=Batches(POINTS, 4), whole=False)
    with pytest.raises(ValueError, match="1 to 23"):
        Many(landscape, SGD, start, 5, batches=Batches(POINTS, 4), batch_size=24)
    with pytest.raises(ValueError, match="not made of 9 points"):
        Many(landscape, SGD, start, 5, batches=Batches(9, 4))


def test_the_rule_is_another_without_the_whole_set():
    landscape = made("line")
    hyper, on = SGD.pack({})
    rule = in_batches(rule_of(landscape, SGD, hyper, on), landscape)
    assert rule.whole
    assert replace(rule, whole=False) == in_batches(rule_of(landscape, SGD, hyper, on), landscape, whole=False)
