"""The vector forms of the methods that look at all weights: on two weights they are the landscape's; on many they do what theory says."""

import numpy as np
import pytest

from gdsim.landscapes import LANDSCAPES
from gdsim.networks.methods import METHODS, Here
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.minimise import minimise
from tests.draws import fresh


class OnLandscape:
    """A landscape of two weights, asked as a network would be."""

    def __init__(self, name: str) -> None:
        self.landscape = LANDSCAPES[name]

    def loss(self, weights):
        return float(self.landscape.loss(*weights))

    def loss_and_gradient(self, weights):
        return self.loss(weights), self.landscape.gradient(*weights)

    def hessian(self, weights):
        return self.landscape.hessian(*weights)

    def residuals(self, weights):
        terms = np.array(self.landscape.residuals(*map(float, weights), self.landscape.values))
        return terms[:, 0], terms[:, 1:]


class Bowl:
    """J = (w - c)^T A (w - c) / 2, A symmetric and positive definite, as a sum of squares where asked."""

    def __init__(self, n: int, seed: int) -> None:
        draw = np.random.default_rng(seed)
        self.root = draw.normal(size=(n + 3, n)) / np.sqrt(n)
        self.a, self.centre = self.root.T @ self.root, draw.normal(size=n)

    def loss(self, weights):
        return float(np.sum((self.root @ (weights - self.centre)) ** 2) / 2.0)

    def loss_and_gradient(self, weights):
        return self.loss(weights), self.a @ (weights - self.centre)

    def hessian(self, weights):
        return self.a

    def residuals(self, weights):
        return self.root @ (weights - self.centre) / np.sqrt(2.0), self.root / np.sqrt(2.0)


def walk(name, ground, start, steps, **values):
    """(weights, evaluations) of every step."""
    full = OPTIMIZERS[name].defaults | values
    weights, state, points, evaluations = np.array(start, dtype=float), {}, [np.array(start, dtype=float)], []
    for step in range(1, steps + 1):
        here = Here(weights, *ground.loss_and_gradient(weights))
        weights, state, spent = METHODS[name](here, state, full, step, ground)
        points.append(weights)
        evaluations.append(spent)
    return np.array(points), evaluations


def test_every_method_without_an_update_is_there() -> None:
    assert set(METHODS) == {name for name, rule in OPTIMIZERS.items() if rule.take_step is not None}


@pytest.mark.parametrize("landscape", ["rosenbrock", "himmelblau"])
@pytest.mark.parametrize("name", METHODS)
def test_on_two_weights_it_walks_as_on_a_landscape(name: str, landscape: str) -> None:
    ground, steps = OnLandscape(landscape), 12
    if OPTIMIZERS[name].needs_residuals and ground.landscape.residuals is None:
        pytest.skip("not written as a sum of squares")
    start = np.array(ground.landscape.start) + fresh().normal(0.0, 0.1, 2)
    path = minimise(landscape, name, start=tuple(start), steps=steps)
    points, evaluations = walk(name, ground, start, path.steps)
    for k in range(path.steps):
        if path.gradient_norms[k] < 1e-6:
            break  # in the minimum, where rounding decides
        # Rounding differs; where a search is at the edge of a decision, or the ground is steep, the paths part from there on.
        scale = 1.0 + np.abs(path.positions[k + 1]).max()
        if not np.allclose(points[k + 1], path.positions[k + 1], rtol=0.0, atol=1e-6 * scale):
            assert k >= 3, (k, points[k + 1], path.positions[k + 1])
            break
        assert k == path.steps - 1 or evaluations[k] == (path.evaluations[k] if path.evaluations is not None else 1)


SECONDS = {"newton": 1, "damped_newton": 1, "levenberg_marquardt": 25, "bfgs": 60, "lbfgs": 120, "conjugate_gradient": 120}


@pytest.mark.parametrize("name", METHODS)
def test_a_bowl_of_many_weights_is_minimised(name: str) -> None:
    ground = Bowl(12, fresh().integers(2**32))
    start = np.zeros(12)
    rate = {"barzilai_borwein": {"learning_rate": 0.01}}.get(name, {})
    points, _ = walk(name, ground, start, SECONDS.get(name, 400), **rate)
    first, last = ground.loss(start), ground.loss(points[-1])
    assert last <= (1e-8 if name in SECONDS else 0.05) * first


def test_newton_stays_where_there_is_no_single_solution() -> None:
    class Trough(Bowl):
        def hessian(self, weights):
            return np.zeros((2, 2))

    ground = Trough(2, 0)
    points, _ = walk("newton", ground, [1.0, 2.0], 2)
    assert np.all(points == points[0])
