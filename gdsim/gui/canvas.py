"""What the plots share: a themed pyqtgraph plot that reports clicks and drags, and layers that paint themselves in pixels."""

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QFontMetricsF, QHideEvent, QImage, QPaintEngine, QPainter, QPen, QTransform
from PySide6.QtWidgets import QApplication, QGraphicsItem, QLabel, QWidget

from gdsim.gui.application import FONT
from gdsim.gui.numbers import number
from gdsim.gui.palette import LIGHT, Theme

Floats = NDArray[np.float64]
SMALL = 12


def font(pixels: int, *, bold: bool = False) -> QFont:
    """Sized in pixels: a picture then has the same proportions whatever density the screen claims."""
    face = QFont(FONT)
    face.setPixelSize(pixels)
    face.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    face.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    return face


def pixels_of(image: QImage) -> NDArray[np.uint8]:
    """The pixels of a picture, (height, width, 4), RGBA."""
    image = image.convertToFormat(QImage.Format.Format_RGBA8888)
    return np.frombuffer(bytes(image.constBits()), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)[:, : image.width()]


def pen(colour: str | QColor, width: float) -> QPen:
    """With round caps and joins, as everything here is drawn."""
    return QPen(QColor(colour), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


class Area(pg.ViewBox):  # type: ignore[misc]
    """The rectangle of the data. Left clicks and drags are told, not acted on; the middle and right button pan, the wheel zooms.

    Where a drag means nothing else, ``left_pans`` says that the left button pans, too. ``drag_start`` is where the button went down for the
    drag that is told.
    """

    clicked = Signal(QPointF, object)
    right_clicked = Signal(QPointF)
    dragged = Signal(QPointF, object, bool)

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.0)
        self._modifiers = Qt.KeyboardModifier.NoModifier
        self.drag_start = QPointF()
        self.left_pans = False

    def mouseClickEvent(self, event: Any) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            event.accept()
            self.clicked.emit(self.mapToView(event.pos()), event.modifiers())
        elif event.button() == Qt.MouseButton.RightButton:
            event.accept()
            self.right_clicked.emit(self.mapToView(event.pos()))

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        if event.button() == Qt.MouseButton.LeftButton and not self.left_pans:
            event.accept()
            if event.isStart():
                self._modifiers = event.modifiers()
                self.drag_start = self.mapToView(event.buttonDownPos())
            self.dragged.emit(self.mapToView(event.pos()), self._modifiers, event.isFinish())
        elif any(self.state["mouseEnabled"]):
            event.accept()
            here, before = self.mapToView(event.pos()), self.mapToView(event.lastPos())
            self.translateBy(x=before.x() - here.x(), y=before.y() - here.y())
            self.sigRangeChangedManually.emit(self.state["mouseEnabled"])
        else:
            event.ignore()

    @property
    def pixels_per_unit(self) -> tuple[float, float]:
        (west, east), (south, north) = self.viewRange()
        return self.width() / (east - west), self.height() / (north - south)

    def to_pixels(self, points: Floats) -> Floats:
        """Data (n, 2) to this item's own coordinates, which are pixels of the window."""
        (west, _), (_, north) = self.viewRange()
        across, down = self.pixels_per_unit
        with np.errstate(over="ignore", invalid="ignore"):
            return np.asarray((points - (west, north)) * (across, -down), dtype=np.float64)


GAP = 10
"""Pixels between two numbers of an axis, at least."""


class Axis(pg.AxisItem):  # type: ignore[misc]
    """Numbers with a real minus sign, and powers of ten as they are printed; below a plot, no more than find room."""

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        levels: list[tuple[float, float]] = super().tickSpacing(low, high, size)
        if self.orientation != "bottom" or not levels:
            return levels
        (spacing, begin), *finer = levels
        metrics = QFontMetricsF(font(SMALL))
        while spacing < abs(high - low):
            wide = max(metrics.horizontalAdvance(text) for text in self.tickStrings([low, high], self.scale, spacing))
            if spacing / abs(high - low) * size >= wide + GAP:
                break
            # 1, 2, 5, 10: from a power of ten and from five times it the next is twice as far.
            spacing *= 2.5 if round(spacing / 10.0 ** math.floor(math.log10(spacing) + 1e-9)) == 2 else 2.0
        return [(spacing, begin), *finer]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        texts = super().tickStrings(values, scale, spacing)
        return [number(float(text)) if "e" in text else text.replace("-", "−") for text in texts]  # noqa: RUF001


class Canvas(pg.PlotWidget):  # type: ignore[misc]
    """A plot with one Area, thin axes left and below, and a readout in its corner."""

    def __init__(self, left: pg.AxisItem | None = None, bottom: pg.AxisItem | None = None) -> None:
        self.area = Area()
        axes = {"left": left or Axis("left"), "bottom": bottom or Axis("bottom")}
        others = set(QApplication.topLevelWidgets())
        super().__init__(viewBox=self.area, axisItems=axes)
        # pyqtgraph makes menus and an empty form that nobody owns, wanted or not; so they end with the plot.
        for stray in set(QApplication.topLevelWidgets()) - others - {self}:
            if stray.parent() is None:
                stray.setParent(self, stray.windowFlags())
        self.axes = tuple(axes.values())
        self.hideButtons()
        self.setMenuEnabled(False)
        self.setFrameShape(self.Shape.NoFrame)
        self.area.disableAutoRange()
        for axis in self.axes:
            axis.setStyle(tickLength=-4, tickFont=font(SMALL), tickTextOffset=5, maxTickLevel=0, hideOverlappingLabels=False)
            axis.label.setFont(font(SMALL))
            axis.enableAutoSIPrefix(False)
        self.plotItem.layout.setContentsMargins(2, 10, 18, 2)  # on the right, half of the last number of the axis
        self._theme = LIGHT
        self.readout = Readout(self)
        self._hovered: Callable[[QPointF], None] | None = None
        self._pointer = QPointF()

    def on_hover(self, hovered: Callable[[QPointF], None]) -> None:
        """``hovered(place in the scene)`` tells the readout what is under the cursor."""
        self._hovered = hovered
        self.scene().sigMouseMoved.connect(self._point)

    def tell(self, pixel: QPointF, text: str) -> None:
        """Tells what is at ``pixel`` of the area: at the lower left, or above where the readout would lie under the cursor. Nothing without
        a text, and beside the area.
        """
        room = self.area.rect()
        if not text or not room.contains(pixel):
            self.readout.hide()
            return
        covered = pixel.x() < room.width() / 2 and pixel.y() > room.height() * 0.7
        corner = Qt.Corner.TopLeftCorner if covered else Qt.Corner.BottomLeftCorner
        self.readout.tell(text, QRectF(self.area.mapRectToScene(room)), corner)

    def hover_again(self) -> None:
        """Something else may be under the cursor now, which did not move."""
        if self._hovered is not None and self.readout.isVisible():
            self._hovered(self._pointer)

    def _point(self, place: QPointF) -> None:
        self._pointer = place
        if self._hovered is not None:
            self._hovered(place)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.readout.hide()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        readout = vars(self).get("readout")  # a window that is torn down while it is shown has lost it already
        if readout is not None:
            readout.hide()

    def apply_theme(self, theme: Theme) -> None:
        self.setBackground(theme.panel)
        self.area.setBackgroundColor(theme.plot)
        self._theme = theme
        self._frame(chosen=False)
        for axis in self.axes:
            axis.setPen(pg.mkPen(theme.border))
            axis.setTickPen(pg.mkPen(theme.muted))
            axis.setTextPen(pg.mkPen(theme.muted))
            axis.label.setDefaultTextColor(QColor(theme.muted))
        self.readout.apply_theme(theme)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._frame(chosen=event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason))

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._frame(chosen=False)

    def _frame(self, *, chosen: bool) -> None:
        """Who comes with the keyboard sees where it is; who clicks knows."""
        self.area.border = pg.mkPen(self._theme.accent, width=2) if chosen else pg.mkPen(self._theme.border)
        self.area.borderRect.setPen(self.area.border)

    def label(self, axis: int, text: str) -> None:
        """``axis`` 0 is the left one, 1 the one below. The numbers at it stand as they are, not as thousandths that the text tells of."""
        self.axes[axis].enableAutoSIPrefix(False)
        self.axes[axis].setLabel(text, **{"font-size": f"{SMALL}px"})


MARGIN = 8
"""Pixels between a readout and what it stands in."""


class Readout(QLabel):
    """What is under the cursor, in a corner of the plot, out of the cursor's way."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._around = canvas
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFont(font(SMALL))
        self.hide()

    def apply_theme(self, theme: Theme) -> None:
        panel = QColor(theme.raised)
        self.setStyleSheet(
            f"background: rgba({panel.red()}, {panel.green()}, {panel.blue()}, 225); color: {theme.text};"
            f"border: 1px solid {theme.border}; border-radius: 4px; padding: 3px 7px;"
        )

    def tell(self, text: str, inside: QRectF, corner: Qt.Corner = Qt.Corner.BottomLeftCorner) -> None:
        """In a corner of ``inside``, in as many lines as the plot is narrow; what finds no room in the corner stands beside it."""
        whole = self._around.size() - QSize(2 * MARGIN, 2 * MARGIN)
        self.setText(text)
        self.setWordWrap(False)
        self.adjustSize()
        if self.width() > whole.width():
            self.setWordWrap(True)
            self.resize(whole.width(), self.heightForWidth(whole.width()))
        right = corner in (Qt.Corner.TopRightCorner, Qt.Corner.BottomRightCorner)
        low = corner in (Qt.Corner.BottomLeftCorner, Qt.Corner.BottomRightCorner)
        x = inside.right() - self.width() - MARGIN if right else inside.left() + MARGIN
        y = inside.bottom() - self.height() - MARGIN if low else inside.top() + MARGIN
        x, y = min(x, MARGIN + whole.width() - self.width()), min(y, MARGIN + whole.height() - self.height())
        self.move(round(max(x, MARGIN)), round(max(y, MARGIN)))
        self.show()


class Layer(QGraphicsItem):
    """Covers an Area and paints in its pixels: constant pens and marks whatever the zoom."""

    def __init__(self, area: Area, z: float) -> None:
        super().__init__(area)
        self.area = area
        self.setZValue(z)
        area.sigRangeChanged.connect(self._moved)
        area.sigResized.connect(self._moved)

    def boundingRect(self) -> QRectF:
        return QRectF(self.area.rect())

    def _moved(self, *_: object) -> None:
        self.prepareGeometryChange()
        self.update()


def is_vector(painter: QPainter) -> bool:
    """Whether the painter writes a drawing (SVG, PDF) and not pixels."""
    return painter.paintEngine().type() in (QPaintEngine.Type.SVG, QPaintEngine.Type.Pdf, QPaintEngine.Type.Picture)


class PixelCache:
    """An image of a layer in the device's own pixels, so that a high-density screen stays sharp and a frame is one copy."""

    def __init__(self) -> None:
        self.image = QImage()
        self.full_redraws = 0
        self._key: Hashable = None

    def forget(self) -> None:
        """The image is blank at the next ``open``."""
        self._key = None

    @contextmanager
    def open(self, painter: QPainter, rect: QRectF, key: Hashable) -> Iterator[tuple[QPainter, bool]]:
        """A painter onto the image in the coordinates of ``painter``, and whether the image is blank: new, or cleared because ``key``, the
        place or the scale changed.
        """
        transform = painter.deviceTransform()
        device = transform.mapRect(rect).toAlignedRect()
        key = (key, *(getattr(transform, name)() for name in ("m11", "m12", "m21", "m22", "dx", "dy")), device.getRect())
        blank = key != self._key
        if blank:
            self._key, self.full_redraws = key, self.full_redraws + 1
            size = device.size().expandedTo(QSize(1, 1))  # nothing can be painted onto an image without pixels
            if self.image.size() != size:
                self.image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
            self.image.fill(Qt.GlobalColor.transparent)
        onto = QPainter(self.image)
        onto.setRenderHint(QPainter.RenderHint.Antialiasing)
        onto.setTransform(transform * QTransform.fromTranslate(-device.x(), -device.y()))
        try:
            yield onto, blank
        finally:
            onto.end()

    def paint(self, painter: QPainter, rect: QRectF, key: Hashable, draw: Callable[[QPainter], None]) -> None:
        """Paints ``draw`` through the image; straight onto ``painter`` if that keeps a drawing."""
        if is_vector(painter):
            draw(painter)
            return
        with self.open(painter, rect, key) as (onto, blank):
            if blank:
                draw(onto)
        self.copy(painter, rect)

    def copy(self, painter: QPainter, rect: QRectF, part: QRectF | None = None) -> None:
        """Copies the image, or the ``part`` of it given in the painter's coordinates, pixel by pixel."""
        transform = painter.deviceTransform()
        device = transform.mapRect(rect).toAlignedRect()
        wanted = device if part is None else transform.mapRect(part).toAlignedRect() & device
        if wanted.isEmpty():
            return  # an empty source would stand for the whole image
        painter.save()
        painter.resetTransform()
        painter.setWorldTransform(painter.deviceTransform().inverted()[0])
        painter.drawImage(wanted.topLeft(), self.image, QRect(wanted.topLeft() - device.topLeft(), wanted.size()))
        painter.restore()
