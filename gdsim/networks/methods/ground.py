"""What a method may ask: the loss and its derivatives at any weights."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
State = Mapping[str, Floats]


class Here(NamedTuple):
    """Where a step begins: ``weights`` (n,), the loss and its ``gradient`` (n,)."""

    weights: Floats
    loss: float
    gradient: Floats


class Step(NamedTuple):
    """Where it ends, what the method remembers, and how many evaluations it took: its own point and all it tried but the one it ended in,
    which the next step counts. Second derivatives and derivatives of residuals count as one more.
    """

    weights: Floats
    state: State
    evaluations: int


class Ground(Protocol):
    """Losses that are not finite are answers like any other."""

    def loss(self, weights: Floats) -> float: ...

    def loss_and_gradient(self, weights: Floats) -> tuple[float, Floats]: ...

    def hessian(self, weights: Floats) -> Floats:
        """(n, n), symmetric."""
        ...

    def residuals(self, weights: Floats) -> tuple[Floats, Floats]:
        """Terms r (m,) whose squares add up to the loss, and their derivatives (m, n)."""
        ...
