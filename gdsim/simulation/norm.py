"""Lengths of vectors, without overflow on the way."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def norm(vectors: Floats) -> Floats:
    """Euclidean lengths along the last axis: (n, dim) gives (n,). Finite wherever the length itself is."""
    lengths: Floats = np.hypot.reduce(vectors, axis=-1, initial=0.0)
    return lengths
