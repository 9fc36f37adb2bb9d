"""Keys that a field has no use for stay the window's, though the field has the keyboard."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QLineEdit, QSpinBox, QWidget

from gdsim.gui.number_edit import NumberEdit


class FieldKeys(QObject):
    """Watches the field of ``window`` that has the keyboard. Once a number is typed and taken, the space bar plays, and undo is that of the
    window and takes the number back: the field's own has nothing left to do.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._follow)

    def _follow(self, before: QWidget | None, now: QWidget | None) -> None:
        if isinstance(before, QLineEdit | QSpinBox):
            before.removeEventFilter(self)
        if isinstance(now, QLineEdit | QSpinBox) and now.window() is self._window:
            now.installEventFilter(self)

    def eventFilter(self, field: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and is_of_no_use(field, event):
            event.ignore()  # so that the shortcut is looked for
            return True
        return False


def is_of_no_use(field: QObject, event: QKeyEvent) -> bool:
    """Whether the key would do nothing sensible in ``field`` as it is."""
    line = field.lineEdit() if isinstance(field, QSpinBox) else field
    assert isinstance(line, QLineEdit)
    if event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo):
        return not line.isModified()
    of_numbers = isinstance(field, NumberEdit | QSpinBox)
    return of_numbers and event.key() == Qt.Key.Key_Space and event.modifiers() == Qt.KeyboardModifier.NoModifier
