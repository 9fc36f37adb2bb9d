"""Whether runs of a sweep with noise hover, creep or swing: the recorded run's rule (``hovering``), from samples of the end of every way.

Where theory knows how high a noise floor is, the recorded run asks it. Here it is asked only whether there is one: its height would be
another one for every run.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdsim.engine import assess
from gdsim.landscapes import Landscape
from gdsim.simulation.hovering import LEVEL, SPREAD, SWUNG, TREND
from gdsim.simulation.norm import norm
from gdsim.simulation.path import CLOSE
from gdsim.simulation.sweep_verdict import Judged

Floats = NDArray[np.float64]

SAMPLES = 32
"""Points of each of the last two quarters of a way, evenly; of shorter ones all."""


def late_marks(steps: int) -> tuple[int, ...]:
    """The steps after which samples are taken: of the last quarter but one, then as many of the last; none where there are no quarters."""
    quarter = (steps + 1) // 4
    if quarter == 0:
        return ()
    within = np.unique(np.linspace(0, quarter - 1, min(SAMPLES, quarter)).astype(int))
    first = steps + 1 - 2 * quarter
    return (*(first + within).tolist(), *(first + quarter + within).tolist())


@dataclass(frozen=True, eq=False)
class Late:
    """Samples of n ways at ``marks``: ``positions`` (k, 2, n) and ``losses`` (k, n), beside a landscape that stands still."""

    marks: tuple[int, ...]
    positions: Floats
    losses: Floats


@dataclass(frozen=True, eq=False)
class Terrain:
    """What n runs went over: run i ``grounds[ground[i]]``, at rest, whose least loss known is ``least[i]``. What is not at its
    floor there is ``behind``, or only if it still falls; and the loss ``scatters`` where a run hovers, or not.
    """

    grounds: Sequence[Landscape]
    ground: NDArray[np.intp]
    least: Floats
    behind: bool
    scatters: bool


def settle(terrain: Terrain, late: Late, converged: NDArray[np.bool_], judged: Judged) -> None:
    """Puts right, in ``judged``, which of the runs that have not ``converged`` within their tolerance hover at their noise floor, creep or
    swing.
    """
    if not late.marks:
        return
    judged.verdict[_passing_by(terrain, late, judged) & ~converged] = assess.TOO_SLOW
    chosen = np.flatnonzero(np.isin(judged.verdict, (assess.TOO_SLOW, assess.OVERSHOOTING)))
    if not len(chosen):
        return
    half = len(late.marks) // 2
    times = np.array(late.marks[:half], dtype=np.float64)
    with np.errstate(all="ignore"):
        losses = late.losses[:, chosen]
        gaps = losses - np.minimum(terrain.least[chosen], np.fmin.reduce(losses))
        before, height = np.mean(gaps[:half], axis=0), np.mean(gaps[half:], axis=0)
        scatter = np.maximum(_scatter(times, gaps[:half]), _scatter(times, gaps[half:]))
        steady = (np.abs(before - height) <= TREND * scatter) & (height <= LEVEL * before) & (before <= LEVEL * height)
        at_floor = steady & ((scatter >= SPREAD * height) | (not terrain.scatters))
        behind = (before - height > TREND * scatter) | terrain.behind
        swings = _height_of_swings(terrain.grounds, terrain.ground[chosen], times, late.positions[half:, :, chosen])
        creeps = ~at_floor & behind & ~(swings >= SWUNG * height)
    verdict = judged.verdict[chosen]
    verdict[creeps] = assess.TOO_SLOW
    verdict[at_floor] = assess.NOISE_LIMITED
    judged.verdict[chosen] = verdict


def _passing_by(terrain: Terrain, late: Late, judged: Judged) -> NDArray[np.bool_]:
    """Which runs ended at a stationary point but were not there for the whole last twentieth of their way."""
    settled = np.isin(judged.verdict, (assess.CONVERGED, assess.LOCAL_MINIMUM, assess.SADDLE))
    first = late.marks[-1] + 1 - max(1, (late.marks[-1] + 1) // 20)
    tail = late.positions[np.array(late.marks) >= first]
    centre = tail[-1].copy()
    for index, landscape in enumerate(terrain.grounds):
        own = (terrain.ground == index) & (judged.minimum >= 0)
        if np.any(own):
            known = np.array([minimum.position for minimum in landscape.minima])[judged.minimum[own]]
            centre[: landscape.dim, own] = known.T
    unit = CLOSE * float(norm(np.array([high - low for low, high in terrain.grounds[0].domain])))
    with np.errstate(all="ignore"):
        return np.asarray(settled & (np.max(np.sum(np.square(tail - centre), axis=1), axis=0) > unit * unit))


def _scatter(times: Floats, values: Floats) -> Floats:
    """Standard deviation of the columns of ``values`` (k, n) about straight lines."""
    return np.asarray(np.sqrt(np.mean(np.square(_level(times, values)), axis=0)))


def _level(times: Floats, values: Floats) -> Floats:
    apart = values - np.mean(values, axis=0)
    centred = times - np.mean(times)
    square = float(np.sum(centred * centred))
    slope = np.tensordot(centred, apart, 1) / square if square > 0.0 else np.zeros(values.shape[1:])
    return np.asarray(apart - centred.reshape(-1, *(1,) * (values.ndim - 1)) * slope)


def _height_of_swings(grounds: Sequence[Landscape], ground: NDArray[np.intp], times: Floats, positions: Floats) -> Floats:
    """What the scatter of the ``positions`` (k, 2, n) costs by the curvature where each run ended."""
    heights = np.empty(len(ground))
    for index in np.unique(ground):
        own, landscape = ground == index, grounds[index]
        level = _level(times, positions[:, : landscape.dim, own])
        covariance = np.einsum("kin,kjn->nij", level, level) / len(times)
        hessian = landscape.hessian(*positions[-1, : landscape.dim, own].T)
        finite = np.all(np.isfinite(hessian), axis=(1, 2)) & np.all(np.isfinite(covariance), axis=(1, 2))
        values, vectors = np.linalg.eigh(np.where(finite[:, None, None], hessian, 0.0))
        along = np.einsum("nik,nij,njk->nk", vectors, covariance, vectors)
        heights[own] = np.where(finite, 0.5 * np.sum(np.abs(values) * along, axis=1), np.nan)
    return heights
