"""A landscape as a small coloured map in the terminal: two pixels a character, one above the other."""

import os
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from rich.color import Color
from rich.console import Console
from rich.style import Style
from rich.text import Text

from gdsim.landscapes import Landscape
from gdsim.simulation.surface import surface_of

COLUMNS, ROWS = 56, 18
"""Characters: a character is about twice as high as it is wide, so pixels are square."""
UPPER, LOWER = "▀", "▄"
MOST_MARKED = 12
"""Minima that are marked; a lattice of them shows by itself."""

Pixels = NDArray[np.uint8]


def can_show(out: Console) -> bool:
    """Whether the output is a terminal with many colours and these characters, whose owner has not asked for none (NO_COLOR)."""
    return (
        out.is_terminal
        and not os.environ.get("NO_COLOR")
        and out.color_system in ("256", "truecolor")
        and out.encoding.lower().startswith("utf")
        and out.width >= COLUMNS
    )


def small_map(landscape: Landscape) -> Text:
    """The map with its best minima marked; a curve as the ground below it."""
    from gdsim.gui.palette import LIGHT, ground

    shades = plane_shades(landscape) if landscape.dim == 2 else curve_shades(landscape)
    colours = ground(shades, LIGHT)[..., :3]
    seen = np.isfinite(shades)
    text = Text()
    marks = dict(marked(landscape))
    for row in range(ROWS):
        for column in range(COLUMNS):
            text.append_text(
                _character(colours[2 * row : 2 * row + 2, column], seen[2 * row : 2 * row + 2, column], marks.get((row, column)))
            )
        text.append("\n" if row < ROWS - 1 else "")
    return text


def plane_shades(landscape: Landscape) -> NDArray[np.float64]:
    """Shades (2 ROWS, COLUMNS), north up, over the domain."""
    (west, east), (south, north) = landscape.domain
    x, y = _middles(west, east, COLUMNS), _middles(south, north, 2 * ROWS)
    return surface_of(landscape, x, y, landscape.loss(x[np.newaxis, :], y[:, np.newaxis])).shades[::-1]


def curve_shades(landscape: Landscape) -> NDArray[np.float64]:
    """Shades of the ground below a curve, NaN above it; the lowest point stands a little above the lower edge."""
    ((low, high),) = landscape.domain
    losses = landscape.loss(_middles(low, high, COLUMNS))
    finite = losses[np.isfinite(losses)]
    least, most = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    height = np.nan_to_num((losses - least) / ((most - least) or 1.0), nan=1.0)
    tops = np.linspace(1.0, -0.1, 2 * ROWS)[:, np.newaxis]
    return np.where(tops <= height, np.clip(0.9 * tops, 0.0, 1.0), np.nan)


def marked(landscape: Landscape) -> Iterator[tuple[tuple[int, int], str]]:
    """(row, column) of the global minima that lie on the map, and their mark."""
    best = [point.position for point in landscape.minima if point.kind == "global minimum"]
    if landscape.dim == 1 or len(best) > MOST_MARKED:
        return
    (west, east), (south, north) = landscape.domain
    for x, y in best:
        if west <= x <= east and south <= y <= north:
            column = min(int((x - west) / (east - west) * COLUMNS), COLUMNS - 1)
            yield (min(int((north - y) / (north - south) * ROWS), ROWS - 1), column), "●"


def _middles(low: float, high: float, count: int) -> NDArray[np.float64]:
    return low + (high - low) * (np.arange(count) + 0.5) / count


def _character(pair: Pixels, seen: NDArray[np.bool_], mark: str | None) -> Text:
    """Two pixels as one character; one that is not seen shows the terminal's own ground."""
    above, below = (Color.from_rgb(*map(int, pixel)) for pixel in pair)
    if mark:
        return Text(mark, Style(color=Color.from_rgb(34, 39, 46), bgcolor=above))
    if seen.all():
        return Text(UPPER, Style(color=above, bgcolor=below))
    if seen.any():
        return Text(UPPER if seen[0] else LOWER, Style(color=above if seen[0] else below))
    return Text(" ")
