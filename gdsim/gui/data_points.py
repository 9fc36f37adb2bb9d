"""The points of a data set: training filled, validation hollow, test small; classes by colour and marker; the step's batch lit."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen

from gdsim.gui.canvas import SMALL, Area, Floats, Layer, PixelCache, font, is_vector, pen
from gdsim.gui.markers import outline
from gdsim.gui.palette import LIGHT, Marker, Theme

PARTS = ("training", "validation", "test")
RADII = (4.2, 3.9, 2.6)
RING = 7.0
ROOMY = 420.0
"""Pixels from which the legend also tells the parts apart, which the line above the plot does in any case."""
MOST_SHOWN = 5000
"""Points that are painted; of larger sets as many, evenly spread."""


@dataclass(frozen=True, eq=False)
class Cloud:
    """``positions`` (n, 2) in the plot's coordinates, ``parts`` (n,) numbers of ``PARTS``, and how each point is painted: ``looks`` (n,)
    are places in ``styles``, pairs of a colour and a marker. ``legend`` are texts with the style that they explain.
    """

    positions: Floats
    parts: NDArray[np.int64]
    looks: NDArray[np.int64]
    styles: tuple[tuple[str, Marker], ...]
    legend: tuple[tuple[str, tuple[str, Marker]], ...] = ()

    @property
    def shown(self) -> NDArray[np.int64]:
        """The points that are painted."""
        count = len(self.positions)
        return np.arange(count) if count <= MOST_SHOWN else np.linspace(0, count - 1, MOST_SHOWN).astype(np.int64)


def draw_point(painter: QPainter, centre: QPointF, style: tuple[str, Marker], part: int, theme: Theme) -> None:
    colour, marker = style
    radius = RADII[part]
    painter.save()
    painter.translate(centre)
    painter.scale(radius, radius)
    path = outline(marker)
    painter.setPen(pen(theme.outline, 2.6 / radius))
    painter.drawPath(path)
    hollow = part == 1
    painter.setPen(QPen(QColor(colour) if hollow else QColor(colour).darker(140), (1.7 if hollow else 0.9) / radius))
    painter.setBrush(QColor(theme.plot if hollow else colour))
    painter.drawPath(path)
    painter.restore()


@lru_cache(maxsize=1024)
def _sprite(style: tuple[str, Marker], part: int, theme: Theme, scale: float) -> QImage:
    side = 2 * round(8 * scale)
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(side / 2, side / 2)
    painter.scale(scale, scale)
    draw_point(painter, QPointF(0, 0), style, part, theme)
    painter.end()
    return image


class PointsLayer(Layer):
    """Painted once a view; the lit points get a ring in every frame."""

    def __init__(self, area: Area, z: float) -> None:
        super().__init__(area, z)
        self.theme = LIGHT
        self.cache = PixelCache()
        self.cloud: Cloud | None = None
        self.lit: NDArray[np.int64] = np.empty(0, dtype=np.int64)
        self.legend = QRectF()

    def show_theme(self, theme: Theme) -> None:
        self.theme = theme
        self._changed()

    def show_cloud(self, cloud: Cloud | None) -> None:
        if cloud is not self.cloud:
            self.cloud = cloud
            self._changed()

    def show_lit(self, lit: NDArray[np.int64]) -> None:
        """Numbers of points."""
        if not np.array_equal(lit, self.lit):
            self.lit = lit
            self.update()

    def _changed(self) -> None:
        self.cache.forget()
        self.update()

    def nearest(self, pixel: QPointF, reach: float) -> int | None:
        """The number of the point that is nearest to ``pixel``, at most ``reach`` pixels away."""
        if self.cloud is None or not len(self.cloud.positions):
            return None
        away = np.hypot(*(self.area.to_pixels(self.cloud.positions) - (pixel.x(), pixel.y())).T)
        found = int(np.nanargmin(away)) if np.isfinite(away).any() else 0
        return found if away[found] <= reach else None

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        if self.cloud is None:
            return
        rect = self.boundingRect()
        painter.setClipRect(rect)
        self.cache.paint(painter, rect, str(self.area.viewRange()), self._draw)
        if len(self.lit):
            self._ring(painter, rect)
        self._draw_legend(painter, rect)

    def _draw(self, painter: QPainter) -> None:
        assert self.cloud is not None
        cloud, rect = self.cloud, self.boundingRect()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        shown = cloud.shown
        pixels = self.area.to_pixels(cloud.positions[shown])
        scale = painter.deviceTransform().m11()
        near = rect.adjusted(-9, -9, 9, 9)
        order = np.argsort(-cloud.parts[shown], kind="stable")  # training points on top
        for k in order.tolist():
            place, number = QPointF(*pixels[k]), shown[k]
            if not near.contains(place):
                continue
            style, part = cloud.styles[cloud.looks[number]], int(cloud.parts[number])
            if is_vector(painter):
                draw_point(painter, place, style, part, self.theme)
            else:
                sprite = _sprite(style, part, self.theme, scale)
                reach = sprite.width() / scale / 2
                painter.drawImage(QRectF(place.x() - reach, place.y() - reach, 2 * reach, 2 * reach), sprite)

    def _ring(self, painter: QPainter, rect: QRectF) -> None:
        assert self.cloud is not None
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pixels = self.area.to_pixels(self.cloud.positions[self.lit])
        places = [QPointF(*place) for place in pixels[np.isfinite(pixels).all(axis=1)].tolist() if rect.contains(QPointF(*place))]
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((self.theme.outline, 3.4), (self.theme.text, 1.6)):
            painter.setPen(pen(colour, width))
            for place in places:
                painter.drawEllipse(place, RING, RING)

    def _draw_legend(self, painter: QPainter, rect: QRectF) -> None:
        assert self.cloud is not None
        there = [part for part in range(3) if (self.cloud.parts == part).any()]
        first = self.cloud.styles[0] if self.cloud.styles else (self.theme.text, "circle")
        entries: list[tuple[str, tuple[str, Marker], int]] = [(text, style, 0) for text, style in self.cloud.legend]
        if len(there) > 1 and rect.width() >= ROOMY:
            entries += [(PARTS[part], (self.theme.muted, first[1]), part) for part in there]
        pixels = self.area.to_pixels(self.cloud.positions[self.cloud.shown])
        self.legend = paint_legend(painter, rect, entries, self.theme, pixels, lit=bool(len(self.lit)))


def paint_legend(
    painter: QPainter, rect: QRectF, entries: Sequence[tuple[str, tuple[str, Marker], int]], theme: Theme, points: Floats, *, lit: bool
) -> QRectF:
    """A text for each mark, and for the ring if points are ``lit``, in the corner where it covers the fewest ``points`` (n, 2) in pixels.

    Returns its place.
    """
    texts = [text for text, _, _ in entries] + (["in this step's batch"] if lit else [])
    if not texts or rect.width() < 260:
        return QRectF()
    face = font(SMALL)
    metrics = QFontMetricsF(face)
    row = metrics.height() + 4
    box = _emptiest(rect, max(metrics.horizontalAdvance(text) for text in texts) + 36, row * len(texts) + 8, points)
    panel = QColor(theme.panel)
    panel.setAlpha(222)
    painter.setPen(QPen(QColor(theme.border), 1))
    painter.setBrush(panel)
    painter.drawRoundedRect(box, 5, 5)
    painter.setFont(face)
    for k, text in enumerate(texts):
        centre = QPointF(box.left() + 15, box.top() + 4 + row * (k + 0.5))
        if k < len(entries):
            draw_point(painter, centre, entries[k][1], entries[k][2], theme)
        else:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(pen(theme.text, 1.6))
            painter.drawEllipse(centre, 5.5, 5.5)
        painter.setPen(QColor(theme.text))
        painter.drawText(QRectF(box.left() + 28, centre.y() - row / 2, box.width(), row), Qt.AlignmentFlag.AlignVCenter, text)
    return box


def _emptiest(rect: QRectF, width: float, height: float, points: Floats) -> QRectF:
    """The corner of ``rect`` with the fewest points, the upper right one first."""
    left, right, top, bottom = rect.left() + 10, rect.right() - width - 10, rect.top() + 10, rect.bottom() - height - 10
    boxes = [QRectF(x, y, width, height) for x, y in ((right, top), (left, top), (right, bottom), (left, bottom))]

    def covered(box: QRectF) -> int:
        x, y = points[:, 0], points[:, 1]
        return int(((x > box.left() - 5) & (x < box.right() + 5) & (y > box.top() - 5) & (y < box.bottom() + 5)).sum())

    return min(boxes, key=covered)
