"""The batches of a run: how many points a step looks at, on a slider from one to all; whether that grows, for how many epochs, and how they
are drawn.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gdsim.gui.controls import label, named
from gdsim.gui.growth_editor import GrowthEditor
from gdsim.gui.param_row import NumberRow, SwitchRow
from gdsim.gui.style import SPACE
from gdsim.parameter import Param
from gdsim.simulation.run_batches import FULL, MOST_EPOCHS, batches_of
from gdsim.simulation.scenario import Run

SIZE = Param("batch_size", 1, "points that a step looks at: one is stochastic, some are a mini-batch, all are the full batch", low=1)
EPOCHS = Param("epochs", 10, "how often the run goes through all training points, in the place of the steps", low=1, high=MOST_EPOCHS)
SWITCHES = (
    Param("shuffle", True, "points are put in a new order every epoch"),
    Param("drop_last", False, "a last batch that would be smaller is left out"),
    Param("replacement", False, "points are drawn anew for every batch, so that some come twice"),
)
NAMES = 11 * SPACE

SetBatches = Callable[[str, Any, bool], None]


def kind_of(size: int, points: int, *, changes: bool = False) -> str:
    """What a batch of so many points is called, if that never changes."""
    return "growing" if changes else "full batch" if size >= points else "stochastic" if size == 1 else "mini-batch"


class BatchEditor(QWidget):
    """``more`` holds what is seldom changed and stands in the card's section of further parameters."""

    def __init__(self, change: SetBatches, parent: QWidget | None = None):
        super().__init__(parent)
        self._change = change
        self._points = 0
        self._row: NumberRow | None = None
        self.kind = label("", "caption")
        self.kind.setFixedWidth(9 * SPACE)
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(SPACE)
        self._line.addWidget(self.kind)
        self.more = QWidget()
        self.in_epochs = SwitchRow(Param("in_epochs", False, "the run's length in epochs, not in the scenario's steps"), self._turned)
        self.in_epochs.setText("epochs")
        self.in_epochs.setFixedWidth(NAMES)
        named(self.in_epochs, "length in epochs", "Give the run's length in epochs and not in the scenario's steps")
        self.epochs = NumberRow(replace(EPOCHS, log=True, whole=True), self._count, bare=True)
        line = QHBoxLayout()
        line.setSpacing(SPACE)
        for part, stretch in ((self.in_epochs, 0), (self.epochs, 1), (self.epochs.number, 0)):
            line.addWidget(part, stretch)
        self.switches = {param.name: SwitchRow(param, self._switch) for param in SWITCHES}
        below = QHBoxLayout()
        below.setSpacing(SPACE)
        for row in self.switches.values():
            below.addWidget(row)
        column = QVBoxLayout(self.more)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        self.growth = GrowthEditor(self._grow)
        column.addLayout(line)
        column.addWidget(self.growth)
        column.addLayout(below)

    @property
    def row(self) -> NumberRow:
        assert self._row is not None
        return self._row

    def show_run(self, run: Run, points: int) -> None:
        """``points`` are those of the training part."""
        if points != self._points:
            self._points = points
            self._build()
        batches = batches_of(run, points)
        size, last = batches.size, batches.sizes[-1]
        self.row.show_value(min(size, points))
        self.kind.setText(kind_of(size, points, changes=bool(batches.later)))
        looked = f"looks at {size:,}" if not batches.later else f"looks at {size:,} at first, in the end at {last:,},"
        self.kind.setToolTip(f"Every step {looked} of {points:,} training points")
        self.growth.show_run(run, batches)
        self.in_epochs.show_value(run.epochs is not None)
        for part in (self.epochs, self.epochs.number):
            part.setVisible(run.epochs is not None)
        if run.epochs is not None:
            self.epochs.show_value(run.epochs)
        for name, row in self.switches.items():
            row.show_value(getattr(run, name))
            row.setEnabled(min(batches.sizes) < points or name == "replacement")

    def _build(self) -> None:
        if self._row is not None:
            for old in (self._row, self._row.number):
                self._line.removeWidget(old)
                old.hide()
                old.deleteLater()
        param = replace(SIZE, default=min(32, self._points), high=float(max(self._points, 2)), log=True, whole=True)
        self._row = NumberRow(param, self._resize, bare=True)
        self._line.addWidget(self._row, 1)
        self._line.addWidget(self._row.number)
        self._row.number.setFixedWidth(7 * SPACE)

    def _resize(self, _name: str, value: float | bool, live: bool) -> None:
        size = round(value)
        self._change("batch_size", FULL if size >= self._points else size, live)

    def _turned(self, _name: str, on: float | bool, _live: bool) -> None:
        self._change("epochs", EPOCHS.default if on else None, False)

    def _count(self, _name: str, value: float | bool, live: bool) -> None:
        self._change("epochs", round(value), live)

    def _grow(self, table: dict[str, Any] | None, live: bool) -> None:
        self._change("batch_schedule", table, live)

    def _switch(self, name: str, on: float | bool, live: bool) -> None:
        self._change(name, bool(on), live)
