"""The bar over the picture: which landscape, with its formula and parameters, how long, from where."""

from collections.abc import Callable, Hashable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from gdsim.app.changes import SetFormula, SetLandscapeParam, SketchFormula
from gdsim.app.edit_disturbance import told
from gdsim.app.edit_formula import fault_in
from gdsim.app.messages import Message
from gdsim.app.state import AppState
from gdsim.gui.actions import Actions
from gdsim.gui.controls import ActionButton, Elided, discard, label, named
from gdsim.gui.data_editor import DataEditor
from gdsim.gui.disturbance_editor import DisturbanceEditor
from gdsim.gui.flow import wanted
from gdsim.gui.formula_edit import FormulaEdit
from gdsim.gui.icons import icon
from gdsim.gui.landscape_picker import LandscapePicker
from gdsim.gui.length_box import LengthBox
from gdsim.gui.palette import Theme
from gdsim.gui.param_row import NumberRow, SwitchRow, param_row
from gdsim.gui.prototype_editor import PrototypeEditor
from gdsim.gui.style import SPACE
from gdsim.gui.typeset import typeset
from gdsim.landscapes.formula import FormulaError
from gdsim.parameter import Param
from gdsim.simulation.data_source import DataSource
from gdsim.simulation.problem import FormulaProblem, PrototypeProblem
from gdsim.simulation.scenario import Scenario

A_BOWL = "x^2 + y^2"
"""What a formula begins as where there is none to begin with."""


class ProblemBar(QWidget):
    def __init__(self, send: Callable[[Message], None], actions: Actions, theme: Theme, parent: QWidget | None = None):
        super().__init__(parent)
        self._send = send
        self._shown: Hashable = ""
        self._rows: dict[str, NumberRow | SwitchRow] = {}
        self._scenario: Scenario | None = None
        self._theme = theme
        self._told = ""
        self._needs: Hashable = ()
        self.picker = LandscapePicker(send, self.type_formula, actions["open"].trigger, theme)
        self.formula = Elided()
        self.edit = FormulaEdit(self._fault, self._sketch, self._set_formula, theme)
        self.edit.hide()
        self.complaint = label("", "error")
        self.complaint.hide()
        self.edit.complained.connect(self._complain)
        self.edit.left.connect(self._show_formula)
        self.prototype = PrototypeEditor(send)
        self.prototype.hide()
        self.data = DataEditor(send)
        self.data.hide()
        self.disturbances = DisturbanceEditor(send)
        self.disturbances.hide()
        self.besides = QToolButton()
        self.besides.setCheckable(True)
        self.besides.setIconSize(QSize(20, 20))
        self.besides.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.besides.toggled.connect(self._unfold)
        self.length = LengthBox(send)
        self.dice = ActionButton(actions["random_start"])

        first = QHBoxLayout()
        first.setContentsMargins(0, 0, 0, 0)
        first.setSpacing(SPACE)
        first.addWidget(self.picker)
        first.addWidget(self.formula, 1)
        first.addWidget(self.besides)
        first.addWidget(self.dice)
        first.addSpacing(SPACE // 2)
        first.addWidget(self.length)
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
        rows.addWidget(self.prototype)
        rows.addWidget(self.parameters)
        rows.addWidget(self.data)
        rows.addWidget(self.disturbances)

    def render(self, state: AppState) -> None:  # type: ignore[override]
        problem = state.scenario.problem
        self._scenario = state.scenario
        self.picker.render(state)
        if problem.ground != self._shown:
            self._shown = problem.ground
            self.formula.set_text(f"J = {typeset(problem.formula_shown)}")
            self._build_rows(() if isinstance(problem, DataSource) else problem.at_rest.parameters)
            self._show_formula()
        for name, row in self._rows.items():
            row.show_value(getattr(problem.parameters, name))
        self.data.setVisible(isinstance(problem, DataSource))
        if isinstance(problem, DataSource):
            self.data.show_problem(problem)
        self._show_disturbances(state.scenario)
        self.length.render(state)
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """The die has words beside it unless the formula needs their room."""
        needs = self.width(), self.formula.whole_width, self.picker.sizeHint(), self.besides.isHidden(), self.length.sizeHint()
        if needs != self._needs:
            self._needs = needs
            self.dice.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            others = (part for part in (self.picker, self.besides, self.dice, self.length) if not part.isHidden())
            if sum(wanted(part).width() + SPACE for part in others) + SPACE // 2 + self.formula.whole_width > self.width():
                self.dice.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.picker.apply_theme(theme)
        self.edit.apply_theme(theme)
        self.disturbances.apply_theme(theme)
        self.data.apply_theme(theme)
        self._show_sign()

    # Noise and motion: a section that opens

    def _show_disturbances(self, scenario: Scenario) -> None:
        possible = scenario.problem.dim > 0
        self.besides.setVisible(possible)
        self.disturbances.setVisible(possible and self.besides.isChecked())
        if possible:
            self._told = told(scenario.problem)
            self.disturbances.show_problem(scenario.problem)
        self._show_sign()

    def _show_sign(self) -> None:
        """In the accent's colour where there is noise or motion, so that nobody wonders why a run shakes."""
        tip = "Noise on the gradient and motion of the landscape"
        sign = ("weather-windy", self._theme.accent if self._told else self._theme.text, self._theme.name)
        if sign != self.besides.property("sign"):
            self.besides.setProperty("sign", sign)
            self.besides.setIcon(icon(sign[0], self._theme, sign[1]))
        named(self.besides, f"noise and motion: {self._told or 'none'}", f"{tip}: {self._told or 'none'}")

    def _unfold(self, on: bool) -> None:
        self.disturbances.setVisible(on)

    # A formula

    def type_formula(self) -> None:
        """Begins to type a formula: the one that there is, or that of the landscape that is shown."""
        if self._scenario is None:
            return
        problem = self._scenario.problem
        if not isinstance(problem, FormulaProblem):
            self.edit.show_formula(A_BOWL if isinstance(problem, DataSource) else problem.at_rest.formula)
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
        self.prototype.setVisible(isinstance(problem, PrototypeProblem))
        if isinstance(problem, PrototypeProblem) and self._scenario is not None:
            self.prototype.show_scenario(self._scenario)

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

    # The landscape's parameters

    def _build_rows(self, parameters: Sequence[Param]) -> None:
        for row in self._rows.values():
            self._second.removeWidget(row)
            discard(row)
        self._rows = {param.name: param_row(param, self._set_parameter) for param in parameters}
        for row in self._rows.values():
            self._second.addWidget(row, 1)
        self.parameters.setVisible(bool(self._rows))

    def _set_parameter(self, name: str, value: float | bool, live: bool) -> None:
        self._send(SetLandscapeParam(name, float(value), live))
