"""The picture of backpropagation: in every unit what goes forward and what comes back, on every weight its gradient."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from gdsim.gui.backprop_words import share, shown
from gdsim.gui.canvas import SMALL, font, pen
from gdsim.gui.network_diagram import NEGATIVE, POSITIVE
from gdsim.gui.network_layout import ALONG, Layout, Unit, layout, scale_of, sides_of, widths_of
from gdsim.gui.network_words import layer_name, layer_told, unit_name
from gdsim.gui.palette import LIGHT, Theme, diverging
from gdsim.networks.chain import Chain
from gdsim.networks.units import columns_of
from gdsim.simulation.network_problem import NetworkProblem
from gdsim.simulation.trajectory import Floats

LARGEST = 76.0
ROOM_FOR_NUMBERS = 46.0
"""Side of a unit from which on it has its numbers written in it."""
LABELLED = 5
"""Weights into the chosen unit up to which each has its numbers beside it."""
MOST_DRAWN = 300
"""Weights that are drawn: those of the chosen unit, and of the others the ones with the largest gradients."""


class BackpropDiagram(QWidget):
    """The upper half of a unit is its value a, the lower its delta, each shaded by its size in the layer. ``chosen`` tells of a click on
    a unit that is no input.
    """

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.theme = LIGHT
        self.layout_: Layout | None = None
        self.unit: tuple[int, int] = (0, 0)
        self._problem: NetworkProblem | None = None
        self._chain: Chain | None = None
        self._gradient: Floats = np.empty(0)
        self._forward: list[Floats] = []
        self._backward: list[Floats] = []
        self.setMinimumSize(240, 160)
        self.setAccessibleName("Backpropagation")
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return QSize(560, 420)

    def show_theme(self, theme: Theme) -> None:
        self.theme = theme
        self.update()

    def show_chain(self, problem: NetworkProblem, chain: Chain, unit: tuple[int, int]) -> None:
        """``unit`` is the one that is written out: its layer (from 1) and number."""
        if self._problem is None or self._problem.shape != problem.shape:
            self.layout_ = None
        self._problem, self._chain, self.unit = problem, chain, unit
        self._gradient = chain.gradient(problem.shape)
        with np.errstate(all="ignore"):
            self._forward = [chain.links[0].before.mean(axis=0), *(link.values.mean(axis=0) for link in chain.links)]
            self._backward = [np.zeros(0), *(link.deltas.mean(axis=0) for link in chain.links)]
        self._lay_out()
        self.update()

    def _lay_out(self) -> None:
        if self.layout_ is None and self._problem is not None:
            network = self._problem.shape
            self.layout_ = layout(network, columns_of(network), self.width(), self.height(), LARGEST, 1.0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.layout_ = None
        self._lay_out()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.layout_ is not None and event.button() == Qt.MouseButton.LeftButton:
            what = self.layout_.under(event.position().x(), event.position().y(), np.zeros(len(self.layout_.places)))
            if isinstance(what, Unit) and what.layer:
                self.chosen.emit((what.layer, what.unit))

    # Painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.layout_ is None or self._problem is None or self._chain is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_weights(painter)
        for column, boxes in enumerate(self.layout_.boxes):
            self._paint_layer(painter, column, boxes)
        self._paint_labels(painter)

    def _paint_layer(self, painter: QPainter, at: int, boxes: Floats) -> None:
        assert self.layout_ is not None
        assert self._problem is not None
        column, network = self.layout_.columns[at], self._problem.shape
        middle, room = float(boxes[0, 0] + boxes[0, 2] / 2), max(float(boxes[0, 2]) * 2.0, 72.0)
        lines = (
            (layer_name(network, column.layer), font(SMALL, bold=True), self.theme.text, 6.0),
            (layer_told(network, column), font(SMALL), self.theme.muted, 22.0),
        )
        for text, face, colour, top in lines:
            painter.setFont(face)
            painter.setPen(QColor(colour))
            told = QFontMetricsF(face).elidedText(text, Qt.TextElideMode.ElideRight, room)
            painter.drawText(QRectF(middle - room / 2, top, room, 16.0), Qt.AlignmentFlag.AlignCenter, told)
        units = list(column.units)
        forward, backward = self._forward[column.layer], self._backward[column.layer]
        with np.errstate(all="ignore"):
            shades = [diverging(share(values).astype(np.float32), self.theme) for values in (forward, backward)]
        for (left, top, side), unit in zip(boxes.tolist(), units, strict=True):
            box = QRectF(left, top, side, side)
            halves = (
                [(box, 0)]
                if column.layer == 0
                else [(QRectF(left, top, side, side / 2), 0), (QRectF(left, top + side / 2, side, side / 2), 1)]
            )
            frame = QPainterPath()
            frame.addRoundedRect(box, 4.0, 4.0)
            painter.save()
            painter.setClipPath(frame)
            for half, which in halves:
                painter.fillRect(half, QColor(*shades[which][unit].tolist()))
            painter.restore()
            if side >= ROOM_FOR_NUMBERS:
                painter.setFont(font(SMALL))
                painter.setPen(QColor(self.theme.text))
                for half, which in halves:
                    text = shown((forward, backward)[which][unit])
                    painter.drawText(half, Qt.AlignmentFlag.AlignCenter, text if not which else f"δ {text}")
            is_chosen = (column.layer, unit) == self.unit
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(pen(self.theme.accent if is_chosen else self.theme.muted, 2.4 if is_chosen else 1.0))
            painter.drawPath(frame)
            self._paint_name(painter, at, box, unit)

    def _paint_name(self, painter: QPainter, at: int, box: QRectF, unit: int) -> None:
        assert self.layout_ is not None
        assert self._problem is not None
        assert self._chain is not None
        first, last = at == 0, at == len(self.layout_.columns) - 1
        if not (first or last):
            return
        face, beside = font(SMALL), sides_of(self.width())
        painter.setFont(face)
        painter.setPen(QColor(self.theme.muted))
        name = QFontMetricsF(face).elidedText(
            unit_name(self._problem, self.layout_.columns[at].layer, unit), Qt.TextElideMode.ElideRight, beside - 10.0
        )
        if first:
            place, along = QRectF(0.0, box.top(), box.left() - 7.0, box.height()), Qt.AlignmentFlag.AlignRight
        else:
            place, along = QRectF(box.right() + 7.0, box.top(), beside, box.height()), Qt.AlignmentFlag.AlignLeft
            if len(self._chain.losses) == 1 and box.height() >= 34.0:
                name += f"\ny = {shown(self._chain.targets[0, unit])}"
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | along, name)

    def _paint_weights(self, painter: QPainter) -> None:
        """As wide as their gradients are large."""
        assert self.layout_ is not None
        slopes = self._gradient[self.layout_.places]
        widths = widths_of(slopes, scale_of(slopes))
        layer, unit = self.unit
        near = (self.layout_.pairs[:, 0] == layer - 1) & (self.layout_.pairs[:, 2] == unit)
        near |= (self.layout_.pairs[:, 0] == layer) & (self.layout_.pairs[:, 1] == unit)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for number in np.argsort(widths + 100.0 * near, kind="stable")[-MOST_DRAWN:].tolist():
            if widths[number] > 0.0:
                colour = QColor(POSITIVE if slopes[number] > 0.0 else NEGATIVE)
                colour.setAlphaF(0.9 if near[number] else 0.3)
                x0, y0, x1, y1 = self.layout_.ends[number].tolist()
                path = QPainterPath(QPointF(x0, y0))
                path.cubicTo(QPointF((x0 + x1) / 2, y0), QPointF((x0 + x1) / 2, y1), QPointF(x1, y1))
                painter.setPen(pen(colour, float(widths[number])))
                painter.drawPath(path)

    def _paint_labels(self, painter: QPainter) -> None:
        """Weight and gradient beside each line into the chosen unit, where there are few."""
        assert self.layout_ is not None
        assert self._chain is not None
        layer, unit = self.unit
        into = np.flatnonzero((self.layout_.pairs[:, 0] == layer - 1) & (self.layout_.pairs[:, 2] == unit))
        if not 0 < len(into) <= LABELLED or self.width() < 360:
            return
        face = font(SMALL - 1)
        painter.setFont(face)
        metrics = QFontMetricsF(face)
        middles = np.sort(self.layout_.curves[into, len(ALONG) // 2, 1])
        if np.diff(middles).min(initial=np.inf) < 2 * metrics.height():
            return
        link = self._chain.links[layer - 1]
        for number in into.tolist():
            edge = self.layout_.edge(number)
            texts = (f"w {shown(link.weight[edge.after, edge.before])}", f"dJ/dw {shown(self._gradient[edge.place])}")
            width, row = max(metrics.horizontalAdvance(text) for text in texts) + 8.0, metrics.height()
            x, y = self.layout_.curves[number, len(ALONG) // 2].tolist()
            box = QRectF(x - width / 2, y - row - 1.0, width, 2 * row + 2.0)
            panel = QColor(self.theme.panel)
            panel.setAlpha(215)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(panel)
            painter.drawRoundedRect(box, 3.0, 3.0)
            painter.setPen(QColor(self.theme.text))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, "\n".join(texts))
