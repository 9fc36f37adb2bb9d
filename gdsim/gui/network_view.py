"""The selected run's network at the playhead: what its units compute, and its weights, which can be set by hand."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtWidgets import QPushButton

from gdsim.app.edit_weights import DrawWeights, SetWeight
from gdsim.app.messages import Message, Pause
from gdsim.app.questions import UNITS_VIEW
from gdsim.app.state import AppState
from gdsim.gui.canvas import Readout
from gdsim.gui.controls import Elided, named
from gdsim.gui.network_diagram import Diagram
from gdsim.gui.network_layout import Edge, Unit, scale_of
from gdsim.gui.network_words import summary, told
from gdsim.gui.numbers import label_of, number
from gdsim.gui.palette import LIGHT, Theme
from gdsim.gui.view import View
from gdsim.gui.weight_editor import WeightEditor
from gdsim.simulation.network_problem import NetworkProblem
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.training_record import TrainingSteps


class NetworkView(View):
    """A click on a weight, or on a unit for its bias, opens a field; the training then begins anew from these weights."""

    name = UNITS_VIEW
    tip = "What the units of the selected run's network compute, and its weights"

    def __init__(self, send: Callable[[Message], None]) -> None:
        super().__init__(send)
        self._state: AppState | None = None
        self._rows: tuple[object, int] = (None, -1)
        self.diagram = Diagram(self)
        self.caption = Elided()
        self.again = QPushButton("Draw anew")
        self.again.setProperty("role", "preset")
        self.again.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        named(self.again, "draw the weights anew", "Begin with drawn weights again, in place of those set by hand")
        self.again.clicked.connect(self._draw_anew)
        self.readout = Readout(self.diagram)
        self.readout.setTextFormat(Qt.TextFormat.PlainText)
        self.editor = WeightEditor(self._set, self.diagram)
        self._stack((self.caption, self.again), self.diagram)
        self.diagram.pointed.connect(self._tell)
        self.diagram.chosen.connect(self._edit)
        self.apply_theme(LIGHT)

    @classmethod
    def fits(cls, scenario: Scenario) -> bool:
        return isinstance(scenario.problem, NetworkProblem)

    def apply_theme(self, theme: Theme) -> None:
        self.diagram.show_theme(theme)
        self.readout.apply_theme(theme)

    def render(self, state: AppState) -> None:  # type: ignore[override]
        self._state = state
        problem = state.scenario.problem
        assert isinstance(problem, NetworkProblem)
        track = state.tracks[state.selected] if state.selected < len(state.tracks) else None
        run = state.scenario.runs[state.selected]
        self.again.setVisible(run.start is not None)
        if track is None or not isinstance(track.steps, TrainingSteps):
            return
        snapshots = track.steps.snapshots
        row = snapshots.at(state.playhead)
        if snapshots.weights.shape[1] != problem.shape.weights:  # of another network, still there
            return
        if self._rows[0] is not snapshots.weights or self._rows[1] != row:
            self._rows = snapshots.weights, row
            self._weights = snapshots.weights[row]
            self.editor.hide()
        there = state.unfoldings
        maps = there.near(state.playhead) if there is not None and there.run == state.selected and there.maps else None
        self.diagram.show_network(problem, self._weights, maps, moving=state.playing)
        step = int(snapshots.steps[row])
        own = ", begun by hand" if run.start is not None else ""
        layout = self.diagram.layout_
        widest = scale_of(self._weights[layout.places].astype(float)) if layout is not None else 1.0
        key = f"amber > 0, purple < 0, widest {number(widest, 2)}, squares: biases"
        self.caption.set_text(f"{label_of(state, state.selected)}, before step {step:,}{own}:  {key}")
        self.diagram.setAccessibleDescription(summary(problem, step, self._weights))
        if self.readout.isVisible():
            self._tell(self.diagram.under)

    def _tell(self, what: Unit | Edge | None) -> None:
        state, layout = self._state, self.diagram.layout_
        if what is None or state is None or layout is None or not isinstance(state.scenario.problem, NetworkProblem):
            self.readout.hide()
            return
        text = told(state.scenario.problem, layout, self.diagram.weights, self.diagram.maps, what)
        if isinstance(what, Edge) or what.layer:
            text += ".  Click to change it"
        low = what.row > len(layout.columns[what.column].units) / 2 if isinstance(what, Unit) else False
        corner = Qt.Corner.TopLeftCorner if low else Qt.Corner.BottomLeftCorner
        self.readout.tell(text, QRectF(self.diagram.rect()), corner)

    def _edit(self, what: Unit | Edge | None, at: QPointF) -> None:
        state, layout = self._state, self.diagram.layout_
        if what is None or state is None or layout is None or (isinstance(what, Unit) and not what.layer):
            self.editor.hide()
            return
        self._send(Pause())
        assert isinstance(state.scenario.problem, NetworkProblem)
        place = what.place if isinstance(what, Edge) else int(layout.biases[what.column][what.row])
        text = told(state.scenario.problem, layout, self.diagram.weights, None, what).rpartition(" = ")[0]
        self.readout.hide()
        self.editor.ask(place, text[:1].upper() + text[1:], float(self.diagram.weights[place]), at.toPoint())

    def _set(self, place: int, value: float) -> None:
        if self._state is not None:
            self._send(SetWeight(self._state.selected, place, value))

    def _draw_anew(self) -> None:
        if self._state is not None:
            self._send(DrawWeights(self._state.selected))
