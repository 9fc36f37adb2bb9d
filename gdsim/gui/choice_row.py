"""Parameters that are no single number as controls: one of a few words, or several whole numbers."""

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from gdsim.gui.controls import QuietComboBox, label, named
from gdsim.gui.param_row import NAMES, spoken
from gdsim.gui.style import SPACE
from gdsim.parameter import Param


class ChoiceRow(QWidget):
    """A parameter that is one of a few words."""

    def __init__(self, param: Param, change: Callable[[str, Any, bool], None]):
        super().__init__()
        self.box = QuietComboBox()
        self.box.addItems(list(param.choices))
        named(self.box, spoken(param), f"{param.doc.capitalize()}; default {param.default}.")
        self.box.textActivated.connect(lambda text: change(param.name, text, False))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE)
        title = label(spoken(param), "caption")
        title.setFixedWidth(NAMES)
        row.addWidget(title)
        row.addWidget(self.box, 1)

    def show_value(self, value: Any) -> None:
        self.box.setCurrentText(str(value))


class ListRow(QWidget):
    """A parameter that is several whole numbers, typed with commas between them. What is none is put back."""

    def __init__(self, param: Param, change: Callable[[str, Any, bool], None]):
        super().__init__()
        self._param, self._change, self._shown = param, change, ""
        self.edit = QLineEdit()
        named(self.edit, spoken(param), f"{param.doc.capitalize()}.\nType {param.allowed}, with commas between them.")
        self.edit.editingFinished.connect(self._read)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE)
        title = label(spoken(param), "caption")
        title.setFixedWidth(NAMES)
        row.addWidget(title)
        row.addWidget(self.edit, 1)

    def show_value(self, value: Any) -> None:
        self._shown = ", ".join(str(number) for number in value)
        if not (self.edit.hasFocus() and self.edit.isModified()):
            self.edit.setText(self._shown)

    def _read(self) -> None:
        if not self.edit.isModified():
            return
        self.edit.setModified(False)
        try:
            values = [int(part) for part in self.edit.text().replace(",", " ").split()]
        except ValueError:
            values = []
        if values and all(self._param.admits(value) for value in values):
            self._change(self._param.name, values, False)
        self.edit.setText(self._shown)
