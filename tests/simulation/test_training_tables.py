"""Tables: a tiny network trained under every schedule, and by every method that looks at all weights, as their own functions say."""

import random

import numpy as np
import pytest

from gdsim.networks.batches import Batches
from gdsim.networks.generators import DATASETS
from gdsim.networks.learn import loss_and_gradient
from gdsim.networks.method_learner import Training as Ground
from gdsim.networks.methods import METHODS
from gdsim.networks.methods.ground import Here
from gdsim.networks.network import Network
from gdsim.optimizers import OPTIMIZERS
from gdsim.schedules import SCHEDULES
from gdsim.simulation.run_schedule import schedule_of
from gdsim.simulation.train import train
from gdsim.simulation.verdict import Outcome
from tests.draws import SEED, some
from tests.schedules.tables import drawn

DATA, NETWORK = DATASETS["plane"].make(count=40), Network((2, 4, 1))
METHOD_RATES = {"barzilai_borwein": 0.05}


@pytest.mark.parametrize("name", some(SCHEDULES, 6))
@pytest.mark.parametrize("size", [16, "full"])
def test_a_network_under_every_schedule(name, size):
    """Two tables each: rates are those of the schedule, and each step is the rate times the gradient of its batch."""
    for attempt in range(2):
        rng = random.Random(f"{SEED} {name} {attempt}")
        table = drawn(name, rng)
        if name in ("cyclic", "one_cycle"):
            table["max_lr"] = 0.2
        training = train(NETWORK, DATA, "sgd", learning_rate=0.1, batch_size=size, epochs=20, schedule=table)
        told = f"{SEED}: {table}"
        batches = Batches(40, 40 if size == "full" else size)
        steps = training.steps
        assert steps == 20 * batches.steps or training.verdict.outcome is Outcome.DIVERGED, told
        schedule = schedule_of(table)
        offsets, factors = schedule.table(20 * batches.steps)(1, steps)
        calm = schedule.record.calm
        weights = training.snapshots.weights
        for k in range(steps):
            # Each schedule's leaf as plain Python, with the losses that were recorded.
            rate, calm = schedule.pace(0.1, float(offsets[k]), float(factors[k]), float(training.losses[k]), calm, schedule.numbers)
            assert training.learning_rates[k] == rate, (told, k)
            loss, gradient = loss_and_gradient(NETWORK, weights[k], DATA, batches.rows(k + 1, 0))
            assert training.losses[k] == pytest.approx(loss, rel=1e-12), (told, k)
            np.testing.assert_allclose(weights[k + 1], weights[k] - rate * gradient, rtol=1e-12, atol=1e-13, err_msg=f"{told}, step {k}")


@pytest.mark.parametrize("schedule", [None, {"name": "exponential", "gamma": 0.98}])
@pytest.mark.parametrize("name", METHODS)
def test_a_network_by_every_method_that_looks_at_all_weights(name, schedule):
    """The method's own function, with what it remembers kept in a dict, over the whole way."""
    network, rate = Network((2, 3, 1), l2=0.01), METHOD_RATES.get(name, 1.0)
    training = train(network, DATA, name, learning_rate=rate, batch_size="full", epochs=25, schedule=schedule)
    ground, memory = Ground(network, DATA), {}
    settings = OPTIMIZERS[name].defaults | {"learning_rate": rate}
    weights = training.snapshots.weights
    assert training.steps == 25
    for k in range(25):
        used = rate * (1.0 if schedule is None else 0.98**k)
        assert training.learning_rates[k] == pytest.approx(used, rel=1e-12)
        here = Here(weights[k], *ground.loss_and_gradient(weights[k]))
        assert training.losses[k] == here.loss
        values = settings | {"learning_rate": training.learning_rates[k]}
        after, memory, spent = METHODS[name](here, memory, values, k + 1, ground)
        np.testing.assert_array_equal(weights[k + 1], after, err_msg=f"step {k}")
        assert training.evaluations[k] == spent
    if name != "newton":  # which seeks saddles as gladly
        assert training.losses[-1] < training.losses[0]
