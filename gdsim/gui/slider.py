"""Sliders: one that jumps to where it is clicked, and one that moves a Param on its own scale."""

import math
from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider, QWidget

from gdsim.app.epochs import ends_of_epochs
from gdsim.networks.batches import Batches
from gdsim.parameter import Param
from gdsim.simulation.ruler import RATES

NOTCHES = 1400
HANDLE = 28
"""Pixels of a slider's width that are kept for its handle: half of them on either side of where its middle may be."""


class JumpSlider(QSlider):
    """A horizontal slider whose handle comes to the mouse. Scrolling over it scrolls what it lies in."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            option = QStyleOptionSlider()
            self.initStyleOption(option)
            parts, control = self.style(), QStyle.ComplexControl.CC_Slider
            groove = parts.subControlRect(control, option, QStyle.SubControl.SC_SliderGroove, self)
            handle = parts.subControlRect(control, option, QStyle.SubControl.SC_SliderHandle, self)
            if not handle.contains(event.position().toPoint()):
                along = round(event.position().x()) - groove.x() - handle.width() // 2
                value = QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), along, groove.width() - handle.width())
                self.setSliderDown(True)
                self.setSliderPosition(value)
        super().mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class StepSlider(JumpSlider):
    """Steps, with a tick above the groove where an epoch ends."""

    CLOSEST = 5
    TICK = 4

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._epochs: Batches | None = None

    def show_epochs(self, epochs: Batches | None) -> None:
        """None for no ticks."""
        if epochs != self._epochs:
            self._epochs = epochs
            self.update()

    @property
    def ticks(self) -> tuple[int, ...]:
        """The steps at which a tick stands: epochs that are too close together share one."""
        if self._epochs is None or self.maximum() <= 0:
            return ()
        return ends_of_epochs(self._epochs, self.maximum(), self.CLOSEST * self.maximum() / max(self.width(), 1))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QPen(self.palette().placeholderText().color(), 1))
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        handle = self.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, self).width()
        top = self.height() // 2 - 10
        for step in self.ticks:
            x = handle // 2 + QStyle.sliderPositionFromValue(0, self.maximum(), step, self.width() - handle)
            painter.drawLine(x, top, x, top + self.TICK)
        painter.end()
        super().paintEvent(event)


def slider_range(param: Param, usual: float | None = None) -> tuple[float, float]:
    """The part of the values that ``param`` allows which a slider offers: where values that are used lie, round ``usual`` in place of the
    default.
    """
    if param.name == "learning_rate":
        return RATES
    default = float(param.default if usual is None else usual)
    if param.log:
        low = param.low if param.low > 0 else min(1e-12, default) if default > 0 else 1e-12
        return low, param.high if math.isfinite(param.high) else max(1.0, 1e3 * default)
    if param.whole:
        return param.low, min(param.high, max(param.low + 10.0, 2.0 * default))
    low = param.low if math.isfinite(param.low) else min(0.0, 2.0 * default)
    high = param.high if math.isfinite(param.high) else max(1.0, low, 4.0 * default)
    return low, high


class ParamSlider(JumpSlider):
    """Moves ``param`` (in decades if it is logarithmic) and calls ``move(value, live)``; ``live`` while the mouse holds the handle.

    Values have three significant digits (save at a bound that has more), so that the number beside the slider is the whole truth.
    """

    def __init__(self, param: Param, move: Callable[[float, bool], None], usual: float | None = None, parent: QWidget | None = None):
        super().__init__(parent)
        self._param = param
        self._low, self._high = slider_range(param, usual)
        self._move = move
        self._value: float | None = None
        self.setRange(0, NOTCHES)
        self.setSingleStep(NOTCHES // 140)
        self.setPageStep(NOTCHES // 14)
        self.valueChanged.connect(self._moved)
        self.sliderReleased.connect(self._released)

    def value_at(self, notch: int) -> float:
        share = notch / NOTCHES
        low, high = self._low, self._high
        value = low * (high / low) ** share if self._param.log else low + (high - low) * share
        rounded = float(round(value)) if self._param.whole else float(f"{value:.3g}")
        if self._param.admits(rounded):
            return rounded
        if self._param.admits(value):
            return value
        inset = (high - low) / NOTCHES  # an open bound is approached, not reached
        near = low + inset if notch == 0 else high - inset
        short = float(f"{near:.3g}")
        return short if self._param.admits(short) else float(f"{near:.6g}")

    def notch_of(self, value: float) -> int:
        clipped = min(max(value, self._low), self._high)
        if self._param.log:
            share = math.log(clipped / self._low) / math.log(self._high / self._low)
        else:
            share = (clipped - self._low) / (self._high - self._low)
        return round(share * NOTCHES)

    def show_value(self, value: float) -> None:
        """Moves the handle to ``value`` and tells nobody. A handle that is held stays with the mouse."""
        if value == self._value or self.isSliderDown():
            return
        self._value = value
        with QSignalBlocker(self):
            self.setValue(self.notch_of(value))

    def _moved(self, notch: int) -> None:
        self._value = self.value_at(notch)
        self._move(self._value, self.isSliderDown())

    def _released(self) -> None:
        if self._value is not None:
            self._move(self._value, False)
