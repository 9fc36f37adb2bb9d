"""Losses and gradients of the kernels: against NumPy's, against differences, against torch; the same bits however points are grouped."""

import random

import numpy as np
import pytest

from gdsim.engine import layout, learning
from gdsim.networks.dataset import Dataset
from gdsim.networks.learn import loss_and_gradient, point_gradients, predict, start_buffers
from gdsim.networks.network import ACTIVATIONS, Network
from tests import naive_networks
from tests.draws import EVERYTHING, fresh, some
from tests.networks.test_network import sequential

# Every activation, loss and kind of layer at least once; sizes below, at and above what a vector and a tile hold.
NETWORKS = [
    Network([3, 18, 5, 2]),
    Network([2, 9, 3], activation="gelu", loss="cross_entropy", batch_norm=True, l1=0.01, l2=0.1),
    Network([3, 33, 1], activation="relu", loss="bce"),
    Network([2, 7, 4, 2], activation="softplus", loss="huber", output="sigmoid", batch_norm=True, l2=0.05),
    Network([5, 1], loss="mse", output="leaky_relu"),
]
if EVERYTHING:
    NETWORKS += [
        Network([3, 6, 2], activation=activation, loss=loss, batch_norm=norm, l1=l1)
        for activation in ACTIVATIONS
        for loss in ("mse", "huber", "cross_entropy")
        for norm in (False, True)
        for l1 in (0.0, 0.1)
    ]
EVERY_NETWORK = pytest.mark.parametrize(
    "net", some(NETWORKS, 3), ids=lambda net: f"{net.activation}-{net.loss}-{'x'.join(map(str, net.layers))}"
)


def points(net, count=37):
    draw = fresh()
    inputs = draw.normal(size=(count, net.layers[0]))
    if net.loss in ("bce", "cross_entropy"):
        classes = max(2, net.layers[-1])
        return Dataset.from_arrays(inputs, draw.integers(0, classes, count), classes=[f"c{k}" for k in range(classes)])
    return Dataset.from_arrays(inputs, draw.normal(size=(count, net.layers[-1])))


def some_weights(net):
    return fresh().normal(size=net.weights) * 0.6


@EVERY_NETWORK
def test_gradients(net):
    data, weights = points(net), some_weights(net)
    loss, gradient = loss_and_gradient(net, weights, data)
    true_loss, true_gradient = naive_networks.loss_and_gradient(net, weights, data.inputs, data.targets)
    assert loss == pytest.approx(true_loss, rel=1e-12)
    assert gradient == pytest.approx(true_gradient, rel=1e-9, abs=1e-12)
    direction = fresh().normal(size=net.weights)
    off = 1e-6
    ahead, behind = (loss_and_gradient(net, weights + sign * off * direction, data)[0] for sign in (1, -1))
    kinks = net.activation in ("relu", "leaky_relu") or net.l1 > 0.0 or net.output == "leaky_relu"
    assert (ahead - behind) / (2 * off) == pytest.approx(gradient @ direction, rel=1e-6, abs=1e-2 if kinks else 1e-7)


@EVERY_NETWORK
def test_outputs(net):
    data, weights = points(net, 40), some_weights(net)
    buffers = start_buffers(net) + 0.5 * fresh().random(len(start_buffers(net)))
    said = predict(net, weights, buffers, data.inputs)
    assert said == pytest.approx(naive_networks.predict(net, weights, buffers, data.inputs), rel=1e-11, abs=1e-12)
    # A point's output has the same bits alone and in company.
    alone = [predict(net, weights, buffers, data.inputs[k : k + 1])[0] for k in range(0, 40, 7)]
    assert np.array_equal(alone, said[::7])


def test_points_gradients_have_the_batchs_as_mean():
    net = NETWORKS[0]
    data, weights = points(net, 30), some_weights(net)
    rows = random.sample(range(30), 12)
    losses, gradients = point_gradients(net, weights, data, rows)
    loss, gradient = loss_and_gradient(net, weights, data, rows)
    assert gradients.shape == (12, net.weights)
    assert losses.mean() == pytest.approx(loss, rel=1e-13)
    assert gradients.mean(axis=0) == pytest.approx(gradient, rel=1e-11, abs=1e-14)
    for k, row in enumerate(rows):
        assert gradients[k] == pytest.approx(naive_networks.loss_and_gradient(net, weights, data.inputs[[row]], data.targets[[row]])[1])


def test_no_bit_depends_on_how_many_points_go_together(monkeypatch):
    net = NETWORKS[0]
    data, weights = points(net, 101), some_weights(net)
    answers = []
    for tile in (1, 3, 4, 64, 200):
        monkeypatch.setattr(learning, "tile_of", lambda sizes, precision, tile=tile: tile)
        answers.append(loss_and_gradient(net, weights, data))
    assert len({loss for loss, _ in answers}) == 1
    assert all(np.array_equal(gradient, answers[0][1]) for _, gradient in answers)


def test_sums_are_chains_in_the_order_of_the_batch():
    """A linear network's gradient by Python's own arithmetic, one fused multiply-add after the other."""
    from gdsim.engine.intrinsics import fma

    net = NETWORKS[4]
    data, weights = points(net, 9), np.abs(some_weights(net)) + 0.1
    inputs = np.abs(data.inputs)
    data = Dataset.from_arrays(inputs, data.targets)
    errors = []
    for x, (y,) in zip(inputs, data.targets, strict=True):
        z = weights[-1]
        for k in range(5):
            z = fma(x[k], weights[k], z)
        errors.append(2.0 * (z - y) * (1.0 / 9))
    _, gradient = loss_and_gradient(net, weights, data)
    for k in range(5):
        total = 0.0
        for x, error in zip(inputs, errors, strict=True):
            total = fma(x[k], error, total)
        assert gradient[k] == total


def test_layout_has_room_for_everything_once():
    for net in NETWORKS:
        made = layout.Layout(net.layers, net.batch_norm, net.precision, 24)
        rows = [dict(zip(layout.COLUMNS, numbers, strict=True)) for numbers in made.table.tolist()]
        assert made.weights % (4 * layout.pad(net.precision)) == 0
        assert len(set(made.places.tolist())) == net.weights
        assert 0 <= made.places.min() <= made.places.max() < made.weights
        taken = [(rows[0]["WEIGHT"], 2 * made.weights), (rows[0]["FROM"], 24 * rows[0]["STRIDE"])]
        for layer, row in enumerate(rows):
            taken += [(row[name], 24 * row["WIDE"]) for name in ("VALUE", "SLOPE", "ERROR")]
            if layer > 0 and row["TURNED"] != row["WEIGHT"]:
                taken.append((row["TURNED"], row["WIDE"] * row["STRIDE"]))
            if net.batch_norm and row is not rows[-1]:
                taken += [(row["SCALED"], 24 * row["WIDE"]), (row["SPREAD"], row["WIDE"])]
        ends = sorted(taken)
        assert all(begin + size <= following for (begin, size), (following, _) in zip(ends, [*ends[1:], (made.work, 0)], strict=True))


def test_refusals():
    data = points(NETWORKS[0], 5)
    with pytest.raises(ValueError, match=r"takes 4 inputs, and data has 3"):
        loss_and_gradient(Network([4, 2]), np.zeros(10), data)
    with pytest.raises(ValueError, match=r"3 outputs, and data has 2 targets"):
        loss_and_gradient(Network([3, 3]), np.zeros(12), data)
    with pytest.raises(ValueError, match="needs classes"):
        loss_and_gradient(Network([3, 2], loss="cross_entropy"), np.zeros(8), data)
    classes = Dataset.from_arrays(data.inputs, [0, 1, 2, 1, 0], classes=("a", "b", "c"))
    with pytest.raises(ValueError, match=r"3 classes and the network 1 output; bce needs 1 output, for two classes"):
        loss_and_gradient(Network([3, 1], loss="bce"), np.zeros(4), classes)
    with pytest.raises(ValueError, match=r"need \(8,\)"):
        loss_and_gradient(Network([3, 2]), np.zeros(7), data)
    with pytest.raises(ValueError, match="no gradient of its own"):
        point_gradients(Network([3, 4, 2], batch_norm=True), np.zeros(34), data)
    with pytest.raises(ValueError, match="at least 2"):
        loss_and_gradient(Network([3, 4, 2], batch_norm=True), np.zeros(34), data, [0])
    with pytest.raises(ValueError, match=r"takes \(points, 3\)"):
        predict(Network([3, 2]), np.zeros(8), [], np.zeros((4, 2)))


@pytest.mark.torch
@EVERY_NETWORK
def test_torch_agrees(net):
    torch = pytest.importorskip("torch")
    data, weights, module = points(net), some_weights(net), sequential(net)
    module.load_state_dict({k: torch.tensor(v) for k, v in net.views(weights).items()}, strict=False)
    module.train()
    said = module(torch.tensor(data.inputs))
    losses = {"mse": "MSELoss", "bce": "BCEWithLogitsLoss", "cross_entropy": "CrossEntropyLoss", "huber": "HuberLoss"}
    wanted = torch.tensor(data.targets)
    if net.loss == "bce":
        wanted = wanted[:, None].double()
    loss = getattr(torch.nn, losses[net.loss])()(said, wanted)
    linear = [p for p in module.parameters() if p.ndim == 2]
    loss = loss + sum(net.l1 * p.abs().sum() + net.l2 / 2 * (p**2).sum() for p in linear)
    loss.backward()
    ours, gradient = loss_and_gradient(net, weights, data)
    theirs = np.concatenate([p.grad.numpy().ravel() for p in module.parameters()])
    assert ours == pytest.approx(loss.item(), rel=1e-10)
    assert gradient == pytest.approx(theirs, rel=1e-10, abs=1e-12)
    module.eval()
    buffers = net.flat({k: v.numpy() for k, v in module.named_buffers() if "tracked" not in k}, net.buffers)
    outputs = module(torch.tensor(data.inputs)).detach().numpy()
    assert predict(net, weights, buffers, data.inputs) == pytest.approx(outputs, rel=1e-10, abs=1e-12)
