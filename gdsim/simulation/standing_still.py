"""A run down a landscape that moves, seen from a place that moves with it: there it stands still, and the rules for runs hold."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gdsim.engine.evaluate import Floats, over_steps
from gdsim.landscapes import Landscape
from gdsim.landscapes.motion import DRAW

if TYPE_CHECKING:
    from gdsim.simulation.trajectory import Steps


def whereabouts(landscape: Landscape, steps: int, seed: int, stream: int = 0) -> Floats:
    """Where the landscape stands at steps 1 to ``steps``: rows offset in x, offset in y and factor of the loss, (3, steps)."""
    if landscape.motion is None:
        return np.stack((np.zeros(steps), np.zeros(steps), np.ones(steps)))
    return over_steps(landscape.motion.place, landscape.motion.values, steps, seed, stream, DRAW)


def standing_still(landscape: Landscape, steps: "Steps", seed: int, stream: int) -> "tuple[Steps, float]":
    """The ``steps`` of a whole run as they are beside the landscape at rest, and the factor of its loss at the end.

    Positions are relative to the optimum's, losses and gradients are divided by the factor; the rest stays as recorded.
    """
    if landscape.motion is None:
        return steps, 1.0
    offset_x, offset_y, factor = whereabouts(landscape, len(steps.losses), seed, stream)
    offsets = np.stack((offset_x, offset_y)[: landscape.dim], axis=1)
    with np.errstate(all="ignore"):
        beside = replace(
            steps,
            positions=steps.positions - offsets,
            losses=steps.losses / factor,
            gradients=steps.gradients / factor[:, np.newaxis],
        )
    return beside, float(factor[-1])
