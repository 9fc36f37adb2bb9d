"""Every landscape's loss, gradient and Hessian against its formula, against the slow obvious loss and against finite differences."""

import numpy as np
import pytest

from gdsim.landscapes import LANDSCAPES
from tests import naive
from tests.landscapes.draw import by_name, coordinates, points, variants
from tests.landscapes.formulas import exact

ROUNDINGS = 64 * np.finfo(float).eps
every_landscape = pytest.mark.parametrize("landscape", LANDSCAPES.values(), ids=LANDSCAPES)


@every_landscape
def test_formula_gives_the_loss_and_its_derivatives(landscape, rng):
    for variant in variants(landscape, rng):
        at = points(variant, rng, 12)
        columns = coordinates(at)
        upper = np.triu_indices(variant.dim)
        got = np.column_stack((variant.loss(*columns), variant.gradient(*columns), variant.hessian(*columns)[:, upper[0], upper[1]]))
        kept = [0, 1, 3] if variant.dim == 1 else [0, 1, 2, 3, 4, 5]
        for position, row in zip(at, got, strict=True):
            values, sizes = exact(variant, position)
            np.testing.assert_array_less(np.abs(row - np.take(values, kept)), ROUNDINGS * np.take(sizes, kept) + 1e-300, str(position))


@every_landscape
def test_loss_is_the_naive_one(landscape, rng):
    for variant in variants(landscape, rng):
        at = points(variant, rng, 50)
        expected = np.array([naive.LOSSES[variant.name](tuple(position), **by_name(variant)) for position in at])
        got = variant.loss(*coordinates(at))
        np.testing.assert_allclose(got, expected, rtol=1e-11, atol=1e-11 * np.abs(expected).max())


@every_landscape
def test_gradient_and_hessian_are_the_slopes_seen(landscape, rng):
    """Differences of fourth order, of the loss for the gradient and of the gradient for the Hessian."""
    at = points(landscape, rng, 100)
    at = at[np.linalg.norm(at, axis=1) > 0.1]  # Ackley's tip has no slope
    h = 2e-4
    for axis in range(landscape.dim):
        shift = h * np.eye(landscape.dim)[axis]
        for function, derivative in (
            (landscape.loss, landscape.gradient(*coordinates(at))[:, axis]),
            (landscape.gradient, landscape.hessian(*coordinates(at))[:, axis]),
        ):
            near = [function(*coordinates(at + k * shift)) for k in (-2, -1, 1, 2)]
            seen = (near[0] - 8.0 * near[1] + 8.0 * near[2] - near[3]) / (12.0 * h)
            size = 1.0 + np.abs(near).max() + np.abs(derivative).max()
            np.testing.assert_allclose(seen, derivative, rtol=0.0, atol=1e-9 * size)


def test_every_landscape_has_a_naive_loss():
    assert naive.LOSSES.keys() == LANDSCAPES.keys()


@pytest.mark.parametrize("name", ["ackley"])
def test_tip_of_a_cone_has_the_derivatives_documented(name):
    landscape = LANDSCAPES[name]
    assert landscape.loss(0.0, 0.0) == 0.0
    assert np.all(landscape.gradient(0.0, 0.0) == 0.0)
    waves = 0.5 * np.exp(1.0) * (2.0 * np.pi) ** 2
    np.testing.assert_allclose(landscape.hessian(0.0, 0.0), waves * np.eye(2), rtol=1e-15)
    tiny = np.array([5e-324, 1e-300, 1e-200, 1e-160, 1e-100, 1e-20])
    for y in (0.0, 1e-200, 5e-324):
        for got in (landscape.loss(tiny, y), landscape.gradient(tiny, y), landscape.hessian(tiny, y)):
            assert np.all(np.isfinite(got))
