"""One parameter as a control, made from its Param: a check box for a switch, else a slider with its number and room for a complaint."""

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from gdsim.gui.controls import TickBox, label, named
from gdsim.gui.number_edit import NumberEdit
from gdsim.gui.slider import ParamSlider
from gdsim.gui.style import SPACE
from gdsim.parameter import Param

NAMES = 11 * SPACE
"""Width of the names in rows that stand below each other on a card."""

Change = Callable[[str, float | bool, bool], None]


def spoken(param: Param) -> str:
    """The parameter's name as a person says it."""
    return param.name.replace("_", " ")


def explained(param: Param) -> str:
    """The tooltip: what the parameter does, and which values it takes."""
    unit = f", in {param.unit}" if param.unit else ""
    default = "" if param.default is None else f"; default {param.default:g}"
    return f"{spoken(param).capitalize()}: {param.doc}.\nType {param.allowed}{unit}{default}."


class SwitchRow(TickBox):
    """A parameter that is on or off. ``change(name, value, live)`` is called when the user turns it."""

    def __init__(self, param: Param, change: Change, parent: QWidget | None = None):
        super().__init__(spoken(param), parent)
        self._param = param
        self._change = change
        named(self, spoken(param), f"{param.doc.capitalize()}; default {'on' if param.default else 'off'}.")
        self.toggled.connect(self._toggled)

    def show_value(self, value: float | bool) -> None:
        with QSignalBlocker(self):
            self.setChecked(bool(value))

    def _toggled(self, on: bool) -> None:
        self._change(self._param.name, on, False)


class NumberRow(QWidget):
    """A parameter that is a number: its name, a slider, the number itself, and below what is wrong with it.

    A ``bare`` row has only the slider and the complaint: ``number`` goes where the caller puts it. In rows that stand under each other the
    names take ``name_width`` pixels, so that the sliders are aligned. A value that is ``usual`` here stands for the default of the slider.
    """

    def __init__(
        self,
        param: Param,
        change: Change,
        bare: bool = False,
        name_width: int | None = None,
        usual: float | None = None,
        parent: QWidget | None = None,
    ):
        super().__init__(parent)
        self._param = param
        self._change = change
        self.slider = ParamSlider(param, self._moved, usual)
        self.number = NumberEdit(param, self._typed, self._complain)
        self.number.setFixedWidth(10 * SPACE)
        self.complaint = QLabel()
        self.complaint.setProperty("role", "error")
        self.complaint.setWordWrap(True)
        self.complaint.hide()
        named(self.slider, f"{spoken(param)} slider", explained(param))
        named(self.number, spoken(param), explained(param))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(2)
        if not bare:
            title = label(spoken(param), "caption")
            title.setToolTip(explained(param))
            if name_width is not None:
                title.setFixedWidth(name_width)
            grid.addWidget(title, 0, 0)
            grid.addWidget(self.number, 0, 2)
        grid.addWidget(self.slider, 0, 1)
        grid.addWidget(self.complaint, 1, 0, 1, 3)
        grid.setColumnStretch(1, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_value(self, value: float | bool) -> None:
        self.slider.show_value(float(value))
        self.number.show_value(float(value))

    def _moved(self, value: float, live: bool) -> None:
        self._change(self._param.name, value, live)

    def _typed(self, value: float) -> None:
        self._change(self._param.name, value, False)

    def _complain(self, text: str) -> None:
        self.complaint.setText(text)
        self.complaint.setVisible(bool(text))


def param_row(param: Param, change: Change, name_width: int | None = None, usual: float | None = None) -> SwitchRow | NumberRow:
    return SwitchRow(param, change) if param.is_switch else NumberRow(param, change, name_width=name_width, usual=usual)
