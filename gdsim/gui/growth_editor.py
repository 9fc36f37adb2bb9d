"""The batch-size schedule of a run as controls: which one, and its parameters."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gdsim.gui.choice_row import ListRow
from gdsim.gui.controls import QuietComboBox, discard, label, named
from gdsim.gui.param_row import NAMES, NumberRow, SwitchRow, param_row
from gdsim.gui.style import SPACE
from gdsim.gui.typeset import typeset
from gdsim.networks.batches import Batches
from gdsim.parameter import Param
from gdsim.schedules.batch_size import BATCH_SCHEDULES, BatchSchedule
from gdsim.simulation.run_batch_schedule import RunBatchSchedule
from gdsim.simulation.scenario import Run

NONE = "A size that stays"
USUAL = 10
"""Epochs over which batches grow where nobody says how long a run is."""

Row = SwitchRow | NumberRow | ListRow


def suited(name: str, run: Run, batches: Batches) -> dict[str, Any]:
    """The table of schedule ``name`` with parameters that show what it is."""
    epochs = max(2, run.epochs or USUAL)
    size = min(batches.size, batches.count)
    own: dict[str, dict[str, Any]] = {
        "step": {"every": max(1, epochs // 4), "factor": 2.0},
        "linear": {"end": batches.count, "epochs": epochs},
        "points": {"epochs": [0, epochs // 2, epochs], "sizes": [size, size, batches.count]},
    }
    return {"name": name, **own.get(name, {})}


def explained(record: BatchSchedule) -> str:
    return "\n".join(line for line in (record.title, typeset(record.formula), record.notes, record.source) if line)


class GrowthEditor(QWidget):
    """Shows how the batches of a run grow. ``change(table)`` is called with the schedule that the user wants, None for none."""

    def __init__(self, change: Callable[[dict[str, Any] | None, bool], None], parent: QWidget | None = None):
        super().__init__(parent)
        self._change = change
        self._run: Run | None = None
        self._batches: Batches | None = None
        self._name = ""
        self.rows: dict[str, Row] = {}
        self.box = QuietComboBox()
        self.box.setMinimumContentsLength(8)
        self.box.setSizeAdjustPolicy(QuietComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.addItem(NONE, "")
        for record in BATCH_SCHEDULES.values():
            self.box.addItem(record.title, record.name)
            self.box.setItemData(self.box.count() - 1, explained(record), Qt.ItemDataRole.ToolTipRole)
        self.box.activated.connect(self._choose)
        named(self.box, "batch schedule", "How the batches grow from epoch to epoch")
        title = label("batch schedule", "caption")
        title.setFixedWidth(NAMES)
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(title)
        head.addWidget(self.box, 1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE // 2)
        self._column.addLayout(head)

    def show_run(self, run: Run, batches: Batches) -> None:
        self._run, self._batches = run, batches
        schedule = run.batch_schedule
        name = schedule.name if schedule else ""
        if name != self._name:
            self._name = name
            self._build_rows(schedule, batches)
        with QSignalBlocker(self.box):
            self.box.setCurrentIndex(self.box.findData(name))
        for parameter, value in (schedule.values if schedule else {}).items():
            self.rows[parameter].show_value(batches.count if value is None else value)

    def _build_rows(self, schedule: RunBatchSchedule | None, batches: Batches) -> None:
        for row in self.rows.values():
            discard(row)
        self.rows = {param.name: self._row(param, batches) for param in schedule.record.parameters} if schedule else {}
        for row in self.rows.values():
            self._column.addWidget(row)

    def _row(self, param: Param, batches: Batches) -> Row:
        if param.many:
            return ListRow(param, self._set)
        usual = None if param.default is not None else float(batches.count)
        return param_row(param, self._set, NAMES, usual)

    def _set(self, name: str, value: Any, live: bool) -> None:
        assert self._run is not None
        assert self._run.batch_schedule is not None
        schedule = self._run.batch_schedule
        param = next(param for param in schedule.record.parameters if param.name == name)
        given = round(value) if param.whole and not param.many else value
        self._change({**schedule.model_dump(exclude_none=True), name: given}, live)

    def _choose(self, index: int) -> None:
        assert self._run is not None
        assert self._batches is not None
        name = self.box.itemData(index)
        if name != self._name:
            self._change(suited(name, self._run, self._batches) if name else None, False)
