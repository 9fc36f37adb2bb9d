"""Trainings: against NumPy's step by step, in parts to the bit, in both precisions; what differs between training and use."""

import math
import random
import re

import numpy as np
import pytest
from numba import config, njit

from gdsim.engine import descend, learning
from gdsim.networks.batches import Batches
from gdsim.networks.dataset import Dataset
from gdsim.networks.initialise import draw
from gdsim.networks.learn import Learner, Pacing, evaluate, loss_and_gradient, predict, start_buffers
from gdsim.networks.network import Network
from gdsim.optimizers import OPTIMIZERS
from gdsim.schedules import SCHEDULES
from gdsim.simulation.trainer import copied
from tests import naive_networks
from tests.draws import fresh

POINTS = 50
PLAIN = Network([2, 16, 5, 1])
RICH = Network([2, 9, 4, 3], activation="gelu", loss="cross_entropy", dropout=0.25, batch_norm=True, l1=0.002, l2=0.01)
CLIPPED = {"clip_norm": 0.3, "clip_value": 0.1}


def data_for(net):
    draw = fresh()
    inputs = draw.normal(size=(POINTS, net.layers[0]))
    if net.loss == "cross_entropy":
        return Dataset.from_arrays(inputs, draw.integers(0, 3, POINTS), classes=("a", "b", "c"))
    return Dataset.from_arrays(inputs, np.sin(2.0 * inputs[:, :1]))


def by_table(rate, offset, factor, loss, calm, numbers):
    return offset + factor * rate, calm


def schedule(total):
    record = SCHEDULES["exponential"]
    values = record.defaults | {"gamma": 0.97}
    return Pacing(by_table, lambda first, steps: record.table(first, steps, total, values))


def learner(net, data, batches, seed, name="adam", others=None, **more):
    method = OPTIMIZERS[name]
    hyper, on = method.pack({"learning_rate": 0.02} if others is None else others)
    return Learner(net, data, method, hyper, on, batches, seed, **more)


def columns(rows):
    return np.array([rows.losses, rows.gradient_norms, rows.weight_norms, rows.step_lengths]).T


CUTS = [
    Batches(POINTS, 7),
    Batches(POINTS, 7, drop_last=True),
    Batches(POINTS, 16, shuffle=False),
    Batches(POINTS, 6, replacement=True),
    Batches(POINTS, POINTS),
    Batches(POINTS, 1),
]


@pytest.mark.parametrize("batches", CUTS, ids=str)
def test_trainings_look_at_the_points_that_batches_say(batches):
    data, seed = data_for(PLAIN), random.randrange(2**40)
    values = {"learning_rate": 0.05, "momentum": 0.5}
    ours = learner(PLAIN, data, batches, seed, "sgd", values, stream=3)
    rows = ours.advance(25)
    start = draw(PLAIN, seed, 3)
    true, weights = naive_networks.train(
        PLAIN, start, np.zeros(0), data, batches, lambda: naive_networks.OPTIMIZERS["sgd"](**values), 25, seed, 3
    )
    assert columns(rows) == pytest.approx(true, rel=1e-9, abs=1e-13)
    assert ours.state.weights == pytest.approx(weights, rel=1e-9, abs=1e-12)
    assert rows.status == descend.RUNNING
    assert ours.state.step == 26


def test_a_training_with_everything():
    """Dropout, batch normalisation, both penalties, clipping, a schedule."""
    data, seed, steps = data_for(RICH), random.randrange(2**40), 30
    batches, pacing = Batches(POINTS, 8), schedule(steps)
    ours = learner(RICH, data, batches, seed, schedule=pacing, **CLIPPED)
    rows = ours.advance(steps)
    rates = pacing.table(1, steps)[1] * 0.02
    buffers = start_buffers(RICH)
    true, weights = naive_networks.train(
        RICH,
        draw(RICH, seed),
        buffers,
        data,
        batches,
        lambda: naive_networks.OPTIMIZERS["adam"](learning_rate=0.02),
        steps,
        seed,
        rates=rates,
        **CLIPPED,
    )
    assert np.array_equal(rows.learning_rates, rates)
    assert columns(rows) == pytest.approx(true, rel=1e-6, abs=1e-9)
    assert ours.state.weights == pytest.approx(weights, rel=1e-5, abs=1e-7)
    assert ours.state.buffers == pytest.approx(buffers, rel=1e-5, abs=1e-6)


def test_in_parts_to_the_bit():
    data, seed = data_for(RICH), random.randrange(2**40)
    more = {"schedule": schedule(40)} | CLIPPED
    whole, parts = (learner(RICH, data, Batches(POINTS, 8), seed, **more) for _ in range(2))
    rows = whole.advance(40)
    pieces = [parts.advance(13)]
    other = learner(RICH, data, Batches(POINTS, 8), seed, **more)
    other.state = parts.state  # as from a checkpoint
    pieces += [other.advance(20), other.advance(7)]
    assert np.array_equal(columns(rows), np.concatenate([columns(piece) for piece in pieces]))
    for name in ("weights", "slots", "shared", "buffers", "calm", "step"):
        assert np.array_equal(getattr(whole.state, name), getattr(other.state, name)), name


def test_training_and_use_differ():
    data, weights, buffers = data_for(RICH), draw(RICH, 1), start_buffers(RICH)
    twice = [predict(RICH, weights, buffers, data.inputs) for _ in range(2)]
    assert np.array_equal(*twice)
    moved = predict(RICH, weights, buffers + 0.5, data.inputs)
    assert not np.allclose(moved, twice[0])
    batches, more = Batches(POINTS, POINTS), {"weights": weights, "schedule": schedule(1)} | CLIPPED
    losses = {seed: learner(RICH, data, batches, seed, **more).advance(1).losses[0] for seed in (1, 2)}
    assert losses[1] != losses[2]  # other units are left out
    assert loss_and_gradient(RICH, weights, data)[0] not in losses.values()


def test_dropout_leaves_out_its_share_and_makes_up_for_it():
    net = Network([1, 400, 1], dropout=0.25)
    factors = naive_networks.kept_units(net, 20, 0, 5, 0, 1)
    assert set(np.unique(factors)) == {0.0, 4.0 / 3.0}
    assert factors.mean() == pytest.approx(1.0, abs=5 * 0.58 / math.sqrt(8000))


def test_float32_follows_float64():
    data, seed = data_for(PLAIN), 3
    net = Network(PLAIN.layers, precision="float32")
    values = {"learning_rate": 0.05, "momentum": 0.5}
    single, double = (learner(which, data, Batches(POINTS, 7), seed, "sgd", values) for which in (net, PLAIN))
    rows, exact = single.advance(60), double.advance(60)
    assert single.state.weights.dtype == single.state.slots.dtype == np.float32
    assert columns(rows) == pytest.approx(columns(exact), rel=1e-4, abs=1e-6)
    assert not np.array_equal(rows.losses, exact.losses)


@pytest.mark.skipif(bool(config.BOUNDSCHECK or config.DISABLE_JIT), reason="checked or interpreted loops are not vectorised")
def test_float32_kernels_do_not_compute_in_float64():
    net = Network(PLAIN.layers, precision="float32")
    values = {"learning_rate": 0.05, "momentum": 0.5}
    ours = learner(net, data_for(net), Batches(POINTS, 7), 0, "sgd", values)
    ours.advance(1)
    kernel = learning.trainer(ours.trainer.model, ours.trainer.rule)
    (arguments,) = kernel.overloads
    anew = njit(nogil=True, error_model="numpy")(kernel.py_func)
    anew.compile(arguments)
    (code,) = anew.inspect_llvm().values()
    assert re.search(r"<\d+ x float>", code)
    assert not re.search(r"<\d+ x double>", code)


def test_divergence_ends_a_training_and_is_no_error():
    data = data_for(PLAIN)
    ours = learner(PLAIN, data, Batches(POINTS, 7), 0, "sgd", {"learning_rate": 1e200, "momentum": 0.5})
    rows = ours.advance(50)
    assert rows.status == descend.DIVERGED
    assert 1 <= len(rows.losses) < 50
    assert math.isnan(rows.step_lengths[-1])
    again = ours.advance(5)
    assert (again.status, len(again.losses)) == (descend.DIVERGED, 1)


def test_a_small_gradient_ends_a_training():
    data = data_for(PLAIN)
    values = {"learning_rate": 0.05, "momentum": 0.5}
    free = learner(PLAIN, data, Batches(POINTS, POINTS), 0, "sgd", values).advance(200)
    tolerance = float(np.median(free.gradient_norms))
    rows = learner(PLAIN, data, Batches(POINTS, POINTS), 0, "sgd", values, tolerance=tolerance).advance(200)
    assert rows.status == descend.CONVERGED
    assert len(rows.losses) == np.flatnonzero(free.gradient_norms <= tolerance)[0] + 1
    assert np.array_equal(rows.losses, free.losses[: len(rows.losses)])


def test_the_step_at_which_a_training_ends_moves_no_running_statistics():
    data, batches = data_for(RICH), Batches(POINTS, 8)
    more = {"schedule": schedule(40)} | CLIPPED
    free = learner(RICH, data, batches, 5, **more)
    norms = free.advance(20).gradient_norms
    ended = learner(RICH, data, batches, 5, **more, tolerance=float(np.median(norms)))
    rows = ended.advance(40)
    assert rows.status == descend.CONVERGED
    before = learner(RICH, data, batches, 5, **more)
    before.advance(len(rows.losses) - 1)
    for _ in range(3):
        for name in ("weights", "slots", "shared", "buffers", "calm", "step"):
            assert np.array_equal(getattr(ended.state, name), getattr(before.state, name)), name
        again = ended.advance(3)
        assert (again.status, again.losses.tolist()) == (descend.CONVERGED, rows.losses[-1:].tolist())


def test_the_order_of_an_epoch_is_made_once_and_made_anew_for_another():
    data, seed = data_for(PLAIN), random.randrange(2**40)
    values = {"learning_rate": 0.05, "momentum": 0.5}
    ours = learner(PLAIN, data, Batches(POINTS, 7), seed, "sgd", values)
    begun = copied(ours.state)
    rows = ours.advance(20)  # into the third epoch
    for first, steps in ((0, 3), (3, 9), (12, 1)):  # back to the first, and on
        if first == 0:
            ours.state = copied(begun)
        piece = ours.advance(steps)
        assert np.array_equal(piece.losses, rows.losses[first : first + steps])
    order = ours.trainer._scratch[0]
    kept = order.copy()
    assert np.array_equal(kept[35:42], Batches(POINTS, 7).rows(14, seed))
    order[35:42] = order[0:7]
    expected = loss_and_gradient(PLAIN, ours.state.weights, data, kept[0:7])[0]
    assert ours.advance(1).losses[0] == expected  # nobody has made it again


def test_evaluation():
    data, weights = data_for(PLAIN), draw(PLAIN, 4)
    loss, r2 = evaluate(PLAIN, weights, start_buffers(PLAIN), data)
    said = naive_networks.predict(PLAIN, weights, start_buffers(PLAIN), data.inputs)
    assert loss == pytest.approx(((said - data.targets) ** 2).mean(), rel=1e-12)
    assert r2 == pytest.approx(1.0 - ((said - data.targets) ** 2).sum() / ((data.targets - data.targets.mean()) ** 2).sum(), rel=1e-9)
    data, weights, buffers = data_for(RICH), draw(RICH, 4), start_buffers(RICH)
    loss, share = evaluate(RICH, weights, buffers, data)
    said = naive_networks.predict(RICH, weights, buffers, data.inputs)
    assert loss == pytest.approx(naive_networks.data_loss(RICH, said, data.targets)[0], rel=1e-12)
    assert share == np.mean(said.argmax(axis=1) == data.targets)


def test_refusals():
    data, method = data_for(PLAIN), OPTIMIZERS["bfgs"]
    with pytest.raises(ValueError, match="bfgs looks at all weights together"):
        Learner(PLAIN, data, method, *method.pack({}), Batches(POINTS, 5), 0)
    with pytest.raises(ValueError, match="cut from 40 points, and there are 50"):
        learner(PLAIN, data, Batches(40, 5), 0)
    with pytest.raises(ValueError, match="batch_size is 51"):
        learner(PLAIN, data, Batches(POINTS, 51), 0)
    with pytest.raises(ValueError, match="the last of an epoch has 1: drop_last leaves it out"):
        learner(RICH, data_for(RICH), Batches(POINTS, 7), 0)
    learner(RICH, data_for(RICH), Batches(POINTS, 7, drop_last=True), 0)


@pytest.mark.torch
@pytest.mark.parametrize("name", ["sgd", "adam", "rmsprop"])
def test_torch_trains_alike(name):
    torch = pytest.importorskip("torch")
    from tests.networks.test_network import sequential

    net = Network(
        [2, 8, 6, 3], activation="tanh", loss="cross_entropy", batch_norm=name == "sgd"
    )  # gradients of 0 but for rounding are noise to others
    data, batches, seed = data_for(net), Batches(POINTS, 9), 7
    ours = learner(net, data, batches, seed, name, {"learning_rate": 0.01})
    module = sequential(net)
    module.load_state_dict({k: torch.tensor(v) for k, v in net.views(ours.state.weights.copy()).items()}, strict=False)
    rule = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam, "rmsprop": torch.optim.RMSprop}[name](module.parameters(), lr=0.01)
    module.train()
    losses = []
    for step in range(1, 41):
        chosen = batches.rows(step, seed)
        rule.zero_grad()
        loss = torch.nn.functional.cross_entropy(module(torch.tensor(data.inputs[chosen])), torch.tensor(data.targets[chosen]))
        loss.backward()
        rule.step()
        losses.append(loss.item())
    rows = ours.advance(40)
    assert rows.losses == pytest.approx(losses, rel=1e-10)
    flat = np.concatenate([p.detach().numpy().ravel() for p in module.parameters()])
    assert ours.state.weights == pytest.approx(flat, rel=1e-8, abs=1e-9)
    buffers = net.flat({k: v.numpy() for k, v in module.named_buffers() if "tracked" not in k}, net.buffers)
    assert ours.state.buffers == pytest.approx(buffers, rel=1e-9, abs=1e-10)
