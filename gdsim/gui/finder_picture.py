"""The learning-rate finder as a picture: the loss of its one run over the growing rate, above the ruler of runs at every rate."""

import os
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath

from gdsim.gui.canvas import font, pen
from gdsim.gui.map_picture import MapPage, write_page
from gdsim.gui.numbers import number
from gdsim.gui.page import Align, paint_line
from gdsim.gui.palette import DARK, LIGHT, Theme
from gdsim.simulation.rate_finder import RateFinder
from gdsim.simulation.sweep_map import MapAxis, map_of

SIZE = (1100, 620)
CURVE = 300.0
GAP = 34.0
BLOWN_UP = 10.0
"""How many times the loss at the start is still shown."""
DEEPEST = 12.0
"""Decades of loss that are shown at most."""


def paint_finder(found: RateFinder, path: str | os.PathLike[str] | None = None, *, theme: Literal["light", "dark"] = "light") -> Any:
    """Paints ``found`` into ``path``, whole or not at all; without a path its pixels come back. Raises as ``paint_map`` does."""
    return write_page(lambda: FinderPage(found, {"light": LIGHT, "dark": DARK}[theme]), path)


class FinderPage(MapPage):
    """A ruler's map with room for a curve above it, over the same axis."""

    def __init__(self, found: RateFinder, theme: Theme) -> None:
        super().__init__(replace(map_of(found.truth, "verdict"), title="The learning-rate finder against the truth"), theme, SIZE)
        self.found = found
        self.curve = QRectF(self.plot.left(), self.plot.top(), self.plot.width(), CURVE)
        self.plot.translate(0.0, CURVE + GAP)
        # A run that is thrown out climbs a hundred decades: what matters happens below.
        gaps = found.losses - self._least
        high = BLOWN_UP * float(gaps[0])
        low = max(float(np.min(gaps, where=gaps > 0.0, initial=high)), high * 10.0**-DEEPEST)
        self.axis = MapAxis("loss above the least", "loss", np.array([low, high]), True)

    @property
    def _least(self) -> float:
        return min((point.loss for point in self.found.truth.scenario.landscape.minima), default=0.0)

    def paint(self, painter: QPainter) -> None:
        super().paint(painter)
        theme, found = self.theme, self.found
        painter.setPen(pen(theme.border, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(self.curve)
        ruler, self.plot = self.plot, self.curve  # heights are those of the curve
        self._paint_y(painter, self.axis)
        painter.save()
        painter.setClipRect(self.curve)
        painter.strokePath(self._curve(), pen(theme.text, 2))
        painter.restore()
        for rate, words in (
            (found.lowest, f"lowest: {number(found.lowest)}"),
            (found.suggested, f"a tenth of it: {number(found.suggested)}"),
        ):
            x = self.across(rate)
            painter.setPen(pen(theme.muted, 1))
            painter.drawLine(QPointF(x, self.curve.top()), QPointF(x, ruler.bottom()))
            place = QRectF(x - 166, self.curve.top() + 6, 160, 20)
            paint_line(painter, place, words, font(12), theme.text, Align.AlignRight)
        self.plot = ruler
        over = QRectF(ruler.left(), ruler.top() - 24, ruler.width(), 20)
        paint_line(painter, over, "the truth: a whole run at every rate", font(13), theme.text)

    def _curve(self) -> QPainterPath:
        path, begun = QPainterPath(), False
        for rate, loss in zip(self.found.rates.tolist(), (self.found.losses - self._least).tolist(), strict=True):
            if not 0.0 < loss < np.inf:
                begun = False
                continue
            at = QPointF(self.across(rate), self.up(self.axis, loss))
            path.lineTo(at) if begun else path.moveTo(at)
            begun = True
        return path
