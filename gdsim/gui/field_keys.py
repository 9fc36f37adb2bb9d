"""Keys that a field has no use for stay the window's, though the field has the keyboard."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit


def left_to_window(event: QEvent, line: QLineEdit, *, of_numbers: bool = False) -> bool:
    """Whether ``event`` asks for a key that would do nothing sensible in ``line`` as it is: it is ignored then, so that the shortcut is
    looked for. Once something was typed and taken, undo is that of the window; and no number has a blank in it, so the space bar plays.
    """
    if event.type() != QEvent.Type.ShortcutOverride or not isinstance(event, QKeyEvent):
        return False
    if event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo):
        useless = not line.isModified()
    else:
        useless = of_numbers and event.key() == Qt.Key.Key_Space and event.modifiers() == Qt.KeyboardModifier.NoModifier
    if useless:
        event.ignore()
    return useless
