"""Small controls that the window's parts are made of."""

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import (
    QAction,
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QTextLayout,
    QTextOption,
    QWheelEvent,
)
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QSizePolicy, QToolButton, QWidget

from gdsim.gui.palette import Theme
from gdsim.gui.style import CAPTION, SPACE


def named(widget: QWidget, name: str, tip: str = "") -> None:
    """Gives ``widget`` the name that a screen reader speaks, and the tooltip (the name itself without one)."""
    widget.setAccessibleName(name)
    widget.setToolTip(tip or name)


def discard(widget: QWidget) -> None:
    """Takes ``widget`` out of its window. Hidden first: one that a layout is about to show would appear as a window of its own."""
    widget.hide()
    widget.setParent(None)
    widget.deleteLater()


def label(text: str, role: str) -> QLabel:
    """A text in one of the style sheet's roles: heading, caption, error."""
    made = QLabel(text)
    made.setProperty("role", role)
    return made


class ActionButton(QToolButton):
    """An icon that triggers an action. Clicking does not take the keyboard from the picture; Tab reaches it."""

    def __init__(self, action: QAction, parent: QWidget | None = None, side: int = 20):
        super().__init__(parent)
        self.setDefaultAction(action)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setIconSize(QSize(side, side))
        self.setAccessibleName(action.text())


def draw_chevron(widget: QWidget, from_right: int = 14) -> None:
    """The sign that a list opens here; a style sheet takes away the style's own."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(widget.palette().placeholderText().color(), 1.5)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    x, y = widget.width() - from_right, widget.height() / 2
    painter.drawPolyline([QPointF(x - 4, y - 2), QPointF(x, y + 2), QPointF(x + 4, y - 2)])


class TickBox(QCheckBox):
    """A check box whose mark is a tick; Tab reaches it, a click does not take the keyboard from the picture."""

    def __init__(self, text: str, parent: QWidget | None = None):
        super().__init__(text, parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.isChecked():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(self.palette().highlightedText().color(), 2.0)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        x, y = 8.0, self.height() / 2  # the middle of its box
        painter.drawPolyline([QPointF(x - 3.5, y), QPointF(x - 1, y + 2.5), QPointF(x + 3.5, y - 2.5)])


class Elided(QLabel):
    """One line of text that gives way: what does not fit ends in an ellipsis, and the tooltip has it all."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._whole = ""
        self.setProperty("role", "caption")
        self.setMinimumWidth(4 * SPACE)

    @property
    def whole_width(self) -> int:
        """Pixels that all of its text takes."""
        return self.fontMetrics().horizontalAdvance(self._whole) + 1

    def set_text(self, text: str) -> None:
        self._whole = text
        self.setToolTip(text)
        self.setAccessibleName(text)
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width()))


class QuietComboBox(QComboBox):
    """A combo box that leaves the wheel to the scroll area round it."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        draw_chevron(self)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class TextLines(QWidget):
    """Muted text over a fixed number of lines, so that what lies below never moves; what does not fit ends in an ellipsis."""

    def __init__(self, lines: int, parent: QWidget | None = None):
        super().__init__(parent)
        self._text = ""
        self._colour = ""
        self._lines = lines
        font = QFont(self.font())
        font.setPixelSize(CAPTION)
        self.setFont(font)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        return self._text

    def set_text(self, text: str) -> None:
        if text != self._text:
            self._text = text
            self.setToolTip(text)
            self.setAccessibleName(text)
            self.update()

    def apply_theme(self, theme: Theme) -> None:
        self._colour = theme.muted
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, self._lines * self.fontMetrics().lineSpacing() + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QColor(self._colour))
        metrics = self.fontMetrics()
        y = metrics.ascent()
        for line in wrapped(self._text, metrics, self, self._lines):
            painter.drawText(0, y, line)
            y += metrics.lineSpacing()


def wrapped(text: str, metrics: QFontMetrics, widget: QWidget, most: int) -> list[str]:
    """``text`` broken at words into lines of the widget's width, at most ``most``, the last one elided."""
    layout = QTextLayout(text, widget.font())
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    lines: list[str] = []
    layout.beginLayout()
    while len(lines) < most:
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(widget.width())
        start = line.textStart()
        if len(lines) == most - 1:
            lines.append(metrics.elidedText(text[start:], Qt.TextElideMode.ElideRight, widget.width()))
        else:
            lines.append(text[start : start + line.textLength()].rstrip())
    layout.endLayout()
    return lines
