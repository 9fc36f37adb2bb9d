"""Curvature along a path: NumPy's eigenvalues of the same matrices, and distances to stationary points that are known."""

import numpy as np
import pytest

from gdsim.landscapes import LANDSCAPES
from gdsim.simulation.curvature import curvature


def at(landscape, points):
    return curvature(landscape, points, landscape.gradient(*points.T))


@pytest.mark.parametrize("name", ["quadratic", "ellipsoid", "saddle", "himmelblau", "rosenbrock"])
def test_eigenvalues_and_directions_are_those_of_the_hessian(name, rng):
    landscape = LANDSCAPES[name]
    points = np.stack([rng.uniform(low, high, 50) for low, high in landscape.domain], axis=1)
    found, hessians = at(landscape, points), landscape.hessian(*points.T)
    sizes = np.abs(hessians).max(axis=(1, 2))
    np.testing.assert_allclose(found.eigenvalues, np.linalg.eigvalsh(hessians), rtol=0.0, atol=1e-12 * sizes.max())
    np.testing.assert_array_equal(found.sharpness, found.eigenvalues[:, 1])
    np.testing.assert_allclose(found.directions @ np.swapaxes(found.directions, 1, 2), np.tile(np.eye(2), (50, 1, 1)), atol=1e-12)
    back = np.einsum("nki,nk,nkj->nij", found.directions, found.eigenvalues, found.directions)
    np.testing.assert_allclose(back, hessians, rtol=0.0, atol=1e-12 * sizes.max())


def test_of_a_bowl_it_is_the_way_to_its_minimum(rng):
    bowl, points = LANDSCAPES["ellipsoid"].with_parameters(x0=1.5, y0=-0.5), rng.normal(size=(50, 2))
    np.testing.assert_allclose(at(bowl, points).newton_lengths, np.hypot(*(points - (1.5, -0.5)).T), rtol=1e-9)


def test_what_does_not_curve_is_settled_if_it_is_level_and_endlessly_far_if_it_slopes(rng):
    trough, points = LANDSCAPES["quadratic"].with_parameters(a=6.0, b=0.0), rng.normal(size=(20, 2))
    np.testing.assert_allclose(at(trough, points).newton_lengths, np.abs(points[:, 0]), rtol=1e-12)
    tilted = trough.gradient(*points.T) + np.array([0.0, 0.001])
    assert np.all(np.isinf(curvature(trough, points, tilted).newton_lengths))


def test_infinities_raise_nothing():
    found = curvature(LANDSCAPES["himmelblau"], np.array([[np.inf, 0.0], [1e200, -1e200], [np.nan, 1.0]]), np.full((3, 2), np.inf))
    assert not np.any(np.isfinite(found.newton_lengths[[0, 2]]))
