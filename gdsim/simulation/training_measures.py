"""What is measured on a network where its training ended: slope, noise of the batches, sharpness. A step of work at a time."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdsim.networks.batches import Batches
from gdsim.networks.dataset import Dataset
from gdsim.networks.learn import loss_and_gradient
from gdsim.networks.network import Network
from gdsim.simulation.gradient_noise import share_of_variance
from gdsim.simulation.trajectory import Floats

MOST_WORK = 20_000_000
"""Weights times points that one gradient may take: some 20 ms. Larger data are measured on points spread evenly over them."""
DRAWS = 16
"""Batches whose gradients tell the noise."""
ITERATIONS = 20
"""Products with the Hessian from which its largest eigenvalue is found."""
SETTLED = 1e-3
"""Relative change of an eigenvalue below which it counts as found."""


@dataclass
class Measures:
    """``slope``: norm of the full gradient; ``noise``: root mean square distance of a batch's gradient from it; ``sharpness``: largest
    eigenvalue of the Hessian, None if it was not asked for or cannot be told.
    """

    slope: float = math.nan
    noise: float = 0.0
    sharpness: float | None = None


def fewer(dataset: Dataset, network: Network, work: int = MOST_WORK, points: int = MOST_WORK) -> Dataset:
    """At most so many ``points``, spread evenly over the data set, that a pass over them with this network takes no more than ``work``."""
    most = max(min(work // network.weights, points), 32)
    return dataset if len(dataset) <= most else dataset.take(np.linspace(0, len(dataset) - 1, most).astype(np.int64))


def measure(
    network: Network, weights: Floats, train: Dataset, batches: Batches, seed: int, sharpness: bool, into: Measures
) -> Iterator[None]:
    """Fills ``into``, yielding between gradients. Losses that are not finite leave what they spoil at NaN or None."""
    points = fewer(train, network)
    at = np.asarray(weights, dtype=np.float64)

    def gradient(where: Floats, rows: NDArray[np.int64] | None = None) -> Floats:
        return np.asarray(loss_and_gradient(network, where, points, rows)[1], dtype=np.float64)

    full = gradient(at)
    into.slope = float(np.linalg.norm(full))
    yield
    if batches.size < batches.count:
        # Of batches drawn with replacement, so that ``size`` times it is that of single points.
        size = min(batches.size, len(points))
        generator = np.random.default_rng(seed)
        square = 0.0
        for _ in range(DRAWS):
            error = gradient(at, generator.integers(0, len(points), size)) - full
            square += float(error @ error) / DRAWS
            yield
        into.noise = math.sqrt(square * size * share_of_variance(batches.count, batches.size, replacement=batches.replacement))
    if sharpness:
        into.sharpness = yield from _largest_eigenvalue(gradient, at, seed, network.precision)


def _largest_eigenvalue(gradient, at: Floats, seed: int, precision: str):  # type: ignore[no-untyped-def]
    """The largest eigenvalue of the Hessian, by power iteration on differences of gradients; a generator that returns it.

    Where the eigenvalue of largest size is negative, that of H - (it) I follows, whose largest is the one wanted.
    """
    eps = float(np.finfo(precision).eps)
    step = eps ** (1.0 / 3.0) * max(1.0, float(np.linalg.norm(at)))
    shift = 0.0
    for _ in range(2):
        direction = np.random.default_rng(seed).standard_normal(len(at))
        direction /= np.linalg.norm(direction)
        value = math.nan
        for _ in range(ITERATIONS):
            product = (gradient(at + step * direction) - gradient(at - step * direction)) / (2.0 * step) - shift * direction
            before, value = value, float(direction @ product)
            yield
            length = float(np.linalg.norm(product))
            if not 0.0 < length < math.inf:
                return None if not math.isfinite(length) else shift
            direction = product / length
            if abs(value - before) <= SETTLED * abs(value):
                break
        if value >= 0.0 or shift:
            return value + shift
        shift = value
    return None
