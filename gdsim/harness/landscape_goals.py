"""Where runs on a landscape begin, and what counts as having reached a global minimum."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdsim.harness.drawing import philox
from gdsim.landscapes import Landscape

Floats = NDArray[np.float64]

SHARE = 1e-4
"""Of the height of a typical start above the minimum: what is left where a run has arrived."""
GRID = 257


@dataclass(frozen=True)
class Goal:
    """The ``loss`` to reach; ``bottom`` is the least there is, where the landscape has a floor, and else the least in its domain."""

    loss: float
    bottom: float


def starts_on(landscape: Landscape, count: int, seed: int, stream: int = 5_000) -> Floats:
    """``count`` points of the domain, (count, dim), evenly drawn."""
    low, high = np.array(landscape.domain).T
    places: Floats = low + (high - low) * philox(seed, stream).random((count, landscape.dim))
    return places


def goal_of(landscape: Landscape, share: float = SHARE) -> Goal:
    """A global minimum is reached within ``share`` of the median height of the domain, and nearer to its loss than to the next one's."""
    low, high = np.array(landscape.domain).T
    axes = [np.linspace(a, b, GRID) for a, b in zip(low, high, strict=True)]
    losses = landscape.loss(*np.meshgrid(*axes))
    finite = losses[np.isfinite(losses)]
    minima = sorted(point.loss for point in landscape.minima)
    best = [point.loss for point in landscape.minima if point.kind == "global minimum"]
    bottom = min(best) if best else min([float(np.min(finite)), *minima])
    reach = share * (float(np.median(finite)) - bottom)
    following = [loss for loss in minima if loss > bottom + 1e-9 * max(1.0, abs(bottom))]
    if following:
        reach = min(reach, 0.5 * (following[0] - bottom))
    return Goal(bottom + reach, bottom)
