"""The schedule of a run as controls: which one, and its parameters."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from gdsim.app.edit_schedule import MOST_PARTS, fewest_parts, lengths_of, suited, table_of, with_another, with_part, without_part
from gdsim.gui.choice_row import ChoiceRow, ListRow
from gdsim.gui.controls import QuietComboBox, discard, label, named
from gdsim.gui.param_row import NAMES, NumberRow, SwitchRow, param_row
from gdsim.gui.style import SPACE
from gdsim.gui.typeset import typeset
from gdsim.parameter import Param
from gdsim.schedules import SCHEDULES, Schedule
from gdsim.simulation.run_schedule import RunSchedule
from gdsim.simulation.scenario import Run

Change = Callable[[Mapping[str, Any] | None, bool], None]
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


Row = SwitchRow | NumberRow | ChoiceRow | ListRow


class ScheduleEditor(QWidget):
    """Shows the schedule of a run. ``change(table, live)`` is called with the one that the user wants.

    With ``part`` it shows a part of a combined one, which is one of the schedules ``names``, and which there always is.
    """

    def __init__(self, change: Change, names: tuple[str, ...] = tuple(SCHEDULES), part: int | None = None, parent: QWidget | None = None):
        super().__init__(parent)
        self._change = change
        self._title = "schedule" if part is None else f"part {part + 1}"
        self._parts: PartsEditor | None = None
        self._run: Run | None = None
        self._steps = 1
        self._recorded: np.ndarray | None = None
        self._shown: tuple[str, int] | None = None
        self.rows: dict[str, Row] = {}
        self.box = QuietComboBox()
        self.box.setMaxVisibleItems(20)
        self.box.setMinimumContentsLength(8)
        self.box.setSizeAdjustPolicy(QuietComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        if part is None:
            self.box.addItem(NONE, "")
        for name in names:
            if part is None or name not in DRAWN:
                self._offer(SCHEDULES[name])
        self.box.activated.connect(self._choose)
        self.head = QHBoxLayout()
        self.head.setSpacing(SPACE)
        title = label(self._title, "caption")
        title.setFixedWidth(NAMES)
        self.head.addWidget(title)
        self.head.addWidget(self.box, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE // 2)
        self._column.addLayout(self.head)

    def _offer(self, record: Schedule) -> None:
        self.box.addItem(record.title, record.name)
        self.box.setItemData(self.box.count() - 1, explained(record), Qt.ItemDataRole.ToolTipRole)

    @property
    def parts(self) -> "tuple[ScheduleEditor, ...]":
        """The editors of the parts of a combined schedule."""
        return self._parts.editors if self._parts is not None else ()

    @property
    def parts_editor(self) -> "PartsEditor | None":
        return self._parts

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
                if schedule is not None and self.box.findData(name) < 0:  # a part that a file has and the window does not offer
                    self._offer(schedule.record)
                self.box.setCurrentIndex(self.box.findData(name))
            tip = explained(schedule.record) if schedule is not None else "How the learning rate changes from step to step"
            named(self.box, f"{self._title} of run {index + 1}", tip)
            self._build_rows(run, steps)
        if schedule is not None:
            values = shown_values(schedule, run, steps)
            for parameter, row in self.rows.items():
                row.show_value(values[parameter])
        if self._parts is not None:
            self._parts.show_run(run, steps, index)

    def _build_rows(self, run: Run, steps: int) -> None:
        for row in self.rows.values():
            discard(row)
        if self._parts is not None:
            discard(self._parts)
        self.rows, self._parts = {}, None
        if run.schedule is None:
            return
        record, values = run.schedule.record, shown_values(run.schedule, run, steps)
        for param in record.parameters:
            if param.name not in DRAWN.get(record.name, ()):
                self.rows[param.name] = self._row(param, values[param.name])
                self._column.addWidget(self.rows[param.name])
        if record.parts:
            self._parts = PartsEditor(record.parts, self._change)
            self._column.addWidget(self._parts)

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


class PartsEditor(QWidget):
    """The parts of a combined schedule, one below the other. ``change(table, live)`` is called with the whole schedule."""

    def __init__(self, names: tuple[str, ...], change: Change):
        super().__init__()
        self._names, self._change = names, change
        self._run: Run | None = None
        self._steps = 1
        self.editors: tuple[ScheduleEditor, ...] = ()
        self.removers: tuple[QPushButton, ...] = ()
        self.add = self._button("Add part", "add part", "One more schedule at the end")
        self.add.clicked.connect(self._add)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(SPACE, 0, 0, 0)
        self._column.setSpacing(SPACE // 2)
        self._column.addWidget(self.add, 0, Qt.AlignmentFlag.AlignLeft)

    @staticmethod
    def _button(text: str, name: str, tip: str) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("role", "preset")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        named(button, name, tip)
        return button

    def show_run(self, run: Run, steps: int, index: int) -> None:
        assert run.schedule is not None
        self._run, self._steps = run, steps
        parts = run.schedule.made_of
        if len(parts) != len(self.editors):
            self._build(len(parts))
        self.add.setVisible(len(parts) < MOST_PARTS)
        for editor, part, length in zip(self.editors, parts, lengths_of(run.schedule, steps), strict=True):
            editor.show_run(run.changed(schedule=part), length, index, None)
        for remover in self.removers:
            remover.setEnabled(len(parts) > fewest_parts(self._table()))

    def _build(self, count: int) -> None:
        for editor in self.editors:
            discard(editor)
        self.editors = tuple(ScheduleEditor(partial(self._set, k), self._names, part=k) for k in range(count))
        self.removers = tuple(self._button("×", f"remove part {k + 1}", f"Take part {k + 1} away") for k in range(count))  # noqa: RUF001
        for k, (editor, remover) in enumerate(zip(self.editors, self.removers, strict=True)):
            remover.clicked.connect(partial(self._remove, k))
            editor.head.addWidget(remover)
            self._column.insertWidget(k, editor)

    def _table(self) -> dict[str, Any]:
        assert self._run is not None
        assert self._run.schedule is not None
        return table_of(self._run.schedule)

    def _set(self, k: int, part: Mapping[str, Any] | None, live: bool) -> None:
        assert part is not None
        self._change(with_part(self._table(), k, dict(part)), live)

    def _add(self) -> None:
        self._change(with_another(self._table(), self._steps), False)

    def _remove(self, k: int, _checked: bool = False) -> None:
        self._change(without_part(self._table(), k), False)
