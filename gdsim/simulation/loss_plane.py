"""Loss plane: the loss of a network over a plane through its weights, on which a training leaves a trail.

The plane is spanned by the two directions in which the training moved most (the principal components of its snapshots), or by two random
ones whose parts are as long as those of the weights (filter normalisation: Li et al. 2018, Visualizing the Loss Landscape of Neural Nets,
arXiv 1712.09913).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np

from gdsim.engine.drawing import normal_numbers
from gdsim.landscapes import Landscape, StationaryPoint
from gdsim.networks.dataset import Dataset
from gdsim.networks.learn import evaluate
from gdsim.networks.network import Network
from gdsim.simulation.network_problem import Learning
from gdsim.simulation.surface import Extent, Surface, surface_of
from gdsim.simulation.training_measures import fewer
from gdsim.simulation.training_record import Snapshots
from gdsim.simulation.trajectory import Floats, Integers

RESOLUTIONS = (17, 33, 65)
"""Places along an axis, coarse to fine. Each has every place of the one before."""
MOST_WORK = 2_000_000
"""Weights times points that one loss may take, some milliseconds; of larger training parts, points spread evenly are evaluated."""

MARGIN = 0.3
NARROWEST = 0.6
"""How far beyond the trail is looked, as a share of its length along an axis; the least height of what is shown, as one of its width."""
RANDOM_EXTENT = 1.0
DECADES = 30.0
"""From this ratio of the highest loss to the lowest on, levels are even in the logarithm."""
STREAM = 0x7FFF_FFFE
"""The random numbers of directions: a stream that no run has."""

Directions = Literal["trajectory", "random"]


@dataclass(frozen=True, eq=False)
class Plane:
    """The points ``centre + u directions[0] + v directions[1]`` (``directions`` (2, W)).

    Of the snapshots of steps ``steps`` (m,), ``path`` (m, 2) has the nearest points' (u, v), and ``away`` (m,) how far from the plane they
    are. ``shares`` are those that the two directions have in the snapshots' variance, the mean square distance from their mean: 1 together
    if they all lie in the plane.
    """

    centre: Floats
    directions: Floats
    steps: Integers
    path: Floats
    away: Floats
    shares: tuple[float, float]

    def at(self, u: float, v: float) -> Floats:
        """The weights at a place of the plane."""
        return np.asarray(self.centre + u * self.directions[0] + v * self.directions[1])


@dataclass(frozen=True)
class Frame:
    """What a surface asks of the landscape that it belongs to."""

    domain: Extent
    log_levels: bool
    minima: tuple[StationaryPoint, ...]
    dim: int = 2


@dataclass(frozen=True, eq=False)
class LossPlane:
    """A plane with the loss over it: that of the training part, without penalties, as it is evaluated and not trained."""

    plane: Plane
    surface: Surface


def plane_of(network: Network, snapshots: Snapshots, directions: Directions, seed: int = 0) -> Plane:
    """The plane of a training; snapshots that are not finite are left out. Raises ValueError where none is left."""
    finite = np.isfinite(snapshots.weights).all(axis=1) & (np.abs(snapshots.weights).max(axis=1, initial=0.0) < 1e100)
    if not finite.any():
        raise ValueError("the training diverged before anything was kept of it")
    weights = snapshots.weights[finite].astype(np.float64)
    if directions == "random":
        centre = weights[-1]
        spanning = np.stack([filter_normalised(network, centre, seed, draw) for draw in (0, 1)])
    else:
        centre = weights.mean(axis=0)
        spanning = principal(weights - centre, seed)
    moved = weights - weights.mean(axis=0)
    path = coordinates(weights - centre, spanning)
    away = np.linalg.norm(weights - centre - path @ spanning, axis=1)
    return Plane(centre, spanning, snapshots.steps[finite], path, away, _shares(moved, spanning))


def principal(moved: Floats, seed: int = 0) -> Floats:
    """Two orthonormal directions (2, W) in which the rows of ``moved`` (m, W), whose mean is 0, vary most: the first right singular
    vectors. The last row lies on the positive side of each. Where there is only one such direction, or none, random ones take its place.
    """
    # Of m x m products: there are fewer snapshots than weights.
    sizes, vectors = np.linalg.eigh(moved @ moved.T)
    found: list[Floats] = []
    for k in range(1, 3):
        enough = k <= len(sizes) and sizes[-k] > 1e-12 * max(float(sizes[-1]), 1e-300)
        direction = vectors[:, -k] @ moved if enough else normal_numbers(moved.shape[1], seed, STREAM, 0, k * moved.shape[1])
        for _ in range(2):  # once more for what rounding left
            for other in found:
                direction = direction - (direction @ other) * other
        length = float(np.linalg.norm(direction))
        direction = direction / length if length > 0.0 else direction
        found.append(-direction if moved[-1] @ direction < 0.0 else direction)
    return np.stack(found)


def filter_normalised(network: Network, weights: Floats, seed: int, draw: int) -> Floats:
    """A random direction (W,) in which the incoming weights of each unit are as long as they are in ``weights``; those of biases and batch
    normalisation are 0.
    """
    drawn = normal_numbers(len(weights), seed, STREAM, 1 + draw, 0)
    out = np.zeros(len(weights))
    for part in network.parts:
        if len(part.shape) == 2:
            rows, own = drawn[part.place].reshape(part.shape), weights[part.place].reshape(part.shape)
            lengths = np.linalg.norm(rows, axis=1, keepdims=True)
            scaled = rows * (np.linalg.norm(own, axis=1, keepdims=True) / np.where(lengths > 0.0, lengths, 1.0))
            out[part.place] = scaled.reshape(-1)
    return out


def coordinates(away: Floats, directions: Floats) -> Floats:
    """The (u, v) of the points of the plane that are nearest to ``away`` (m, W) from its centre."""
    return np.asarray(away @ directions.T @ np.linalg.pinv(directions @ directions.T))


def _shares(moved: Floats, directions: Floats) -> tuple[float, float]:
    """What of the variance lies along the first direction, and what along that part of the second which is at right angles to it."""
    whole = float((moved**2).sum())
    first, second = (np.asarray(direction, dtype=np.float64) for direction in directions)
    first = first / (float(np.linalg.norm(first)) or 1.0)
    second = second - (second @ first) * first
    second = second / (float(np.linalg.norm(second)) or 1.0)
    found = [float(((moved @ direction) ** 2).sum()) / whole if whole > 0.0 else 0.0 for direction in (first, second)]
    return found[0], found[1]


def extent_of(plane: Plane, directions: Directions) -> Extent:
    """What is shown of the plane: the trail with a margin; of random directions at least as far as the weights are long."""
    low, high = plane.path.min(axis=0), plane.path.max(axis=0)
    if directions == "random":
        low, high = np.minimum(low, -RANDOM_EXTENT), np.maximum(high, RANDOM_EXTENT)
    width = (high - low) * (1.0 + 2.0 * MARGIN)
    widest = float(width.max()) or 1.0
    middle, half = (low + high) / 2, np.maximum(width, NARROWEST * widest) / 2
    return tuple((float(m - h), float(m + h)) for m, h in zip(middle, half, strict=True))


def loss_planes(problem: Learning, snapshots: Snapshots, directions: Directions, seed: int = 0) -> Iterator[LossPlane | None]:
    """The loss plane, coarse to fine. Between them None, every few milliseconds. Raises ValueError where a training left nothing."""
    network = problem.shape
    plane = plane_of(network, snapshots, directions, seed)
    extent = extent_of(plane, directions)
    train = fewer(problem.parts.train, network, MOST_WORK)
    buffers = snapshots.buffers[int(np.flatnonzero(snapshots.steps == plane.steps[-1])[0])]
    known: Floats | None = None
    for count in RESOLUTIONS:
        x, y = (np.linspace(low, high, count) for low, high in extent)
        losses = np.full((count, count), np.nan)
        if known is not None:
            losses[::2, ::2] = known
        for row in range(count):
            for column in range(count):
                if known is None or row % 2 or column % 2:
                    losses[row, column] = _loss(network, plane.at(x[column], y[row]), buffers, train)
                    yield None
        known = losses
        yield LossPlane(plane, surface_of(cast(Landscape, framed(extent, losses)), x, y, losses))


def framed(extent: Extent, losses: Floats) -> Frame:
    """Levels at round losses: even steps, or where losses differ by decades, as they are above 0, even steps of their logarithm."""
    finite = losses[np.isfinite(losses)]
    wide = bool(finite.size) and float(finite.max()) > DECADES * max(float(finite.min()), 0.0)
    return Frame(extent, wide, (StationaryPoint((0.0, 0.0), 0.0, "global minimum"),) if wide else ())


def _loss(network: Network, weights: Floats, buffers: Floats, train: Dataset) -> float:
    return float(evaluate(network, weights, buffers, train)[0])
