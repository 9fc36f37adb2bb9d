"""A gradient check of what Python hands over: a landscape, or a function and where to look at it. What came of it, in words."""

from typing import Any

import numpy as np

from gdsim.harness.course import gradient_at
from gdsim.harness.gradient_check import Judged, check_gradient
from gdsim.harness.gradient_targets import slope_of
from gdsim.landscapes import Landscape

POINTS = 40


def judged(function: Any, at: Any = None) -> Judged:
    """Checks a landscape, by its name, as a formula or as a record, at points drawn from its domain unless ``at`` has others; or
    ``function(weights) -> (loss, gradient)`` at ``at``, a point (n,) or several (m, n). Raises TargetError, and ValueError for bad points.
    """
    if isinstance(function, str) and at is None:
        return slope_of(function).judged()
    if isinstance(function, Landscape) and at is None:
        low, high = np.array(function.domain, dtype=np.float64).T
        at = np.vstack([function.start, np.random.default_rng(0).uniform(low, high, (POINTS, function.dim))])
    if at is None:
        raise ValueError("a function needs points to be looked at: at=(1.0, 2.0), or an array with a row a point")
    points = np.atleast_2d(np.asarray(at, dtype=np.float64))
    if points.ndim != 2 or points.size == 0:
        raise ValueError(f"found points of shape {points.shape}; allowed: (n,) for one, (m, n) for several")
    reach = 1e-2 * np.maximum(np.abs(points).max(axis=0), 0.1)
    if isinstance(function, Landscape):
        landscape = function
        return check_gradient(
            lambda weights: float(landscape.loss(*weights)), lambda weights: gradient_at(landscape, weights), points, reach
        )
    if not callable(function):
        raise ValueError(f"found {type(function).__name__}; allowed: a landscape, or a function(weights) -> (loss, gradient)")
    return check_gradient(
        lambda weights: function(weights.copy())[0],
        lambda weights: np.asarray(function(weights.copy())[1], dtype=np.float64).reshape(-1),
        points,
        reach,
    )


def sentence(found: Judged) -> str:
    """Where the gradient is farthest off, with both numbers."""
    place = ", ".join(f"{weight:.6g}" for weight in found.point)
    return (
        f"at ({place}) part {found.part + 1} of the gradient is {found.claimed:.9g}, but the loss says {found.measured:.9g} "
        f"(by {found.by}; {found.points} points were looked at)"
    )
