"""The sign of work that takes long: what it is, how far it has come, and a button that gives it up."""

from PySide6.QtCore import QElapsedTimer, Qt
from PySide6.QtWidgets import QGridLayout, QProgressBar, QWidget

from gdsim.app.state import AppState
from gdsim.app.under_way import Progress, under_way
from gdsim.gui.actions import Actions
from gdsim.gui.controls import ActionButton, label, named
from gdsim.gui.style import SPACE
from gdsim.simulation.sweep_estimate import duration

PATIENCE_MS, STILL_MS = 300, 50
"""Work that is over sooner is not announced: a flicker tells nobody anything. Where nothing else moves it is announced within 100 ms."""


class Busy(QWidget):
    """Shows itself once work has gone on for a moment, so it has to be rendered again as time goes by."""

    def __init__(self, actions: Actions, parent: QWidget | None = None):
        super().__init__(parent)
        self._since = QElapsedTimer()
        self._told: Progress | None = None
        self._held = False
        self.text = label("", "caption")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(18 * SPACE)
        self.hold = ActionButton(actions["hold"])
        self.cancel = ActionButton(actions["cancel"])
        self.cancel.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.cancel.setProperty("role", "field")
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(2)
        grid.addWidget(self.text, 0, 0, Qt.AlignmentFlag.AlignBottom)
        grid.addWidget(self.bar, 1, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.hold, 0, 1, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.cancel, 0, 2, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        self.hide()

    def render(self, state: AppState) -> None:  # type: ignore[override]
        progress = under_way(state)
        if progress is None:
            self._since.invalidate()
            self.text.setMinimumWidth(0)
        elif not self._since.isValid():
            self._since.start()
        self.hold.setVisible(state.computing)
        if state.held != self._held:
            self._held = state.held
            self.hold.setAccessibleName("go on computing" if state.held else "pause computing")
        late = progress is not None and (not self.isHidden() or self._since.hasExpired(STILL_MS if progress.is_still else PATIENCE_MS))
        if progress is not None and late and progress != self._told:
            self._tell(progress)
        if late == self.isHidden():
            self.setVisible(late)

    def _tell(self, progress: Progress) -> None:
        self._told = progress
        if progress.share is None:
            text = f"{progress.text}…"
            self.bar.setRange(0, 0)
        else:
            percent = int(100 * progress.share)
            left = "" if progress.left is None or progress.left < 1.0 else f", {duration(progress.left)} left"
            text = f"{progress.text}  {percent} %{left}"
            self.bar.setRange(0, 100)
            self.bar.setValue(percent)
        self.text.setText(text)
        # As wide as it ever was, or everything beside it would move with every second that is left.
        self.text.setMinimumWidth(max(self.text.minimumWidth(), self.text.sizeHint().width()))
        named(self, text)
        named(self.bar, "progress", text)
