"""The ground of the map: tints, a touch of relief, level lines. Painted once a view, then copied."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter, QPainterPath, QTransform

from gdsim.gui.canvas import Area, Layer, PixelCache, pen
from gdsim.gui.palette import LIGHT, Theme, ground
from gdsim.simulation.surface import Surface

INDEX = 5


def relief(surface: Surface, theme: Theme) -> NDArray[np.uint8]:
    """The tinted ground (ny, nx, 4), RGBA, north up, lit from the north-west as maps are."""
    colours = ground(surface.shades, theme)
    south_north, west_east = np.gradient(surface.shades, axis=(0, 1))
    slope = max(float(np.percentile(np.hypot(south_north, west_east), 90)), 1e-12)
    light = np.tanh((west_east - south_north) / slope)
    strength = 0.055 if theme.name == "light" else 0.16
    lit = colours[..., :3] * (1.0 + strength * light[..., np.newaxis])
    colours[..., :3] = np.clip(np.round(lit), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(colours[::-1])


class Ground(Layer):
    def __init__(self, area: Area, z: float) -> None:
        super().__init__(area, z)
        self.cache = PixelCache()
        self.surface: Surface | None = None
        self.theme = LIGHT
        self._pixels = np.zeros((1, 1, 4), dtype=np.uint8)
        self._lines = QPainterPath()
        self._index_lines = QPainterPath()
        self._revision = 0

    def show_surface(self, surface: Surface, theme: Theme) -> None:
        if surface is not self.surface:
            thin: list[NDArray[np.float64]] = []
            thick: list[NDArray[np.float64]] = []
            for k, lines in enumerate(surface.lines):
                (thick if k % INDEX == INDEX - 1 else thin).extend(lines)
            self._lines, self._index_lines = _path(thin), _path(thick)
        self.surface, self.theme = surface, theme
        self._pixels = relief(surface, theme)
        self._revision += 1
        self.update()

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        if self.surface is not None:
            painter.setClipRect(self.boundingRect())
            self.cache.paint(painter, self.boundingRect(), (self._revision, str(self.area.viewRange())), self._draw)

    def _draw(self, painter: QPainter) -> None:
        assert self.surface is not None
        x, y = self.surface.x, self.surface.y
        rows, columns, _ = self._pixels.shape
        # A sample is the middle of its pixel, so the image reaches half a sample beyond the outermost.
        half_x, half_y = (x[1] - x[0]) / 2, (y[1] - y[0]) / 2
        (left, top), (right, bottom) = self.area.to_pixels(np.array([(x[0] - half_x, y[-1] + half_y), (x[-1] + half_x, y[0] - half_y)]))
        image = QImage(self._pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)
        painter.setRenderHints(QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing)
        painter.drawImage(QRectF(left, top, right - left, bottom - top), image)
        (west, _), (_, north) = self.area.viewRange()
        across, down = self.area.pixels_per_unit
        to_pixels = QTransform.fromTranslate(-west, -north) * QTransform.fromScale(across, -down)
        for path, colour, width, opacity in (
            (self._lines, self.theme.contour, 0.7, 0.55),
            (self._index_lines, self.theme.index_contour, 1.15, 0.75),
        ):
            painter.setOpacity(opacity)
            painter.setPen(pen(colour, width))
            painter.drawPath(to_pixels.map(path))
        painter.setOpacity(1.0)


def _path(lines: list[NDArray[np.float64]]) -> QPainterPath:
    if not lines:
        return QPainterPath()
    points = np.concatenate(lines)
    connect = np.ones(len(points), dtype=np.int32)
    connect[np.cumsum([len(line) for line in lines]) - 1] = 0
    path = pg.functions.arrayToQPath(points[:, 0], points[:, 1], connect=connect)
    assert isinstance(path, QPainterPath)
    return path


def along_border(start: QPointF, end: QPointF, rect: QRectF) -> QPointF:
    """Where the segment from inside ``rect`` to outside crosses its border."""
    dx, dy = end.x() - start.x(), end.y() - start.y()
    share = 1.0
    for low, high, here, step in ((rect.left(), rect.right(), start.x(), dx), (rect.top(), rect.bottom(), start.y(), dy)):
        if step:
            share = min(share, ((high if step > 0 else low) - here) / step)
    share = max(share, 0.0)
    return QPointF(start.x() + share * dx, start.y() + share * dy)
