"""What the map and the curve share: a ground with its landmarks and heads, on which a click or drag sets where runs start."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QVBoxLayout

from gdsim.app.changes import SetStart
from gdsim.app.messages import Message
from gdsim.app.state import AppState, Track
from gdsim.gui.canvas import Canvas
from gdsim.gui.map_marks import Heads, Landmarks
from gdsim.gui.palette import LIGHT, Theme
from gdsim.gui.view import View
from gdsim.simulation.ensemble import Ensemble, EnsembleRun
from gdsim.simulation.surface import Surface


class WeightsView(View):
    """A click sets where all runs start, a drag does it live, with Ctrl only for the selected run.

    ``spoken`` is told to screen readers, ``left`` and ``bottom`` stand at the axes. Subclasses give ``self.ground`` before ``apply_theme``,
    and say what a place on the canvas means, what shows the whole domain, and what the cursor is over.
    """

    name = "Loss surface"
    tip = "The loss over the weights, with the runs on it"

    def __init__(self, send: Callable[[Message], None], spoken: str, left: str, bottom: str) -> None:
        super().__init__(send)
        self._state: AppState | None = None
        self._surface: Surface | None = None
        self._tracks: tuple[Track | None, ...] = ()
        self._seeds: Ensemble | None = None
        self._theme = LIGHT
        self._fitted_width = 0.0
        self.canvas = Canvas()
        self.landmarks = Landmarks(self.canvas.area, 2)
        self.heads = Heads(self.canvas.area, self.landmarks, 3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.canvas)
        self.canvas.label(0, left)
        self.canvas.label(1, bottom)
        self.canvas.setAccessibleName(spoken)
        self.canvas.setCursor(Qt.CursorShape.CrossCursor)
        self.canvas.area.setMouseEnabled(True, True)
        self.canvas.area.clicked.connect(self._clicked)
        self.canvas.area.dragged.connect(self._dragged)
        self.canvas.area.sigRangeChangedManually.connect(self._zoomed)
        self.canvas.on_hover(self._hovered)

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.canvas.apply_theme(theme)
        self.landmarks.show_theme(theme)
        self.heads.show_theme(theme)
        if self._surface is not None:
            self._show_ground(self._surface)

    def _show_ground(self, surface: Surface) -> None:
        raise NotImplementedError

    def _position(self, point: QPointF) -> tuple[float, ...]:
        """The weights at a point of the canvas, rounded to what a pixel can tell: files and cards then show 0.52, not 0.5217391304."""
        raise NotImplementedError

    def _hovered(self, scene_point: QPointF) -> None:
        raise NotImplementedError

    def _zoomed(self, *_: object) -> None:
        """Zooming out ends where all is shown."""
        (west, east), _ = self.canvas.area.viewRange()
        if east - west >= self._fitted_width:
            self.fit()

    def _tracks_changed(self, state: AppState) -> bool:
        """Whether ``state`` has other tracks than those shown; they count as shown from now on."""
        before, self._tracks = self._tracks, state.tracks
        return len(before) != len(state.tracks) or any(now is not old for now, old in zip(state.tracks, before, strict=True))

    def _seeds_changed(self, state: AppState) -> bool:
        """Whether ``state`` has another ensemble than the one shown; it counts as shown from now on."""
        before, self._seeds = self._seeds, state.seeds.ensemble
        if self._seeds is before:
            return False
        count = len(self._seeds.runs[0].losses) if self._seeds is not None else 0
        self.landmarks.show_seeds(f"end of a seed, {count:,} a run" if count else "")
        return True

    def _seeds_shown(self, dim: int) -> list[tuple[int, EnsembleRun]]:
        """The runs of the ensemble with their numbers; none of another dimension."""
        runs = self._seeds.runs if self._seeds is not None else ()
        return [(index, run) for index, run in enumerate(runs) if run.positions.shape[1] == dim]

    def _run(self, modifiers: Qt.KeyboardModifier) -> int | None:
        return self._state.selected if self._state is not None and modifiers & Qt.KeyboardModifier.ControlModifier else None

    def _clicked(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        self._send(SetStart(self._position(point), self._run(modifiers)))

    def _dragged(self, point: QPointF, modifiers: Qt.KeyboardModifier, last: bool) -> None:
        self._send(SetStart(self._position(point), self._run(modifiers), live=not last))
