"""Loss and gradient norm against the step, with the playhead."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gdsim.app.epochs import ends_of_epochs, epochs_of
from gdsim.app.messages import Message, Seek
from gdsim.app.state import AppState, Track
from gdsim.gui.band import Band, bands_of, draw_band
from gdsim.gui.canvas import Area, Canvas, Floats, Layer, PixelCache, is_vector, pen
from gdsim.gui.clip import clip_segments, draw_clipped
from gdsim.gui.controls import Elided, QuietComboBox, named
from gdsim.gui.markers import dashes, draw_exit
from gdsim.gui.numbers import label_of, number, summary, tracks_of
from gdsim.gui.palette import LIGHT, RunStyle, Theme
from gdsim.gui.scales import Decades, Even, Scale, ScaleAxis, loss_scale, sight, sight_of_scores
from gdsim.networks.batches import Batches
from gdsim.simulation.data_source import DataSource
from gdsim.simulation.ensemble import Ensemble
from gdsim.simulation.training_record import Epochs, TrainingSteps

AHEAD = {"light": 0.28, "dark": 0.42}
WIDTH = 1.7
THIN = 1.1
BEHIND = 0.2
"""Opacity of what single batches say, where there are curves of the whole parts."""
CLOSEST, MARKED = 9, 26
"""Pixels between lines of epochs, and between marks of a curve, at least."""
# How often its plot's width and height a curve may be long before it counts as a band.
RESTLESS = 6


@dataclass(frozen=True, eq=False)
class Curve:
    """``places`` (n,): values in the places of a Scale, infinite ones allowed; at ``steps`` (n,), or at every step from 0.

    A ``faint`` one lies behind others; one with ``marks`` is thin, with hollow marks: what was not trained on, as the hollow points.
    """

    places: Floats
    style: RunStyle
    steps: Floats | None = None
    faint: bool = False
    marks: bool = False


@dataclass(frozen=True, eq=False)
class Evaluated:
    """One quantity of a run, evaluated after epochs: ``values`` (n,) at ``steps`` (n,)."""

    label: str
    style: RunStyle
    steps: Floats
    values: Floats
    held_out: bool


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
        self.bands: tuple[tuple[Band, Floats], ...] = ()
        self.playhead = 0.0
        self.epochs: Batches | None = None

    def show_epochs(self, epochs: Batches | None) -> None:
        """Faint lines where epochs end; None for none."""
        if epochs != self.epochs:
            self.epochs = epochs
            self.update()

    def show_curves(self, curves: Sequence[Curve], bands: Sequence[tuple[Band, Floats]] = ()) -> None:
        """``bands`` lie behind the curves, each with the places of its quantiles (3, n)."""
        self.curves, self.bands = tuple(curves), tuple(bands)
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

        if self.epochs is not None:
            ((first, last), _) = self.area.viewRange()
            ends = ends_of_epochs(self.epochs, int(last), CLOSEST / max(self.area.pixels_per_unit[0], 1e-9))
            for x in self.area.to_pixels(np.array([[end, 0.0] for end in ends if end >= first]).reshape(-1, 2))[:, 0]:
                painter.drawLine(QPointF(x, 0), QPointF(x, self.boundingRect().bottom()))

    def _draw(self, painter: QPainter, rect: QRectF) -> None:
        """The curves within ``rect``."""
        width = max(int(self.boundingRect().width()), 1)
        if self.bands:
            painter.save()
            painter.setClipRect(rect)
            for band, places in self.bands[::-1]:
                draw_band(painter, self.area, band.steps, places, band.style, self.theme)
            painter.restore()
        # The first run is painted last, on top, as its head is on the map; and what is faint first.
        behind = [curve for curve in self.curves[::-1] if curve.faint]
        for curve in (*behind, *(curve for curve in self.curves[::-1] if not curve.faint)):
            steps, places = extremes(curve.places, width) if curve.steps is None else (curve.steps, curve.places)
            pixels = self.area.to_pixels(np.column_stack((steps, places)))
            painter.setOpacity(BEHIND if curve.faint else 1.0)
            _stroke(painter, pixels, rect, curve.style, THIN if curve.marks else WIDTH)
            painter.setOpacity(1.0)
            if curve.marks:
                _mark(painter, pixels, rect, curve.style, self.theme)
            if curve.steps is not None:
                continue
            below = np.flatnonzero(pixels[:, 1] >= rect.top())
            if below.size and below[-1] + 1 < len(pixels) and rect.left() <= pixels[below[-1], 0] < rect.right():
                draw_exit(painter, QPointF(pixels[below[-1], 0], rect.top()), QPointF(0, -1), curve.style, self.theme)


def _mark(painter: QPainter, pixels: Floats, rect: QRectF, style: RunStyle, theme: Theme) -> None:
    """Hollow marks, some way apart."""
    shown = pixels[np.isfinite(pixels).all(axis=1)]
    painter.setPen(pen(style.colour, 1.4))
    painter.setBrush(QColor(theme.plot))
    passed = -math.inf
    for x, y in shown.tolist():
        if x - passed >= MARKED and rect.contains(QPointF(x, y)):
            painter.drawEllipse(QPointF(x, y), 2.8, 2.8)
            passed = x


def _stroke(painter: QPainter, pixels: Floats, rect: QRectF, style: RunStyle, width: float = WIDTH) -> None:
    stroke = pen(style.colour, width)
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
        self.evaluated: tuple[Evaluated, ...] = ()
        self.bands: tuple[Band, ...] = ()
        self.area.setMouseEnabled(False, False)
        self.area.clicked.connect(self._seek)
        self.area.dragged.connect(self._seek)
        self.scale_axis.setWidth(58)
        self.setAccessibleName(name)
        self.on_hover(self._describe)

    def show_values(
        self,
        values: list[tuple[str, RunStyle, Floats]],
        scale: Scale,
        title: str,
        last_step: int,
        evaluated: Sequence[Evaluated] = (),
        bands: Sequence[Band] = (),
    ) -> None:
        """``values`` are known at every step. What was ``evaluated``, and the medians of ``bands``, stand before them."""
        self.scale_shown = scale
        self.scale_axis.show_scale(scale)
        places = [scale.place(run) for _, _, run in values]
        after = [scale.place(each.values) for each in evaluated]
        spans = [scale.place(band.quantiles) for band in bands]
        seen = [*places, *after, *(row for span in spans for row in span)]
        low, high = sight_of_scores(after) if isinstance(scale, Even) else sight(seen, scale)
        self.area.setRange(xRange=(0.0, max(last_step, 1)), yRange=(low, high), padding=0, disableAutoRange=True)
        self.label(0, title)
        self.values = [(label, style.colour, run) for label, style, run in values]
        self.evaluated, self.bands = tuple(evaluated), tuple(bands)
        whole = [Curve(place, each.style, each.steps, marks=each.held_out) for place, each in zip(after, evaluated, strict=True)]
        whole += [Curve(span[1], band.style, band.steps) for span, band in zip(spans, bands, strict=True)]
        single = [Curve(place, style, faint=bool(whole)) for place, (_, style, _) in zip(places, values, strict=True)]
        self.curves.show_curves([*whole, *single], list(zip(bands, spans, strict=True)))
        self.hover_again()

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        self.curves.show_theme(theme)

    def _seek(self, point: QPointF, *_: object) -> None:
        self._send(Seek(float(max(point.x(), 0.0))))

    def _describe(self, scene_point: QPointF) -> None:
        pixel = self.area.mapFromScene(scene_point)
        if not (self.values or self.evaluated) or not self.area.rect().contains(pixel):
            self.readout.hide()
            return
        step = max(round(self.area.mapToView(pixel).x()), 0)
        lines = [f"step {step}"]
        for name, colour, run in self.values:
            ended = "" if step < len(run) else f" (ended at {len(run) - 1})"
            lines.append(f"<span style='color:{colour}'>●</span> {_escaped(name)}: {number(run[min(step, len(run) - 1)])}{ended}")
        for each in self.evaluated:
            row = max(int(np.searchsorted(each.steps, step, side="right")) - 1, 0)
            part = "○ validation" if each.held_out else "― training"
            lines.append(f"<span style='color:{each.style.colour}'>{part}</span> {_escaped(each.label)}: {number(float(each.values[row]))}")
        lines += [f"<span style='color:{band.style.colour}'>▒</span> {_escaped(band.label)}: {band.told(step)}" for band in self.bands]
        corner = Qt.Corner.TopRightCorner if pixel.x() < self.area.width() / 2 else Qt.Corner.TopLeftCorner
        self.readout.tell("<br>".join(lines), QRectF(self.area.mapRectToScene(self.area.rect())), corner)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")


class ProgressView(QWidget):
    """Loss above, gradient norm below, one step axis. Of networks also the losses of the training and validation part after epochs, and in
    place of the gradient norm, if wanted, accuracy or R^2.
    """

    def __init__(self, send: Callable[[Message], None]) -> None:
        super().__init__()
        self.loss = ProgressPlot(send, "Loss")
        self.gradient = ProgressPlot(send, "Gradient norm")
        self._state: AppState | None = None
        self._tracks: tuple[Track | None, ...] = ()
        self._labels: tuple[str, ...] = ()
        self._seeds: Ensemble | None = None
        self.key = Elided()
        self.key.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.key.hide()
        self.below = QuietComboBox()
        self.below.activated.connect(self._choose)
        named(self.below, "quantity below", "Show the gradient norm, or how well the network does")
        self.below.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.key)
        layout.addWidget(self.loss, 1)
        layout.addWidget(self.below, 0, Qt.AlignmentFlag.AlignRight)
        layout.addWidget(self.gradient, 1)
        self.gradient.label(1, "step")
        self.loss.axes[1].setStyle(showValues=False)
        self.apply_theme(LIGHT)

    def apply_theme(self, theme: Theme) -> None:
        self.loss.apply_theme(theme)
        self.gradient.apply_theme(theme)

    def render(self, state: AppState) -> None:  # type: ignore[override]
        self._state = state
        labels = tuple(label_of(state, index) for index in range(len(state.scenario.runs)))
        same = len(state.tracks) == len(self._tracks) and all(now is old for now, old in zip(state.tracks, self._tracks, strict=True))
        if not same or labels != self._labels or state.seeds.ensemble is not self._seeds:
            self._tracks, self._labels, self._seeds = state.tracks, labels, state.seeds.ensemble
            self._show(state)
        epochs = epochs_of(state)
        for plot in (self.loss, self.gradient):
            plot.curves.show_epochs(epochs)
            plot.curves.show_playhead(state.playhead)

    def _show(self, state: AppState) -> None:
        problem, labels = state.scenario.problem, self._labels
        shown = tracks_of(state, problem.dim)
        trained = [(labels[index], style, track.steps.epochs) for index, track, style in shown if isinstance(track.steps, TrainingSteps)]
        self._offer(state)
        losses = [(labels[index], style, track.steps.losses) for index, track, style in shown]
        after = evaluated(trained, "loss")
        scale, title = loss_scale(problem, [run for _, _, run in losses])
        bands = bands_of(state)
        self.loss.show_values(losses, scale, title, state.last_step, after, bands)
        if self.below.currentIndex() > 0 and trained:
            self.gradient.show_values([], Even(), self.below.currentText(), state.last_step, evaluated(trained, "score"))
        else:
            norms = [(labels[index], style, track.steps.gradient_norms) for index, track, style in shown]
            self.gradient.show_values(norms, Decades(), "gradient norm", state.last_step)
        self.loss.setAccessibleDescription(summary(state))
        self.gradient.setAccessibleDescription(summary(state))

    def _offer(self, state: AppState) -> None:
        """What can stand below: of networks also how well they do."""
        problem = state.scenario.problem
        seeds = state.seeds.ensemble
        self.key.setVisible(problem.is_network or seeds is not None)
        if seeds is not None:
            self.key.set_text(f"{len(seeds.runs[0].losses):,} seeds: median and 10 to 90 %;  faint: this one")
        else:
            self.key.set_text("— training   ○ validation   faint: batch")
        self.below.setVisible(problem.is_network)
        if isinstance(problem, DataSource) and problem.is_network:
            score = "accuracy" if problem.loaded.is_classification else "R²"
            if self.below.itemText(1) != score:
                chosen = max(self.below.currentIndex(), 0)
                self.below.clear()
                self.below.addItems(["gradient norm", score])
                self.below.setCurrentIndex(chosen)

    def _choose(self, _which: int) -> None:
        if self._state is not None:
            self._show(self._state)


def evaluated(trained: list[tuple[str, RunStyle, Epochs]], quantity: str) -> list[Evaluated]:
    """The ``loss`` or ``score`` of both parts of each run; nothing of a part that there is not."""
    found = []
    for name, style, epochs in trained:
        for part, held_out in (("training", False), ("validation", True)):
            values = getattr(epochs, f"{part}_{quantity}")
            if np.isfinite(values).any():
                found.append(Evaluated(name, style, epochs.step.astype(np.float64), values, held_out))
    return found
