"""How long the runs are: the scenario's steps, or where the selected run counts epochs, those, and the steps that they come to."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QSignalBlocker, Qt
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QWidget

from gdsim.app.changes import SetBatches, SetSteps
from gdsim.app.messages import Message
from gdsim.app.state import AppState
from gdsim.gui.controls import label, named
from gdsim.gui.field_keys import left_to_window
from gdsim.gui.style import SPACE
from gdsim.simulation.run_batches import MOST_EPOCHS, steps_of
from gdsim.simulation.scenario import MOST_STEPS

STEPS = "How many steps every run takes"
STEPS_OF_OTHERS = "How many steps runs take that do not count epochs"
EPOCHS = "How often the selected run goes through all training points"


class CountEdit(QSpinBox):
    """A whole number that is typed."""

    def event(self, event: QEvent) -> bool:
        asks = event.type() == QEvent.Type.ShortcutOverride
        return (asks and left_to_window(event, self.lineEdit(), of_numbers=True)) or super().event(event)


class LengthBox(QWidget):
    def __init__(self, send: Callable[[Message], None], parent: QWidget | None = None):
        super().__init__(parent)
        self._send = send
        self._run: int | None = None
        self._tip = STEPS
        self.caption = label("Steps", "caption")
        self.box = CountEdit()
        self.box.setRange(1, MOST_STEPS)
        self.box.setGroupSeparatorShown(True)
        self.box.setKeyboardTracking(False)
        self.box.setStepType(QSpinBox.StepType.AdaptiveDecimalStepType)
        self.box.setFixedWidth(10 * SPACE)
        self.box.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.box.lineEdit().setTextMargins(0, 0, 6, 0)
        self.box.valueChanged.connect(self._set)
        self.comes_to = label("", "caption")
        self.comes_to.hide()
        named(self.box, "steps", STEPS)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(SPACE)
        for part in (self.caption, self.box, self.comes_to):
            row.addWidget(part)

    def render(self, state: AppState) -> None:  # type: ignore[override]
        runs = state.scenario.runs
        index = min(state.selected, len(runs) - 1)
        epochs = runs[index].epochs
        self._run = None if epochs is None else index
        tip = EPOCHS if epochs is not None else STEPS_OF_OTHERS if any(run.epochs is not None for run in runs) else STEPS
        changed = tip != self._tip
        if changed:
            self._tip = tip
            counted = "steps" if epochs is None else "epochs"
            named(self.box, counted, tip)
            self.caption.setText(counted.capitalize())
            self.comes_to.setVisible(epochs is not None)
        if epochs is not None:
            steps = steps_of(state.scenario, index)
            self.comes_to.setText(f"= {steps:,} step{'s' * (steps != 1)}")
        value, most = (state.scenario.steps, MOST_STEPS) if epochs is None else (epochs, MOST_EPOCHS)
        if self.box.value() != value and (changed or not self.box.hasFocus()):
            with QSignalBlocker(self.box):
                self.box.setMaximum(most)
                self.box.setValue(value)

    def _set(self, value: int) -> None:
        self._send(SetSteps(value) if self._run is None else SetBatches(self._run, "epochs", value))
