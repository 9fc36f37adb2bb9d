"""The ground of the map: tints, a touch of relief, level lines. Painted once a view, then copied."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from gdsim.gui.canvas import Area, Layer, PixelCache, is_vector, pen
from gdsim.gui.clip import draw_clipped
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
        self._lines: list[NDArray[np.float64]] = []
        self._index_lines: list[NDArray[np.float64]] = []
        self._revision = 0

    def show_surface(self, surface: Surface, theme: Theme) -> None:
        if surface is not self.surface:
            levels = [_joined(lines) for lines in surface.lines]
            self._index_lines = levels[INDEX - 1 :: INDEX]
            self._lines = [line for k, line in enumerate(levels) if k % INDEX != INDEX - 1]
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
        rect = self.boundingRect()
        painter.setRenderHints(QPainter.RenderHint.SmoothPixmapTransform | QPainter.RenderHint.Antialiasing)
        if is_vector(painter):
            painter.drawImage(rect, self._cut(rect))
        else:
            painter.drawImage(rect, self._image(), self._sight())
        for lines, colour, width, opacity in (
            (self._lines, self.theme.contour, 0.7, 0.55),
            (self._index_lines, self.theme.index_contour, 1.15, 0.75),
        ):
            painter.setOpacity(opacity)
            painter.setPen(pen(colour, width))
            for line in lines:
                draw_clipped(painter, self.area.to_pixels(line), rect)
        painter.setOpacity(1.0)

    def _image(self) -> QImage:
        rows, columns, _ = self._pixels.shape
        return QImage(self._pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)

    def _cut(self, rect: QRectF) -> QImage:
        """What is in view as an image of its own: a drawing knows no parts of images."""
        cut = QImage((rect.size() * 2).toSize(), QImage.Format.Format_RGB32)
        painter = QPainter(cut)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(cut.rect()), self._image(), self._sight())
        painter.end()
        return cut

    def _sight(self) -> QRectF:
        """What of the image is in view, in its pixels: a sample of the surface is the middle of its pixel, north is up."""
        assert self.surface is not None
        x, y = self.surface.x, self.surface.y
        (west, east), (south, north) = self.area.viewRange()
        across, up = x[1] - x[0], y[1] - y[0]
        return QRectF((west - x[0]) / across + 0.5, (y[-1] - north) / up + 0.5, (east - west) / across, (north - south) / up)


def _joined(lines: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """One array of points with a row of NaN between lines."""
    gap = np.full((1, 2), np.nan)
    return np.concatenate([part for line in lines for part in (line, gap)]) if lines else gap
