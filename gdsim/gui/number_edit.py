"""A line edit for one number, which says what is wrong instead of changing what was typed."""

import re
from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from gdsim.gui.field_keys import left_to_window
from gdsim.parameter import Param

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


ROOM = 8
"""Characters that the field has room for."""


def parse_number(text: str, param: Param) -> float:
    """The number that ``text`` spells. Raises ValueError, in words for the user, if it is none or ``param`` does not admit it."""
    typed = text.strip()
    if not typed:
        raise ValueError(f"type {param.allowed}")
    if not _NUMBER.fullmatch(typed):
        if "," in typed and _NUMBER.fullmatch(typed.replace(",", ".")):
            raise ValueError(f"use a point, not a comma: {typed.replace(',', '.')}")
        raise ValueError(f"{typed!r} is not a number; type {param.allowed}, such as 0.01 or 1e-3")
    value = float(typed)
    if not param.admits(value):
        raise ValueError(f"{typed} is not allowed; type {param.allowed}")
    return value


def spell(value: float) -> str:
    """``value`` as short as it can be read back: ``0.001``, ``1e-08``."""
    return f"{value:.12g}"


def brief(text: str) -> str:
    """A spelled number that is too long for the field, in three digits: cut off, 3.1200059e-05 would read as 3.12."""
    return text if len(text) <= ROOM else f"{float(text):.3g}"


class NumberEdit(QLineEdit):
    """``commit(value)`` is called with a number that ``param`` admits; ``complain(text)`` with what is wrong, or with an empty text."""

    def __init__(self, param: Param, commit: Callable[[float], None], complain: Callable[[str], None], parent: QWidget | None = None):
        super().__init__(parent)
        self._param = param
        self._commit = commit
        self._complain = complain
        self._shown = ""
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.returnPressed.connect(self._read)

    def show_value(self, value: float) -> None:
        """Shows ``value``, unless the user is just typing another."""
        text = spell(value)
        if text == self._shown:
            return
        self._shown = text
        if not (self.hasFocus() and self.isModified()):
            self._restore()

    def _restore(self) -> None:
        self.setText(self._shown if self.hasFocus() else brief(self._shown))
        self.setCursorPosition(0)
        self._mark("")

    def _read(self) -> None:
        if not self.isModified():
            return
        try:
            value = parse_number(self.text(), self._param)
        except ValueError as error:
            self._mark(str(error))
            return
        self.setModified(False)
        self._shown = spell(value)
        self._restore()
        self._commit(value)

    def _mark(self, complaint: str) -> None:
        refused = bool(complaint)
        if refused != bool(self.property("refused")):
            self.setProperty("refused", refused)
            self.style().unpolish(self)
            self.style().polish(self)
            self._complain(complaint)
        elif refused:
            self._complain(complaint)

    def event(self, event: QEvent) -> bool:
        if left_to_window(event, self, of_numbers=True):
            return True
        is_override = event.type() == QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape and self.isModified():
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self._restore()
            self.selectAll()
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self.isModified():
            self.setText(self._shown)
        self.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._read()
        if not self.isModified():
            self._restore()
