"""What a model says all over the plane: the likeliest class or the predicted number as a colour."""

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from gdsim.gui.canvas import Area, Layer, PixelCache
from gdsim.gui.palette import LIGHT, Theme, class_ground, diverging
from gdsim.simulation.answers import Answers, Places


class FieldLayer(Layer):
    """``span`` is how far from ``middle`` a predicted number has the full colour; ``classes`` how many there are, 0 for numbers."""

    def __init__(self, area: Area, z: float) -> None:
        super().__init__(area, z)
        self.cache = PixelCache()
        self.theme = LIGHT
        self.answers: Answers | None = None
        self._where: Places | None = None
        self._classes = 0
        self._middle, self._span = 0.0, 1.0
        self._pixels = np.zeros((1, 1, 4), dtype=np.uint8)

    def show_scale(self, classes: int, middle: float, span: float) -> None:
        self._classes, self._middle, self._span = classes, middle, span

    def show_field(self, answers: Answers | None, where: Places) -> None:
        if answers is not self.answers or where is not self._where:
            self.answers, self._where = answers, where
            self._colour()

    def show_theme(self, theme: Theme) -> None:
        self.theme = theme
        self._colour()

    def _colour(self) -> None:
        if self.answers is not None and self.answers.values.ndim == 2:
            if self.answers.classes is not None:
                pixels = class_ground(self.answers.values, self.answers.classes, self._classes, self.theme)
            else:
                with np.errstate(all="ignore"):
                    pixels = diverging((self.answers.values - np.float32(self._middle)) / np.float32(self._span), self.theme)
            self._pixels = np.ascontiguousarray(pixels[::-1])
        self.cache.forget()
        self.update()

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        if self.answers is None or self._where is None or self.answers.values.shape != (len(self._where.y), len(self._where.x)):
            return
        rect = self.boundingRect()
        painter.setClipRect(rect)
        self.cache.paint(painter, rect, str(self.area.viewRange()), self._draw)

    def _draw(self, painter: QPainter) -> None:
        """A place is the middle of its pixel, and north is up."""
        assert self._where is not None
        rows, columns, _ = self._pixels.shape
        image = QImage(self._pixels.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888)
        x, y = self._where.x, self._where.y
        half_x, half_y = (x[1] - x[0]) / 2, (y[1] - y[0]) / 2
        corners = self.area.to_pixels(np.array([[x[0] - half_x, y[-1] + half_y], [x[-1] + half_x, y[0] - half_y]]))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(*corners[0], *(corners[1] - corners[0])), image)
