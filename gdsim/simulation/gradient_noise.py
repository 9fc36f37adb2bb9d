"""What the noise of mini-batches is, as numbers: how the gradients of single points scatter round their mean.

A batch of B of N points has a mean gradient whose covariance is S / B where points are drawn with replacement, and S / B (N - B) / (N - 1)
without, S the covariance of single points. It needs the gradients of the points and nothing else, so it serves networks as well.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdsim.engine.evaluate import over_points
from gdsim.landscapes import Landscape

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ellipse:
    """``centre`` (2,), half ``axes`` (the longer one first) and the ``angle`` of the longer axis to the first weight's, in radians."""

    centre: tuple[float, float]
    axes: tuple[float, float]
    angle: float


@dataclass(frozen=True, eq=False)
class GradientNoise:
    """``gradients`` (N, n): of the loss of each point alone, at one place."""

    gradients: Floats

    def __repr__(self) -> str:
        mean = ", ".join(f"{part:.6g}" for part in self.mean)
        return f"<GradientNoise of {self.count} points: mean ({mean}), trace of the covariance {self.trace:.6g}>"

    @property
    def count(self) -> int:
        return len(self.gradients)

    @cached_property
    def mean(self) -> Floats:
        """The gradient of the whole set, (n,)."""
        return np.asarray(self.gradients.mean(axis=0))

    @cached_property
    def covariance(self) -> Floats:
        """Of the gradients of single points, (n, n): the mean over the points of (g_k - g)(g_k - g)'. For two weights, or few."""
        apart = self.gradients - self.mean
        return np.asarray(apart.T @ apart / self.count)

    @cached_property
    def trace(self) -> float:
        """The mean square distance of single points' gradients from the mean."""
        return float(np.mean(np.sum(np.square(self.gradients - self.mean), axis=1)))

    def share(self, size: int, *, replacement: bool = False) -> float:
        """What the variance of single points is multiplied by in the mean of a batch of ``size``."""
        if not 1 <= size <= self.count:
            raise ValueError(f"a batch has 1 to {self.count} points, found {size}")
        return share_of_variance(self.count, size, replacement=replacement)

    def of_batch(self, rows: Iterable[int]) -> Floats:
        """The mean gradient of the points ``rows``, (n,)."""
        return np.asarray(self.gradients[np.asarray(rows)].mean(axis=0))

    def signal_to_noise(self, size: int = 1, *, replacement: bool = False) -> float:
        """Length of the true gradient over the root mean square of a batch's error: above 1 a batch mostly points the right way."""
        noise = math.sqrt(self.share(size, replacement=replacement) * self.trace)
        length = float(np.linalg.norm(self.mean))
        return length / noise if noise else math.inf if length else math.nan

    @property
    def critical_batch_size(self) -> float:
        """tr(S) / |g|^2: up to about here a larger batch is worth its work; beyond, the noise is small already. Infinite at a minimum.

        McCandlish, Kaplan, Amodei and the OpenAI Dota team (2018), An empirical model of large-batch training, arXiv 1812.06162, eq. 2.9.
        """
        square = float(np.sum(np.square(self.mean)))
        return self.trace / square if square else math.inf

    def ellipse(self, size: int = 1, *, replacement: bool = False, deviations: float = 1.0) -> Ellipse:
        """Where the gradients of batches lie, as many standard ``deviations`` along each axis. Two weights only."""
        if self.gradients.shape[1] != 2:
            raise ValueError(f"an ellipse needs gradients of two weights, found {self.gradients.shape[1]}")
        values, vectors = np.linalg.eigh(self.covariance * self.share(size, replacement=replacement))
        short, long = (deviations * math.sqrt(max(float(value), 0.0)) for value in values)
        return Ellipse((float(self.mean[0]), float(self.mean[1])), (long, short), math.atan2(vectors[1, 1], vectors[0, 1]))


def share_of_variance(count: int, size: int, *, replacement: bool) -> float:
    """The variance of the mean of ``size`` of ``count`` points, over that of a single one."""
    if replacement:
        return 1.0 / size
    return (count - size) / (size * (count - 1)) if count > 1 else 0.0


def noise_at(landscape: Landscape, position: ArrayLike) -> GradientNoise:
    """The gradients of the points that ``landscape`` is made of, at ``position``. Raises ValueError for one that is not made of data."""
    if landscape.data is None or landscape.term is None:
        raise ValueError(f"{landscape.name} is not made of data")
    x, y = np.asarray(position, dtype=np.float64)
    return GradientNoise(np.ascontiguousarray(over_points(landscape.term, landscape.values, landscape.data.array, x, y)[1:].T))
