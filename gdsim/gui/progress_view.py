"""Loss and gradient norm against the step, with the playhead."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gdsim.app.epochs import epochs_of
from gdsim.app.messages import Message, Seek
from gdsim.app.state import AppState, Track
from gdsim.gui.band import Band, bands_of
from gdsim.gui.canvas import Canvas, Floats
from gdsim.gui.controls import QuietComboBox, label, named
from gdsim.gui.numbers import label_of, number, summary, tracks_of
from gdsim.gui.palette import LIGHT, RunStyle, Theme
from gdsim.gui.progress_curves import Curve, CurveLayer
from gdsim.gui.scales import Decades, Even, Scale, ScaleAxis, loss_scale, sight, sight_of_scores
from gdsim.simulation.data_source import DataSource
from gdsim.simulation.ensemble import Ensemble
from gdsim.simulation.training_record import Epochs, TrainingSteps


@dataclass(frozen=True, eq=False)
class Evaluated:
    """One quantity of a run, evaluated after epochs: ``values`` (n,) at ``steps`` (n,)."""

    label: str
    style: RunStyle
    steps: Floats
    values: Floats
    held_out: bool


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
        self.key = label("", "caption")
        self.key.setWordWrap(True)
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
            words = [f"{len(seeds.runs[0].losses):,} seeds:", "median and", "10 to 90 %;", "faint: this one"]
        else:
            words = ["— training", "○ validation", "faint: batch"]
        self.key.setText("  ".join(part.replace(" ", "\N{NO-BREAK SPACE}") for part in words))  # none is torn apart
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
