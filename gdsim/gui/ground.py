"""The ground of the map: tints, a touch of relief, level lines. Painted once a view, then copied."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from gdsim.gui.canvas import Area, Layer, PixelCache, is_vector, pen
from gdsim.gui.clip import draw_clipped
from gdsim.gui.level_labels import draw_label, place_of
from gdsim.gui.palette import LIGHT, Theme, ground
from gdsim.simulation.surface import Surface

INDEX = 5


def index_levels(surface: Surface) -> set[float]:
    """The levels drawn strong and labelled: every fifth multiple of an even step; of heights in geometric steps, the powers of ten."""
    levels = np.array(surface.levels)
    if len(levels) < 3:
        return set(surface.levels)
    if not surface.landscape.log_levels:
        return {level for level in surface.levels if round(level / (levels[1] - levels[0])) % INDEX == 0}
    least = min((point.loss for point in surface.landscape.minima), default=surface.losses.min())
    with np.errstate(all="ignore"):
        decade = np.log10(levels - least)
    whole = np.abs(decade - np.round(decade)) < 1e-6
    # Two lines a decade would make every other one strong: then every other decade will do.
    if 3 * whole.sum() > len(levels):
        whole &= np.round(decade) % 2 == 0
    return set(levels[whole].tolist())


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
        self._index_lines: list[tuple[float, NDArray[np.float64]]] = []
        self._revision = 0

    def show_surface(self, surface: Surface, theme: Theme) -> None:
        if surface is not self.surface:
            chosen = index_levels(surface)
            levels = [_joined(lines) for lines in surface.lines]
            self._index_lines = [(level, line) for level, line in zip(surface.levels, levels, strict=True) if level in chosen]
            self._lines = [line for level, line in zip(surface.levels, levels, strict=True) if level not in chosen]
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
            ([line for _, line in self._index_lines], self.theme.index_contour, 1.15, 0.75),
        ):
            painter.setOpacity(opacity)
            painter.setPen(pen(colour, width))
            for line in lines:
                draw_clipped(painter, self.area.to_pixels(line), rect)
        painter.setOpacity(1.0)
        self._draw_labels(painter, rect)

    def _draw_labels(self, painter: QPainter, rect: QRectF) -> None:
        taken: list[NDArray[np.float64]] = []
        for level, line in self._index_lines:
            place = place_of(self.area.to_pixels(line), rect, taken)
            if place is not None:
                draw_label(painter, place, level, self._paper(QPointF(*place[0])), self.theme)
                taken.append(place[0])

    def _paper(self, pixel: QPointF) -> QColor:
        """The ground's colour under a pixel."""
        sight, rect = self._sight(), self.boundingRect()
        column = int(sight.left() + pixel.x() / rect.width() * sight.width())
        row = int(sight.top() + pixel.y() / rect.height() * sight.height())
        rows, columns, _ = self._pixels.shape
        red, green, blue, _ = self._pixels[min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)].tolist()
        return QColor(red, green, blue)

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
