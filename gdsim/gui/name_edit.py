"""A name that is text until someone clicks it, and is then typed in its place: that of a scenario or of a run."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from gdsim.gui.field_keys import left_to_window


class NameEdit(QLineEdit):
    """``commit(text)`` is called with a name of at most ``most`` characters once it is meant. Enter and Escape hand the keyboard back to
    the window, where the space bar plays; Escape also gives up what was typed.
    """

    def __init__(self, commit: Callable[[str], None], most: int, parent: QWidget | None = None):
        super().__init__(parent)
        self._commit = commit
        self._shown = ""
        self.setProperty("role", "title")
        self.setMaxLength(most)
        self.editingFinished.connect(self._finish)
        self.returnPressed.connect(self.clearFocus)

    def show_name(self, text: str) -> None:
        """Shows ``text``, unless the user is just typing another."""
        self._shown = text
        if text != self.text() and not (self.hasFocus() and self.isModified()):
            self._restore()

    def _restore(self) -> None:
        self.setText(self._shown)
        self.setCursorPosition(0)

    def _finish(self) -> None:
        if self.isModified():
            self.setModified(False)
            self._commit(self.text().strip())

    def event(self, event: QEvent) -> bool:
        if left_to_window(event, self):
            return True
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self._restore()
            self.clearFocus()
            return
        super().keyPressEvent(event)
