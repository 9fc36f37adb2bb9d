"""A map of runs on a plot: its pixels where their places are, theory's border, and a ring where the run is that is shown elsewhere."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPainter, QPainterPath

from gdsim.gui.canvas import Area, Floats, Layer, PixelCache, pen
from gdsim.gui.map_colours import pixels
from gdsim.gui.markers import draw_start
from gdsim.gui.palette import LIGHT, Theme
from gdsim.simulation.map_plane import Picture, Way

ROUND, MOST, LEAST = 16, 640, 16
"""Pixels: maps are asked for in so many, so many at most, and for a plot that has at least so many."""


class MapLayer(Layer):
    """``opacity_shown`` lets what lies below shine through."""

    def __init__(self, area: Area, z: float, opacity_shown: float = 1.0) -> None:
        super().__init__(area, z)
        self.theme = LIGHT
        self.cache = PixelCache()
        self.picture: Picture | None = None
        self.here: tuple[float, float] | None = None
        self._opacity = opacity_shown
        self._image = QImage()
        self._revision = 0

    def show_theme(self, theme: Theme) -> None:
        self.theme = theme
        self._colour()

    def show_picture(self, picture: Picture | None) -> None:
        if picture is not self.picture:
            self.picture = picture
            self._colour()

    def show_here(self, here: tuple[float, float] | None) -> None:
        """The places of the run that is shown elsewhere; None if it has none."""
        if here != self.here:
            self.here = here
            self._changed()

    def _colour(self) -> None:
        self._image = QImage()
        if self.picture is not None:
            made = pixels(self.picture.chart, self.theme)
            rows, columns, _ = made.shape
            self._image = QImage(made.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888).convertToFormat(
                QImage.Format.Format_ARGB32_Premultiplied
            )
        self._changed()

    def _changed(self) -> None:
        self._revision += 1
        self.update()

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        if self.picture is not None or self.here is not None:
            painter.setClipRect(self.boundingRect())
            self.cache.paint(painter, self.boundingRect(), (self._revision, str(self.area.viewRange())), self._draw)

    def _draw(self, painter: QPainter) -> None:
        if self.picture is not None:
            (west, east), (south, north) = self.picture.extent
            (left, top), (right, bottom) = self.area.to_pixels(np.array([(west, north), (east, south)])).tolist()
            painter.setOpacity(self._opacity)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
            painter.drawImage(QRectF(left, top, right - left, bottom - top), self._image)
            painter.setOpacity(1.0)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._draw_borders(painter, self.picture)
        if self.here is not None:
            centre = self.area.to_pixels(np.array([self.here]))[0]
            if np.isfinite(centre).all():
                draw_start(painter, QPointF(*centre), self.theme)

    def _draw_borders(self, painter: QPainter, picture: Picture) -> None:
        for border in picture.chart.borders:
            points = np.column_stack((places(picture.plane.x, border.x), places(picture.plane.y, border.y)))
            path = _path(self.area.to_pixels(points))
            painter.strokePath(path, pen(self.theme.outline, 4.5))
            dashed = pen(self.theme.mark, 2.0)
            dashed.setDashPattern([4.0, 3.0])
            painter.strokePath(path, dashed)


def seen_pixels(area: Area) -> tuple[int, int]:
    """Pixels of the plot, as maps are asked for: in steps, so that a picture which is a little wider asks for nothing new."""
    return min(MOST, -(-int(area.width()) // ROUND) * ROUND), min(MOST, -(-int(area.height()) // ROUND) * ROUND)


def places(way: Way, values: Floats) -> Floats:
    with np.errstate(all="ignore"):
        return np.log10(values) if way.log else values


def _path(points: Floats) -> QPainterPath:
    """A line through the points, broken where one is not finite; points far off are drawn in to where a painter can reach them."""
    path, begun = QPainterPath(), False
    for x, y in points.tolist():
        if not (np.isfinite(x) and np.isfinite(y)):
            begun = False
            continue
        at = QPointF(min(max(x, -1e6), 1e6), min(max(y, -1e6), 1e6))
        path.lineTo(at) if begun else path.moveTo(at)
        begun = True
    return path
