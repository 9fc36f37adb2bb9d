"""Colours of maps: one for each verdict and each minimum, darkened by how long a run took; a ramp for what is measured. No Qt here."""

from typing import Any

import numpy as np
from cmap import Colormap
from numpy.typing import NDArray

from gdsim.gui.palette import Theme
from gdsim.simulation.sweep_map import MapClass, SweepMap
from gdsim.simulation.verdict import Outcome

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float64]

# The chips' hues (good is teal, unfinished blue, stuck violet, too fast amber, lost red), strong enough to fill a plane. On light, on dark.
VERDICT_COLOURS = {
    Outcome.CONVERGED: ("#6cc3a6", "#35967a"),
    Outcome.OSCILLATING: ("#9bbf63", "#6f8f3c"),
    Outcome.TOO_SLOW: ("#bfdaf0", "#2f5f92"),
    Outcome.LOCAL_MINIMUM: ("#b39ddb", "#6a4fa3"),
    Outcome.SADDLE: ("#8f78c4", "#8b72c9"),
    Outcome.PLATEAU: ("#cfc4e6", "#4a3d69"),
    Outcome.OVERSHOOTING: ("#f0b454", "#b4761b"),
    Outcome.NOISE_LIMITED: ("#8fc7cf", "#3f7f8a"),
    Outcome.DIVERGED: ("#c25a50", "#6e1d1d"),
}
OTHER = ("#b8b8b8", "#5a5f66")

MINIMUM_COLOURS = {
    "light": ("#3f8fcb", "#e58a4f", "#3aaf86", "#c678ad", "#cfa02c", "#5db3cf", "#a5a034", "#93a0ad"),
    "dark": ("#2c79b8", "#cc6a32", "#218f69", "#ab5a94", "#ad8115", "#3a93b1", "#827d1f", "#6d7a88"),
}
LEVELS = 256
DARKEST = 0.5
"""How much of its light a class loses where its runs took longest."""

TRAINED, LOST = "colorbrewer:YlGnBu", "colorbrewer:YlOrRd_r"
"""From what ended first to what lies at the border: dark on one side of it and bright on the other."""

RAMPS = {"light": "cmocean:deep", "dark": "cmocean:deep_r"}


def class_colour(kind: MapClass, theme: Theme) -> str:
    """The colour of a class where it is brightest, ``#rrggbb``."""
    if kind.minimum is not None:
        colours = MINIMUM_COLOURS[theme.name]
        return colours[kind.minimum % len(colours)]
    return verdict_colour(kind.outcome, theme)


def verdict_colour(outcome: Outcome, theme: Theme) -> str:
    return VERDICT_COLOURS.get(outcome, OTHER)[theme.name == "dark"]


def pixels(chart: SweepMap, theme: Theme) -> Bytes:
    """The map, (ny, nx, 4), RGBA, row 0 at the top."""
    colours = np.array([_rgb(class_colour(kind, theme)) for kind in chart.classes])
    if chart.painted == "trainability":  # each side of the border in its own colours
        return _looked_up(np.concatenate((side_ramp(0), side_ramp(1))), LEVELS * chart.codes + _levels(chart.shades))
    if chart.painted == "shades":
        lost = np.isnan(chart.shades)
        index = np.where(lost, LEVELS + chart.codes, _levels(np.where(lost, 0.0, chart.shades)))
        return _looked_up(np.concatenate((ramp(theme), colours)), index)
    # How long it took is told of runs that arrived.
    darkest = np.array([DARKEST * (kind.outcome in (Outcome.CONVERGED, Outcome.LOCAL_MINIMUM)) for kind in chart.classes])
    darkness = 1.0 - np.outer(darkest, np.linspace(0.0, 1.0, LEVELS))
    table = (colours[:, np.newaxis] * darkness[:, :, np.newaxis]).reshape(-1, 3)
    told = bool(np.isfinite(chart.shades[0, 0]))
    return _looked_up(table, LEVELS * chart.codes.astype(np.int32) + (_levels(chart.shades) if told else 0))


def _looked_up(table: NDArray[Any], index: NDArray[Any]) -> Bytes:
    """The image whose pixels (ny, nx), from the bottom up, are the rows of ``table`` (n, 3) with these numbers: a look-up each."""
    words = np.full((len(table), 4), 255, np.uint8)
    words[:, :3] = np.round(table)
    image = np.ascontiguousarray(words.view(np.uint32).ravel()[index][::-1])
    return image.view(np.uint8).reshape(*index.shape, 4)


def side_ramp(code: int) -> Bytes:
    """256 colours (256, 3) of the networks that were trained (``code`` 0) or were not (1), from the first that ended to the border."""
    lut = Colormap((TRAINED, LOST)[code]).lut(320)[32:288, :3]
    return np.asarray(np.round(lut * 255), dtype=np.uint8)


def ramp(theme: Theme) -> Bytes:
    """256 colours from the least to the most, (256, 3)."""
    return np.round(Colormap(RAMPS[theme.name]).lut(256)[:, :3] * 255).astype(np.uint8)


def _levels(shades: Floats) -> NDArray[np.int32]:
    return np.round(shades * (LEVELS - 1)).astype(np.int32)


def _rgb(colour: str) -> tuple[float, float, float]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
