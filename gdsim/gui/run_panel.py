"""The column of run cards."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from gdsim.app.messages import Message
from gdsim.app.state import AppState
from gdsim.gui.actions import Actions
from gdsim.gui.controls import ActionButton, discard, label
from gdsim.gui.palette import Theme
from gdsim.gui.run_card import RunCard
from gdsim.gui.style import SPACE
from gdsim.simulation.ensemble import meets_chance

CARD, BAR = 332, 12


class RunPanel(QWidget):
    """One card a run, scrolling when there are many; the selected one is brought into sight."""

    def __init__(self, send: Callable[[Message], None], actions: Actions, theme: Theme, parent: QWidget | None = None):
        super().__init__(parent)
        self._send = send
        self._theme = theme
        self._selected = -1
        self.cards: list[RunCard] = []
        self.setFixedWidth(CARD + BAR)
        self.heading = label("Runs", "heading")
        head = QHBoxLayout()
        head.setContentsMargins(SPACE // 2, 0, BAR, 0)
        head.addWidget(self.heading)
        head.addStretch(1)
        self.seeds = ActionButton(actions["many_seeds"])
        self.seeds.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        head.addWidget(self.seeds)
        self.add = ActionButton(actions["add"])
        self.add.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        head.addWidget(self.add)

        column = QWidget()
        column.setObjectName("column")
        self._column = QVBoxLayout(column)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE)
        self._column.addStretch(1)
        self.area = QScrollArea()
        self.area.setWidget(column)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(SPACE // 2)
        rows.addLayout(head)
        rows.addWidget(self.area)

    def render(self, state: AppState) -> None:  # type: ignore[override]
        runs = state.scenario.runs
        self.seeds.setVisible(state.seeds.on or meets_chance(state.scenario))
        while len(self.cards) < len(runs):
            card = RunCard(len(self.cards), self._send, self._theme, self.area.widget())
            card.setFixedWidth(CARD)  # whether or not there is a bar beside it
            self.cards.append(card)
            self._column.insertWidget(self._column.count() - 1, card)
            card.show()
        while len(self.cards) > len(runs):
            card = self.cards.pop()
            self._column.removeWidget(card)
            discard(card)
        for card in self.cards:
            card.render(state)
        if state.selected != self._selected and state.selected < len(self.cards):
            self._selected = state.selected
            QTimer.singleShot(0, self._reveal)  # once a new card has its place

    def _reveal(self) -> None:
        if self._selected < len(self.cards):
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)  # or the area does not know yet how far it scrolls
            self.area.ensureWidgetVisible(self.cards[self._selected], 0, SPACE)

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        for card in self.cards:
            card.apply_theme(theme)
