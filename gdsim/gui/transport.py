"""The transport bar: play, step, scrub, speed; and what is being computed."""

import re
from collections.abc import Callable, Hashable

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from gdsim.app.epochs import epoch_at, epochs_of
from gdsim.app.messages import Message, Seek, SetSpeed
from gdsim.app.state import AppState
from gdsim.gui.actions import Actions
from gdsim.gui.busy import Busy
from gdsim.gui.commands import SPEEDS
from gdsim.gui.controls import ActionButton, QuietComboBox, label, named
from gdsim.gui.icons import icon
from gdsim.gui.palette import Theme
from gdsim.gui.slider import StepSlider
from gdsim.gui.style import SPACE


class Transport(QWidget):
    def __init__(self, send: Callable[[Message], None], actions: Actions, theme: Theme, parent: QWidget | None = None):
        super().__init__(parent)
        self._send = send
        self._theme = theme
        self._playing: bool | None = None
        self._measured: Hashable = None
        self.setObjectName("transport")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(7 * SPACE)

        self.play = QToolButton()
        self.play.setObjectName("play")
        self.play.setFixedSize(40, 40)
        self.play.setIconSize(QSize(24, 24))
        self.play.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.play.clicked.connect(actions["play"].trigger)
        named(self.play, "play", actions["play"].toolTip())
        self.slider = StepSlider()
        self.slider.setPageStep(10)
        self.slider.valueChanged.connect(self._scrubbed)
        named(self.slider, "step", "Drag to any step of the recording")
        self.step = label("", "caption")
        self.step.setMinimumWidth(15 * SPACE)
        self.step.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.speed = QuietComboBox()
        for speed in SPEEDS:
            self.speed.addItem(f"{speed:g}×", speed)  # noqa: RUF001  (the sign is meant)
        self.speed.activated.connect(self._choose_speed)
        named(self.speed, "speed", "How fast the runs are played  (+ and -)")
        self.busy = Busy(actions)

        row = QHBoxLayout(self)
        row.setContentsMargins(2 * SPACE, 0, 2 * SPACE, 0)
        row.setSpacing(SPACE // 2)
        for name in ("to_start", "step_back"):
            row.addWidget(ActionButton(actions[name]))
        row.addWidget(self.play)
        for name in ("step_forward", "to_end"):
            row.addWidget(ActionButton(actions[name]))
        row.addSpacing(SPACE)
        row.addWidget(self.slider, 1)
        row.addWidget(self.step)
        row.addSpacing(SPACE)
        row.addWidget(self.busy)
        row.addSpacing(SPACE // 2)
        row.addWidget(self.speed)
        self.apply_theme(theme)

    def render(self, state: AppState) -> None:  # type: ignore[override]
        last, now = state.last_step, int(state.playhead)
        if not self.slider.isSliderDown():
            with QSignalBlocker(self.slider):
                if self.slider.maximum() != last:
                    self.slider.setMaximum(last)
                    self.slider.setPageStep(max(1, last // 20))
                self.slider.setValue(now)
        epochs = epochs_of(state)
        self.slider.show_epochs(epochs)
        text = self._told(state, now)
        if text != self.step.text():
            self.step.setText(text)
        if (last, epochs) != self._measured:
            self._measured = last, epochs
            widest = re.sub(r"\d", "8", self._told(state, last))  # the slider beside it must not move while runs are played
            self.step.setMinimumWidth(max(15 * SPACE, self.step.fontMetrics().horizontalAdvance(widest) + 2))
        if state.playing != self._playing:
            self._playing = state.playing
            self._show_playing()
        if self.speed.currentData() != state.speed:
            self.speed.setCurrentIndex(self.speed.findData(state.speed))
        self.busy.render(state)

    def _told(self, state: AppState, step: int) -> str:
        where = f"step {step:,} of {state.last_step:,}"
        epochs = epochs_of(state)
        return where if epochs is None else f"epoch {epoch_at(state, epochs, step):,}, {where}"

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._show_playing()

    def _show_playing(self) -> None:
        self.play.setIcon(icon("pause" if self._playing else "play", self._theme, self._theme.accent_text))
        self.play.setAccessibleName("pause" if self._playing else "play")

    def _scrubbed(self, step: int) -> None:
        self._send(Seek(float(step)))

    def _choose_speed(self, which: int) -> None:
        self._send(SetSpeed(self.speed.itemData(which)))
