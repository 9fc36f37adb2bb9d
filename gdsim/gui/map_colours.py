"""Colours of maps: one for each verdict and each minimum, darkened by how long a run took; a ramp for what is measured. No Qt here."""

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
    if chart.painted == "trainability":
        return _trainability(chart)
    colours = np.array([_rgb(class_colour(kind, theme)) for kind in chart.classes])
    image = np.empty((*chart.codes.shape, 4), np.uint8)
    image[..., 3] = 255
    if chart.painted == "shades":
        image[..., :3] = ramp(theme)[_levels(np.nan_to_num(chart.shades))]
        lost = np.isnan(chart.shades)
        if np.any(lost):
            image[lost, :3] = colours[chart.codes[lost]]
    else:
        # A table of all shades of all classes: a look-up a pixel, and no arithmetic on millions of them.
        darkness = 1.0 - DARKEST * np.linspace(0.0, 1.0, 256)
        table = np.round(colours[:, np.newaxis, :] * darkness[:, np.newaxis]).astype(np.uint8)
        shaded = np.isfinite(chart.shades[0, 0])
        shades = _levels(chart.shades) if shaded else np.zeros(chart.codes.shape, np.intp)
        if shaded:
            # How long it took is told of runs that arrived.
            flat = np.array([kind.outcome not in (Outcome.CONVERGED, Outcome.LOCAL_MINIMUM) for kind in chart.classes])
            shades = np.where(flat[chart.codes], 0, shades)
        image[..., :3] = table[chart.codes, shades]
    return np.ascontiguousarray(image[::-1])


def _trainability(chart: SweepMap) -> Bytes:
    """Each side of the border in its own colours."""
    tables = np.stack([side_ramp(code) for code in range(2)])
    image = np.full((*chart.codes.shape, 4), 255, np.uint8)
    image[..., :3] = tables[chart.codes, _levels(chart.shades)]
    return np.ascontiguousarray(image[::-1])


def side_ramp(code: int) -> Bytes:
    """256 colours (256, 3) of the networks that were trained (``code`` 0) or were not (1), from the first that ended to the border."""
    lut = Colormap((TRAINED, LOST)[code]).lut(320)[32:288, :3]
    return np.asarray(np.round(lut * 255), dtype=np.uint8)


def ramp(theme: Theme) -> Bytes:
    """256 colours from the least to the most, (256, 3)."""
    return np.round(Colormap(RAMPS[theme.name]).lut(256)[:, :3] * 255).astype(np.uint8)


def _levels(shades: Floats) -> NDArray[np.intp]:
    return np.round(shades * 255).astype(np.intp)


def _rgb(colour: str) -> tuple[float, float, float]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
