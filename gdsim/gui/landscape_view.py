"""The map of a landscape of two weights, with the runs on it."""

import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gdsim.app.messages import Message, SetStart
from gdsim.app.state import AppState, Track
from gdsim.gui.canvas import Canvas
from gdsim.gui.ground import Ground
from gdsim.gui.map_marks import Heads, Landmarks
from gdsim.gui.numbers import label_of, number, summary, tracks_of, weights
from gdsim.gui.palette import LIGHT, Theme
from gdsim.gui.trails import Trail, TrailLayer
from gdsim.simulation.surface import Surface

NEAR = 11.0


class LandscapeView(QWidget):
    """Ground, minima, trails and heads.

    A click sets where all runs start, a drag does it live, with Ctrl only for the selected run; the wheel zooms, the middle or right button
    pans.
    """

    def __init__(self, send: Callable[[Message], None]) -> None:
        super().__init__()
        self._send = send
        self._state: AppState | None = None
        self._surface: Surface | None = None
        self._tracks: tuple[Track | None, ...] = ()
        self._theme = LIGHT
        self.canvas = Canvas()
        self.ground = Ground(self.canvas.area, 0)
        self.trails = TrailLayer(self.canvas.area, 1)
        self.landmarks = Landmarks(self.canvas.area, 2)
        self.heads = Heads(self.canvas.area, self.landmarks, 3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.canvas)
        self.canvas.label(0, "weight w<sub>2</sub>")
        self.canvas.label(1, "weight w<sub>1</sub>")
        self.canvas.setAccessibleName("Landscape")
        self.canvas.setCursor(Qt.CursorShape.CrossCursor)
        self.canvas.area.setMouseEnabled(True, True)
        self.canvas.area.sigResized.connect(self._resized)
        self.canvas.area.sigRangeChangedManually.connect(self._zoomed)
        self.canvas.area.clicked.connect(self._clicked)
        self.canvas.area.dragged.connect(self._dragged)
        self.canvas.on_hover(self._hovered)
        self._fitted = True
        self._fitted_width = 0.0
        self.apply_theme(LIGHT)

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.canvas.apply_theme(theme)
        self.landmarks.show_theme(theme)
        self.heads.show_theme(theme)
        if self._surface is not None:
            self.ground.show_surface(self._surface, theme)

    def render(self, state: AppState) -> None:  # type: ignore[override]
        self._state = state
        ground = state.ground
        if ground is not None and ground is not self._surface and ground.landscape.dim == 2:
            same_place = self._surface is not None and self._surface.landscape.domain == ground.landscape.domain
            self._surface = ground
            self.ground.show_surface(self._surface, self._theme)
            self.landmarks.show_points(self._surface.landscape.points(self._surface.landscape.values))
            if not same_place:
                self.fit()
        if len(state.tracks) != len(self._tracks) or any(now is not before for now, before in zip(state.tracks, self._tracks, strict=True)):
            self._tracks = state.tracks
            shown = tracks_of(state, 2)
            self.trails.set_trails([Trail(track.steps.positions, style) for _, track, style in shown])
            self.landmarks.show_starts({tuple(track.steps.positions[0]) for _, track, _ in shown})
            self.canvas.setAccessibleDescription(summary(state))
        self.trails.set_playhead(state.playhead)
        self.heads.show_heads(self.trails.trails, state.playhead)
        self.canvas.hover_again()

    def fit(self) -> None:
        """Shows the whole domain, both axes to the same scale as far as the ground reaches."""
        if self._surface is None or not self.canvas.area.width():
            return
        x, y = self._surface.x, self._surface.y
        (west, east), (south, north) = self._surface.landscape.domain
        area = self.canvas.area
        unit = max((east - west) / area.width(), (north - south) / area.height())
        width = min(unit * area.width(), x[-1] - x[0])
        height = min(unit * area.height(), y[-1] - y[0])
        middle, centre = (west + east) / 2, (south + north) / 2
        area.setLimits(xMin=x[0], xMax=x[-1], yMin=y[0], yMax=y[-1], minXRange=width * 1e-6, minYRange=height * 1e-6)
        area.setRange(
            xRange=(middle - width / 2, middle + width / 2),
            yRange=(centre - height / 2, centre + height / 2),
            padding=0,
            disableAutoRange=True,
        )
        self._fitted, self._fitted_width = True, width

    def _resized(self, *_: object) -> None:
        if self._fitted:
            self.fit()

    def _zoomed(self, *_: object) -> None:
        (west, east), _ = self.canvas.area.viewRange()
        self._fitted = False
        if east - west >= self._fitted_width:
            self.fit()

    def _position(self, point: QPointF) -> tuple[float, float]:
        """Rounded to what a pixel can tell, so that files and cards show 0.52 and not 0.5217391304."""
        digits = [math.ceil(math.log10(pixels)) for pixels in self.canvas.area.pixels_per_unit]
        return round(point.x(), digits[0]) + 0.0, round(point.y(), digits[1]) + 0.0

    def _run(self, modifiers: Qt.KeyboardModifier) -> int | None:
        only_one = bool(modifiers & Qt.KeyboardModifier.ControlModifier) and self._state is not None
        return self._state.selected if only_one and self._state is not None else None

    def _clicked(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        self._send(SetStart(self._position(point), self._run(modifiers)))

    def _dragged(self, point: QPointF, modifiers: Qt.KeyboardModifier, last: bool) -> None:
        self._send(SetStart(self._position(point), self._run(modifiers), live=not last))

    def _hovered(self, scene_point: QPointF) -> None:
        area, canvas = self.canvas.area, self.canvas
        pixel = area.mapFromScene(scene_point)
        if self._surface is None or self._surface.is_sketch or not area.rect().contains(pixel):
            canvas.readout.hide()
            return
        inside = QRectF(area.mapRectToScene(area.rect()))
        covered = pixel.x() < area.width() / 2 and pixel.y() > area.height() * 0.8
        corner = Qt.Corner.BottomRightCorner if covered else Qt.Corner.BottomLeftCorner
        canvas.readout.tell(self._describe(pixel), inside, corner)

    def _describe(self, pixel: QPointF) -> str:
        """The run or the marked point under the cursor, else the place, with its loss."""
        assert self._surface is not None
        area, landscape = self.canvas.area, self._surface.landscape
        state = self._state
        for index, track, _ in tracks_of(state, 2) if state else []:
            step = min(int(state.playhead), track.last_step) if state else 0
            if _near(area.to_pixels(track.steps.positions[step : step + 1])[0], pixel) and state:
                here, loss = tuple(track.steps.positions[step]), track.steps.losses[step]
                return f"{label_of(state, index)}, step {step}:  {weights(here)},  loss = {number(loss)}"
        for point in landscape.points(landscape.values):
            if _near(area.to_pixels(np.array([point.position]))[0], pixel):
                return f"{point.kind}:  {weights(point.position)},  loss = {number(point.loss)}"
        here = area.mapToView(pixel)
        loss = float(landscape.loss(here.x(), here.y()))
        return f"{weights((here.x(), here.y()))},  loss = {number(loss)}"


def _near(point: np.ndarray, pixel: QPointF) -> bool:
    return math.hypot(point[0] - pixel.x(), point[1] - pixel.y()) < NEAR
