"""The schedule of a run as controls: which one, and its parameters."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from gdsim.app.edit_schedule import suited, table_of
from gdsim.gui.controls import QuietComboBox, discard, label, named
from gdsim.gui.param_row import NumberRow, SwitchRow, param_row, spoken
from gdsim.gui.style import SPACE
from gdsim.gui.typeset import typeset
from gdsim.parameter import Param
from gdsim.schedules import SCHEDULES, Schedule
from gdsim.simulation.run_schedule import RunSchedule
from gdsim.simulation.scenario import Run

Change = Callable[[Mapping[str, Any] | None, bool], None]
NAMES = 11 * SPACE
DRAWN = {"points": ("steps", "rates")}
"""What is drawn in the curve, and has no row."""
RATES = {"max_lr", "base_lr", "eta_min", "min_lr"}
NONE = "A rate that stays"


def explained(record: Schedule) -> str:
    return "\n".join(line for line in (record.title, typeset(record.formula), record.notes, record.source) if line)


def shown_values(schedule: RunSchedule, run: Run, steps: int) -> dict[str, Any]:
    """Every parameter with its value; what was left out is what the schedule then takes."""
    values = schedule.values
    taken = {
        "t_max": steps,
        "total_steps": steps,
        "max_lr": run.learning_rate,
        "base_lr": run.learning_rate,
        "step_size_down": values.get("step_size_up"),
    }
    return {name: taken.get(name) if value is None else value for name, value in values.items()}


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


Row = SwitchRow | NumberRow | ChoiceRow | ListRow


class ScheduleEditor(QWidget):
    """Shows the schedule of a run. ``change(table, live)`` is called with the one that the user wants."""

    def __init__(self, change: Change, parent: QWidget | None = None):
        super().__init__(parent)
        self._change = change
        self._run: Run | None = None
        self._steps = 1
        self._recorded: np.ndarray | None = None
        self._shown: tuple[str, int] | None = None
        self.rows: dict[str, Row] = {}
        self.box = QuietComboBox()
        self.box.setMaxVisibleItems(20)
        self.box.setMinimumContentsLength(8)
        self.box.setSizeAdjustPolicy(QuietComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.addItem(NONE, "")
        for record in SCHEDULES.values():
            self.box.addItem(record.title, record.name)
        for index, record in enumerate(SCHEDULES.values(), 1):
            self.box.setItemData(index, explained(record), Qt.ItemDataRole.ToolTipRole)
        self.box.activated.connect(self._choose)
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        title = label("schedule", "caption")
        title.setFixedWidth(NAMES)
        head.addWidget(title)
        head.addWidget(self.box, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE // 2)
        self._column.addLayout(head)

    def show_run(self, run: Run, steps: int, index: int, recorded: np.ndarray | None) -> None:
        self._recorded = recorded
        if run is self._run and steps == self._steps:
            return
        self._run, self._steps = run, steps
        schedule = run.schedule
        name = schedule.name if schedule is not None else ""
        if (name, steps) != self._shown:
            self._shown = name, steps
            with QSignalBlocker(self.box):
                self.box.setCurrentIndex(self.box.findData(name))
            tip = explained(schedule.record) if schedule is not None else "How the learning rate changes from step to step"
            named(self.box, f"schedule of run {index + 1}", tip)
            self._build_rows(run, steps)
        if schedule is not None:
            values = shown_values(schedule, run, steps)
            for parameter, row in self.rows.items():
                row.show_value(values[parameter])

    def _build_rows(self, run: Run, steps: int) -> None:
        for row in self.rows.values():
            discard(row)
        self.rows = {}
        if run.schedule is None:
            return
        record, values = run.schedule.record, shown_values(run.schedule, run, steps)
        for param in record.parameters:
            if param.name not in DRAWN.get(record.name, ()):
                self.rows[param.name] = self._row(param, values[param.name])
                self._column.addWidget(self.rows[param.name])

    def _row(self, param: Param, value: Any) -> Row:
        if param.choices:
            return ChoiceRow(param, self._set)
        if param.many:
            return ListRow(param, self._set)
        usual = value if param.default is None or param.whole else None
        return param_row(replace(param, log=True) if param.name in RATES else param, self._set, NAMES, usual)

    def _set(self, name: str, value: Any, live: bool) -> None:
        assert self._run is not None
        assert self._run.schedule is not None
        schedule = self._run.schedule
        whole = next(param for param in schedule.record.parameters if param.name == name).whole and not isinstance(value, list)
        self._change({**table_of(schedule), name: int(value) if whole else value}, live)

    def _choose(self, index: int) -> None:
        assert self._run is not None
        name = self.box.itemData(index)
        if name != (self._run.schedule.name if self._run.schedule else ""):
            self._change(suited(name, self._run, self._steps, self._recorded) if name else None, False)
