"""What times to goals say: performance profiles, and one number for each optimizer."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RESAMPLES = 1000
FURTHEST = 4.0
"""Beyond this ratio a time counts as a miss in the score, as in AlgoPerf."""


def ratios(times: Floats) -> Floats:
    """Times (entries, problems) over the least of each problem; a miss is infinite, and so is what nobody reached."""
    least = np.min(np.maximum(times, 1.0), axis=0)
    with np.errstate(invalid="ignore"):
        found: Floats = np.where(np.isfinite(times), np.maximum(times, 1.0) / least, np.inf)
    return found


def profile(times: Floats, taus: Floats) -> Floats:
    """The share of problems that each entry solves within ``tau`` times the best time, (entries, taus) (Dolan and More, 2002, Mathematical
    Programming 91:201-213).
    """
    found: Floats = np.mean(ratios(times)[:, :, None] <= taus, axis=1)
    return found


def score(times: Floats, furthest: float = FURTHEST) -> Floats:
    """The mean height of the profile over the ratios 1 to ``furthest``, (entries,): the score B of AlgoPerf (Dahl et al., 2023,
    arXiv:2306.07179). A problem adds what is left of the interval after the ratio, so the integral is a sum.
    """
    left = np.maximum(0.0, furthest - ratios(times)) / (furthest - 1.0)
    found: Floats = np.mean(left, axis=1)
    return found


def score_intervals(all_times: Floats) -> Floats:
    """The 95 % intervals (entries, 2) of the scores of the medians of ``all_times`` (entries, problems, seeds): how much they owe to the
    seeds. By the bootstrap's percentiles (Efron, 1979, Ann. Stat. 7:1-26); of a problem, all entries have the same seeds drawn again.
    """
    draw = np.random.Generator(np.random.Philox(0))
    _, problems, seeds = all_times.shape
    found = []
    for _ in range(RESAMPLES):
        again = draw.integers(seeds, size=(1, problems, seeds))
        found.append(score(np.median(np.take_along_axis(all_times, again, axis=2), axis=2)))
    return np.quantile(found, (0.025, 0.975), axis=0).T
