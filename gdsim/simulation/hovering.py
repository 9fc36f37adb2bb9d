"""Whether a run with noise hovers at its noise floor, which no further steps at this rate would lower."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdsim.landscapes import Landscape
from gdsim.simulation.noise_floor import Floor, is_noisy, noise_floor
from gdsim.simulation.norm import norm
from gdsim.simulation.path import Path
from gdsim.simulation.scenario import Run

Floats = NDArray[np.float64]

LEVEL = 3.0
"""Largest ratio of the mean losses, above the least, of the last two quarters of a run that hovers."""
NEAR = 4.0
"""The same of the last quarter's and of what theory gives."""
TREND = 2.0
"""Most by which the mean loss of a run that hovers differs between these quarters, in units of its scatter within one."""
SPREAD = 0.1
"""Least scatter of the loss, as a share of its height, where noise is what keeps it up: near a minimum they are about equal."""
SWUNG = 0.5
"""Share of the height from which on it is swings that make it, and not a way still to go."""


@dataclass(frozen=True, slots=True)
class Hovering:
    """``height`` is the mean loss above the least known over the last quarter, ``floor`` what theory says of it, where it knows.

    A run that is not ``at_floor`` creeps if it still falls by more than its loss scatters, if theory says that it could fall on, or if it
    follows a landscape that moves; unless its height is that of swings, which grow smaller.
    """

    height: float
    floor: Floor | None
    at_floor: bool
    creeps: bool

    @property
    def at_known_floor(self) -> bool:
        """Whether it is theory that says so."""
        return self.at_floor and self.floor is not None and bool(np.isfinite(self.floor.excess))


def hovering(landscape: Landscape, run: Run, path: Path) -> Hovering | None:
    """How a run with noise ended; None for one without noise."""
    if not is_noisy(landscape, run):
        return None
    minima = landscape.minima
    floor = None
    if minima and bool(np.all(np.isfinite(path.positions[-1]))):
        places = np.array([point.position for point in minima])
        floor = noise_floor(landscape, run, places[int(np.argmin(norm(places - path.positions[-1])))])
    quarter = len(path.gaps) // 4
    if quarter == 0:
        return Hovering(float("nan"), floor, at_floor=False, creeps=False)
    with np.errstate(all="ignore"):
        late = path.gaps[-quarter:]
        before, height = float(np.mean(path.gaps[-2 * quarter : -quarter])), float(np.mean(late))
        scatter = max(_scatter(path.gaps[-2 * quarter : -quarter]), _scatter(late))
        falls = before - height > TREND * scatter
        if floor is not None and np.isfinite(floor.excess):
            at_floor, behind = height <= NEAR * floor.excess, True
        else:
            steady = abs(before - height) <= TREND * scatter and height <= LEVEL * before and before <= LEVEL * height
            at_floor = steady and (scatter >= SPREAD * height or not can_scatter(landscape, run))
            behind = landscape.motion is not None
        creeps = not at_floor and (falls or behind) and not _height_of_swings(path, quarter) >= SWUNG * height
    return Hovering(height, floor, bool(at_floor), bool(creeps))


def _scatter(values: Floats) -> float:
    """Standard deviation about a straight line."""
    times = np.arange(len(values)) - 0.5 * (len(values) - 1)
    apart = values - np.mean(values)
    square = float(np.sum(times * times))
    slope = float(np.sum(times * apart)) / square if square > 0.0 else 0.0
    return float(np.sqrt(np.mean(np.square(apart - slope * times))))


def can_scatter(landscape: Landscape, run: Run) -> bool:
    """Whether the loss has to where it hovers: an eddy, and batches in a fixed order, hold a run in a place where it need not."""
    eddy = any(noise.name == "curl" for noise in landscape.noise)
    in_order = landscape.data is not None and not run.shuffle and not run.replacement
    return landscape.motion is not None or not (eddy or in_order)


def _height_of_swings(path: Path, quarter: int) -> float:
    """What the scatter of the last quarter's positions costs by the curvature at the end."""
    curves, axes = np.abs(path.tail.eigenvalues[-1]), path.tail.directions[-1]
    columns = path.positions[-quarter:].T
    along = [sum(part * column for part, column in zip(axis, columns, strict=True)) for axis in axes]
    return float(sum(0.5 * curve * _scatter(line) ** 2 for curve, line in zip(curves, along, strict=True)))
