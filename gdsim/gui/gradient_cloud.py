"""The gradient cloud: the pull of every point on the weights, that of the step's batch, that of all, and the ellipse of the noise."""

import math

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from gdsim.gui.canvas import SMALL, Area, Floats, Layer, font, pen
from gdsim.gui.numbers import number
from gdsim.gui.palette import LIGHT, RunStyle, Theme
from gdsim.simulation.step_noise import StepNoise

MOST_ARROWS = 300
"""Points whose arrows are drawn: of more, as many, evenly spread."""
LENGTH = 110.0
"""Pixels of the arrow that nine in ten are shorter than."""
AROUND = np.linspace(0.0, 2.0 * math.pi, 73)
FAR = 4000.0


def scale_of(noise: StepNoise, per_unit: tuple[float, float]) -> float:
    """What gradients are multiplied by to be drawn: places of the plot for one unit of gradient."""
    with np.errstate(all="ignore"):
        lengths = np.hypot(noise.noise.gradients[:, 0] * per_unit[0], noise.noise.gradients[:, 1] * per_unit[1])
        longest = max(float(np.quantile(lengths, 0.9)), float(np.hypot(*(noise.batch * per_unit))))
    return LENGTH / longest if longest > 0.0 and math.isfinite(longest) else 0.0


def ellipse_points(noise: StepNoise) -> Floats:
    """The noise ellipse as a closed polygon of gradients (73, 2)."""
    shape = noise.ellipse
    long, short = shape.axes[0] * np.cos(AROUND), shape.axes[1] * np.sin(AROUND)
    x = shape.centre[0] + long * math.cos(shape.angle) - short * math.sin(shape.angle)
    y = shape.centre[1] + long * math.sin(shape.angle) + short * math.cos(shape.angle)
    return np.column_stack((x, y))


class CloudLayer(Layer):
    """Arrows point downhill, against the gradient, as steps do; their lengths are to one scale."""

    def __init__(self, area: Area, z: float) -> None:
        super().__init__(area, z)
        self.theme = LIGHT
        self.noise: StepNoise | None = None
        self.style: RunStyle | None = None
        self.legend = QRectF()

    def show_theme(self, theme: Theme) -> None:
        self.theme = theme
        self.update()

    def show_noise(self, noise: StepNoise | None, style: RunStyle) -> None:
        if noise is not self.noise or style != self.style:
            self.noise, self.style = noise, style
            self.update()

    def tips(self, gradients: Floats) -> Floats:
        """Where the arrows of gradients (n, 2) end, in pixels."""
        assert self.noise is not None
        across, down = self.area.pixels_per_unit
        scale = scale_of(self.noise, self.area.pixels_per_unit)
        head = self.area.to_pixels(np.array([self.noise.position]))[0]
        return np.asarray(np.clip(head + gradients * (-scale * across, scale * down), -FAR, FAR), dtype=np.float64)

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        noise, theme = self.noise, self.theme
        self.legend = QRectF()
        if noise is None or self.style is None:
            return
        rect = self.boundingRect()
        start = QPointF(*np.clip(self.area.to_pixels(np.array([noise.position]))[0], -FAR, FAR))
        painter.setClipRect(rect)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        count = noise.noise.count
        shown = np.arange(count) if count <= MOST_ARROWS else np.linspace(0, count - 1, MOST_ARROWS).astype(np.int64)
        in_batch = np.isin(shown, noise.rows) & (not noise.looks_at_all)
        tips = self.tips(noise.noise.gradients[shown])
        for chosen, colour, strength, width in ((~in_batch, theme.text, 0.2, 1.0), (in_batch, self.style.colour, 0.75, 1.3)):
            shade = QColor(colour)
            shade.setAlphaF(strength)
            painter.setPen(pen(shade, width))
            ends = [QPointF(*tip) for tip in tips[chosen].tolist()]
            painter.drawLines([QLineF(start, end) for end in ends])
            painter.setPen(pen(shade, width + 2.2))
            if ends:
                painter.drawPoints(QPolygonF(ends))
        self._paint_ellipse(painter)
        draw_arrow(painter, start, QPointF(*self.tips(noise.noise.mean[np.newaxis])[0]), theme.text, theme, 2.4)
        if not noise.looks_at_all:
            draw_arrow(painter, start, QPointF(*self.tips(noise.batch[np.newaxis])[0]), self.style.colour, theme, 2.8)
        self._paint_legend(painter, rect)

    def _paint_ellipse(self, painter: QPainter) -> None:
        assert self.noise is not None
        if max(self.noise.ellipse.axes) <= 0.0:
            return
        outline = QPolygonF([QPointF(*tip) for tip in self.tips(ellipse_points(self.noise)).tolist()])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width, style in ((self.theme.outline, 3.2, Qt.PenStyle.SolidLine), (self.theme.text, 1.4, Qt.PenStyle.DashLine)):
            painter.setPen(QPen(QColor(colour), width, style))
            painter.drawPolygon(outline)

    def _paint_legend(self, painter: QPainter, rect: QRectF) -> None:
        """In a lower corner, on the side that the arrows are not; the upper one has the legend of the landmarks."""
        assert self.noise is not None
        assert self.style is not None
        noise, theme = self.noise, self.theme
        entries = [(f"one point, {noise.noise.count:,} in all", "faint", theme.text)]
        if not noise.looks_at_all:
            entries += [(f"this batch of {len(noise.rows):,}", "arrow", self.style.colour)]
        entries += [("all points: the true gradient", "arrow", theme.text)]
        if max(noise.ellipse.axes) > 0.0:
            entries += [("one deviation of batches", "ellipse", theme.text)]
        face = font(SMALL)
        metrics = QFontMetricsF(face)
        row = metrics.height() + 4
        width = max(metrics.horizontalAdvance(text) for text, _, _ in entries) + 42
        if rect.width() < width + 40 or rect.height() < 3 * row * len(entries):
            return
        on_right = self.area.to_pixels(np.array([noise.position]))[0, 0] < rect.center().x()
        left = rect.right() - width - 10 if on_right else rect.left() + 10
        self.legend = box = QRectF(left, rect.bottom() - row * len(entries) - 18, width, row * len(entries) + 8)
        panel = QColor(theme.panel)
        panel.setAlpha(222)
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.setBrush(panel)
        painter.drawRoundedRect(box, 5, 5)
        painter.setFont(face)
        for k, (text, sign, colour) in enumerate(entries):
            middle = box.top() + 4 + row * (k + 0.5)
            tail, tip = QPointF(box.left() + 8, middle), QPointF(box.left() + 28, middle)
            if sign == "arrow":
                draw_arrow(painter, tail, tip, colour, theme, 2.4)
            elif sign == "ellipse":
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(QColor(colour), 1.4, Qt.PenStyle.DashLine))
                painter.drawEllipse(QPointF(box.left() + 18, middle), 10.0, 5.0)
            else:
                shade = QColor(colour)
                shade.setAlphaF(0.4)
                painter.setPen(pen(shade, 1.0))
                painter.drawLine(tail, tip)
            painter.setPen(QColor(theme.text))
            painter.drawText(QRectF(box.left() + 34, middle - row / 2, width, row), Qt.AlignmentFlag.AlignVCenter, text)


def draw_arrow(painter: QPainter, start: QPointF, tip: QPointF, colour: str, theme: Theme, width: float) -> None:
    """An arrow that stands out from any ground; a dot where it would be too short to have a direction."""
    along = tip - start
    length = math.hypot(along.x(), along.y())
    painter.setBrush(QColor(colour))
    if length < 3.0:
        painter.setPen(pen(theme.outline, 1.5))
        painter.drawEllipse(start, 3.0, 3.0)
        return
    along /= length
    across, size = QPointF(-along.y(), along.x()), min(9.0, 0.6 * length)
    head = QPolygonF([tip, tip - along * size + across * (0.5 * size), tip - along * size - across * (0.5 * size)])
    neck = tip - along * (0.8 * size)
    for shade, more in ((theme.outline, 2.6), (colour, 0.0)):
        painter.setPen(pen(shade, width + more))
        painter.drawLine(start, neck)
        painter.setPen(pen(shade, 1.0 + more))
        painter.drawPolygon(head)


def noise_told(noise: StepNoise) -> str:
    """The numbers of the noise in one line."""
    size = noise.batches.size
    of = "single points" if noise.looks_at_all or size == 1 else f"batches of {size:,}"
    ratio, critical = noise.signal_to_noise, noise.noise.critical_batch_size
    return f"signal / noise {number(ratio, 2)} for {of};  critical batch size {number(critical, 2)}"
