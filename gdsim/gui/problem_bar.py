"""The bar over the picture: which landscape, with its formula and parameters, for how many steps, from where."""

from collections.abc import Callable, Hashable

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from gdsim.app.edit_formula import fault_in
from gdsim.app.messages import Message, SetFormula, SetLandscapeParam, SetSteps, SketchFormula
from gdsim.app.state import AppState
from gdsim.gui.actions import Actions
from gdsim.gui.controls import ActionButton, discard, label, named
from gdsim.gui.formula_edit import FormulaEdit
from gdsim.gui.landscape_picker import LandscapePicker
from gdsim.gui.palette import Theme
from gdsim.gui.param_row import NumberRow, SwitchRow, param_row
from gdsim.gui.style import SPACE
from gdsim.gui.typeset import typeset
from gdsim.landscapes import Landscape
from gdsim.landscapes.formula import FormulaError
from gdsim.simulation.problem import FormulaProblem
from gdsim.simulation.scenario import MOST_STEPS, Scenario


class Elided(QLabel):
    """One line of text that gives way: what does not fit ends in an ellipsis, and the tooltip has it all."""

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._whole = ""
        self.setProperty("role", "caption")
        self.setMinimumWidth(4 * SPACE)

    def set_text(self, text: str) -> None:
        self._whole = text
        self.setToolTip(text)
        self.setAccessibleName(text)
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        self.setText(self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideRight, self.width()))


class ProblemBar(QWidget):
    def __init__(self, send: Callable[[Message], None], actions: Actions, theme: Theme, parent: QWidget | None = None):
        super().__init__(parent)
        self._send = send
        self._shown: Hashable = ""
        self._rows: dict[str, NumberRow | SwitchRow] = {}
        self._scenario: Scenario | None = None
        self.picker = LandscapePicker(send, self.type_formula, theme)
        self.formula = Elided()
        self.edit = FormulaEdit(self._fault, self._sketch, self._set_formula, theme)
        self.edit.hide()
        self.complaint = label("", "error")
        self.complaint.hide()
        self.edit.complained.connect(self._complain)
        self.edit.left.connect(self._show_formula)
        self.steps = QSpinBox()
        self.steps.setRange(1, MOST_STEPS)
        self.steps.setGroupSeparatorShown(True)
        self.steps.setKeyboardTracking(False)
        self.steps.setStepType(QSpinBox.StepType.AdaptiveDecimalStepType)
        self.steps.setFixedWidth(10 * SPACE)
        self.steps.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.steps.lineEdit().setTextMargins(0, 0, 6, 0)
        self.steps.valueChanged.connect(self._set_steps)
        named(self.steps, "steps", "How many steps every run takes")
        caption = label("Steps", "caption")
        self.dice = ActionButton(actions["random_start"])
        self.dice.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)

        first = QHBoxLayout()
        first.setContentsMargins(0, 0, 0, 0)
        first.setSpacing(SPACE)
        first.addWidget(self.picker)
        first.addWidget(self.formula, 1)
        first.addWidget(self.dice)
        first.addSpacing(SPACE // 2)
        first.addWidget(caption)
        first.addWidget(self.steps)
        self.parameters = QWidget()
        self._second = QHBoxLayout(self.parameters)
        self._second.setContentsMargins(0, 0, 0, 0)
        self._second.setSpacing(3 * SPACE)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(SPACE // 2)
        rows.addLayout(first)
        rows.addWidget(self.edit)
        rows.addWidget(self.complaint)
        rows.addWidget(self.parameters)

    def render(self, state: AppState) -> None:  # type: ignore[override]
        problem, steps = state.scenario.problem, state.scenario.steps
        self._scenario = state.scenario
        self.picker.render(state)
        if problem.ground != self._shown:
            self._shown = problem.ground
            self._build_rows(problem.at_rest)
            self._show_formula()
        for name, row in self._rows.items():
            row.show_value(getattr(problem.parameters, name))
        if self.steps.value() != steps and not self.steps.hasFocus():
            with QSignalBlocker(self.steps):
                self.steps.setValue(steps)

    def apply_theme(self, theme: Theme) -> None:
        self.picker.apply_theme(theme)
        self.edit.apply_theme(theme)

    # A formula

    def type_formula(self) -> None:
        """Begins to type a formula: the one that there is, or that of the landscape that is shown."""
        if self._scenario is None:
            return
        problem = self._scenario.problem
        if not isinstance(problem, FormulaProblem):
            self.edit.show_formula(problem.at_rest.formula)
        self._open_edit(True)
        self._fault(self.edit.text())  # the parser takes a moment to load: now, and not at the first key
        self.edit.setFocus()
        self.edit.selectAll()

    def _show_formula(self) -> None:
        """A field with the formula where the user typed one; beside the landscape's name it always stands in print."""
        problem = self._scenario.problem if self._scenario else None
        if isinstance(problem, FormulaProblem):
            self.edit.show_formula(problem.formula)
        self._open_edit(isinstance(problem, FormulaProblem))

    def _open_edit(self, on: bool) -> None:
        self.edit.setVisible(on)
        if not on:
            self._complain("")

    def _fault(self, text: str) -> FormulaError | None:
        assert self._scenario is not None
        return fault_in(text, self._scenario)

    def _sketch(self, text: str | None) -> None:
        self._send(SketchFormula(text))

    def _set_formula(self, text: str) -> None:
        self._send(SetFormula(text))

    def _complain(self, text: str) -> None:
        self.complaint.setText(text)
        self.complaint.setVisible(bool(text))

    # The landscape's parameters, and the steps

    def _build_rows(self, record: Landscape) -> None:
        self.formula.set_text(f"J = {typeset(record.formula)}")
        for row in self._rows.values():
            self._second.removeWidget(row)
            discard(row)
        self._rows = {param.name: param_row(param, self._set_parameter) for param in record.parameters}
        for row in self._rows.values():
            self._second.addWidget(row, 1)
        self.parameters.setVisible(bool(self._rows))

    def _set_parameter(self, name: str, value: float | bool, live: bool) -> None:
        self._send(SetLandscapeParam(name, float(value), live))

    def _set_steps(self, steps: int) -> None:
        self._send(SetSteps(steps))
