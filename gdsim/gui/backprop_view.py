"""Backpropagation at the playhead: forward values and backward gradients, the chain rule written with the numbers of one unit."""

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QSpinBox

from gdsim.app.messages import Message
from gdsim.app.state import AppState
from gdsim.gui.backprop_diagram import BackpropDiagram
from gdsim.gui.backprop_words import backward_told, forward_told, gradient_told, shown
from gdsim.gui.canvas import SMALL, font
from gdsim.gui.controls import Elided, label, named
from gdsim.gui.network_words import unit_called
from gdsim.gui.numbers import label_of
from gdsim.gui.palette import LIGHT, Theme
from gdsim.gui.style import SPACE
from gdsim.gui.view import View
from gdsim.simulation.network_problem import NetworkProblem
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.step_chain import StepChain, chain_of_step, no_chain
from gdsim.simulation.training_record import TrainingSteps

ROWS = ("forward", "backward", "gradient")
PANEL, NARROW_PANEL, NARROW = 146, 208, 480
"""Heights of what is written out: fixed, so that nothing moves while the run plays, and larger where lines break more often."""


class BackpropView(View):
    """For the batch of the step that the selected run takes at the playhead, or one of its points. A click on a unit writes it out."""

    name = "Backprop"
    tip = "Backpropagation: what goes forward through the network at this step and what comes back: the chain rule with its numbers"

    def __init__(self, send: Callable[[Message], None]) -> None:
        super().__init__(send)
        self._state: AppState | None = None
        self._key: object = None
        self._unit: tuple[int, int] = (0, 0)
        self._step: StepChain | None = None
        self.caption = Elided()
        self.point = QSpinBox()
        self.point.setRange(0, 1)
        self.point.setSpecialValueText("mean of the batch")
        self.point.setPrefix("point ")
        self.point.setMinimumWidth(132)
        self.point.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        named(self.point, "point of the batch", "Which point of this step's batch is followed; below 1 the mean of all of them")
        self.point.setValue(1)
        self.point.valueChanged.connect(self._choose_point)
        self.diagram = BackpropDiagram(self)
        self.diagram.chosen.connect(self._choose_unit)
        self.heading = Elided()
        self.heading.setTextFormat(Qt.TextFormat.PlainText)
        self.lines: dict[str, QLabel] = {}
        self.panel = QFrame()
        grid = QGridLayout(self.panel)
        grid.setContentsMargins(SPACE, 0, SPACE, SPACE // 2)
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(SPACE // 4)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self.heading, 0, 0, 1, 2)
        for row, name in enumerate(ROWS, 1):
            text = self.lines[name] = QLabel()
            text.setTextFormat(Qt.TextFormat.PlainText)
            text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            text.setWordWrap(True)
            text.setFont(font(SMALL))
            text.setAccessibleName(name)
            grid.addWidget(label(name, "caption"), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(text, row, 1, Qt.AlignmentFlag.AlignTop)
        grid.setRowStretch(len(ROWS) + 1, 1)
        self._stack((self.caption, self.point), self.diagram, self.panel)
        self.apply_theme(LIGHT)

    @classmethod
    def fits(cls, scenario: Scenario) -> bool:
        return isinstance(scenario.problem, NetworkProblem)

    def apply_theme(self, theme: Theme) -> None:
        self.diagram.show_theme(theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.panel.setFixedHeight(PANEL if self.width() >= NARROW else NARROW_PANEL)

    def render(self, state: AppState) -> None:  # type: ignore[override]
        self._state = state
        problem = state.scenario.problem
        assert isinstance(problem, NetworkProblem)
        track = state.tracks[state.selected] if state.selected < len(state.tracks) else None
        reason = no_chain(problem)
        self.diagram.setVisible(reason is None)
        self.point.setEnabled(reason is None)
        if reason is not None:
            self.caption.set_text(reason)
            self._say("", dict.fromkeys(ROWS, ""))
            return
        if track is None or not isinstance(track.steps, TrainingSteps):
            return
        snapshots = track.steps.snapshots
        if snapshots.weights.shape[1] != problem.shape.weights:  # of another network, still there
            return
        row = snapshots.at(state.playhead)
        key = state.scenario, state.selected, id(snapshots.weights), row, self.point.value(), self._unit
        if key == self._key:
            return
        self._key = key
        layers = problem.shape.layers
        layer, unit = self._unit
        if not 0 < layer < len(layers) or unit >= layers[layer]:
            self._unit = len(layers) - 1, 0
        step = int(snapshots.steps[row])
        wanted = self.point.value() - 1 if self.point.value() else None
        self._step = chain_of_step(state.scenario, state.selected, snapshots.weights[row], step, wanted)
        with QSignalBlocker(self.point):
            self.point.setMaximum(len(self._step.batch))
        self._show(state, problem, step)

    def _show(self, state: AppState, problem: NetworkProblem, step: int) -> None:
        found = self._step
        assert found is not None
        chain, network = found.chain, problem.shape
        self.diagram.show_chain(problem, chain, self._unit)
        size = len(found.batch)
        of = f"the mean of {size:,} points" if found.is_mean else "one point" if size == 1 else f"one point of {size:,}"
        self.caption.set_text(f"{label_of(state, state.selected)}, step {step:,}, {of}:  J = {shown(chain.losses.mean())}")
        layer, unit = self._unit
        link = chain.links[layer - 1]
        told = (forward_told(network, link, unit), backward_told(network, chain, link, unit), gradient_told(network, link, unit))
        heading = f"{unit_called(problem, layer, unit)}.  Above a, below δ; lines are as wide as dJ/dw is large, amber > 0, purple < 0"
        self._say(heading[:1].upper() + heading[1:], dict(zip(ROWS, told, strict=True)))

    def _say(self, heading: str, told: dict[str, str]) -> None:
        self.heading.set_text(heading)
        for name, text in told.items():
            self.lines[name].setText(text)
        self.diagram.setAccessibleDescription(". ".join((heading, *told.values())))

    def _choose_point(self, _value: int) -> None:
        if self._state is not None:
            self.render(self._state)

    def _choose_unit(self, unit: tuple[int, int]) -> None:
        self._unit = unit
        if self._state is not None:
            self.render(self._state)
