"""Loss and gradient norm against the step, with the playhead."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gdsim.app.messages import Message, Seek
from gdsim.app.state import AppState, Track
from gdsim.gui.canvas import Area, Canvas, Floats, Layer, PixelCache, is_vector, pen
from gdsim.gui.clip import clip_segments, draw_clipped
from gdsim.gui.markers import dashes, draw_exit
from gdsim.gui.numbers import label_of, number, summary, tracks_of
from gdsim.gui.palette import LIGHT, RunStyle, Theme
from gdsim.gui.scales import Decades, Scale, ScaleAxis, loss_scale, sight

AHEAD = {"light": 0.28, "dark": 0.42}
WIDTH = 1.7
# How often its plot's width and height a curve may be long before it counts as a band.
RESTLESS = 6


@dataclass(frozen=True, eq=False)
class Curve:
    """``places`` (steps + 1,): values in the places of a Scale, infinite ones allowed."""

    places: Floats
    style: RunStyle


def extremes(places: Floats, columns: int) -> tuple[Floats, Floats]:
    """A long curve thinned to its least and greatest place in each of ``columns``, in their order: what is drawn looks the same.

    Returns steps and places. NaN counts as what ended the run and is left out.
    """
    steps = np.arange(len(places))
    if len(places) <= 2 * columns:
        return steps.astype(np.float64), places
    width = -(-len(places) // columns)
    padded = np.pad(places, (0, -len(places) % width), mode="edge").reshape(-1, width)
    known = np.where(np.isnan(padded), padded[:, :1], padded)
    first = np.arange(len(padded)) * width
    least, greatest = first + known.argmin(axis=1), first + known.argmax(axis=1)
    index = np.unique(np.concatenate((np.minimum(least, greatest), np.maximum(least, greatest), [0, len(places) - 1])))
    index = index[index < len(places)]
    return index.astype(np.float64), places[index]


class CurveLayer(Layer):
    """The curves, painted once; a frame copies what is behind the playhead in full and what is ahead faintly."""

    def __init__(self, area: Area, z: float) -> None:
        super().__init__(area, z)
        self.cache = PixelCache()
        self.theme = LIGHT
        self.curves: tuple[Curve, ...] = ()
        self.playhead = 0.0

    def show_curves(self, curves: Sequence[Curve]) -> None:
        self.curves = tuple(curves)
        self.cache.forget()
        self.update()

    def show_playhead(self, playhead: float) -> None:
        if playhead != self.playhead:
            self.playhead = playhead
            self.update()

    def show_theme(self, theme: Theme) -> None:
        self.theme = theme
        self.cache.forget()
        self.update()

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        rect = self.boundingRect()
        painter.setClipRect(rect)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        x = self.area.to_pixels(np.array([[self.playhead, 0.0]]))[0, 0]
        behind = QRectF(rect.left(), rect.top(), x - rect.left(), rect.height()) & rect
        ahead = QRectF(x, rect.top(), rect.right() - x, rect.height()) & rect
        self._draw_grid(painter)
        if is_vector(painter):
            for part, opacity in ((behind, 1.0), (ahead, AHEAD[self.theme.name])):
                painter.setOpacity(opacity)
                self._draw(painter, part)
        else:
            with self.cache.open(painter, rect, str(self.area.viewRange())) as (onto, blank):
                if blank:
                    self._draw(onto, rect)
            self.cache.copy(painter, rect, behind)
            painter.setOpacity(AHEAD[self.theme.name])
            self.cache.copy(painter, rect, ahead)
        painter.setOpacity(1.0)
        painter.setPen(pen(self.theme.text, 1.2))
        painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.theme.text))
        painter.drawPolygon(QPolygonF([QPointF(x - 5, rect.top()), QPointF(x + 5, rect.top()), QPointF(x, rect.top() + 7)]))

    def _draw_grid(self, painter: QPainter) -> None:
        axis = self.area.parentItem().getAxis("left")
        (_, (low, high)) = self.area.viewRange()
        painter.setPen(pen(self.theme.grid, 1.0))
        for _, values in axis.tickValues(low, high, self.area.height()):
            for y in self.area.to_pixels(np.array([[0.0, value] for value in values]).reshape(-1, 2))[:, 1]:
                painter.drawLine(QPointF(0, y), QPointF(self.boundingRect().right(), y))

    def _draw(self, painter: QPainter, rect: QRectF) -> None:
        """The curves within ``rect``."""
        width = max(int(self.boundingRect().width()), 1)
        # The first run is painted last, on top, as its head is on the map.
        for curve in reversed(self.curves):
            steps, places = extremes(curve.places, width)
            pixels = self.area.to_pixels(np.column_stack((steps, places)))
            _stroke(painter, pixels, rect, curve.style)
            below = np.flatnonzero(pixels[:, 1] >= rect.top())
            if below.size and below[-1] + 1 < len(pixels) and rect.left() <= pixels[below[-1], 0] < rect.right():
                draw_exit(painter, QPointF(pixels[below[-1], 0], rect.top()), QPointF(0, -1), curve.style, self.theme)


def _stroke(painter: QPainter, pixels: Floats, rect: QRectF, style: RunStyle) -> None:
    stroke = pen(style.colour, WIDTH)
    start, end, visible = clip_segments(pixels[:-1], pixels[1:], rect)
    start, end = start[visible], end[visible]
    if np.hypot(*(end - start).T).sum() <= RESTLESS * (rect.width() + rect.height()):
        dashes(stroke, style.dash)
        painter.setPen(stroke)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        draw_clipped(painter, pixels, rect)
        return
    # A curve that fills the plot up and down: nobody could tell dashes in it, and as single lines it is painted a hundred times as fast.
    stroke.setCapStyle(Qt.PenCapStyle.SquareCap)
    painter.setPen(stroke)
    painter.drawLines([QLineF(*line) for line in np.hstack((start, end)).tolist()])


class ProgressPlot(Canvas):
    """One quantity against the step. A click or drag moves the playhead."""

    def __init__(self, send: Callable[[Message], None], name: str) -> None:
        self.scale_axis = ScaleAxis()
        super().__init__(left=self.scale_axis)
        self._send = send
        self.name = name
        self.scale_shown: Scale = Decades()
        self.curves = CurveLayer(self.area, 1)
        self.values: list[tuple[str, str, Floats]] = []
        self.area.setMouseEnabled(False, False)
        self.area.clicked.connect(self._seek)
        self.area.dragged.connect(self._seek)
        self.scale_axis.setWidth(58)
        self.setAccessibleName(name)
        self.on_hover(self._describe)

    def show_values(self, values: list[tuple[str, RunStyle, Floats]], scale: Scale, title: str, last_step: int) -> None:
        self.scale_shown = scale
        self.scale_axis.show_scale(scale)
        places = [scale.place(run) for _, _, run in values]
        low, high = sight(places, scale)
        self.area.setRange(xRange=(0.0, max(last_step, 1)), yRange=(low, high), padding=0, disableAutoRange=True)
        self.label(0, title)
        self.values = [(label, style.colour, run) for label, style, run in values]
        self.curves.show_curves([Curve(place, style) for place, (_, style, _) in zip(places, values, strict=True)])
        self.hover_again()

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        self.curves.show_theme(theme)

    def _seek(self, point: QPointF, *_: object) -> None:
        self._send(Seek(float(max(point.x(), 0.0))))

    def _describe(self, scene_point: QPointF) -> None:
        pixel = self.area.mapFromScene(scene_point)
        if not self.values or not self.area.rect().contains(pixel):
            self.readout.hide()
            return
        step = max(round(self.area.mapToView(pixel).x()), 0)
        lines = [f"step {step}"]
        for label, colour, run in self.values:
            ended = "" if step < len(run) else f" (ended at {len(run) - 1})"
            lines.append(f"<span style='color:{colour}'>●</span> {_escaped(label)}: {number(run[min(step, len(run) - 1)])}{ended}")
        corner = Qt.Corner.TopRightCorner if pixel.x() < self.area.width() / 2 else Qt.Corner.TopLeftCorner
        self.readout.tell("<br>".join(lines), QRectF(self.area.mapRectToScene(self.area.rect())), corner)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


class ProgressView(QWidget):
    """Loss above, gradient norm below, one step axis."""

    def __init__(self, send: Callable[[Message], None]) -> None:
        super().__init__()
        self.loss = ProgressPlot(send, "Loss")
        self.gradient = ProgressPlot(send, "Gradient norm")
        self._tracks: tuple[Track | None, ...] = ()
        self._labels: tuple[str, ...] = ()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.loss, 1)
        layout.addWidget(self.gradient, 1)
        self.gradient.label(1, "step")
        self.loss.axes[1].setStyle(showValues=False)
        self.apply_theme(LIGHT)

    def apply_theme(self, theme: Theme) -> None:
        self.loss.apply_theme(theme)
        self.gradient.apply_theme(theme)

    def render(self, state: AppState) -> None:  # type: ignore[override]
        labels = tuple(label_of(state, index) for index in range(len(state.scenario.runs)))
        same = len(state.tracks) == len(self._tracks) and all(now is old for now, old in zip(state.tracks, self._tracks, strict=True))
        if not same or labels != self._labels:
            self._tracks, self._labels = state.tracks, labels
            problem = state.scenario.problem
            shown = tracks_of(state, problem.dim)
            losses = [(labels[index], style, track.steps.losses) for index, track, style in shown]
            scale, title = loss_scale(problem, [run for _, _, run in losses])
            self.loss.show_values(losses, scale, title, state.last_step)
            norms = [(labels[index], style, track.steps.gradient_norms) for index, track, style in shown]
            self.gradient.show_values(norms, Decades(), "gradient norm", state.last_step)
            self.loss.setAccessibleDescription(summary(state))
            self.gradient.setAccessibleDescription(summary(state))
        self.loss.curves.show_playhead(state.playhead)
        self.gradient.curves.show_playhead(state.playhead)
