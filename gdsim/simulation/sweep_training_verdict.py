"""What became of many trainings at once, by the rules of ``training_verdict`` for trainings of which each step saw all points."""

import math

import numpy as np
from numpy.typing import NDArray

from gdsim.networks.dataset import Dataset
from gdsim.networks.learn import classes_of
from gdsim.networks.network import Network
from gdsim.simulation.training_verdict import FALLING, GUESS, ROUNDING, SWING, THROWN, TO_COME
from gdsim.simulation.verdict import Outcome

Floats = NDArray[np.float64]
Taken = NDArray[np.int64]


def judge_many(losses: Floats, taken: Taken, diverged: NDArray[np.bool_], scores: Floats, guess: float) -> NDArray[np.object_]:
    """The outcomes (n,) of trainings by their ``losses`` (n, steps + 1), of which ``taken`` + 1 were seen, and ``scores`` (n,)."""
    out = np.full(len(losses), Outcome.DIVERGED, dtype=object)
    for steps in np.unique(taken[~diverged]):
        rows = np.flatnonzero((taken == steps) & ~diverged)
        out[rows] = _of_one_length(losses[rows, : steps + 1], scores[rows], guess)
    return out


def _of_one_length(losses: Floats, scores: Floats, guess: float) -> NDArray[np.object_]:
    count = losses.shape[1]

    def mean(low: float, high: float) -> Floats:
        first = min(int(low * count), count - 1)
        return np.asarray(np.mean(losses[:, first : max(int(high * count), first + 1)], axis=1))

    with np.errstate(all="ignore"):
        begun, end = losses[:, 0], mean(7 / 8, 1.0)
        way = begun - np.fmin.reduce(losses, axis=1)
        late = mean(5 / 8, 6 / 8)
        late_fall, before = late - end, mean(3 / 8, 4 / 8) - late
        to_come = (late_fall >= before) | (late_fall**2 / (before - late_fall) > TO_COME * way)
        falling = (late_fall > FALLING * way) & to_come
        tail = losses[:, count // 2 :]
        climb = np.max(tail - np.minimum.accumulate(tail, axis=1), axis=1)
        rounding = ROUNDING * np.abs(begun)
        swings = climb > np.maximum(np.maximum(mean(4 / 8, 5 / 8) - end, SWING * way), rounding)
        thrown = ~np.all(np.isfinite(losses), axis=1) | (end > THROWN * np.abs(begun))
    cases = (
        (thrown, Outcome.DIVERGED),
        (swings, Outcome.OVERSHOOTING),
        ((way <= rounding) | falling, Outcome.TOO_SLOW),
        (scores <= guess + GUESS, Outcome.PLATEAU),
    )
    out = np.full(len(losses), Outcome.CONVERGED, dtype=object)
    for holds, outcome in reversed(cases):
        out[holds] = outcome
    return out


def scores_of(network: Network, outputs: NDArray[np.float64], data: Dataset) -> Floats:
    """Share of points whose class is found, or R^2 (n,), of networks with ``outputs`` (n, points, outputs): those of
    ``gdsim.networks.learn``.
    """
    lost = np.isnan(outputs).any(axis=(1, 2))
    if data.is_classification:
        found = np.array([classes_of(network, said) for said in outputs])
        return np.where(lost, np.nan, np.mean(found == data.targets, axis=1))
    targets = data.targets.reshape(len(data), -1)
    shares = []
    for column in range(targets.shape[1]):
        wanted = targets[:, column]
        with np.errstate(all="ignore"):
            errors = (wanted - outputs[:, :, column].astype(np.float64)) ** 2
            spread = math.fsum((wanted - math.fsum(wanted) / len(wanted)) ** 2)
        lost = lost | ~np.all(np.isfinite(errors), axis=1)
        sums = [math.nan if gone else math.fsum(row) for gone, row in zip(lost.tolist(), errors.tolist(), strict=True)]
        shares.append(1.0 - np.array(sums) / spread if spread > 0.0 else np.full(len(outputs), np.nan))
    return np.where(lost, np.nan, sum(shares) / len(shares))
