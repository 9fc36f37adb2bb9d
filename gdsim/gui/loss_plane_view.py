"""The loss of a network over a plane through its weights, with the trail that the selected run's training left on it."""

import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QComboBox

from gdsim.app.messages import Message
from gdsim.app.questions import PLANE_VIEW, ChooseDirections
from gdsim.app.state import AppState, Planed
from gdsim.gui.canvas import Canvas
from gdsim.gui.controls import Elided, QuietComboBox, named
from gdsim.gui.ground import Ground
from gdsim.gui.map_marks import Heads, Landmarks
from gdsim.gui.numbers import label_of, number
from gdsim.gui.palette import LIGHT, Theme, run_style
from gdsim.gui.trails import Trail, TrailLayer
from gdsim.gui.view import View
from gdsim.simulation.loss_plane import Directions
from gdsim.simulation.network_problem import NetworkProblem
from gdsim.simulation.scenario import Scenario

CHOICES: tuple[tuple[Directions, str, str], ...] = (
    ("trajectory", "principal", "The two directions in which the training moved most: principal components of its weights"),
    ("random", "random", "Two random directions, each unit's part as long as its weights are (filter normalisation)"),
)
NEAR = 11.0


class LossPlaneView(View):
    """The wheel zooms, a drag pans."""

    name = PLANE_VIEW
    tip = "The loss over a plane through the network's weights, and how the selected run went over it"

    def __init__(self, send: Callable[[Message], None]) -> None:
        super().__init__(send)
        self._theme = LIGHT
        self._planed: Planed | None = None
        self._state: AppState | None = None
        self._fitted_width = 0.0
        self.caption = Elided()
        self.choice: QComboBox = QuietComboBox()
        for _, text, _ in CHOICES:
            self.choice.addItem(text)
        for place, (_, _, tip) in enumerate(CHOICES):
            self.choice.setItemData(place, tip, Qt.ItemDataRole.ToolTipRole)
        named(self.choice, "directions", "Which two directions the plane has")
        self.choice.activated.connect(self._choose)
        self.canvas = Canvas()
        self.canvas.setAccessibleName("Loss plane")
        area = self.canvas.area
        self.ground = Ground(area, 0)
        self.trails = TrailLayer(area, 1)
        self.landmarks = Landmarks(area, 2)
        self.heads = Heads(area, self.landmarks, 3)
        area.setMouseEnabled(True, True)
        area.left_pans = True
        area.sigRangeChangedManually.connect(self._zoomed)
        self.canvas.on_hover(self._hovered)
        self._stack((self.caption, self.choice), self.canvas)
        self.apply_theme(LIGHT)

    @classmethod
    def fits(cls, scenario: Scenario) -> bool:
        return isinstance(scenario.problem, NetworkProblem)

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.canvas.apply_theme(theme)
        self.landmarks.show_theme(theme)
        self.heads.show_theme(theme)
        if self._planed is not None:
            self.ground.show_surface(self._planed.plane.surface, theme)

    def render(self, state: AppState) -> None:  # type: ignore[override]
        self._state = state
        self.choice.setCurrentIndex([kind for kind, _, _ in CHOICES].index(state.directions))
        planed = state.planed
        if planed is None or planed.run != state.selected or planed.plane.plane.directions.shape[1] != _weights(state.scenario):
            self.canvas.setVisible(False)
            self.caption.set_text("The plane is surveyed as soon as the run is trained" if state.computing else "")
            return
        self.canvas.setVisible(True)
        if planed is not self._planed:
            self._show_plane(state, planed)
        at = self._place(state.playhead)
        self.trails.set_playhead(at)
        self.heads.show_heads(self.trails.trails, at)
        self._tell(state, planed)
        self.canvas.hover_again()

    def _show_plane(self, state: AppState, planed: Planed) -> None:
        before, self._planed = self._planed, planed
        plane, surface = planed.plane.plane, planed.plane.surface
        self.ground.show_surface(surface, self._theme)
        if before is None or before.plane.plane is not plane:
            self.trails.set_trails([Trail(plane.path, run_style(state.selected))])
            self.landmarks.show_starts({tuple(plane.path[0].tolist())})
            shares = [f"{100 * share:.3g} %" for share in plane.shares]
            kind = "direction" if planed.directions == "trajectory" else "random direction"
            self.canvas.label(0, f"second {kind}, {shares[1]} of the variance")
            self.canvas.label(1, f"first {kind}, {shares[0]} of the variance")
            self.fit()

    def _place(self, playhead: float) -> float:
        """The playhead in numbers of snapshots."""
        assert self._planed is not None
        steps = self._planed.plane.plane.steps
        return float(np.interp(playhead, steps, np.arange(len(steps))))

    def _tell(self, state: AppState, planed: Planed) -> None:
        plane = planed.plane.plane
        row = int(self._place(state.playhead))
        told = f"{label_of(state, planed.run)}: {100 * sum(plane.shares):.3g} % of the variance"
        text = f"{told}, weights {number(float(plane.away[row]), 3)} from the plane at step {plane.steps[row]:,}"
        self.caption.set_text(text)
        self.canvas.setAccessibleDescription(f"{text}.")

    def fit(self) -> None:
        """Shows all that was surveyed."""
        if self._planed is None:
            return
        (west, east), (south, north) = self._planed.plane.surface.landscape.domain
        self._fitted_width = east - west
        area = self.canvas.area
        limits = {"xMin": west, "xMax": east, "yMin": south, "yMax": north, "minXRange": (east - west) * 1e-6}
        area.setLimits(**limits, minYRange=(north - south) * 1e-6)
        area.setRange(xRange=(west, east), yRange=(south, north), padding=0, disableAutoRange=True)

    def _zoomed(self, *_: object) -> None:
        (west, east), _ = self.canvas.area.viewRange()
        if east - west >= self._fitted_width:
            self.fit()

    def _choose(self, place: int) -> None:
        self._send(ChooseDirections(CHOICES[place][0]))

    def _hovered(self, scene_point: QPointF) -> None:
        pixel = self.canvas.area.mapFromScene(scene_point)
        self.canvas.tell(pixel, self._describe(pixel) if self._planed is not None else "")

    def _describe(self, pixel: QPointF) -> str:
        """The snapshot under the cursor, else the place, with the loss at the nearest place that was surveyed."""
        assert self._planed is not None
        area, plane, surface = self.canvas.area, self._planed.plane.plane, self._planed.plane.surface
        apart = np.hypot(*(area.to_pixels(plane.path) - (pixel.x(), pixel.y())).T)
        here, row = area.mapToView(pixel), int(np.argmin(apart))
        said = f"u = {number(here.x(), 3)},  v = {number(here.y(), 3)}"
        if apart[row] < NEAR:
            u, v = plane.path[row].tolist()
            here, said = QPointF(u, v), f"before step {plane.steps[row]:,}, {number(float(plane.away[row]), 3)} from the plane"
        column, line = (int(np.argmin(np.abs(axis - at))) for axis, at in ((surface.x, here.x()), (surface.y, here.y())))
        loss = float(surface.losses[line, column])
        return f"{said};  loss on the plane = {number(loss) if math.isfinite(loss) else 'none'}"


def _weights(scenario: Scenario) -> int:
    problem = scenario.problem
    assert isinstance(problem, NetworkProblem)
    return problem.shape.weights
