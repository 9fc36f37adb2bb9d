"""The map of a landscape of two weights, with the runs on it."""

import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF

from gdsim.app.mapping import LookAt
from gdsim.app.messages import Message
from gdsim.app.state import AppState
from gdsim.gui.cloud_bar import CloudBar
from gdsim.gui.ends import Ends, EndsLayer
from gdsim.gui.gradient_cloud import CloudLayer, noise_told
from gdsim.gui.ground import Ground
from gdsim.gui.map_layer import LEAST, MapLayer, seen_pixels
from gdsim.gui.numbers import label_of, number, summary, tracks_of, weights
from gdsim.gui.palette import LIGHT, Theme, run_style
from gdsim.gui.trails import Trail, TrailLayer
from gdsim.gui.weights_view import WeightsView
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.step_noise import StepNoise, has_cloud, noise_of_step
from gdsim.simulation.surface import Surface

NEAR = 11.0
BASINS = 0.62
"""How much of the basins' colours covers the ground."""


class LandscapeView(WeightsView):
    """Ground, minima, trails and heads.

    A click sets where all runs start, a drag does it live, with Ctrl only for the selected run; the wheel zooms, the middle or right button
    pans.
    """

    def __init__(self, send: Callable[[Message], None]) -> None:
        super().__init__(send, "Landscape", "weight w₂", "weight w₁")
        self.ground = Ground(self.canvas.area, 0)
        self.basins = MapLayer(self.canvas.area, 0.5, BASINS)
        self.trails = TrailLayer(self.canvas.area, 1)
        self.ends = EndsLayer(self.canvas.area, 2.5)
        self.cloud = CloudLayer(self.canvas.area, 1.5)
        self.cloud_bar = CloudBar(send)
        self._noise: tuple[object, StepNoise | None] = (None, None)
        self.layout().insertWidget(0, self.cloud_bar)  # type: ignore[union-attr]
        self.canvas.area.sigResized.connect(self._resized)
        self._fitted = True
        self.apply_theme(LIGHT)

    @classmethod
    def fits(cls, scenario: Scenario) -> bool:
        return not scenario.problem.is_network and scenario.landscape.dim == 2

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        self.cloud.show_theme(theme)
        self.ends.show_theme(theme)
        self.basins.show_theme(theme)

    def _show_ground(self, surface: Surface) -> None:
        self.ground.show_surface(surface, self._theme)

    def render(self, state: AppState) -> None:  # type: ignore[override]
        self._state = state
        ground = state.ground
        if ground is not None and ground is not self._surface and ground.landscape.dim == 2:
            same_place = self._surface is not None and self._surface.landscape.domain == ground.landscape.domain
            self._surface = ground
            self._show_ground(self._surface)
            self._show_axes(ground.landscape.axis_names)
            self.landmarks.show_points(self._surface.landscape.points(self._surface.landscape.values))
            if not same_place:
                self.fit()
        if self._tracks_changed(state):
            shown = tracks_of(state, 2)
            self.trails.set_trails([Trail(track.steps.positions, style) for _, track, style in shown])
            self.landmarks.show_starts({tuple(track.steps.positions[0]) for _, track, _ in shown})
            self.canvas.setAccessibleDescription(summary(state))
        self.trails.set_playhead(state.playhead)
        self.heads.show_heads(self.trails.trails, state.playhead)
        if self._seeds_changed(state):
            self.ends.show_ends([Ends(run.positions, run_style(index)) for index, run in self._seeds_shown(2)])
        self._show_cloud(state)
        self._show_basins(state)
        self.canvas.hover_again()

    def _show_cloud(self, state: AppState) -> None:
        """The noise of the step that the selected run takes at the playhead."""
        there = has_cloud(state.scenario)
        track = next((track for index, track, _ in tracks_of(state, 2) if index == state.selected), None)
        noise = None
        if state.cloud and there and track is not None:
            step = min(max(int(state.playhead), 0), track.last_step)
            key = state.scenario, state.selected, step, tuple(track.steps.positions[step])
            if key != self._noise[0]:
                self._noise = key, noise_of_step(state.scenario, state.selected, step, track.steps.positions[step])
            noise = self._noise[1]
        self.cloud.show_noise(noise, run_style(state.selected))
        self.cloud_bar.show_cloud(possible=there, shown=state.cloud, text=noise_told(noise) if noise else "")

    def _show_basins(self, state: AppState) -> None:
        shown = state.looked.basins
        self.cloud_bar.show_basins(shown)
        self.basins.show_picture(state.under.picture if shown else None)
        self._look()

    def _look(self) -> None:
        """Says what of the basins is in view, once they are shown."""
        area = self.canvas.area
        if self._state is None or not self._state.looked.basins or self._surface is None or area.width() < LEAST:
            return
        (west, east), (south, north) = area.viewRange()
        window = (float(west), float(east)), (float(south), float(north))
        pixels = seen_pixels(area)
        if (window, pixels) != (self._state.under.window, self._state.under.pixels):
            self._send(LookAt("basins", window, pixels))

    def _show_axes(self, names: tuple[str, ...]) -> None:
        for axis, name in enumerate(reversed(names)):
            if self.canvas.axes[axis].labelText != name:
                self.canvas.label(axis, name)

    def fit(self) -> None:
        """Shows the whole domain, both axes to the same scale as far as the ground reaches."""
        if self._surface is None or not (self.canvas.area.width() and self.canvas.area.height()):
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
        self._look()

    def _zoomed(self, *_: object) -> None:
        self._fitted = False
        super()._zoomed()
        self._look()

    def _position(self, point: QPointF) -> tuple[float, float]:
        digits = [math.ceil(math.log10(pixels)) for pixels in self.canvas.area.pixels_per_unit]
        return round(point.x(), digits[0]) + 0.0, round(point.y(), digits[1]) + 0.0

    def _hovered(self, scene_point: QPointF) -> None:
        pixel = self.canvas.area.mapFromScene(scene_point)
        known = self._surface is not None and not self._surface.is_sketch
        self.canvas.tell(pixel, self._describe(pixel) if known else "")

    def _describe(self, pixel: QPointF) -> str:
        """The run or the marked point under the cursor, else the place, with its loss."""
        assert self._surface is not None
        area, landscape = self.canvas.area, self._surface.landscape
        state = self._state
        for index, track, _ in tracks_of(state, 2) if state else []:
            step = min(int(state.playhead), track.last_step) if state else 0
            if _near(area.to_pixels(track.steps.positions[step : step + 1])[0], pixel) and state:
                here, loss = tuple(track.steps.positions[step]), track.steps.losses[step]
                return f"{label_of(state, index)}, step {step}:  {weights(here, landscape)},  loss = {number(loss)}"
        for point in landscape.points(landscape.values):
            if _near(area.to_pixels(np.array([point.position]))[0], pixel):
                return f"{point.kind}:  {weights(point.position, landscape)},  loss = {number(point.loss)}"
        here = area.mapToView(pixel)
        loss = float(landscape.loss(here.x(), here.y()))
        return f"{weights((here.x(), here.y()), landscape)},  loss = {number(loss)}"


def _near(point: np.ndarray, pixel: QPointF) -> bool:
    return math.hypot(point[0] - pixel.x(), point[1] - pixel.y()) < NEAR
