"""Trainings side by side against the same trainings alone, bit for bit, and against NumPy's."""

import hashlib
import itertools
import os
import random
import subprocess
import sys

import numpy as np
import pytest

from gdsim.engine import descend, lane_training
from gdsim.engine.specialise import specialise
from gdsim.networks.batches import Batches
from gdsim.networks.dataset import Dataset
from gdsim.networks.initialise import draw
from gdsim.networks.learn import Learner, Pacing, predict, start_buffers
from gdsim.networks.many import ManyLearners, together
from gdsim.networks.network import Network
from gdsim.optimizers import OPTIMIZERS
from gdsim.schedules import SCHEDULES
from tests import naive_networks
from tests.draws import SEED, fresh, some

RUNS, STEPS = 19, 25


def data_for(net, points):
    rng = fresh()
    inputs = rng.normal(size=(points, net.layers[0]))
    if net.loss in ("cross_entropy", "bce"):
        classes = max(2, net.layers[-1])
        return Dataset.from_arrays(inputs, np.arange(points) % classes, classes=tuple("abcdef"[:classes]))
    return Dataset.from_arrays(inputs, rng.normal(size=(points, net.layers[-1])))


def by_table(rate, offset, factor, loss, calm, numbers):
    return offset + factor * rate, calm


def exponential():
    record = SCHEDULES["exponential"]
    return Pacing(by_table, lambda first, steps: record.table(first, steps, STEPS + 1, record.defaults | {"gamma": 0.9}))


NETWORKS = {
    "16-16-1": (Network([16, 16, 1], initialisation="normal", scale=0.3), 16),
    "deep": (Network([3, 5, 4, 2], activation="relu", l1=0.01, l2=0.02), 11),
    "classes": (Network([2, 7, 3], activation="gelu", loss="cross_entropy"), 13),
    "two classes": (Network([2, 6, 1], activation="softplus", loss="bce", precision="float32"), 37),
    "linear": (Network([2, 1], loss="huber", output="sigmoid"), 5),
}
RULES = {
    "sgd": {},
    "momentum": {"momentum": 0.9, "weight_decay": 0.01},
    "adam": {},
    "rprop": {},
}
EXTRAS = {
    "plain": {},
    "clipped": {"clip_value": 0.3, "clip_norm": 0.5},
    "layered": {"layered": True},
    "paced": {"schedule": exponential, "layered": True},
    "tolerance": {"tolerance": 0.5},
}
# Every network, every rule and every extra is there at least once.
CASES = [
    ("16-16-1", "sgd", "plain"),
    ("16-16-1", "sgd", "layered"),
    ("deep", "adam", "clipped"),
    ("classes", "rprop", "paced"),
    ("two classes", "momentum", "tolerance"),
    ("linear", "adam", "plain"),
]


@pytest.mark.parametrize(("network", "rule", "extra"), some(CASES, 1))
def test_trainings_side_by_side_have_the_bits_that_they_have_alone(network, rule, extra):
    net, points = NETWORKS[network]
    given = EXTRAS[extra]
    data, rng = data_for(net, points), fresh()
    method = OPTIMIZERS["sgd" if rule == "momentum" else rule]
    hyper, on = method.pack(method.defaults | RULES[rule])
    rates = 10.0 ** rng.uniform(-3.0, 1.5, RUNS)  # some of them diverge
    seeds, scales = rng.integers(0, 5, RUNS), rng.uniform(0.2, 2.0, RUNS)
    layer_rates = 10.0 ** rng.uniform(-1.0, 0.5, (len(net.layers) - 1, RUNS)) if given.get("layered") else ()
    schedule = given["schedule"]() if "schedule" in given else None
    clips = [given.get(name) for name in ("clip_value", "clip_norm")]
    limits = [limit * rng.uniform(0.5, 2.0, RUNS) for limit in clips if limit is not None]
    clipped = tuple(limit is not None for limit in clips)
    many = ManyLearners(net, data, method, on, schedule, given.get("tolerance"), clipped, "layered" in given)
    weights = many.start(seeds, scales)
    rows = np.repeat(np.array(hyper)[:, np.newaxis], RUNS, axis=1)
    rows[0] = rates
    ends = many.advance(weights, rows, STEPS, limits, layer_rates)
    for i in range(RUNS):
        own = Network(net.layers, **{name: getattr(net, name) for name in SHAPE}, scale=float(scales[i]))
        values = dict(zip(("clip_value", "clip_norm"), [row[i] for row in limits], strict=True)) if limits else {}
        alone = Learner(
            own, data, method, (rates[i], *hyper[1:]), on, Batches(points, points), int(seeds[i]), schedule=schedule,
            tolerance=given.get("tolerance"), layer_rates=layer_rates[:, i] if len(layer_rates) else None, **values,
        )  # fmt: skip
        recorded = alone.advance(STEPS)
        count = len(recorded.losses)
        last = recorded
        if recorded.status == descend.RUNNING:
            assert np.array_equal(alone.state.weights, weights[i])
            last = alone.advance(1)
        assert np.array_equal(recorded.losses, ends.losses[i, :count], equal_nan=True)
        assert ends.taken[i] == (STEPS if recorded.status == descend.RUNNING else count - 1)
        assert np.array_equal(last.gradient_norms[-1], ends.gradient_norms[i], equal_nan=True)
        assert ends.status[i] == last.status
        assert np.all(np.isnan(ends.losses[i, ends.taken[i] + 1 :]))
        said = predict(own, weights[i], start_buffers(own), data.inputs)
        assert np.array_equal(said, ends.outputs[i], equal_nan=True)


SHAPE = ("activation", "loss", "output", "l1", "l2", "initialisation", "precision")


def test_trainings_are_those_of_a_textbook():
    net, points = NETWORKS["16-16-1"]
    data = data_for(net, points)
    rng = fresh()
    rates = rng.uniform(0.01, 0.2, 5)
    method = OPTIMIZERS["sgd"]
    hyper, on = method.pack(method.defaults)
    many = ManyLearners(net, data, method, on)
    weights = many.start(np.arange(5), np.full(5, net.scale))
    rows = np.repeat(np.array(hyper)[:, np.newaxis], 5, axis=1)
    rows[0] = rates
    ends = many.advance(weights, rows, STEPS)
    for i in range(5):
        rule = lambda rate=rates[i]: naive_networks.OPTIMIZERS["sgd"](learning_rate=rate)  # noqa: E731
        true, end = naive_networks.train(net, draw(net, i), np.zeros(0), data, Batches(points, points), rule, STEPS, i)
        assert ends.losses[i, :-1] == pytest.approx(np.array(true)[:, 0], rel=1e-9)
        assert weights[i] == pytest.approx(end, rel=1e-9, abs=1e-12)


def trained():
    """A digest of trainings whose layers fill no vector, however narrow."""
    net, points = NETWORKS["deep"]
    data, method = data_for(net, points), OPTIMIZERS["sgd"]
    hyper, on = method.pack(method.defaults | {"learning_rate": 0.01})
    many = ManyLearners(net, data, method, on)
    weights = many.start(np.arange(RUNS), np.ones(RUNS))
    ends = many.advance(weights, np.repeat(np.array(hyper)[:, np.newaxis], RUNS, axis=1), STEPS)
    assert np.all(ends.taken == STEPS)
    return hashlib.sha256(weights.tobytes() + ends.losses.tobytes() + ends.outputs.tobytes()).hexdigest()


def test_no_bit_depends_on_the_width_of_a_vector():
    """The registers of a processor from 2003 hold two numbers."""
    environment = os.environ | {"NUMBA_CPU_NAME": "generic", "GDSIM_TEST_SEED": str(SEED)}
    command = [sys.executable, "-c", f"from {__name__} import trained; print(trained())"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.split() == [trained()], done.stderr


def test_neighbours_change_nothing():
    """Any cut of the runs, any order, gives each the same bits, also beside runs that diverge."""
    net, points = NETWORKS["16-16-1"]
    data, rng = data_for(net, points), fresh()
    method = OPTIMIZERS["sgd"]
    hyper, on = method.pack(method.defaults)
    many = ManyLearners(net, data, method, on)
    rows = np.repeat(np.array(hyper)[:, np.newaxis], RUNS, axis=1)
    rows[0] = 10.0 ** rng.uniform(-3.0, 2.0, RUNS)
    seeds, scales = np.full(RUNS, random.randrange(2**40)), np.full(RUNS, 0.3)
    whole = many.advance(many.start(seeds, scales), rows, STEPS)
    assert set(whole.status) == {descend.RUNNING, descend.DIVERGED} or len(set(whole.status)) == 1
    order = rng.permutation(RUNS)
    for low, high in itertools.pairwise((0, 1, 9, RUNS)):
        chosen = order[low:high]
        part = many.advance(many.start(seeds[chosen], scales[chosen]), rows[:, chosen], STEPS)
        assert np.array_equal(part.losses, whole.losses[chosen], equal_nan=True)
        assert np.array_equal(part.outputs, whole.outputs[chosen], equal_nan=True)


def test_layers_may_have_learning_rates_of_their_own():
    """A factor of 1 for all is a training without; 0 keeps a layer as it is; a rule without layers says so."""
    net, points = Network([3, 5, 4, 2]), 11
    data, method = data_for(net, points), OPTIMIZERS["sgd"]
    hyper, on = method.pack(method.defaults)
    made = {}
    for rates in (None, (1.0, 1.0, 1.0), (1.0, 0.0, 2.0)):
        learner = Learner(net, data, method, hyper, on, Batches(points, 4), 7, layer_rates=rates)
        learner.advance(20)
        made[rates] = net.views(learner.state.weights)
    begun = net.views(draw(net, 7))
    for name, tensor in made[None].items():
        assert np.array_equal(tensor, made[1.0, 1.0, 1.0][name])
    assert np.array_equal(made[1.0, 0.0, 2.0]["2.weight"], begun["2.weight"])
    assert not np.array_equal(made[1.0, 0.0, 2.0]["4.bias"], begun["4.bias"])
    with pytest.raises(ValueError, match="3 layers"):
        Learner(net, data, method, hyper, on, Batches(points, 4), 7, layer_rates=(1.0,))


def test_a_rule_that_counts_steps_does_so_in_the_networks_precision():
    """Elementary functions in single precision compute nonsense of a double, which a float32 times a whole number is where compiled."""
    method, rng, count = OPTIMIZERS["asgd"], fresh(), 8
    hyper, on = method.pack(method.defaults | {"learning_rate": 0.3, "lambd": 0.3})
    start, slopes, moved = rng.normal(size=count), rng.normal(size=count), {}
    for precision in ("float64", "float32"):
        rule = ManyLearners(Network([1, 1], precision=precision), Dataset.from_arrays([[0.0]], [[1.0]]), method, on).lanes.rule
        move = specialise(lane_training.move, **rule.bindings(precision), NUMBER=np.dtype(precision).type, TILE=count)
        weights, kept, shared = start.astype(precision), np.zeros(count, precision), np.ones(2 * count, precision)
        for step in (1, 50, 1000):
            move(weights, slopes.astype(precision), kept, shared, np.repeat(np.array(hyper, precision), count), step)
        moved[precision] = weights
    # Three steps of numbers of size 1, each rounded some ten times by 6e-8, and elementary functions of 2 ulp.
    assert moved["float32"] == pytest.approx(moved["float64"], rel=1e-4, abs=1e-5)


def test_what_does_not_go_side_by_side_is_refused():
    data = data_for(NETWORKS["linear"][0], 6)
    for net, batches, name in (
        (Network([2, 3, 1], dropout=0.2), Batches(6, 6), "sgd"),
        (Network([2, 3, 1], batch_norm=True), Batches(6, 6), "sgd"),
        (Network([2, 3, 1]), Batches(6, 3), "sgd"),
        (Network([2, 3, 1]), Batches(6, 6), "lbfgs"),
    ):
        method = OPTIMIZERS[name]
        assert not together(net, batches, method)
        if batches.all_at_once:
            with pytest.raises(ValueError, match="side by side"):
                ManyLearners(net, data, method, method.pack(method.defaults)[1])
