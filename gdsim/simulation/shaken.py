"""Whether runs that noise shakes hover, creep or swing: by samples of the last half of their way.

It takes up where the rules for runs that nothing shakes leave off (``sweep_verdict``). Everything is beside the landscape at rest.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.engine import assess
from gdsim.landscapes import Landscape
from gdsim.simulation.curvature import Curvature, curvature
from gdsim.simulation.hovering import LEVEL, NEAR, SPREAD, SWUNG, TREND, can_scatter
from gdsim.simulation.moments import Moments
from gdsim.simulation.noise_floor import is_known, theory_of
from gdsim.simulation.scenario import Run

Floats = NDArray[np.float64]
Chosen = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Late:
    """Samples of the last two quarters of n ways, as many of each, at ``steps``: ``positions`` (k, 2, n) and ``losses`` (k, n)."""

    steps: tuple[int, ...]
    positions: Floats
    losses: Floats

    @classmethod
    def of(cls, looked: Moments, ways: Floats, losses: Floats) -> "Late":
        """Of ``ways`` (m, 2, n) and ``losses`` (m, n) at all moments those."""
        chosen = list(looked.samples)
        return cls(tuple(looked.steps[k] for k in chosen), ways[chosen], losses[chosen])

    @property
    def quarter(self) -> int:
        """Samples of a quarter."""
        return len(self.steps) // 2

    @property
    def times(self) -> Floats:
        """The steps of a quarter's samples."""
        return np.array(self.steps[: self.quarter], dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Shaken:
    """n runs like ``run`` on a ``landscape``, of which run i went over ``grounds[ground[i]]``, which is at rest; ``least`` (n,) is the
    least loss known, ``diverged`` (n,) tells which the engine ended as such.

    ``hyper`` holds a number, or n of them, for every setting of the optimizer; ``clipped`` says that clipping is among what differs;
    ``squares`` (n,) are the variances of Gaussian noise, ``factor`` (n,) is the scale of the loss at the end.
    """

    landscape: Landscape
    run: Run
    grounds: Sequence[Landscape]
    ground: Chosen
    least: Floats
    diverged: NDArray[np.bool_]
    hyper: Mapping[str, Any]
    squares: Floats
    factor: Floats
    clipped: bool = False

    @property
    def dim(self) -> int:
        return self.landscape.dim

    def numbers(self, name: str, chosen: Chosen) -> Floats:
        """A setting of the chosen runs."""
        return np.broadcast_to(np.asarray(self.hyper[name], dtype=np.float64), len(self.ground))[chosen]

    def alike(self, chosen: Chosen, *columns: Floats) -> Iterable[tuple[Chosen, list[float]]]:
        """Cuts the chosen runs into those with the same ground and the same numbers in ``columns``: where they are, and the numbers."""
        whole = np.array([self.ground[chosen], *columns])
        if not whole.size or np.all(whole == whole[:, :1]):
            return [(np.arange(len(chosen)), whole[:, 0].tolist())] if len(chosen) else []
        several, which = np.unique(whole, axis=1, return_inverse=True)
        return [(np.flatnonzero(which.ravel() == k), numbers) for k, numbers in enumerate(several.T.tolist())]


def settle(runs: Shaken, late: Late, verdict: NDArray[np.int8]) -> None:
    """Finds, in ``verdict``, the runs that noise holds up, and those that it turns to and fro while they creep."""
    if not late.steps:
        return
    thrown = (verdict == assess.DIVERGED) & ~runs.diverged
    chosen = np.flatnonzero(np.isin(verdict, (assess.TOO_SLOW, assess.OVERSHOOTING)) | thrown)
    if not len(chosen):
        return
    half, times = late.quarter, late.times
    with np.errstate(all="ignore"):
        losses = late.losses[:, chosen]
        gaps = losses - np.fmin(runs.least[chosen], np.fmin.reduce(losses))
        before, height = _mean(gaps[:half]), _mean(gaps[half:])
        scatter = np.maximum(_scatter(times, gaps[:half]), _scatter(times, gaps[half:]))
        steady = (np.abs(before - height) <= TREND * scatter) & (height <= LEVEL * before) & (before <= LEVEL * height)
        steady &= (scatter >= SPREAD * height) | (not can_scatter(runs.landscape, runs.run))
        floor, limit = _floors(runs, chosen, late.positions[-1][:, chosen])
        known = np.isfinite(floor)
        at_floor = np.where(known, height <= NEAR * floor, steady)
        behind = known | (before - height > TREND * scatter) | (runs.landscape.motion is not None)
        creeps = ~at_floor & behind & ~(_swings(runs, late, chosen) >= SWUNG * height)
        # Beyond the limit it would not come to rest without noise either.
        limit = np.where(np.isnan(limit), _limit(runs, late, chosen), limit)
        beyond = runs.numbers("learning_rate", chosen) > limit
    # One that has grown, but only to its floor, began closer to the minimum than noise lets it stay.
    held = at_floor & (known | ~thrown[chosen])
    verdict[chosen[creeps & ~thrown[chosen]]] = assess.TOO_SLOW
    verdict[chosen[held]] = np.where(beyond[held], assess.OVERSHOOTING, assess.NOISE_LIMITED)


def _floors(runs: Shaken, chosen: Chosen, ends: Floats) -> tuple[Floats, Floats]:
    """What theory says of the chosen runs' height, and of the limit in the mean square; NaN where it says nothing."""
    floor, limit = np.full(len(chosen), np.nan), np.full(len(chosen), np.nan)
    if runs.clipped or not is_known(runs.landscape, runs.run):
        return floor, limit
    nearest = np.zeros(len(chosen))
    for k, landscape in enumerate(runs.grounds):
        (own,) = np.nonzero(runs.ground[chosen] == k)
        minima = [np.array(minimum.position)[:, np.newaxis] for minimum in landscape.minima]
        away = [_sum(np.square(ends[: runs.dim, own] - at)) for at in minima]
        nearest[own] = np.argmin(away, axis=0) if away else -1.0
    nearest[~np.all(np.isfinite(ends), axis=0) | (runs.numbers("weight_decay", chosen) != 0.0)] = -1.0
    columns = (runs.numbers(name, chosen) for name in ("momentum", "dampening", "nesterov"))
    for own, (index, place, momentum, dampening, nesterov) in runs.alike(chosen, nearest, *columns):
        if place < 0.0:
            continue
        landscape = runs.grounds[int(index)]
        at = np.array(landscape.minima[int(place)].position)
        theory = theory_of(landscape, runs.run, at, (momentum, dampening, bool(nesterov)))
        if theory is not None:
            given = np.array([runs.numbers("learning_rate", chosen[own]), runs.squares[chosen[own]]])
            several, which = np.unique(given, axis=1, return_inverse=True)
            excess, _ = theory.floors(*several)
            floor[own] = excess[which.ravel()]
            limit[own] = np.where(np.isnan(floor[own]), np.nan, np.nan if theory.limit is None else theory.limit)
    return floor, limit


def _limit(runs: Shaken, late: Late, chosen: Chosen) -> Floats:
    """The largest stable learning rate by the largest curvature met in the last quarter inside the domain; NaN where theory knows none."""
    limit, product = np.full(len(chosen), np.nan), runs.run.method.stable_product
    if product is None or runs.run.schedule is not None:
        return limit
    low, high = np.array(runs.landscape.domain).T[:, np.newaxis, :, np.newaxis]
    names = [name for name in runs.hyper if name not in ("learning_rate", "weight_decay")]
    for own, (index, *numbers) in runs.alike(chosen, *(runs.numbers(name, chosen) for name in names)):
        here = chosen[own]
        met = late.positions[late.quarter :, : runs.dim, here]
        inside = np.all((low <= met) & (met <= high), axis=1)
        sharpest = np.where(inside, _curvature(runs.grounds[int(index)], met).sharpness.reshape(inside.shape), -np.inf)
        sharpness = runs.factor[here] * np.fmax.reduce(sharpest)
        if "weight_decay" in runs.hyper:
            sharpness = sharpness + runs.numbers("weight_decay", here)
        stable = product({**runs.run.settings, **dict(zip(names, numbers, strict=True))})
        limit[own] = np.where((sharpness > 0.0) & np.isfinite(sharpness), stable / sharpness, np.nan)
    return limit


def _swings(runs: Shaken, late: Late, chosen: Chosen) -> Floats:
    """What the scatter of the positions in the last quarter costs by the curvature where each of the chosen runs ended."""
    ends = _curvatures(runs, late.positions[-1:], chosen)
    lines = _along(runs, late.positions[late.quarter :], chosen)
    return _sum(0.5 * np.abs(ends.eigenvalues[:, k]) * _scatter(late.times, line) ** 2 for k, line in enumerate(lines))


def _along(runs: Shaken, positions: Floats, chosen: Chosen) -> list[Floats]:
    """The chosen runs' ``positions`` (k, 2, n) along each axis of curvature at their end: (k, m)."""
    axes = _curvatures(runs, positions[-1:], chosen).directions
    with np.errstate(all="ignore"):
        return [_sum(axes[:, k, i] * positions[:, i, chosen] for i in range(runs.dim)) for k in range(runs.dim)]


def _curvatures(runs: Shaken, ends: Floats, chosen: Chosen) -> Curvature:
    """The curvature where each of the chosen runs ended; ``ends`` (1, 2, n)."""
    values, axes = np.empty((len(chosen), runs.dim)), np.empty((len(chosen), runs.dim, runs.dim))
    for own, (index, *_) in runs.alike(chosen):
        found = _curvature(runs.grounds[int(index)], ends[:, : runs.dim, chosen[own]])
        values[own], axes[own] = found.eigenvalues, found.directions
    return Curvature(values, axes)


def _curvature(landscape: Landscape, positions: Floats) -> Curvature:
    """At positions (k, dim, m), as k m points."""
    points = np.moveaxis(positions, 1, 2).reshape(-1, positions.shape[1])
    return curvature(landscape, points)


def _sum(parts: Iterable[Floats]) -> Floats:
    """One after the other, so that no run's sum depends on how many others there are."""
    return reduce(np.add, parts)


def _mean(rows: Floats) -> Floats:
    return _sum(rows) / len(rows)


def _scatter(times: Floats, values: Floats) -> Floats:
    """Standard deviation of the columns of ``values`` (k, n) about straight lines."""
    apart, centred = values - _mean(values), (times - np.mean(times))[:, np.newaxis]
    square = float(np.sum(centred * centred))
    slope = _sum(centred * apart) / square if square > 0.0 else 0.0
    return np.asarray(np.sqrt(_mean(np.square(apart - centred * slope))))
