"""Where the seeds of an ensemble ended: a dot each, or, where there are too many to tell apart, how many lie in each little square."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from gdsim.gui.canvas import Area, Floats, Layer, PixelCache, pen
from gdsim.gui.palette import LIGHT, RunStyle, Theme
from gdsim.simulation.ensemble import EnsembleRun

MOST_DOTS = 3_000
"""Dots of one run; of more ends the density is painted."""
DOT, SQUARE = 3.2, 3
"""Pixels of a dot, and of a square in which ends are counted."""
WORDS = {"converged": "converged", "hovering": "hover at a noise floor", "diverged": "diverged", "under way": "are still on their way"}


@dataclass(frozen=True, eq=False)
class Ends:
    """``places`` (n, 2) in data coordinates; those that are not finite are nowhere."""

    places: Floats
    style: RunStyle


class EndsLayer(Layer):
    """The ends of all runs, painted once, those that lie closest together on top. Edges in the theme's outline colour keep dots apart from
    a trail of the same colour.
    """

    def __init__(self, area: Area, z: float) -> None:
        super().__init__(area, z)
        self.theme = LIGHT
        self.cache = PixelCache()
        self.ends: tuple[Ends, ...] = ()

    def show_ends(self, ends: Sequence[Ends]) -> None:
        self.ends = tuple(sorted(ends, key=spread, reverse=True))
        self.cache.forget()
        self.update()

    def show_theme(self, theme: Theme) -> None:
        self.theme = theme
        self.cache.forget()
        self.update()

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        if self.ends:
            painter.setClipRect(self.boundingRect())
            self.cache.paint(painter, self.boundingRect(), str(self.area.viewRange()), self._draw)

    def visible(self, ends: Ends) -> Floats:
        """The pixels (m, 2) of those that are in the picture."""
        rect, pixels = self.boundingRect(), self.area.to_pixels(ends.places)
        with np.errstate(invalid="ignore"):
            inside = ((pixels >= (rect.left(), rect.top())) & (pixels <= (rect.right(), rect.bottom()))).all(axis=1)
        return pixels[inside]

    def _draw(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for ends in self.ends:
            pixels = self.visible(ends)
            if len(ends.places) > MOST_DOTS:
                self._draw_density(painter, pixels, ends.style)
                continue
            dots = QPolygonF([QPointF(*place) for place in pixels.tolist()])
            colour = QColor(ends.style.colour)
            for shade, strength, size in ((QColor(self.theme.outline), 0.5, DOT + 1.2), (colour, 0.75, DOT)):
                shade.setAlphaF(strength)
                painter.setPen(pen(shade, size))
                painter.drawPoints(dots)

    def _draw_density(self, painter: QPainter, pixels: Floats, style: RunStyle) -> None:
        if not len(pixels):
            return
        squares, counts = np.unique((pixels // SQUARE).astype(np.int64), axis=0, return_counts=True)
        painter.setPen(Qt.PenStyle.NoPen)
        for (column, row), strength in zip(squares.tolist(), np.sqrt(counts / counts.max()).tolist(), strict=True):
            shade = QColor(style.colour)
            shade.setAlphaF(0.2 + 0.75 * strength)
            painter.fillRect(QRectF(column * SQUARE, row * SQUARE, SQUARE, SQUARE), shade)


def spread(ends: Ends) -> float:
    """The variance of those that are somewhere."""
    kept = ends.places[np.isfinite(ends.places).all(axis=1)]
    with np.errstate(all="ignore"):
        return float(np.nan_to_num(kept.var(axis=0).sum(), nan=np.inf)) if len(kept) else np.inf


def seeds_told(run: EnsembleRun) -> str:
    """What became of all seeds of a run, in a sentence."""
    shares = sorted(((share, WORDS[name]) for name, share in run.shares.items() if share > 0.0), reverse=True)
    return f"Of {len(run.losses):,} seeds {', '.join(f'{100.0 * share:.3g} % {word}' for share, word in shares)}"
