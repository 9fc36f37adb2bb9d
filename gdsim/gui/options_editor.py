"""What a run has whatever its optimizer, as controls: limits of the gradient, and Lookahead."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gdsim.app.edit_options import LIMITS, USUAL_LIMIT
from gdsim.gui.param_row import NAMES, NumberRow, SwitchRow
from gdsim.gui.style import SPACE
from gdsim.optimizers.lookahead import ALPHA, K
from gdsim.parameter import Param
from gdsim.simulation.scenario import Run

WRAPPED = (replace(K, name="k", whole=True), replace(ALPHA, name="alpha"))
LOOKAHEAD = Param("lookahead", False, "every k steps the weights return part of the way to where they were (Zhang et al., 2019)")
NO_LOOKAHEAD = "Lookahead goes with rules that treat every weight on its own; this one looks at all of them together"

SetLimit = Callable[[str, float | None, bool], None]
SetLookahead = Callable[[Mapping[str, Any] | None, bool], None]


class OptionalRow(QWidget):
    """A number that may be left out: a check box, and beside it, where that is on, a slider and the number."""

    def __init__(self, param: Param, change: SetLimit):
        super().__init__()
        self._param = param
        self._change = change
        self.switch = SwitchRow(replace(param, default=False), self._turned)
        self.switch.setFixedWidth(NAMES)
        self.row = NumberRow(param, self._change, bare=True, usual=USUAL_LIMIT)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(SPACE)
        line.addWidget(self.switch)
        room = QWidget()  # stays where the row is not shown
        inside = QHBoxLayout(room)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(SPACE)
        inside.addWidget(self.row, 1)
        inside.addWidget(self.row.number)
        line.addWidget(room, 1)
        self.show_value(None)

    def show_value(self, value: float | None) -> None:
        self.switch.show_value(value is not None)
        for part in (self.row, self.row.number):
            part.setVisible(value is not None)
        if value is not None:
            self.row.show_value(value)

    def _turned(self, name: str, on: float | bool, live: bool) -> None:
        self._change(name, USUAL_LIMIT if on else None, live)


class OptionsEditor(QWidget):
    """``set_limit(name, value or None, live)`` and ``set_lookahead(table or None, live)`` are called with what the user wants."""

    def __init__(self, set_limit: SetLimit, set_lookahead: SetLookahead, parent: QWidget | None = None):
        super().__init__(parent)
        self._set_lookahead = set_lookahead
        self._run: Run | None = None
        self.limits = {param.name: OptionalRow(param, set_limit) for param in LIMITS}
        self.lookahead = SwitchRow(LOOKAHEAD, self._turned)
        self.rows = {param.name: NumberRow(param, self._set, name_width=NAMES) for param in WRAPPED}
        self._tip = self.lookahead.toolTip()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        for row in (*self.limits.values(), self.lookahead, *self.rows.values()):
            column.addWidget(row)

    def show_run(self, run: Run) -> None:
        if run is self._run:
            return
        self._run = run
        for name, row in self.limits.items():
            row.show_value(getattr(run, name))
        around = run.lookahead
        self.lookahead.setEnabled(run.rule.is_elementwise)
        self.lookahead.setToolTip(self._tip if run.rule.is_elementwise else NO_LOOKAHEAD)
        self.lookahead.show_value(around is not None)
        for name, number in self.rows.items():
            number.setVisible(around is not None)
            if around is not None:
                number.show_value(getattr(around, name))

    def _turned(self, _name: str, on: float | bool, live: bool) -> None:
        self._set_lookahead({} if on else None, live)

    def _set(self, name: str, value: float | bool, live: bool) -> None:
        assert self._run is not None
        assert self._run.lookahead is not None
        table = self._run.lookahead.model_dump()
        self._set_lookahead({**table, name: int(value) if name == "k" else value}, live)
