"""The confusion matrix: how many points of each class are taken for which."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gdsim.gui.canvas import SMALL, Area, Floats, Layer, font
from gdsim.gui.palette import LIGHT, Theme, class_style
from gdsim.gui.style import blend

MARGIN_LEFT, MARGIN_TOP = 90.0, 46.0


def confusion(true: NDArray[np.int64], taken: NDArray[np.int64], classes: int) -> NDArray[np.int64]:
    """(classes, classes): points of class i that are taken for class j."""
    return np.bincount(true * classes + taken, minlength=classes * classes).reshape(classes, classes)


class ConfusionLayer(Layer):
    """A cell has the count of the points that were not trained on (of all, where there are none); its tint is the share of its row."""

    def __init__(self, area: Area, z: float) -> None:
        super().__init__(area, z)
        self.theme = LIGHT
        self.counts: NDArray[np.int64] | None = None
        self.names: tuple[str, ...] = ()
        self.caption = ""

    def show_theme(self, theme: Theme) -> None:
        self.theme = theme
        self.update()

    def show_counts(self, counts: NDArray[np.int64] | None, names: tuple[str, ...], caption: str) -> None:
        self.counts, self.names, self.caption = counts, names, caption
        self.update()

    def cell_at(self, pixel: QPointF) -> tuple[int, int] | None:
        """Row and column under a pixel."""
        if self.counts is None:
            return None
        place, side = self._grid()
        row, column = int((pixel.y() - place.top()) // side), int((pixel.x() - place.left()) // side)
        return (row, column) if 0 <= row < len(self.names) and 0 <= column < len(self.names) else None

    def _grid(self) -> tuple[QRectF, float]:
        rect, count = self.boundingRect(), len(self.names)
        side = max(min((rect.width() - MARGIN_LEFT - 24) / count, (rect.height() - MARGIN_TOP - 30) / count), 4.0)
        left = rect.left() + MARGIN_LEFT + max(0.0, (rect.width() - MARGIN_LEFT - 24 - side * count) / 2)
        return QRectF(left, rect.top() + MARGIN_TOP, side * count, side * count), side

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        if self.counts is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        place, side = self._grid()
        shares: Floats = self.counts / np.maximum(self.counts.sum(axis=1, keepdims=True), 1)
        big = font(int(min(max(side / 3.2, 9), 22)), bold=True)
        centre = Qt.AlignmentFlag.AlignCenter
        for row, column in np.ndindex(*self.counts.shape):
            cell = QRectF(place.left() + column * side, place.top() + row * side, side, side).adjusted(1, 1, -1, -1)
            tint = self.theme.accent if row == column else self.theme.error
            painter.setPen(QPen(QColor(self.theme.border), 1))
            painter.setBrush(QColor(blend(tint, self.theme.plot, 0.06 + 0.6 * float(shares[row, column]))))
            painter.drawRoundedRect(cell, 3, 3)
            painter.setPen(QColor(self.theme.text if self.counts[row, column] else self.theme.muted))
            painter.setFont(big)
            painter.drawText(cell, centre, f"{self.counts[row, column]:,}")
        painter.setFont(font(SMALL))
        metrics = painter.fontMetrics()
        for k, name in enumerate(self.names):
            painter.setPen(
                QColor(class_style(k).colour).lighter(115) if self.theme.name == "dark" else QColor(class_style(k).colour).darker(115)
            )
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(min(MARGIN_LEFT - 16, max(side, 24))))
            painter.drawText(QRectF(place.left() + k * side, place.top() - 20, side, 18), centre, text)
            text = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(MARGIN_LEFT - 16))
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(place.left() - MARGIN_LEFT, place.top() + k * side, MARGIN_LEFT - 8, side), right, text)
        painter.setPen(QColor(self.theme.muted))
        painter.drawText(QRectF(place.left(), place.top() - 40, place.width(), 18), centre, "taken for")
        painter.drawText(QRectF(place.left() - MARGIN_LEFT, place.top() - 20, MARGIN_LEFT - 8, 18), right, "class")
        painter.drawText(QRectF(place.left() - MARGIN_LEFT, place.bottom() + 6, place.width() + MARGIN_LEFT, 18), centre, self.caption)
