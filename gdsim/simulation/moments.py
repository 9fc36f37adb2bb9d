"""The moments of a run at which its verdict looks: the same for one that is recorded as for one of very many, which keeps no others."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np

from gdsim.landscapes import Landscape
from gdsim.simulation.noise_floor import is_noisy
from gdsim.simulation.scenario import Run

SAMPLES = 8
"""Moments of each of the last two quarters of a run, one from each equal part; of shorter ones all."""
NOISY_SAMPLES = 32
"""As many for runs with noise, whose scatter is asked for, too."""
GOLDEN = 0.6180339887498949
ENDING = 5
"""The last moments, one after the other: as many as show an oscillation that has only just begun."""


@dataclass(frozen=True)
class Moments:
    """Steps in ascending order, from 0, the start, to the last.

    ``late``, ``quarter`` and ``tail`` are the places in ``steps`` of the first one of the last two quarters of the run, of its last quarter
    (as many as there are where a run has no quarters) and of its last twentieth. ``samples`` are the places of those of the last two
    quarters that stand for equal parts, as many of each quarter.
    """

    steps: tuple[int, ...]
    late: int
    quarter: int
    tail: int
    samples: tuple[int, ...]

    @cached_property
    def legs(self) -> tuple[int, ...]:
        """The steps that lead to each moment, none to the first."""
        return tuple(after - before for before, after in pairwise((0, *self.steps)))

    @property
    def cuts(self) -> tuple[int, int, int]:
        """``late``, ``quarter`` and ``tail``."""
        return self.late, self.quarter, self.tail


@lru_cache(maxsize=1024)
def moments(steps: int, samples: int) -> Moments:
    """Those of a run of so many steps, with so many samples of each of its last two quarters."""
    points = steps + 1
    quarter, tail = points // 4, points - max(1, points // 20)
    if quarter == 0:
        return Moments(tuple(range(points)), points // 2, points, tail, ())
    parts = np.arange(min(samples, quarter))
    edges = np.linspace(0, quarter, len(parts) + 1).astype(int)
    # Were they as far apart, they would all lie on one side of a valley that a run swings across.
    within = edges[:-1] + (parts * GOLDEN % 1.0 * np.diff(edges)).astype(int)
    within[-1] = quarter - 1
    first, last = points - 2 * quarter, points - quarter
    chosen = np.concatenate((first + within, last + within))
    seen = np.unique([0, *chosen, tail, *range(points - min(ENDING, points), points)])
    late, begin, end = np.searchsorted(seen, [first, last, tail])
    return Moments(tuple(seen.tolist()), int(late), int(begin), int(end), tuple(np.searchsorted(seen, chosen).tolist()))


def moments_of(landscape: Landscape, run: Run, steps: int) -> Moments:
    """Those of a ``run`` of so many steps."""
    return moments(steps, NOISY_SAMPLES if is_noisy(landscape, run) else SAMPLES)
