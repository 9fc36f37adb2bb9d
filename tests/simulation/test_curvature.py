"""Curvature along a path: NumPy's eigenvalues of the same matrices."""

import numpy as np
import pytest

from gdsim.landscapes import LANDSCAPES
from gdsim.simulation.curvature import curvature


@pytest.mark.parametrize("name", ["quadratic", "ellipsoid", "saddle", "himmelblau", "rosenbrock"])
def test_eigenvalues_and_directions_are_those_of_the_hessian(name, rng):
    landscape = LANDSCAPES[name]
    points = np.stack([rng.uniform(low, high, 50) for low, high in landscape.domain], axis=1)
    found, hessians = curvature(landscape, points), landscape.hessian(*points.T)
    sizes = np.abs(hessians).max(axis=(1, 2))
    np.testing.assert_allclose(found.eigenvalues, np.linalg.eigvalsh(hessians), rtol=0.0, atol=1e-12 * sizes.max())
    np.testing.assert_array_equal(found.sharpness, found.eigenvalues[:, 1])
    np.testing.assert_allclose(found.directions @ np.swapaxes(found.directions, 1, 2), np.tile(np.eye(2), (50, 1, 1)), atol=1e-12)
    back = np.einsum("nki,nk,nkj->nij", found.directions, found.eigenvalues, found.directions)
    np.testing.assert_allclose(back, hessians, rtol=0.0, atol=1e-12 * sizes.max())


def test_infinities_raise_nothing():
    found = curvature(LANDSCAPES["himmelblau"], np.array([[np.inf, 0.0], [1e200, -1e200], [np.nan, 1.0]]))
    assert not np.any(np.isfinite(found.eigenvalues[[0, 2]]))
