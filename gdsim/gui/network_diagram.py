"""The picture of a network: units as small maps of what they say, weights as lines between them."""

from itertools import pairwise

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QWidget

from gdsim.gui.canvas import SMALL, font, pen
from gdsim.gui.network_layout import TOP, Edge, Layout, Unit, layout, scale_of, sides_of, widths_of
from gdsim.gui.network_words import layer_name, layer_told, unit_name
from gdsim.gui.palette import CLASS_COLOURS, LIGHT, Theme, diverging
from gdsim.networks.units import columns_of
from gdsim.simulation.network_problem import NetworkProblem
from gdsim.simulation.trajectory import Floats
from gdsim.simulation.unit_maps import UnitMaps

NEGATIVE, POSITIVE = CLASS_COLOURS[:2]
"""Of weights, biases and what units say. Apart under every kind of colour blindness."""
FAINTEST, STRONGEST = 0.22, 0.92
MOST_DRAWN, MOST_MOVING = 800, 120
"""Weights that are drawn, and while the run plays: of more, the largest. A wide smooth line takes a tenth of a millisecond."""
BIAS = 9.0
CORNER = 4.0


class Diagram(QWidget):
    """``pointed`` tells what came under the cursor (a Unit, an Edge or None), ``chosen`` what was clicked, and where."""

    pointed = Signal(object)
    chosen = Signal(object, QPointF)

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.theme = LIGHT
        self.layout_: Layout | None = None
        self.maps: UnitMaps | None = None
        self.under: Unit | Edge | None = None
        self._problem: NetworkProblem | None = None
        self._weights: Floats = np.empty(0)
        self._widths: Floats = np.empty(0)
        self._bias_scale = 1.0
        self._moving = False
        self._images: list[list[QImage]] = []
        self.setMouseTracking(True)
        self.setMinimumSize(240, 200)
        self.setAccessibleName("Network")

    def sizeHint(self) -> QSize:
        return QSize(560, 560)

    @property
    def weights(self) -> Floats:
        return self._weights

    # What is shown

    def show_theme(self, theme: Theme) -> None:
        self.theme = theme
        self._colour()
        self.update()

    def show_network(self, problem: NetworkProblem, weights: Floats, maps: UnitMaps | None, *, moving: bool = False) -> None:
        """``weights`` are all of them; ``maps`` of another network are left out. ``moving``: others will come with the next frame."""
        if self._problem is None or self._problem.shape != problem.shape or self._problem.seen != problem.seen:
            self._problem, self.layout_, self.under = problem, None, None
        self._problem = problem
        if maps is not None and maps.columns != columns_of(problem.shape):
            maps = None
        if weights is self._weights and maps is self.maps and moving == self._moving and self.layout_ is not None:
            return
        self._weights, self._moving = weights, moving
        if maps is not self.maps:
            self.maps = maps
            self._colour()
        self._lay_out()
        self.update()

    def _lay_out(self) -> None:
        if self._problem is None:
            return
        network = self._problem.shape
        if self.layout_ is None:
            self.layout_ = layout(network, columns_of(network), self.width(), self.height())
        shown = self._weights[self.layout_.places].astype(np.float64)
        self._widths = widths_of(shown, scale_of(shown))
        self._bias_scale = scale_of(np.concatenate([self._weights[places] for places in self.layout_.biases]).astype(np.float64))

    def _colour(self) -> None:
        """The maps as pictures."""
        self._images = []
        if self.maps is not None and self.maps.kind == "plane":
            for values in self.maps.values:
                pixels = np.ascontiguousarray(diverging(values[:, ::-1].astype(np.float32) / np.float32(127.0), self.theme))
                rows, columns = pixels.shape[1:3]
                self._images.append(
                    [QImage(each.data, columns, rows, 4 * columns, QImage.Format.Format_RGBA8888).copy() for each in pixels]
                )

    # The mouse

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.layout_ = None
        self._lay_out()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(event.position())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._point(event.position())
        if event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self.under, event.position())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._show_under(None)

    def _point(self, place: QPointF) -> None:
        self._show_under(None if self.layout_ is None else self.layout_.under(place.x(), place.y(), self._widths))

    def _show_under(self, what: Unit | Edge | None) -> None:
        if what != self.under:
            self.under = what
            editable = isinstance(what, Edge) or (isinstance(what, Unit) and what.layer > 0)
            self.setCursor(Qt.CursorShape.PointingHandCursor if editable else Qt.CursorShape.ArrowCursor)
            self.update()
        self.pointed.emit(what)

    # Painting

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self.layout_ is None or self._problem is None:
            return
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        self._paint_names(painter)
        self._paint_weights(painter)
        for column, boxes in enumerate(self.layout_.boxes):
            for row, (left, top, side) in enumerate(boxes.tolist()):
                box = QRectF(left, top, side, side)
                self._paint_bias(painter, column, row, box)
                self._paint_unit(painter, column, row, box)

    def _paint_names(self, painter: QPainter) -> None:
        assert self.layout_ is not None
        assert self._problem is not None
        network, columns, boxes = self._problem.shape, self.layout_.columns, self.layout_.boxes
        heading, caption = font(SMALL, bold=True), font(SMALL)
        middles = [float(box[0, 0] + box[0, 2] / 2) for box in boxes]
        room = min((b - a for a, b in pairwise(middles)), default=float(self.width())) - 6.0
        for column, middle in zip(columns, middles, strict=True):
            lines = (
                (layer_name(network, column.layer), str(column.layer), heading, self.theme.text, 6.0),
                (layer_told(network, column), "", caption, self.theme.muted, 22.0),
            )
            for text, short, face, colour, top in lines:
                painter.setFont(face)
                painter.setPen(QColor(colour))
                metrics = QFontMetricsF(face)
                shown = text if metrics.horizontalAdvance(text) <= room else short
                painter.drawText(QRectF(middle - room / 2, top, room, 16.0), Qt.AlignmentFlag.AlignCenter, shown)
        painter.setFont(caption)
        painter.setPen(QColor(self.theme.muted))
        for at in self.layout_.gaps:
            left, right = boxes[at - 1][0], boxes[at][0]
            between = QRectF(left[0] + left[2], TOP, right[0] - left[0] - left[2], self.height() - TOP)
            painter.drawText(between, Qt.AlignmentFlag.AlignCenter, f"…\n{columns[at].layer - columns[at - 1].layer - 1}\n…")
        metrics, beside = QFontMetricsF(caption), sides_of(self.width())
        for at, on_left in ((0, True), (len(columns) - 1, False)):
            for (left, top, side), unit in zip(boxes[at].tolist(), columns[at].units, strict=True):
                name = metrics.elidedText(unit_name(self._problem, columns[at].layer, unit), Qt.TextElideMode.ElideRight, beside - 10.0)
                place = QRectF(0.0, top, left - 7.0, side) if on_left else QRectF(left + side + 7.0, top, beside, side)
                along = Qt.AlignmentFlag.AlignRight if on_left else Qt.AlignmentFlag.AlignLeft
                painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | along, name)

    def _paint_weights(self, painter: QPainter) -> None:
        assert self.layout_ is not None
        order = np.argsort(self._widths, kind="stable")[-(MOST_MOVING if self._moving else MOST_DRAWN) :]
        widest = float(self._widths.max(initial=1.0))
        near = self._near()
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for number in order.tolist():
            width = float(self._widths[number])
            if width <= 0.0:
                continue
            colour = QColor(POSITIVE if self._weights[self.layout_.places[number]] > 0.0 else NEGATIVE)
            strength = FAINTEST + (STRONGEST - FAINTEST) * width / widest
            colour.setAlphaF(strength if near is None or near[number] else 0.25 * strength)
            x0, y0, x1, y1 = self.layout_.ends[number].tolist()
            path = QPainterPath(QPointF(x0, y0))
            path.cubicTo(QPointF((x0 + x1) / 2, y0), QPointF((x0 + x1) / 2, y1), QPointF(x1, y1))
            if isinstance(self.under, Edge) and self.under.number == number:
                painter.setPen(pen(self.theme.text, width + 3.0))
                painter.drawPath(path)
            painter.setPen(pen(colour, width))
            painter.drawPath(path)

    def _near(self) -> np.ndarray | None:
        """Which weights belong to what is under the cursor; None if nothing is."""
        assert self.layout_ is not None
        pairs = self.layout_.pairs
        if isinstance(self.under, Edge):
            return np.asarray(np.arange(len(pairs)) == self.under.number)
        if isinstance(self.under, Unit):
            out = (pairs[:, 0] == self.under.layer) & (pairs[:, 1] == self.under.unit)
            into = (pairs[:, 0] == self.under.layer - 1) & (pairs[:, 2] == self.under.unit)
            return np.asarray(out | into)
        return None

    def _paint_bias(self, painter: QPainter, column: int, row: int, box: QRectF) -> None:
        assert self.layout_ is not None
        if column == 0:
            return
        bias = float(self._weights[self.layout_.biases[column][row]])
        if not bias or np.isnan(bias):
            return
        side = 3.0 + (BIAS - 3.0) * min(abs(bias) / self._bias_scale, 1.0)
        painter.setPen(pen(self.theme.outline, 1.0))
        painter.setBrush(QColor(POSITIVE if bias > 0.0 else NEGATIVE))
        painter.drawRect(QRectF(box.left() - 3.0 - side / 2, box.bottom() - side / 2 - 1.0, side, side))

    def _paint_unit(self, painter: QPainter, column: int, row: int, box: QRectF) -> None:
        frame = QPainterPath()
        frame.addRoundedRect(box, CORNER, CORNER)
        painter.save()
        painter.setClipPath(frame)
        painter.fillRect(box, QColor(self.theme.plot))
        if self.maps is not None:
            values = self.maps.values[column][row]
            {"plane": self._paint_map, "curve": self._paint_curve, "points": self._paint_bar}[self.maps.kind](
                painter, box, column, row, values
            )
        painter.restore()
        hovered = isinstance(self.under, Unit) and (self.under.column, self.under.row) == (column, row)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen(self.theme.accent if hovered else self.theme.muted, 2.0 if hovered else 1.0))
        painter.drawPath(frame)

    def _paint_map(self, painter: QPainter, box: QRectF, column: int, row: int, _values: np.ndarray) -> None:
        painter.drawImage(box, self._images[column][row])

    def _paint_curve(self, painter: QPainter, box: QRectF, _column: int, _row: int, values: np.ndarray) -> None:
        x = np.linspace(box.left() + 2.0, box.right() - 2.0, len(values))
        y = box.center().y() - values / 127.0 * (box.height() / 2 - 3.0)
        painter.setPen(pen(self.theme.grid, 1.0))
        painter.drawLine(QPointF(box.left(), box.center().y()), QPointF(box.right(), box.center().y()))
        painter.setPen(pen(self.theme.text, 1.4))
        painter.drawPolyline(QPolygonF([QPointF(*place) for place in zip(x.tolist(), y.tolist(), strict=True)]))

    def _paint_bar(self, painter: QPainter, box: QRectF, _column: int, _row: int, values: np.ndarray) -> None:
        share = float(values) / 127.0
        middle, half = box.center(), box.width() / 2 - 3.0
        painter.fillRect(
            QRectF(middle.x(), middle.y() - 4.0, half * share, 8.0).normalized(), QColor(POSITIVE if share > 0.0 else NEGATIVE)
        )
        painter.setPen(pen(self.theme.muted, 1.0))
        painter.drawLine(QPointF(middle.x(), middle.y() - 7.0), QPointF(middle.x(), middle.y() + 7.0))
