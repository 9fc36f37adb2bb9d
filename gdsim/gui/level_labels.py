"""The losses of the index contours, written along them as a printed map writes its heights."""

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath

from gdsim.gui.canvas import Floats, font, pen
from gdsim.gui.numbers import number
from gdsim.gui.palette import Theme

SIZE = 11
INSET = 34.0
APART = 110.0
LEGEND = (190.0, 130.0)


def place_of(line: Floats, rect: QRectF, taken: list[Floats]) -> tuple[Floats, float] | None:
    """Where along a line in pixels (n, 2), with NaN between its parts, a label reads best: level, well inside, away from others.

    Returns the point and the slope in degrees, or None if there is no room.
    """
    if len(line) < 9:
        return None
    points, along = line[4:-4], line[8:] - line[:-8]
    inner = rect.adjusted(INSET, INSET / 2, -INSET, -INSET / 2)
    with np.errstate(invalid="ignore"):
        x, y = points.T
        good = np.isfinite(along).all(axis=1) & np.isfinite(points).all(axis=1)
        good &= (x > inner.left()) & (x < inner.right()) & (y > inner.top()) & (y < inner.bottom())
        good &= (x < rect.right() - LEGEND[0]) | (y > rect.top() + LEGEND[1])
        for other in taken:
            good &= np.hypot(x - other[0], y - other[1]) > APART
        # A tight bend or a tiny ring has no room for a word.
        reach = np.hypot(*along.T)
        steps = np.hypot(*np.diff(line, axis=0).T)
        walked = np.convolve(np.nan_to_num(steps, nan=1e9), np.ones(8), "valid")
        good &= (reach > 0.985 * walked) & (reach > 4.0)
        tilt = np.abs(along[:, 1]) / reach
    if not good.any():
        return None
    best = int(np.argmin(np.where(good, tilt, np.inf)))
    if tilt[best] > 0.8:
        return None
    direction = along[best] if along[best, 0] >= 0 else -along[best]
    return points[best], math.degrees(math.atan2(direction[1], direction[0]))


def draw_label(painter: QPainter, place: tuple[Floats, float], level: float, paper: QColor, theme: Theme) -> None:
    """The level's number, with a gap of the ground's own colour round it in the line."""
    face, text = font(SIZE), number(level)
    metrics = QFontMetricsF(face)
    path = QPainterPath()
    path.addText(QPointF(-metrics.horizontalAdvance(text) / 2, metrics.capHeight() / 2), face, text)
    painter.save()
    painter.translate(QPointF(*place[0]))
    painter.rotate(place[1])
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen(paper, 5.0))
    painter.drawPath(path)
    painter.fillPath(path, QColor(theme.index_contour))
    painter.restore()
