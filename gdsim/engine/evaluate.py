"""A landscape's leaves over arrays of points: the surface under a plot, ``Landscape.loss``, the curvature along a path."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdsim.engine import batch, templates
from gdsim.engine.gather import gather
from gdsim.engine.specialise import specialise

Floats = NDArray[np.float64]


NO_DATA: Floats = np.empty((0, 0))
"""What kernels get as the data of a closed form."""


def three_numbers(
    leaf: Callable[..., Any], params: tuple[float, ...], x: ArrayLike, y: ArrayLike, data: Floats | None = None
) -> tuple[Floats, Floats, Floats]:
    """``leaf(x, y, params)``, a triple of numbers, at every point: three arrays of the shape that x and y broadcast to.

    With ``data`` (quantities, points) the leaf gets ``(params, data)`` in the place of ``params``.
    """
    wide_x, wide_y = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
    out = np.empty((3, wide_x.size))
    values_of = templates.parameters if data is None else templates.parameters_and_data
    kernel = specialise(templates.at_points, three_numbers=leaf, values_of=values_of, gather_params=gather(len(params)))
    kernel(wide_x.flatten(), wide_y.flatten(), np.array(params, dtype=np.float64), NO_DATA if data is None else data, out)
    first, second, third = out.reshape((3, *wide_x.shape))
    return first, second, third


def over_points(term: Callable[..., Any], params: tuple[float, ...], data: Floats, x: float, y: float) -> Floats:
    """``term(x, y, (params, data), k)``, the loss of point k and its gradient, for every point: an array (3, points)."""
    out = np.empty((3, data.shape[1]))
    kernel = specialise(batch.each_point, term=term, values_of=templates.parameters_and_data, gather_params=gather(len(params)))
    kernel(float(x), float(y), np.array(params, dtype=np.float64), data, out)
    return out


def over_steps(leaf: Callable[..., Any], params: tuple[float, ...], steps: int, seed: int, stream: int, draw: int) -> Floats:
    """``leaf(params, step, seed, stream, draw)``, a triple of numbers, at steps 1 to ``steps``: an array (3, steps)."""
    out = np.empty((3, steps))
    kernel = specialise(templates.over_steps, three_numbers=leaf, gather_params=gather(len(params)))
    kernel(np.array(params, dtype=np.float64), 1, seed, stream, draw, out)
    return out
