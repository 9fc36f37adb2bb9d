"""The ground under the picture: a landscape's loss over a rectangle, with level lines. CONTRACT; the body is being written."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdsim.landscapes import Landscape

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Surface:
    """``losses`` (ny, nx) over ``x`` (nx,) and ``y`` (ny,); for a curve ``losses`` (nx,) and y is empty.

    ``shades`` has the shape of ``losses`` and lies in [0, 1]: what is coloured (logarithmic where that reads better, robust to spikes).
    ``levels`` are losses; ``lines[k]`` the polylines of level k, each (n, 2).
    """

    landscape: Landscape
    x: Floats
    y: Floats
    losses: Floats
    shades: Floats
    levels: tuple[float, ...]
    lines: tuple[tuple[Floats, ...], ...]


def survey(landscape: Landscape, resolution: int = 384) -> Surface:
    """The surface over the landscape's domain."""
    raise NotImplementedError
