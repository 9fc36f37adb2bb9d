"""How high above the least loss a run with noise hovers, and what counts as hovering."""

from dataclasses import dataclass

import numpy as np

from gdsim.landscapes import Landscape
from gdsim.simulation.noise_floor import Floor, is_noisy, noise_floor
from gdsim.simulation.norm import norm
from gdsim.simulation.path import Path
from gdsim.simulation.scenario import Run

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
    """``height`` is the mean loss above the least known over the last quarter, ``floor`` what theory says of it, where it knows."""

    height: float
    floor: Floor | None


def hovering(landscape: Landscape, run: Run, path: Path) -> Hovering | None:
    """How high a run with noise ended; None for one without noise."""
    if not is_noisy(landscape, run):
        return None
    minima = landscape.minima
    floor = None
    if minima and bool(np.all(np.isfinite(path.positions[-1]))):
        places = np.array([point.position for point in minima])
        floor = noise_floor(landscape, run, places[int(np.argmin(norm(places - path.positions[-1])))])
    quarter = len(path.gaps) // 4
    with np.errstate(all="ignore"):
        return Hovering(float(np.mean(path.gaps[-quarter:])) if quarter else float("nan"), floor)


def can_scatter(landscape: Landscape, run: Run) -> bool:
    """Whether the loss has to where it hovers: an eddy, and batches in a fixed order, hold a run in a place where it need not."""
    eddy = any(noise.name == "curl" for noise in landscape.noise)
    in_order = landscape.data is not None and not run.shuffle and not run.replacement
    return landscape.motion is not None or not (eddy or in_order)
