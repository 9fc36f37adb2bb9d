"""Data: the array that a landscape made of data reads its points from."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class Data:
    """``array`` (quantities, points), float64, C-contiguous and read-only: one column a point.

    Two of them are equal where every bit is, which their ``digest`` tells, so that landscapes are compared without looking at the points.
    """

    array: NDArray[np.float64] = field(repr=False)
    digest: str = field(init=False)

    def __init__(self, array: ArrayLike) -> None:
        kept = np.array(array, dtype=np.float64, order="C")
        if kept.ndim != 2 or not kept.size:
            raise ValueError(f"an array (quantities, points) that is not empty is needed, found the shape {kept.shape}")
        kept.flags.writeable = False
        object.__setattr__(self, "array", kept)
        object.__setattr__(self, "digest", hashlib.sha256(repr(kept.shape).encode() + kept.tobytes()).hexdigest()[:32])

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, Data) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __len__(self) -> int:
        return int(self.array.shape[1])
