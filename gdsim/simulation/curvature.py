"""Second derivatives along a path: eigenvalues and their directions."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdsim.landscapes import Landscape

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Curvature:
    """At n points: eigenvalues (n, dim), ascending; unit eigenvectors (n, dim, dim), one a row."""

    eigenvalues: Floats
    directions: Floats

    @property
    def sharpness(self) -> Floats:
        """The largest eigenvalue at each point, shape (n,)."""
        return self.eigenvalues[:, -1]


def curvature(landscape: Landscape, positions: Floats) -> Curvature:
    """Of the Hessian at ``positions`` (n, dim)."""
    x = positions[:, 0]
    y = positions[:, 1] if landscape.dim == 2 else np.zeros_like(x)
    hessian = landscape.hessian(x, y)
    with np.errstate(all="ignore"):
        return Curvature(*_eigen_2(hessian)) if landscape.dim == 2 else Curvature(hessian[:, :, 0], np.ones((len(x), 1, 1)))


def _eigen_2(hessian: Floats) -> tuple[Floats, Floats]:
    """Closed form for symmetric 2 x 2 matrices (n, 2, 2): LAPACK would raise where an entry is not finite."""
    a, b, c = hessian[:, 0, 0], hessian[:, 0, 1], hessian[:, 1, 1]
    half = 0.5 * (a - c)
    radius = np.hypot(half, b)
    middle = 0.5 * (a + c)
    angle = 0.5 * np.arctan2(b, half)  # of the eigenvector of the larger eigenvalue
    cos, sin = np.cos(angle), np.sin(angle)
    rows = np.stack((np.stack((-sin, cos), axis=-1), np.stack((cos, sin), axis=-1)), axis=1)
    return np.stack((middle - radius, middle + radius), axis=-1), rows
