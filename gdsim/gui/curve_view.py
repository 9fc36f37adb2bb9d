"""The curve J(w) of a landscape of one weight, with the balls on it."""

import math
from collections.abc import Callable

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter

from gdsim.app.messages import Message
from gdsim.app.state import AppState
from gdsim.gui.canvas import Area, Layer, PixelCache, pen
from gdsim.gui.clip import clip_segments, draw_clipped
from gdsim.gui.ends import Ends, EndsLayer
from gdsim.gui.numbers import label_of, number, summary, tracks_of, weights
from gdsim.gui.palette import LIGHT, Theme, ground_table, run_style
from gdsim.gui.trails import Trail
from gdsim.gui.weights_view import WeightsView
from gdsim.landscapes import StationaryPoint
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.surface import Surface

TAIL = 48
TANGENT = 46.0
NEAR = 12.0


class CurveGround(Layer):
    """The curve, with the ground below it in the map's tints."""

    def __init__(self, area: Area, z: float) -> None:
        super().__init__(area, z)
        self.cache = PixelCache()
        self.surface: Surface | None = None
        self.theme = LIGHT

    def show_surface(self, surface: Surface, theme: Theme) -> None:
        self.surface, self.theme = surface, theme
        self.cache.forget()
        self.update()

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        if self.surface is not None:
            painter.setClipRect(self.boundingRect())
            self.cache.paint(painter, self.boundingRect(), str(self.area.viewRange()), self._draw)

    def _draw(self, painter: QPainter) -> None:
        assert self.surface is not None
        rect = self.boundingRect()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pixels = self.area.to_pixels(np.column_stack((self.surface.x, self.surface.losses)))
        top = np.clip(np.nan_to_num(pixels, nan=rect.bottom()), (rect.left(), rect.top()), (rect.right(), rect.bottom()))
        floor = pg.functions.arrayToQPolygonF(top[:, 0], top[:, 1])
        floor.append(rect.bottomRight())
        floor.append(rect.bottomLeft())
        tints = QLinearGradient(rect.bottomLeft(), rect.topLeft())
        for share in np.linspace(0, 1, 9):
            tints.setColorAt(float(share), QColor(*map(int, ground_table(self.theme)[round(share * 255)])))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tints)
        painter.drawPolygon(floor)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen(self.theme.index_contour, 2.2))
        draw_clipped(painter, pixels, rect)


class Tails(Layer):
    """The last steps of every run as chords and dots that fade with age, and the tangent at each ball: its slope is the gradient."""

    def __init__(self, area: Area, z: float) -> None:
        super().__init__(area, z)
        self.trails: tuple[Trail, ...] = ()
        self.slopes: tuple[np.ndarray, ...] = ()
        self.playhead = 0.0

    def show_tails(self, trails: tuple[Trail, ...], slopes: tuple[np.ndarray, ...]) -> None:
        self.trails, self.slopes = trails, slopes
        self.update()

    def show_playhead(self, playhead: float) -> None:
        if playhead != self.playhead:
            self.playhead = playhead
            self.update()

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(self.boundingRect())
        for trail, slope in reversed(list(zip(self.trails, self.slopes, strict=True))):
            self._paint_tail(painter, trail)
            self._paint_tangent(painter, trail, slope)

    def _paint_tail(self, painter: QPainter, trail: Trail) -> None:
        last = min(int(self.playhead), len(trail.points) - 1)
        first = max(0, last - TAIL)
        pixels = np.vstack((self.area.to_pixels(trail.points[first : last + 1]), self.area.to_pixels(trail.at(self.playhead)[np.newaxis])))
        start, end, visible = clip_segments(pixels[:-1], pixels[1:], self.boundingRect())
        colour = QColor(trail.style.colour)
        # Four ages are enough to fade, and keep the changes of pen few.
        for age in range(4):
            low, high = len(start) * age // 4, len(start) * (age + 1) // 4
            shown = visible[low:high]
            colour.setAlphaF(0.16 + 0.2 * age)
            painter.setPen(pen(colour, 1.3))
            for a, b in zip(start[low:high][shown], end[low:high][shown], strict=True):
                if math.hypot(*(b - a)) > 4.0:
                    painter.drawLine(QPointF(*a), QPointF(*b))
            colour.setAlphaF(0.3 + 0.22 * age)
            painter.setPen(pen(colour, 6.0))
            dots = start[low:high][shown]
            if len(dots):
                painter.drawPoints(pg.functions.arrayToQPolygonF(dots[:, 0], dots[:, 1]))

    def _paint_tangent(self, painter: QPainter, trail: Trail, slopes: np.ndarray) -> None:
        head = self.area.to_pixels(trail.at(self.playhead)[np.newaxis])[0]
        slope = slopes[min(int(self.playhead), len(slopes) - 1)]
        if not (np.isfinite(head).all() and np.isfinite(slope) and self.boundingRect().contains(QPointF(*head))):
            return
        across, down = self.area.pixels_per_unit
        along = np.array([1.0, -slope * down / across])
        along *= TANGENT / math.hypot(*along)
        painter.setPen(pen(trail.style.colour, 1.6))
        painter.drawLine(QPointF(*(head - along)), QPointF(*(head + along)))


class CurveView(WeightsView):
    """J(w), its minima, and the runs rolling on it. A click or drag sets where all runs start; with Ctrl only the selected run."""

    def __init__(self, send: Callable[[Message], None]) -> None:
        super().__init__(send, "Curve", "loss J(w)", "weight w")
        self.ground = CurveGround(self.canvas.area, 0)
        self.tails = Tails(self.canvas.area, 1)
        self.ends = EndsLayer(self.canvas.area, 2.5)
        self.apply_theme(LIGHT)

    @classmethod
    def fits(cls, scenario: Scenario) -> bool:
        return not scenario.problem.is_network and scenario.landscape.dim == 1

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        self.ends.show_theme(theme)

    def _show_ground(self, surface: Surface) -> None:
        self.ground.show_surface(surface, self._theme)

    def render(self, state: AppState) -> None:  # type: ignore[override]
        self._state = state
        ground = state.ground
        if ground is not None and ground is not self._surface and ground.landscape.dim == 1:
            self._surface = ground
            self._show_ground(self._surface)
            landscape = self._surface.landscape
            self.landmarks.show_points(tuple(_on_curve(point) for point in landscape.points(landscape.values)))
            self.fit()
        if self._tracks_changed(state):
            shown = tracks_of(state, 1)
            points = [np.column_stack((track.steps.positions[:, 0], track.steps.losses)) for _, track, _ in shown]
            trails = tuple(Trail(where, style) for where, (_, _, style) in zip(points, shown, strict=True))
            self.tails.show_tails(trails, tuple(track.steps.gradients[:, 0] for _, track, _ in shown))
            self.landmarks.show_starts({tuple(where[0]) for where in points})
            self.canvas.setAccessibleDescription(summary(state))
        if self._seeds_changed(state):
            on_curve = [(index, np.column_stack((run.positions[:, 0], run.losses))) for index, run in self._seeds_shown(1)]
            self.ends.show_ends([Ends(places, run_style(index)) for index, places in on_curve])
        self.tails.show_playhead(state.playhead)
        self.heads.show_heads(self.tails.trails, state.playhead)
        self.canvas.hover_again()

    def fit(self) -> None:
        """Shows the domain, and of the loss what is not a spike."""
        if self._surface is None:
            return
        ((west, east),) = self._surface.landscape.domain
        losses = self._surface.losses[np.isfinite(self._surface.losses)]
        low, high = (float(losses.min()), float(np.percentile(losses, 99))) if losses.size else (0.0, 1.0)
        margin = 0.12 * (high - low) or 1.0
        self._fitted_width = east - west
        area = self.canvas.area
        area.setLimits(xMin=west, xMax=east, yMin=low - 9 * margin, yMax=high + 9 * margin, minXRange=(east - west) * 1e-6)
        area.setRange(xRange=(west, east), yRange=(low - margin, high + margin), padding=0, disableAutoRange=True)

    def _position(self, point: QPointF) -> tuple[float]:
        digits = math.ceil(math.log10(self.canvas.area.pixels_per_unit[0]))
        return (round(point.x(), digits) + 0.0,)

    def _hovered(self, scene_point: QPointF) -> None:
        area, canvas, state = self.canvas.area, self.canvas, self._state
        pixel = area.mapFromScene(scene_point)
        if self._surface is None or self._surface.is_sketch or state is None or not area.rect().contains(pixel):
            canvas.readout.hide()
            return
        landscape = self._surface.landscape
        w = area.mapToView(pixel).x()
        text = f"{weights((w,), landscape)},  loss = {number(float(landscape.loss(w)))},  slope = {number(float(landscape.gradient(w)[0]))}"
        for index, track, _ in tracks_of(state, 1):
            step = min(int(state.playhead), track.last_step)
            place = np.array([[track.steps.positions[step, 0], track.steps.losses[step]]])
            if math.hypot(*(area.to_pixels(place)[0] - (pixel.x(), pixel.y()))) < NEAR:
                here = f"{weights((place[0, 0],), landscape)},  loss = {number(place[0, 1])}"
                text = f"{label_of(state, index)}, step {step}:  {here},  slope = {number(track.steps.gradients[step, 0])}"
        canvas.readout.tell(text, QRectF(area.mapRectToScene(area.rect())), Qt.Corner.TopLeftCorner)


def _on_curve(point: StationaryPoint) -> StationaryPoint:
    return StationaryPoint((point.position[0], point.loss), point.loss, point.kind)
