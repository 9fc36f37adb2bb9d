"""What is measured on a finished run before it is judged: lengths in units of the landscape, swings, curvature at the end."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gdsim.landscapes import Landscape
from gdsim.simulation.curvature import Curvature, curvature
from gdsim.simulation.norm import norm

Floats = NDArray[np.float64]

CLOSE = 1e-3
"""Share of the domain's diagonal within which a run counts as arrived, and below which a swing does not count."""
SAMPLES = 256
TURNS = 3
"""Swings to and fro that make an oscillation: a path round one bend turns once or twice."""


@dataclass(frozen=True, eq=False)
class Path:
    """The points of a run: ``positions`` and ``gradients`` (n, dim), ``losses`` (n,). The last one may be infinite or NaN."""

    landscape: Landscape
    positions: Floats
    gradients: Floats
    losses: Floats

    @cached_property
    def unit(self) -> float:
        """A length that is small in this landscape: ``CLOSE`` of the domain's diagonal."""
        return CLOSE * float(norm(np.array([high - low for low, high in self.landscape.domain])))

    @cached_property
    def centre(self) -> Floats:
        return np.array([0.5 * (low + high) for low, high in self.landscape.domain])

    @cached_property
    def least(self) -> float:
        """The least loss known: that of the global minimum, or the least one seen."""
        known = [point.loss for point in self.landscape.minima[:1]]
        return min([*known, float(np.fmin.reduce(self.losses, initial=np.inf))])

    @cached_property
    def gaps(self) -> Floats:
        """Loss above the least one known, shape (n,)."""
        with np.errstate(all="ignore"):
            return self.losses - self.least

    @cached_property
    def growth(self) -> float:
        """The largest gap of the last quarter of the run over the largest of the quarter before; infinite for fewer than 4 points."""
        quarter = len(self.gaps) // 4
        if quarter == 0:
            return math.inf
        with np.errstate(all="ignore"):
            return float(self.gaps[-quarter:].max() / self.gaps[-2 * quarter : -quarter].max())

    @cached_property
    def end(self) -> Curvature:
        """Curvature at the last point."""
        return curvature(self.landscape, self.positions[-1:])

    def sharpest_from(self, first: int) -> float:
        """The largest curvature met inside the domain from point ``first`` on; minus infinity if the run was never inside."""
        halves = np.array([0.5 * (high - low) for low, high in self.landscape.domain])
        chosen = _spread(first, len(self.losses))
        with np.errstate(all="ignore"):
            inside = chosen[np.all(np.abs(self.positions[chosen] - self.centre) <= halves, axis=1)]
        if not len(inside):
            return -math.inf
        return float(np.max(curvature(self.landscape, self.positions[inside]).sharpness))

    @cached_property
    def sharpest_late(self) -> float:
        """The largest curvature met during the second half of the run, or during the whole of it if the second half was outside; where the
        ground never curved upwards on the way, that of the known minimum nearest to the start.
        """
        sharpest = self.sharpest_from(len(self.losses) // 2)
        if sharpest == -math.inf:
            sharpest = self.sharpest_from(0)
        if sharpest > 0.0 or not self.landscape.minima:
            return sharpest
        at = min((np.array([point.position]) for point in self.landscape.minima), key=lambda at: float(norm(at[0] - self.positions[0])))
        return float(curvature(self.landscape, at).sharpness[0])

    def sharpest_across(self, first: int) -> float:
        """The largest curvature of the known minima between the points from ``first`` on; minus infinity if there are none.

        A run that swings across a valley to and fro need never be where it is sharpest.
        """
        late = self.positions[first:]
        low, high = np.min(late, axis=0) - self.unit, np.max(late, axis=0) + self.unit
        between = [point.position for point in self.landscape.minima if np.all((low <= point.position) & (point.position <= high))]
        if not between:
            return -math.inf
        sharpest = curvature(self.landscape, np.array(between)).sharpness
        return float(np.max(sharpest[np.isfinite(sharpest)], initial=-math.inf))

    def turns(self, first: int) -> int:
        """How often the run turned back from point ``first`` on, counting swings longer than ``unit`` along either axis of curvature."""
        columns = self.positions[first:].T
        axes = self.end.directions[-1]
        # Written out: a product of a long thin array with a matrix of 2 x 2 takes a hundred times as long.
        return max(_turns(sum(part * column for part, column in zip(axis, columns, strict=True)), self.unit) for axis in axes)

    @cached_property
    def typical_slope(self) -> float:
        """Median gradient norm over the domain: what counts as steep here."""
        axes = [np.linspace(low, high, 17) for low, high in self.landscape.domain]
        grid = np.meshgrid(*axes)
        return float(np.median(norm(self.landscape.gradient(*grid))))


def _spread(first: int, end: int) -> NDArray[np.intp]:
    """At most ``SAMPLES`` indices from ``first`` to ``end - 1``, evenly, with the last one among them."""
    return np.unique(np.linspace(first, end - 1, min(SAMPLES, end - first)).astype(np.intp))


def _turns(path: Floats, least: float) -> int:
    moves = np.diff(path)
    moves = moves[moves != 0.0]
    if not len(moves):
        return 0
    starts = np.concatenate(([0], np.flatnonzero(np.diff(np.sign(moves))) + 1))
    swings = np.abs(np.add.reduceat(moves, starts))
    return max(0, int(np.count_nonzero(swings > least)) - 1)
