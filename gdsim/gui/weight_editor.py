"""A small field over a picture in which one weight is typed."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from gdsim.gui.controls import label
from gdsim.gui.number_edit import NumberEdit
from gdsim.gui.style import SPACE
from gdsim.parameter import Param

WEIGHT = Param("weight", 0.0, "a weight of the network")
WIDTH = 220


class WeightEditor(QFrame):
    """``commit(place, value)`` is called with what was typed for the weight at ``place``; Escape gives it up."""

    def __init__(self, commit: Callable[[int, float], None], parent: QWidget):
        super().__init__(parent)
        self._over = parent
        self._commit = commit
        self.place = -1
        self.setObjectName("popup")
        self.setFixedWidth(WIDTH)
        self._what = QLabel()
        self._what.setTextFormat(Qt.TextFormat.PlainText)
        self._what.setWordWrap(True)
        self._what.setProperty("role", "caption")
        self.field = NumberEdit(WEIGHT, self._take, self._complain, self)
        self.field.setAccessibleName("weight")
        self._fault = label("", "error")
        self._fault.setWordWrap(True)
        self._fault.hide()
        rows = QGridLayout(self)
        rows.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        rows.addWidget(self._what, 0, 0)
        rows.addWidget(self.field, 1, 0)
        rows.addWidget(self._fault, 2, 0)
        self.field.installEventFilter(self)
        self.hide()

    def ask(self, place: int, what: str, value: float, at: QPoint) -> None:
        """Shows the weight at ``place``, whose number is ``value``, near ``at``."""
        self.field.setModified(False)
        self.place = place
        self._what.setText(what)
        self.field.show_value(value)
        self.adjustSize()
        room = self._over.rect()
        x = min(at.x() + 12, room.width() - self.width() - 4)
        y = min(at.y() + 12, room.height() - self.height() - 4)
        self.move(max(x, 4), max(y, 4))
        self.show()
        self.raise_()
        self.field.setFocus()
        self.field.selectAll()

    def _take(self, value: float) -> None:
        place, self.place = self.place, -1
        self.hide()
        if place >= 0:
            self._commit(place, value)

    def _complain(self, text: str) -> None:
        self._fault.setText(text)
        self._fault.setVisible(bool(text))
        self.adjustSize()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self.field.setModified(False)
                self.hide()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not self.field.isModified():
                self.hide()
                return True
        if event.type() == QEvent.Type.FocusOut and not self.field.isModified():
            self.hide()
        return False
