"""Curves against the step, in full behind the playhead and faint ahead of it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from gdsim.app.epochs import ends_of_epochs
from gdsim.gui.band import Band, draw_band
from gdsim.gui.canvas import Area, Floats, Layer, PixelCache, is_vector, pen
from gdsim.gui.clip import clip_segments, draw_clipped
from gdsim.gui.markers import dashes, draw_exit
from gdsim.gui.palette import LIGHT, RunStyle, Theme
from gdsim.networks.batches import Batches

AHEAD = {"light": 0.28, "dark": 0.42}
WIDTH = 1.7
THIN = 1.1
BEHIND = 0.2
"""Opacity of what single batches say, where there are curves of the whole parts."""
CLOSEST, MARKED = 9, 26
"""Pixels between lines of epochs, and between marks of a curve, at least."""
# How often its plot's width and height a curve may be long before it counts as a band.
RESTLESS = 6


@dataclass(frozen=True, eq=False)
class Curve:
    """``places`` (n,): values in the places of a Scale, infinite ones allowed; at ``steps`` (n,), or at every step from 0.

    A ``faint`` one lies behind others; one with ``marks`` is thin, with hollow marks: what was not trained on, as the hollow points.
    """

    places: Floats
    style: RunStyle
    steps: Floats | None = None
    faint: bool = False
    marks: bool = False


def extremes(places: Floats, columns: int) -> tuple[Floats, Floats]:
    """A long curve thinned to its least and greatest place in each of ``columns``, in their order: what is drawn looks the same.

    Returns steps and places. NaN counts as what ended the run and is left out.
    """
    steps = np.arange(len(places))
    if len(places) <= 2 * columns:
        return steps.astype(np.float64), places
    width = -(-len(places) // columns)
    padded = np.pad(places, (0, -len(places) % width), mode="edge").reshape(-1, width)
    known = np.where(np.isnan(padded), padded[:, :1], padded)
    first = np.arange(len(padded)) * width
    least, greatest = first + known.argmin(axis=1), first + known.argmax(axis=1)
    index = np.unique(np.concatenate((np.minimum(least, greatest), np.maximum(least, greatest), [0, len(places) - 1])))
    index = index[index < len(places)]
    return index.astype(np.float64), places[index]


class CurveLayer(Layer):
    """The curves, painted once; a frame copies what is behind the playhead in full and what is ahead faintly."""

    def __init__(self, area: Area, z: float) -> None:
        super().__init__(area, z)
        self.cache = PixelCache()
        self.theme = LIGHT
        self.curves: tuple[Curve, ...] = ()
        self.bands: tuple[tuple[Band, Floats], ...] = ()
        self.playhead = 0.0
        self.epochs: Batches | None = None

    def show_epochs(self, epochs: Batches | None) -> None:
        """Faint lines where epochs end; None for none."""
        if epochs != self.epochs:
            self.epochs = epochs
            self.update()

    def show_curves(self, curves: Sequence[Curve], bands: Sequence[tuple[Band, Floats]] = ()) -> None:
        """``bands`` lie behind the curves, each with the places of its quantiles (3, n)."""
        self.curves, self.bands = tuple(curves), tuple(bands)
        self.cache.forget()
        self.update()

    def show_playhead(self, playhead: float) -> None:
        if playhead != self.playhead:
            self.playhead = playhead
            self.update()

    def show_theme(self, theme: Theme) -> None:
        self.theme = theme
        self.cache.forget()
        self.update()

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        rect = self.boundingRect()
        painter.setClipRect(rect)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x = self.area.to_pixels(np.array([[self.playhead, 0.0]]))[0, 0]
        behind = QRectF(rect.left(), rect.top(), x - rect.left(), rect.height()) & rect
        ahead = QRectF(x, rect.top(), rect.right() - x, rect.height()) & rect
        self._draw_grid(painter)
        if is_vector(painter):
            for part, opacity in ((behind, 1.0), (ahead, AHEAD[self.theme.name])):
                painter.setOpacity(opacity)
                self._draw(painter, part)
        else:
            with self.cache.open(painter, rect, str(self.area.viewRange())) as (onto, blank):
                if blank:
                    self._draw(onto, rect)
            self.cache.copy(painter, rect, behind)
            painter.setOpacity(AHEAD[self.theme.name])
            self.cache.copy(painter, rect, ahead)
        painter.setOpacity(1.0)
        painter.setPen(pen(self.theme.text, 1.2))
        painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.text))
        painter.drawPolygon(QPolygonF([QPointF(x - 5, rect.top()), QPointF(x + 5, rect.top()), QPointF(x, rect.top() + 7)]))

    def _draw_grid(self, painter: QPainter) -> None:
        axis = self.area.parentItem().getAxis("left")
        (_, (low, high)) = self.area.viewRange()
        painter.setPen(pen(self.theme.grid, 1.0))
        for _, values in axis.tickValues(low, high, self.area.height()):
            for y in self.area.to_pixels(np.array([[0.0, value] for value in values]).reshape(-1, 2))[:, 1]:
                painter.drawLine(QPointF(0, y), QPointF(self.boundingRect().right(), y))

        if self.epochs is not None:
            ((first, last), _) = self.area.viewRange()
            ends = ends_of_epochs(self.epochs, int(last), CLOSEST / max(self.area.pixels_per_unit[0], 1e-9))
            for x in self.area.to_pixels(np.array([[end, 0.0] for end in ends if end >= first]).reshape(-1, 2))[:, 0]:
                painter.drawLine(QPointF(x, 0), QPointF(x, self.boundingRect().bottom()))

    def _draw(self, painter: QPainter, rect: QRectF) -> None:
        """The curves within ``rect``."""
        width = max(int(self.boundingRect().width()), 1)
        if self.bands:
            painter.save()
            painter.setClipRect(rect)
            for band, places in self.bands[::-1]:
                draw_band(painter, self.area, band.steps, places, band.style, self.theme)
            painter.restore()
        # The first run is painted last, on top, as its head is on the map; and what is faint first.
        behind = [curve for curve in self.curves[::-1] if curve.faint]
        for curve in (*behind, *(curve for curve in self.curves[::-1] if not curve.faint)):
            steps, places = extremes(curve.places, width) if curve.steps is None else (curve.steps, curve.places)
            pixels = self.area.to_pixels(np.column_stack((steps, places)))
            painter.setOpacity(BEHIND if curve.faint else 1.0)
            _stroke(painter, pixels, rect, curve.style, THIN if curve.marks else WIDTH)
            painter.setOpacity(1.0)
            if curve.marks:
                _mark(painter, pixels, rect, curve.style, self.theme)
            if curve.steps is not None:
                continue
            below = np.flatnonzero(pixels[:, 1] >= rect.top())
            if below.size and below[-1] + 1 < len(pixels) and rect.left() <= pixels[below[-1], 0] < rect.right():
                draw_exit(painter, QPointF(pixels[below[-1], 0], rect.top()), QPointF(0, -1), curve.style, self.theme)


def _mark(painter: QPainter, pixels: Floats, rect: QRectF, style: RunStyle, theme: Theme) -> None:
    """Hollow marks, some way apart."""
    shown = pixels[np.isfinite(pixels).all(axis=1)]
    painter.setPen(pen(style.colour, 1.4))
    painter.setBrush(QColor(theme.plot))
    passed = -math.inf
    for x, y in shown.tolist():
        if x - passed >= MARKED and rect.contains(QPointF(x, y)):
            painter.drawEllipse(QPointF(x, y), 2.8, 2.8)
            passed = x


def _stroke(painter: QPainter, pixels: Floats, rect: QRectF, style: RunStyle, width: float = WIDTH) -> None:
    stroke = pen(style.colour, width)
    start, end, visible = clip_segments(pixels[:-1], pixels[1:], rect)
    start, end = start[visible], end[visible]
    if np.hypot(*(end - start).T).sum() <= RESTLESS * (rect.width() + rect.height()):
        dashes(stroke, style.dash)
        painter.setPen(stroke)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        draw_clipped(painter, pixels, rect)
        return
    # A curve that fills the plot up and down: nobody could tell dashes in it, and as single lines it is painted a hundred times as fast.
    stroke.setCapStyle(Qt.PenCapStyle.SquareCap)
    painter.setPen(stroke)
    painter.drawLines([QLineF(*line) for line in np.hstack((start, end)).tolist()])
