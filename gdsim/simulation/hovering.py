"""Whether a run with noise hovers at its noise floor, which no further steps at this rate would lower."""

from dataclasses import dataclass

import numpy as np

from gdsim.landscapes import Landscape
from gdsim.simulation.noise_floor import Floor, is_noisy, noise_floor
from gdsim.simulation.norm import norm
from gdsim.simulation.path import Path
from gdsim.simulation.scenario import Run

LEVEL = 2.0
"""Largest ratio of the mean losses, above the least, of the last two quarters of a run that hovers."""
NEAR = 4.0
"""The same of the last quarter's and of what theory gives."""


@dataclass(frozen=True, slots=True)
class Hovering:
    """``height`` is the mean loss above the least known over the last quarter, ``floor`` what theory says of it, where it knows."""

    height: float
    floor: Floor | None
    at_floor: bool


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
        return Hovering(float("nan"), floor, False)
    with np.errstate(all="ignore"):
        before, height = float(np.mean(path.gaps[-2 * quarter : -quarter])), float(np.mean(path.gaps[-quarter:]))
        level = height <= LEVEL * before and before <= LEVEL * height
        if floor is not None and np.isfinite(floor.excess):
            level = height <= NEAR * floor.excess
    return Hovering(height, floor, bool(level))
