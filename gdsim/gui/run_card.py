"""The card of one run: who it is, what it is given, and what became of it."""

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFocusEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from gdsim.app import messages as m
from gdsim.app.changes import (
    ApplyPreset,
    DuplicateRun,
    RemoveRun,
    SetBatches,
    SetLabel,
    SetLimit,
    SetLookahead,
    SetOptimizer,
    SetParam,
    SetSchedule,
)
from gdsim.app.edit_options import options_told
from gdsim.app.many_seeds import ensemble_of
from gdsim.app.ruling import AwaitRuler
from gdsim.app.state import AppState, Track
from gdsim.gui.batch_editor import BatchEditor
from gdsim.gui.controls import TextLines, discard, label, named
from gdsim.gui.disclosure import Disclosure
from gdsim.gui.ends import seeds_told
from gdsim.gui.icons import icon
from gdsim.gui.name_edit import NameEdit
from gdsim.gui.numbers import number
from gdsim.gui.optimizer_picker import OptimizerPicker
from gdsim.gui.options_editor import OptionsEditor
from gdsim.gui.palette import Theme, run_style
from gdsim.gui.param_row import NumberRow, SwitchRow, param_row
from gdsim.gui.preset_row import PresetRow
from gdsim.gui.rate_curve import RateCurve
from gdsim.gui.rate_ruler import WITHHELD, RateRuler
from gdsim.gui.schedule_editor import ScheduleEditor
from gdsim.gui.style import SPACE
from gdsim.gui.swatch import Swatch
from gdsim.gui.typeset import sentence
from gdsim.gui.verdict_chip import VerdictChip
from gdsim.simulation.data_source import DataSource
from gdsim.simulation.problem import Problem
from gdsim.simulation.ruler import Mark
from gdsim.simulation.run_batches import steps_of
from gdsim.simulation.scenario import Run
from gdsim.simulation.sweep_estimate import duration
from gdsim.simulation.training_ruler import ASKED, mark_at_the_end

GIVEN_UP = "This run was not computed to its end; any change computes it again."


def outcome_line(track: Track) -> str:
    """How far the run came, in a few words."""
    if track.verdict is None:
        return f"stopped at step {track.last_step:,}"
    if track.diverged_at is not None:
        return f"lost at step {track.diverged_at:,}"
    if track.converged_at is not None:
        return f"done at step {track.converged_at:,}"
    return f"loss {number(track.steps.losses[-1], 3)}"


def outcome_in_full(track: Track) -> str:
    return f"After {track.last_step:,} steps the loss is {number(track.steps.losses[-1], 6)}"


class RunCard(QFrame):
    """Shows run ``index`` of the scenario. Whatever is done on a card also selects its run."""

    def __init__(self, index: int, send: Callable[[m.Message], None], theme: Theme, parent: QWidget | None = None):
        super().__init__(parent)
        self.index = index
        self._send = send
        self._theme = theme
        self._run: Run | None = None
        self._batched: Run | None = None
        self._problem: Problem | None = None
        self._optimizer = ""
        self._last: AppState | None = None
        self._track: Track | None = None
        self._computing = False
        self._chosen = False
        self._rows: dict[str, NumberRow | SwitchRow] = {}
        self._icons: dict[QToolButton, str] = {}
        self.setObjectName("card")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

        self.swatch = Swatch(run_style(index), theme)
        self.label = NameEdit(lambda text: self._say(SetLabel(self.index, text)), 80)
        self.tune = self._small_button("tune-variant", "more parameters", "More parameters of this optimizer")
        self.tune.setCheckable(True)
        self.tune.toggled.connect(self._unfold)
        self.duplicate = self._small_button("content-copy", "duplicate run", "Duplicate this run  (Ctrl+D)")
        self.duplicate.clicked.connect(self._duplicate)
        self.remove = self._small_button("close", "remove run", "Remove this run  (Del)")
        self.remove.clicked.connect(self._remove)

        self.optimizer = OptimizerPicker(self._choose_optimizer, theme)

        self.more = QWidget()
        self._more_rows = QVBoxLayout(self.more)
        self._more_rows.setContentsMargins(0, 0, 0, 0)
        self._more_rows.setSpacing(SPACE // 2)
        self._own_rows = QVBoxLayout()
        self._own_rows.setSpacing(SPACE // 2)
        self._more_rows.addLayout(self._own_rows)
        self.more.hide()

        self.schedule = ScheduleEditor(self._reschedule)
        self.curve = RateCurve(self._reschedule, theme)
        self.curve.hide()

        self.batches = BatchEditor(self._rebatch)
        self.batches.hide()
        self._more_rows.addWidget(self.batches.more)
        self._more_rows.addWidget(self.schedule)
        self.options = OptionsEditor(self._limit, self._look_ahead)
        self.besides = Disclosure("Clipping, Lookahead", "Limits of the gradient, and Lookahead round the optimizer", self.options)
        self._more_rows.insertWidget(1, self.besides)  # above the schedule, whose curve stands below it
        self._rate = QVBoxLayout()
        self._rate.setSpacing(0)
        self.ruler = RateRuler(index, self._choose_rate, theme)
        self._rate.addWidget(self.ruler)
        self.offer = QPushButton()
        self.offer.setProperty("role", "preset")
        self.offer.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.offer.clicked.connect(lambda: self._say(AwaitRuler(index)))
        self.offer.hide()
        self._rate.addWidget(self.offer)
        self._presets = PresetRow(lambda rate: self._say(ApplyPreset(index, str(rate))))
        self.presets = self._presets.buttons

        self.chip = VerdictChip(theme)
        self.outcome = label("", "caption")
        self.outcome.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.evidence = TextLines(3)
        self.seeds = TextLines(2)
        self.seeds.hide()

        head = QHBoxLayout()
        head.setSpacing(SPACE // 2)
        head.addWidget(self.swatch)
        head.addWidget(self.label, 1)
        for tool in (self.tune, self.duplicate, self.remove):
            head.addWidget(tool)
        tail = QHBoxLayout()
        tail.setSpacing(SPACE)
        tail.addWidget(self.chip)
        tail.addStretch(1)
        tail.addWidget(self.outcome)
        self._method = QHBoxLayout()
        self._method.setSpacing(SPACE)
        self._method.addWidget(self.optimizer, 1)
        self._method.addWidget(label("rate", "caption"))
        column = QVBoxLayout(self)
        column.setContentsMargins(12, SPACE // 2, 12, SPACE // 2)
        column.setSpacing(SPACE // 2)
        column.addLayout(head)
        column.addLayout(self._method)
        column.addLayout(self._rate)
        column.addWidget(self._presets)
        column.addWidget(self.batches)
        column.addWidget(self.more)
        column.addWidget(self.curve)
        column.addLayout(tail)
        column.addWidget(self.evidence)
        column.addWidget(self.seeds)
        self.apply_theme(theme)

    def _small_button(self, icon_name: str, name: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setProperty("role", "small")
        self._icons[button] = icon_name
        button.setIconSize(QSize(16, 16))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        named(button, name, tip)
        return button

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        for button, name in self._icons.items():
            button.setIcon(icon(name, theme, theme.muted))
        self.chip.apply_theme(theme)
        self.evidence.apply_theme(theme)
        self.seeds.apply_theme(theme)
        self.optimizer.apply_theme(theme)
        self.besides.apply_theme(theme)
        self.curve.apply_theme(theme)
        self.swatch.apply_theme(theme)
        self.ruler.apply_theme(theme)

    # What the state says

    def render(self, state: AppState) -> None:  # type: ignore[override]
        self._last = state
        run, problem = state.scenario.runs[self.index], state.scenario.problem
        if run is not self._run:
            self._run = run
            self._show_run(run)
        if problem is not self._problem or run is not self._batched:
            self._problem, self._batched = problem, run
            self._show_batches(run, problem)
        chosen = state.selected == self.index
        if chosen != self._chosen:
            self._chosen = chosen
            self.setProperty("chosen", chosen)
            self.style().unpolish(self)
            self.style().polish(self)
        self.remove.setEnabled(len(state.scenario.runs) > 1)
        track = state.tracks[self.index] if self.index < len(state.tracks) else None
        if track is not self._track or state.computing != self._computing:
            self._track, self._computing = track, state.computing
            self._show_track(track)
        self._show_schedule(state, run, track)
        self._show_ruler(state)
        ensemble = ensemble_of(state, self.index)
        self.seeds.setVisible(ensemble is not None)
        if ensemble is not None:
            self.seeds.set_text(seeds_told(ensemble))

    def _show_ruler(self, state: AppState) -> None:
        """Where it was withheld, what it would take stands in its place, to be clicked."""
        ruler = state.rulers[self.index] if self.index < len(state.rulers) else None
        self.ruler.show_ruler(ruler, network=state.scenario.is_network, mark=self._mark(state))
        withheld = ruler is not None and ruler.withheld > 0.0 and state.awaited != ruler.subject
        self.ruler.setVisible(not withheld)
        self.offer.setVisible(withheld)
        if ruler is not None and withheld:
            self.offer.setText(f"Try {ASKED} learning rates: about {duration(ruler.withheld)}")
            named(self.offer, f"ruler of learning rates of run {self.index + 1}", WITHHELD)

    def _mark(self, state: AppState) -> Mark | None:
        """What is known of the limit of a training is known where it ended."""
        verdict = self._track.verdict if self._track is not None and state.scenario.is_network else None
        return None if verdict is None else mark_at_the_end(state.scenario.runs[self.index], verdict.limit)

    def _show_schedule(self, state: AppState, run: Run, track: Track | None) -> None:
        """The curve of a rate that changes belongs to the selected run; where the parameters are open every run shows its own."""
        steps, recorded = steps_of(state.scenario, self.index), track.steps.learning_rates if track is not None else None
        self.schedule.show_run(run, steps, self.index, recorded)
        self.curve.setVisible(self.tune.isChecked() or (self._chosen and run.schedule is not None))
        if self.curve.isVisibleTo(self):
            self.curve.show_run(run, steps, self.index, recorded)

    def _show_run(self, run: Run) -> None:
        if run.optimizer != self._optimizer:
            self._optimizer = run.optimizer
            self._build_rows(run)
            self.optimizer.show_optimizer(run.rule, self.index)
        name = run.label or run.optimizer
        self.label.show_name(name)
        self.setAccessibleName(f"run {self.index + 1}: {name}")
        named(self.label, f"label of run {self.index + 1}", "The run's name; click to change it")
        for parameter, row in self._rows.items():
            row.show_value(run.values[parameter])
        self.options.show_run(run)
        self.besides.tell(options_told(run))

    def _show_batches(self, run: Run, problem: Problem) -> None:
        """Only points can be taken in batches."""
        of_data = isinstance(problem, DataSource)
        self.batches.setVisible(of_data)
        self.batches.more.setVisible(of_data)
        if isinstance(problem, DataSource):
            self.batches.show_run(run, len(problem.parts.train))

    def _build_rows(self, run: Run) -> None:
        """Controls for the parameters of the run's optimizer."""
        for row in self._rows.values():
            discard(row)
            if isinstance(row, NumberRow):
                discard(row.number)
        rate, *others = run.rule.parameters
        rate_row = NumberRow(rate, self._change, bare=True)
        rate_row.slider.setStyleSheet(f"QSlider::sub-page:horizontal {{ background: {run_style(self.index).colour}; }}")
        self._rate.insertWidget(0, rate_row)
        self._method.addWidget(rate_row.number)
        self._rows = {rate.name: rate_row, **{param.name: param_row(param, self._change, 11 * SPACE) for param in others}}
        for param in others:
            self._own_rows.addWidget(self._rows[param.name])

    def _show_track(self, track: Track | None) -> None:
        verdict = track.verdict if track else None
        if verdict is None and self._computing and track is not None and track.last_step > 0:
            self.outcome.setText(f"{track.last_step:,} steps …")
            return  # what was said of the run before stays until there is something new to say
        self.chip.show_verdict(verdict)
        self.outcome.setText(outcome_line(track) if track else "")
        self.outcome.setToolTip(outcome_in_full(track) if track else "")
        self.evidence.set_text(sentence(verdict.evidence) if verdict else "" if self._computing else GIVEN_UP)
        self._presets.show_rate(verdict.rate if verdict is not None else None)

    # What the user does

    def _say(self, message: m.Message) -> None:
        if not self._chosen:
            self._send(m.SelectRun(self.index))
        self._send(message)

    def _change(self, name: str, value: float | bool, live: bool) -> None:
        self._say(SetParam(self.index, name, value, live))

    def _choose_rate(self, rate: float, live: bool) -> None:
        self._change("learning_rate", rate, live)

    def _rebatch(self, name: str, value: Any, live: bool) -> None:
        self._say(SetBatches(self.index, name, value, live))

    def _limit(self, name: str, value: float | None, live: bool) -> None:
        self._say(SetLimit(self.index, name, value, live))

    def _look_ahead(self, table: Mapping[str, Any] | None, live: bool) -> None:
        self._say(SetLookahead(self.index, table, live))

    def _reschedule(self, table: Mapping[str, Any] | None, live: bool) -> None:
        self._say(SetSchedule(self.index, table, live))

    def _choose_optimizer(self, name: str) -> None:
        if name != self._optimizer:
            self._say(SetOptimizer(self.index, name))

    def _unfold(self, on: bool) -> None:
        self.more.setVisible(on)
        if self._last is not None:
            self._show_schedule(self._last, self._last.scenario.runs[self.index], self._track)

    def _duplicate(self) -> None:
        self._send(DuplicateRun(self.index))

    def _remove(self) -> None:
        self._send(RemoveRun(self.index))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._chosen:
            self._send(m.SelectRun(self.index))
        super().mousePressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if not self._chosen:
            self._send(m.SelectRun(self.index))
