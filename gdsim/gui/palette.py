"""Colours, markers and dashes: the look of everything that is painted.

Meaning never rests on colour alone: a run also has its marker and dash, a verdict its symbol. No Qt here, so that contrast is plain data
to test.
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from cmap import Colormap
from numpy.typing import NDArray

from gdsim.simulation.verdict import Outcome

Marker = Literal["circle", "square", "triangle", "diamond", "pentagon", "star", "cross", "hexagon"]
Dash = Literal["solid", "dash", "dot", "dash-dot"]


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours as ``#rrggbb``. ``plot`` lies under curves, ``outline`` round whatever must stand out from any ground, ``contour`` and
    ``index_contour`` are the level lines (every fifth is an index contour, as on a printed map), ``mark`` the minima and saddles.
    """

    name: Literal["light", "dark"]
    window: str
    panel: str
    raised: str
    border: str
    text: str
    muted: str
    accent: str
    accent_text: str
    grid: str
    plot: str
    outline: str
    contour: str
    index_contour: str
    mark: str
    error: str


LIGHT = Theme(
    name="light",
    window="#f4f2ec",
    panel="#fdfcf9",
    raised="#ffffff",
    border="#dad5c8",
    text="#22272e",
    muted="#5d6570",
    accent="#1a6aa8",
    accent_text="#ffffff",
    grid="#e9e5da",
    plot="#fdfcf9",
    outline="#ffffff",
    contour="#8d8468",
    index_contour="#6f6548",
    mark="#22272e",
    error="#a3262a",
)

DARK = Theme(
    name="dark",
    window="#12161b",
    panel="#1a2027",
    raised="#232b34",
    border="#333d48",
    text="#e8ebee",
    muted="#9aa5b1",
    accent="#5fb0ea",
    accent_text="#0c1116",
    grid="#272f38",
    plot="#161b21",
    outline="#0b0e12",
    contour="#5d7484",
    index_contour="#86a0b0",
    mark="#f2f4f6",
    error="#ff8a86",
)


@dataclass(frozen=True, slots=True)
class RunStyle:
    """How a run is told from the others."""

    colour: str
    marker: Marker
    dash: Dash


# Okabe and Ito, Color Universal Design (2008), moved to a middle lightness: 3:1 and more against the paper of both themes.
RUN_COLOURS = ("#1b7fc4", "#d9571b", "#0a9a74", "#bf5fa0", "#b8860b", "#2e9dbf", "#8f8a1e", "#7c8794")
RUN_MARKERS: tuple[Marker, ...] = ("circle", "square", "triangle", "diamond", "pentagon", "star", "cross", "hexagon")
RUN_DASHES: tuple[Dash, ...] = ("solid", "dash", "dot", "dash-dot")


def run_style(index: int) -> RunStyle:
    """The style of run ``index``. Colours repeat after 8 runs with another marker and dash; all three together after 64."""
    turn = index // len(RUN_COLOURS)
    return RunStyle(
        RUN_COLOURS[index % len(RUN_COLOURS)],
        RUN_MARKERS[(index + turn) % len(RUN_MARKERS)],
        RUN_DASHES[(index + turn) % len(RUN_DASHES)],
    )


@dataclass(frozen=True, slots=True)
class Chip:
    """A verdict's background, text colour and one-character symbol."""

    fill: str
    text: str
    symbol: str


_SYMBOLS = {
    Outcome.CONVERGED: "✓",
    Outcome.OSCILLATING: "≈",
    Outcome.TOO_SLOW: "…",
    Outcome.LOCAL_MINIMUM: "∪",  # noqa: RUF001
    Outcome.SADDLE: "×",  # noqa: RUF001  (the sign is meant)
    Outcome.PLATEAU: "–",  # noqa: RUF001
    Outcome.OVERSHOOTING: "⇄",
    Outcome.NOISE_LIMITED: "∿",
    Outcome.DIVERGED: "∞",
}

# (fill, text) on light, on dark. Good is teal, unfinished blue, stuck violet, too fast amber, lost red.
_GOOD = (("#d3ece4", "#0b5a45"), ("#12443a", "#9be3cd"))
_SWAYING = (("#dcebd0", "#3c5a12"), ("#2f4219", "#c5e29a"))
_UNFINISHED = (("#d6e6f5", "#114f83"), ("#17395a", "#a8d3f7"))
_STUCK = (("#e6def2", "#523087"), ("#3a2b57", "#d3c0f3"))
_FAST = (("#fae3bf", "#7a4300"), ("#563806", "#ffd48a"))
_LOST = (("#f7d5d0", "#8d1a1a"), ("#5c1e1e", "#ffbab2"))
_CHIPS = {
    Outcome.CONVERGED: _GOOD,
    Outcome.OSCILLATING: _SWAYING,
    Outcome.TOO_SLOW: _UNFINISHED,
    Outcome.LOCAL_MINIMUM: _STUCK,
    Outcome.SADDLE: _STUCK,
    Outcome.PLATEAU: _STUCK,
    Outcome.OVERSHOOTING: _FAST,
    Outcome.NOISE_LIMITED: _SWAYING,
    Outcome.DIVERGED: _LOST,
}


def outcome_colour(outcome: Outcome, theme: Theme) -> Chip:
    """The chip of a verdict: text on fill has a contrast of 4.5:1 and more in both themes."""
    fill, text = _CHIPS[outcome][theme.name == "dark"]
    return Chip(fill, text, _SYMBOLS[outcome])


# Tints of a printed relief map from the valley floor up: sea green, meadow, sand, clay. Pale (or deep), so that trails stand out.
_GROUND = {
    "light": ("#98bfc6", "#b3d0c9", "#cfddca", "#e5e6d0", "#f2ead5", "#efe0c6", "#e7d3b8"),
    "dark": ("#0a2536", "#0f3040", "#183b48", "#25444f", "#344b56", "#43525d", "#535b66"),
}


@cache
def ground_table(theme: Theme) -> NDArray[np.uint8]:
    """256 colours (256, 4), RGBA, from the lowest ground to the highest."""
    table = np.round(Colormap(list(_GROUND[theme.name])).lut(256) * 255).astype(np.uint8)
    table.flags.writeable = False
    return table


def ground(shades: NDArray[np.float64], theme: Theme) -> NDArray[np.uint8]:
    """Shades in [0, 1] of any shape, coloured: their shape with a last axis of 4, RGBA."""
    return ground_table(theme)[np.round(np.clip(np.nan_to_num(shades, nan=1.0), 0.0, 1.0) * 255).astype(np.uint8)]


# Purple and amber first: apart from each other under every kind of colour blindness, and a diverging scale between them.
CLASS_COLOURS = ("#6a51c4", "#d98a00", "#159a80", "#cf4877", "#3f8fd2", "#8a8a1a", "#9a6240", "#78828c", "#4f9a3a", "#b04fc0")
STRONGEST = {"light": 0.62, "dark": 0.44}
"""How much of a class's colour the ground has where the class is certain: points of the class still stand out."""


@dataclass(frozen=True, slots=True)
class ClassStyle:
    """How the points of a class are told from those of others."""

    colour: str
    marker: Marker


def class_style(number: int) -> ClassStyle:
    """The style of class ``number``. Colours repeat after 10 classes, with another marker."""
    return ClassStyle(CLASS_COLOURS[number % len(CLASS_COLOURS)], RUN_MARKERS[number % len(RUN_MARKERS)])


def _channels(colour: str) -> NDArray[np.float64]:
    return np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)], dtype=np.float64)


@cache
def class_tables(theme: Theme, classes: int) -> NDArray[np.uint8]:
    """(classes, 256, 4), RGBA: for each class the ground from where nothing speaks for it to where it is certain."""
    paper = _channels(theme.plot)
    share = np.linspace(0.0, STRONGEST[theme.name], 256)[:, np.newaxis]
    table = np.full((classes, 256, 4), 255, dtype=np.uint8)
    for number in range(classes):
        table[number, :, :3] = np.round(paper + share * (_channels(class_style(number).colour) - paper))
    table.flags.writeable = False
    return table


def class_ground(values: NDArray[np.float32], classes: NDArray[np.uint16], count: int, theme: Theme) -> NDArray[np.uint8]:
    """The likeliest class and its probability, coloured: the shape of ``values`` with a last axis of 4, RGBA; bare where it is NaN."""
    certain = np.clip((np.nan_to_num(values, nan=0.0) - 1.0 / count) / (1.0 - 1.0 / count), 0.0, 1.0)
    return np.asarray(class_tables(theme, count)[classes, np.round(certain * 255).astype(np.uint8)])


def diverging(shares: NDArray[np.float32], theme: Theme) -> NDArray[np.uint8]:
    """Shares in [-1, 1] on the scale from purple to amber, RGBA; bare where they are NaN."""
    clipped = np.clip(np.nan_to_num(shares, nan=0.0), -1.0, 1.0)
    return np.asarray(class_tables(theme, 2)[(clipped > 0.0).astype(np.uint8), np.round(np.abs(clipped) * 255).astype(np.uint8)])
