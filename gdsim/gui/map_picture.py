"""A map of a sweep as a picture: pixels that are whole runs, axes with numbers, theory's border, and a legend with shares."""

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QImage,
    QLinearGradient,
    QPaintDevice,
    QPainter,
    QPainterPath,
)

from gdsim.gui.application import application
from gdsim.gui.canvas import font, pen, pixels_of
from gdsim.gui.map_colours import DARKEST, class_colour, pixels, ramp, side_ramp
from gdsim.gui.numbers import number, power
from gdsim.gui.page import Align, paint_line
from gdsim.gui.palette import DARK, LIGHT, Theme
from gdsim.gui.paper import pdf, png, svg
from gdsim.gui.typeset import typeset
from gdsim.simulation.durable import write_whole
from gdsim.simulation.sweep_map import Border, MapAxis, MapClass, SweepMap, map_of
from gdsim.simulation.sweep_result import SweepResult

MARGIN = 28.0
HEADER = 76.0
LEGEND = 250.0
AXIS_LEFT, AXIS_BOTTOM = 74.0, 58.0
STRIP = 96.0
"""Height of one run's strip where there is one axis."""


def paint_map(
    result: SweepResult,
    path: str | os.PathLike[str] | None = None,
    *,
    colour: str = "auto",
    theme: Literal["light", "dark"] = "light",
    size: tuple[int, int] | None = None,
) -> NDArray[np.uint8] | None:
    """Paints the sweep into ``path``, whole or not at all; without a path its pixels come back, (height, width, 4), RGBA.

    Works without a display; where there is a QApplication, on its thread. Without a ``size`` in pixels the page is as large as the map
    needs. Raises ValueError for another suffix than .png, .svg and .pdf, and for a sweep that no map can show; OSError.
    """
    chart = map_of(result, colour)
    return write_page(lambda: MapPage(chart, {"light": LIGHT, "dark": DARK}[theme], size or _usual_size(chart)), path)


def write_page(make: "Callable[[], MapPage]", path: str | os.PathLike[str] | None) -> NDArray[np.uint8] | None:
    """Paints the page that ``make`` lays out, once there is an application, as ``paint_map`` says."""
    suffix = Path(path).suffix.lower() if path is not None else None
    if suffix is not None and suffix not in WRITERS:
        raise ValueError(f"{path}: a map is one of {', '.join(WRITERS)}, not {suffix or 'a file without a suffix'}")
    application(headless=True)
    page = make()
    if path is None or suffix is None:
        return pixels_of(page.image())
    write_whole(Path(path), WRITERS[suffix](page))
    return None


def _usual_size(chart: SweepMap) -> tuple[int, int]:
    if chart.y is not None:
        return 1100, 820
    below = max(STRIP * len(chart.labels), 26.0 * len(chart.classes) + 100.0 * bool(chart.measure) + 40.0)
    return 1100, round(HEADER + 2 * MARGIN + below + AXIS_BOTTOM)


class MapPage:
    """Lays out a map on a page of a size in pixels, and paints it."""

    def __init__(self, chart: SweepMap, theme: Theme, size: tuple[int, int]) -> None:
        self.chart, self.theme, self.size = chart, theme, size
        width, height = size
        left, top = MARGIN + AXIS_LEFT, HEADER + MARGIN * 0.5
        room = QRectF(left, top, width - left - LEGEND - 2 * MARGIN, height - top - AXIS_BOTTOM - MARGIN)
        if chart.y is None:
            room.setHeight(min(room.height(), STRIP * len(chart.labels)))
        elif chart.x.key.endswith("start.x") and chart.y.key.endswith("start.y"):
            room = _square(room, chart)
        self.plot = room

    def image(self) -> QImage:
        image = QImage(QSize(*self.size), QImage.Format.Format_RGB32)
        self.paint_on(image)
        return image

    def paint_on(self, device: QPaintDevice) -> None:
        painter = QPainter(device)
        try:
            self.paint(painter)
        finally:
            painter.end()

    def paint(self, painter: QPainter) -> None:
        chart, theme = self.chart, self.theme
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        painter.fillRect(QRectF(0, 0, *self.size), QColor(theme.window))
        width = self.size[0] - 2 * MARGIN
        paint_line(painter, QRectF(MARGIN, 18, width, 32), chart.title, font(24, bold=True), theme.text)
        paint_line(painter, QRectF(MARGIN, 50, width, 20), chart.subtitle, font(13), theme.muted)
        self._paint_pixels(painter)
        painter.save()
        painter.setClipRect(self.plot)
        for border in chart.borders:
            self._paint_border(painter, border)
        painter.restore()
        painter.setPen(pen(theme.border, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(self.plot)
        self._paint_x(painter)
        if chart.y is not None:
            self._paint_y(painter, chart.y)
        elif len(chart.labels) > 1:
            self._paint_labels(painter)
        self._paint_legend(painter)

    def _paint_pixels(self, painter: QPainter) -> None:
        colours = pixels(self.chart, self.theme)
        height, width, _ = colours.shape
        image = QImage(colours.data, width, height, 4 * width, QImage.Format.Format_RGBA8888)
        # Fewer pixels than there are runs are means of them; more are squares.
        smooth = width > self.plot.width() or height > self.plot.height()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(self.plot, image)

    def across(self, value: float) -> float:
        """Where a value of the horizontal axis lies."""
        return self.plot.left() + self.plot.width() * _share(self.chart.x, value)

    def up(self, axis: MapAxis, value: float) -> float:
        return self.plot.bottom() - self.plot.height() * _share(axis, value)

    def _paint_border(self, painter: QPainter, border: Border) -> None:
        path = QPainterPath()
        if self.chart.y is None:
            for x in border.x:
                path.moveTo(self.across(float(x)), self.plot.top())
                path.lineTo(self.across(float(x)), self.plot.bottom())
        else:
            begun = False
            for x, y in zip(border.x.tolist(), border.y.tolist(), strict=True):
                if not (math.isfinite(x) and math.isfinite(y)) or (self.chart.x.log and x <= 0.0) or (self.chart.y.log and y <= 0.0):
                    begun = False
                    continue
                at = QPointF(self.across(x), self.up(self.chart.y, y))
                path.lineTo(at) if begun else path.moveTo(at)
                begun = True
        painter.strokePath(path, pen(self.theme.outline, 4.5))
        painter.strokePath(path, _dashed(self.theme.mark))

    def _paint_x(self, painter: QPainter) -> None:
        axis, face = self.chart.x, font(12)
        for value, text in ticks(axis, int(self.plot.width() / 78)):
            x = self.across(value)
            painter.setPen(pen(self.theme.muted, 1))
            painter.drawLine(QPointF(x, self.plot.bottom()), QPointF(x, self.plot.bottom() + 5))
            paint_line(painter, QRectF(x - 50, self.plot.bottom() + 7, 100, 18), text, face, self.theme.muted, Align.AlignHCenter)
        below = QRectF(self.plot.left(), self.plot.bottom() + 28, self.plot.width(), 20)
        paint_line(painter, below, axis.name, font(13), self.theme.text, Align.AlignHCenter)

    def _paint_y(self, painter: QPainter, axis: MapAxis) -> None:
        for value, text in ticks(axis, int(self.plot.height() / 46)):
            y = self.up(axis, value)
            painter.setPen(pen(self.theme.muted, 1))
            painter.drawLine(QPointF(self.plot.left() - 5, y), QPointF(self.plot.left(), y))
            paint_line(painter, QRectF(self.plot.left() - 68, y - 9, 60, 18), text, font(12), self.theme.muted, Align.AlignRight)
        painter.save()
        painter.translate(self.plot.left() - 60, self.plot.center().y())
        painter.rotate(-90)
        paint_line(painter, QRectF(-200, -10, 400, 20), axis.name, font(13), self.theme.text, Align.AlignHCenter)
        painter.restore()

    def _paint_labels(self, painter: QPainter) -> None:
        count = len(self.chart.labels)
        for index, label in enumerate(self.chart.labels):
            middle = self.plot.bottom() - self.plot.height() * (index + 0.5) / count
            place = QRectF(MARGIN * 0.5, middle - 10, self.plot.left() - MARGIN * 0.5 - 8, 20)
            paint_line(painter, place, label, font(12), self.theme.text, Align.AlignRight)

    def _paint_legend(self, painter: QPainter) -> None:
        chart, theme = self.chart, self.theme
        left, top = self.plot.right() + MARGIN, self.plot.top()
        for kind in sorted(chart.classes, key=lambda kind: (kind.minimum is None, -kind.share)):
            if chart.painted != "shades" or kind.outcome.value == "diverged":
                box = QRectF(left, top + 3, 16, 16)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(_class_colour(chart, kind, theme)))
                painter.drawRoundedRect(box, 3, 3)
                room = self.size[0] - left - MARGIN * 0.6
                share = f"{kind.share:.1%}" if kind.share >= 0.0005 else "< 0.1%"
                wide = QFontMetricsF(font(13)).horizontalAdvance(share)
                paint_line(painter, QRectF(left + 24, top, room - 30 - wide, 22), typeset(kind.label), font(13), theme.text)
                paint_line(painter, QRectF(left, top, room, 22), share, font(13), theme.muted, Align.AlignRight)
                top += 26
        if chart.painted == "trainability":
            top = self._paint_sides(painter, left, top + 8)
        elif chart.measure:
            top = self._paint_ramp(painter, left, top + 8)
        for border in chart.borders:
            painter.setPen(pen(theme.outline, 4.5))
            painter.drawLine(QPointF(left, top + 19), QPointF(left + 24, top + 19))
            painter.setPen(_dashed(theme.mark))
            painter.drawLine(QPointF(left, top + 19), QPointF(left + 24, top + 19))
            paint_line(painter, QRectF(left + 32, top + 8, LEGEND - 34, 22), border.label, font(13), theme.text)
            top += 28

    def _paint_sides(self, painter: QPainter, left: float, top: float) -> float:
        """What the colours on each side of the border tell, and how frayed it is. Returns where it ends."""
        theme = self.theme
        for code, words in enumerate(("trained: sum of losses", "not trained: sum of 1 / loss")):
            place = QRectF(left, top + 24, LEGEND - 60, 12)
            shade = QLinearGradient(place.topLeft(), place.topRight())
            for k in range(0, 256, 15):
                shade.setColorAt(k / 255, QColor(*map(int, side_ramp(code)[k])))
            paint_line(painter, QRectF(left, top, LEGEND, 22), words, font(13), theme.text)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shade)
            painter.drawRoundedRect(place, 3, 3)
            below = QRectF(left, place.bottom() + 3, place.width(), 18)
            paint_line(painter, below, "least", font(12), theme.muted)
            paint_line(painter, below, "most", font(12), theme.muted, Align.AlignRight)
            top = below.bottom() + 10
        if self.chart.measure:
            paint_line(painter, QRectF(left, top, LEGEND, 22), self.chart.measure, font(13), theme.text)
            top += 28
        return top

    def _paint_ramp(self, painter: QPainter, left: float, top: float) -> float:
        """What shades tell. Returns where it ends."""
        chart, theme = self.chart, self.theme
        place = QRectF(left, top + 24, LEGEND - 60, 12)
        shade = QLinearGradient(place.topLeft(), place.topRight())
        if chart.painted == "shades":
            colours = ramp(theme)
            for k in range(0, 256, 15):
                shade.setColorAt(k / 255, QColor(*map(int, colours[k])))
        else:
            arrived = next((kind for kind in chart.classes if kind.outcome.value == "converged"), chart.classes[0])
            first = QColor(class_colour(arrived, theme))
            shade.setColorAt(0.0, first)
            shade.setColorAt(
                1.0, QColor.fromRgbF(*(channel * (1.0 - DARKEST) for channel in (first.redF(), first.greenF(), first.blueF())))
            )
        paint_line(painter, QRectF(left, top, LEGEND, 22), chart.measure, font(13), theme.text)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(shade)
        painter.drawRoundedRect(place, 3, 3)
        below = QRectF(left, place.bottom() + 3, place.width(), 18)
        paint_line(painter, below, _end(chart, 0), font(12), theme.muted)
        paint_line(painter, below, _end(chart, 1), font(12), theme.muted, Align.AlignRight)
        return below.bottom() + 4


def _class_colour(chart: SweepMap, kind: MapClass, theme: Theme) -> str:
    if chart.painted != "trainability":
        return class_colour(kind, theme)
    red, green, blue = side_ramp(chart.classes.index(kind))[128].tolist()
    return f"#{red:02x}{green:02x}{blue:02x}"


def _end(chart: SweepMap, end: int) -> str:
    return number(round(chart.ends[end])) if chart.measure == "steps" else number(chart.ends[end], 2)


def _dashed(colour: str) -> Any:
    stroke = pen(colour, 2.0)
    stroke.setDashPattern([4.0, 3.0])
    return stroke


def _share(axis: MapAxis, value: float) -> float:
    low, high = (float(axis.place(edge)) for edge in axis.edges)
    return (float(axis.place(value)) - low) / (high - low) if high > low else 0.5


def _square(room: QRectF, chart: SweepMap) -> QRectF:
    """As much of ``room`` as shows both weights to the same scale."""
    if chart.y is None:
        return room
    wide, high = (axis.edges[1] - axis.edges[0] for axis in (chart.x, chart.y))
    scale = min(room.width() / wide, room.height() / high)
    return QRectF(room.left(), room.top(), wide * scale, high * scale)


def ticks(axis: MapAxis, most: int) -> list[tuple[float, str]]:
    """Round values of the axis with their words, at most about ``most``."""
    low, high = axis.edges
    most = max(2, most)
    if axis.log:
        first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
        if last - first >= 2:
            stride = max(1, -(-(last - first) // most))
            decades = range(first, last + 1, stride)
            return [(10.0**k, number(10.0**k) if -3 <= k <= 3 else power(k)) for k in decades]
        places = [m * 10.0**k for k in range(first - 1, last + 1) for m in (1, 2, 5)]
        return [(value, number(value)) for value in places if low <= value <= high]
    span = high - low
    rough = span / most
    unit = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 1.0
    step = next(unit * m for m in (1, 2, 5, 10) if unit * m >= rough * 0.999)
    found = [k * step for k in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]
    return [(value, number(round(value, 12))) for value in found]


WRITERS: dict[str, Callable[[MapPage], bytes]] = {
    ".png": lambda page: png(page.image()),
    ".svg": lambda page: svg(page.size, page.chart.title, page.paint_on),
    ".pdf": lambda page: pdf(page.size, page.chart.title, page.paint_on),
}
