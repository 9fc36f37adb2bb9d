"""Dataset: numbers to learn from, one row a point."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Dataset:
    """n points. ``inputs`` (n, features) float64; ``targets`` (n, outputs) float64 for regression, or (n,) int64 class numbers from 0
    where ``classes`` names the classes. Arrays are C-contiguous and read-only.
    """

    inputs: Floats
    targets: NDArray[np.float64] | NDArray[np.int64]
    features: tuple[str, ...]
    target: str = "target"
    classes: tuple[str, ...] = ()
    name: str = "data"

    @property
    def is_classification(self) -> bool:
        return bool(self.classes)

    def __len__(self) -> int:
        return len(self.inputs)

    def take(self, rows: ArrayLike) -> "Dataset":
        """The points ``rows`` (indices or a mask), in that order."""
        raise NotImplementedError
