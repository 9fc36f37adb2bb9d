"""Networks trained by methods that look at all weights together."""

from dataclasses import replace

import numpy as np
import pytest

from gdsim.engine.descend import CONVERGED, DIVERGED, RUNNING
from gdsim.networks.batches import Batches
from gdsim.networks.dataset import Dataset
from gdsim.networks.learn import loss_and_gradient
from gdsim.networks.method_learner import MethodLearner, Training
from gdsim.networks.methods import METHODS
from gdsim.networks.network import Network
from gdsim.optimizers import OPTIMIZERS
from tests.draws import fresh

SMALL = Network((1, 3, 1), l2=0.01)
RATE = {"barzilai_borwein": 0.05}


def sine(points: int = 24) -> Dataset:
    x = fresh().uniform(-2.0, 2.0, (points, 1))
    return Dataset(x, np.sin(2.0 * x), ("x",))


def learner(name: str, data: Dataset, network: Network = SMALL, seed: int | None = None, **others) -> MethodLearner:
    method = OPTIMIZERS[name]
    hyper, on = method.pack({"learning_rate": RATE.get(name, 1.0)})
    size = others.pop("size", len(data))
    return MethodLearner(network, data, method, hyper, on, Batches(len(data), size), 7 if seed is None else seed, **others)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_trains_a_network(name: str) -> None:
    rows = learner(name, sine()).advance(25)
    assert rows.status == RUNNING
    assert len(rows.losses) == 25
    if name != "newton":  # which seeks saddles as gladly
        assert rows.losses.min() < rows.losses[0]
    assert rows.evaluations is not None
    assert np.all(rows.evaluations >= 1)


@pytest.mark.parametrize("name", METHODS)
def test_in_parts_it_is_the_same_to_the_bit(name: str) -> None:
    data = sine()
    whole, parts = learner(name, data), learner(name, data)
    all_at_once = whole.advance(7)
    pieces = [parts.advance(3)]
    again = learner(name, data)
    again.state = parts.state  # as from a file
    pieces.append(again.advance(4))
    assert np.array_equal(all_at_once.losses, np.concatenate([piece.losses for piece in pieces]))
    assert np.array_equal(whole.state.weights, again.state.weights)


def test_hessian_and_residuals_agree_with_the_gradient() -> None:
    draw = fresh()
    inputs = draw.normal(size=(9, 2))
    data = Dataset(inputs, np.column_stack((inputs.sum(axis=1), inputs.prod(axis=1))), ("a", "b"))
    network = Network((2, 3, 2), activation="softplus", l2=0.1)
    training = Training(network, data)
    weights, direction = draw.normal(size=network.weights), draw.normal(size=network.weights)
    reach = 1e-6
    change = (training.loss_and_gradient(weights + reach * direction)[1] - training.loss_and_gradient(weights - reach * direction)[1]) / (
        2 * reach
    )
    assert np.allclose(training.hessian(weights) @ direction, change, rtol=1e-6, atol=1e-7)
    r, slopes = training.residuals(weights)
    loss, gradient = loss_and_gradient(network, weights, data)
    assert np.isclose(r @ r, loss, rtol=1e-12)
    assert np.allclose(2.0 * slopes.T @ r, gradient, rtol=1e-10, atol=1e-12)


def test_a_linear_network_is_solved_by_one_step_of_newton() -> None:
    draw = fresh()
    inputs = draw.normal(size=(20, 2))
    data = Dataset(inputs, inputs @ np.array([[2.0], [-1.0]]) + 3.0, ("a", "b"))
    rows = learner("newton", data, Network((2, 1)), tolerance=1e-6).advance(5)
    assert rows.status == CONVERGED
    assert len(rows.losses) <= 3
    assert rows.losses[-1] < 1e-12


def test_leaving_the_numbers_is_a_result() -> None:
    data = Dataset(np.array([[1e200], [-1e200]]), np.array([[1.0], [2.0]]), ("x",))
    rows = learner("polyak", data, Network((1, 1))).advance(5)
    assert rows.status == DIVERGED
    assert np.isnan(rows.step_lengths[-1])


@pytest.mark.parametrize(
    ("name", "network", "others", "reason"),
    [
        ("bfgs", SMALL, {"size": 5}, "the whole training set"),
        ("lbfgs", Network((1, 3, 1), dropout=0.5), {}, "without dropout"),
        ("polyak", SMALL, {"clip_norm": 1.0}, "cannot be clipped"),
        ("levenberg_marquardt", Network((1, 3, 1), loss="huber"), {}, "a sum of squares"),
        ("newton", Network((1, 400, 1)), {}, "1,000 at most"),
        ("polyak", SMALL, {"weights": np.zeros(3)}, "needs"),
    ],
)
def test_what_does_not_go_together_is_refused(name: str, network: Network, others: dict, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        learner(name, sine(), network, **others)


def test_a_float32_network_is_computed_in_float64() -> None:
    data = sine()
    single = learner("bfgs", data, replace(SMALL, precision="float32"), weights=np.linspace(-1.0, 1.0, SMALL.weights))
    double = learner("bfgs", data, weights=np.linspace(-1.0, 1.0, SMALL.weights))
    assert np.array_equal(single.advance(3).losses, double.advance(3).losses)
