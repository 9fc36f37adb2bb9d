"""A line edit for a formula: it says at once what is wrong, at the character that is."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QInputMethodEvent, QKeyEvent, QTextCharFormat
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget

from gdsim.gui.controls import named
from gdsim.gui.field_keys import left_to_window
from gdsim.gui.palette import Theme
from gdsim.landscapes.formula import FormulaError

TIP = (
    "Type a loss J in x and y, or in x alone: + - * / ^, sin, cos, exp, log, sqrt, abs and more. Any other name is a parameter.\n"
    "Enter takes it, Escape gives it up."
)


class FormulaEdit(QLineEdit):
    """``check(text)`` finds what is wrong. ``sketch(text)`` is called with every formula on the way that is right, and with None when
    typing is given up; ``commit(text)`` with the one that is meant. ``complained`` tells what is wrong, empty for nothing; ``left`` that
    the user is done with the field.
    """

    complained = Signal(str)
    left = Signal()

    def __init__(
        self,
        check: Callable[[str], FormulaError | None],
        sketch: Callable[[str | None], None],
        commit: Callable[[str], None],
        theme: Theme,
        parent: QWidget | None = None,
    ):
        super().__init__(parent)
        self._check, self._sketch, self._commit = check, sketch, commit
        self._theme = theme
        self._shown = ""
        self._fault: FormulaError | None = None
        self.setMaxLength(4000)
        self.setPlaceholderText("J(x, y) =")
        named(self, "formula", TIP)
        self.textEdited.connect(self._edited)
        self.returnPressed.connect(self._take)

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._mark(self._fault)

    @property
    def fault(self) -> FormulaError | None:
        return self._fault

    def show_formula(self, text: str) -> None:
        """Shows ``text``, unless the user is just typing another."""
        self._shown = text
        if not (self.hasFocus() and self.isModified()):
            self._restore()

    def _restore(self) -> None:
        if self.text() != self._shown:
            self.setText(self._shown)
            self.setCursorPosition(0)
        self.setModified(False)
        self._mark(None)

    def _edited(self, text: str) -> None:
        fault = self._check(text)
        self._mark(fault)
        if fault is None:
            self._sketch(text)

    def _take(self) -> None:
        fault = self._check(self.text())
        self._mark(fault)
        if fault is None:
            self._shown = self.text()
            self.setModified(False)
            self._commit(self._shown)

    def _give_up(self) -> None:
        self._restore()
        self._sketch(None)
        self.clearFocus()  # so that the keys are the window's again; whoever loses the keyboard tells that it is left

    def _mark(self, fault: FormulaError | None) -> None:
        """Underlines the character that is wrong, and says why."""
        self._fault = fault
        attributes = []
        if fault is not None and fault.at is not None and self.text():
            style = QTextCharFormat()
            style.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            style.setUnderlineColor(QColor(self._theme.error))
            style.setForeground(QColor(self._theme.error))
            at = min(fault.at, len(self.text()) - 1)
            attributes = [QInputMethodEvent.Attribute(QInputMethodEvent.AttributeType.TextFormat, at - self.cursorPosition(), 1, style)]
        QApplication.sendEvent(self, QInputMethodEvent("", attributes))  # the way to give characters of a line edit a format
        if bool(self.property("refused")) != (fault is not None):
            self.setProperty("refused", fault is not None)
            self.style().unpolish(self)
            self.style().polish(self)
        self.setAccessibleDescription(spoken(fault))
        self.complained.emit(spoken(fault))

    def event(self, event: QEvent) -> bool:
        if left_to_window(event, self):
            return True
        is_override = event.type() == QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._give_up()
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            return
        if self.isModified():
            self._take()
        if not self.isModified():
            self.left.emit()


def spoken(fault: FormulaError | None) -> str:
    """What is wrong, and where, in one line."""
    if fault is None:
        return ""
    reason = fault.reason[:1].upper() + fault.reason[1:]
    return reason if fault.at is None else f"Character {fault.at + 1}: {reason}"
