"""What a formula looks like, while it is typed: a coarse picture long before anything is compiled."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdsim.landscapes.formula.evaluate import evaluate
from gdsim.landscapes.formula.parsing import parse

Floats = NDArray[np.float64]
Domain = tuple[tuple[float, float], ...]

USUAL = (-5.0, 5.0)


@dataclass(frozen=True, eq=False)
class Preview:
    """``losses`` (ny, nx) over ``x`` (nx,) and ``y`` (ny,); for a curve ``losses`` (nx,), and y is empty.

    Infinities and NaN are left as they come.
    """

    dim: int
    x: Floats
    y: Floats
    losses: Floats


def preview(text: str, parameters: Mapping[str, float] | None = None, domain: Domain | None = None, resolution: int = 64) -> Preview:
    """The formula on a grid of ``resolution`` points an axis (a curve: 8 times as many), by NumPy. Raises FormulaError."""
    parsed = parse(text)
    parsed.require(parameters or {})
    intervals = domain or (USUAL,) * parsed.dim
    if parsed.dim == 1:
        x, y = np.linspace(*intervals[0], 8 * resolution), np.empty(0)
        grid = x, np.zeros_like(x)
    else:
        x, y = (np.linspace(*interval, resolution) for interval in intervals)
        wide_x, wide_y = np.meshgrid(x, y)
        grid = wide_x, wide_y
    (losses,) = evaluate(parsed.graph, (parsed.root,), *grid, parameters or {})
    return Preview(parsed.dim, x, y, losses)
