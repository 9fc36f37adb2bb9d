"""The tabs over a view: what else there is to look at. Ctrl+1, Ctrl+2, ... choose one."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QTabBar, QWidget

MOST_KEYS = 9


class Tabs(QTabBar):
    """``choose(name)`` is called with the tab that the user wants. A single tab would tell nothing and is not shown."""

    def __init__(self, choose: Callable[[str], None], parent: QWidget | None = None):
        super().__init__(parent)
        self._choose = choose
        self._names: list[str] = []
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self.setUsesScrollButtons(False)  # the view gets as much room as the tabs need
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("views")
        self.currentChanged.connect(self._chosen)
        self._keys = [QShortcut(QKeySequence(f"Ctrl+{number}"), self) for number in range(1, MOST_KEYS + 1)]
        for key in self._keys:
            key.activated.connect(self._by_key)
        self.hide()

    def show_tabs(self, tabs: Sequence[tuple[str, str]], current: str) -> None:
        """``tabs`` are names with tooltips."""
        names = [name for name, _ in tabs]
        with QSignalBlocker(self):
            if names != self._names:
                self._names = names
                while self.count():
                    self.removeTab(0)
                for place, (name, tip) in enumerate(tabs):
                    self.addTab(name)
                    key = QKeySequence(f"Ctrl+{place + 1}").toString(QKeySequence.SequenceFormat.NativeText)
                    self.setTabToolTip(place, f"{tip}  ({key})" if place < MOST_KEYS else tip)
                    self.setAccessibleTabName(place, name)
                self.setVisible(len(names) > 1)
            self.setCurrentIndex(names.index(current))

    def advance(self, by: int) -> None:
        """Chooses the tab so many places on, the first after the last."""
        if self.count() > 1:
            self.setCurrentIndex((self.currentIndex() + by) % self.count())

    def _chosen(self, place: int) -> None:
        if 0 <= place < len(self._names):
            self._choose(self._names[place])

    def _by_key(self) -> None:
        place = next(place for place, key in enumerate(self._keys) if key is self.sender())
        if self.count() > 1 and place < self.count():
            self.setCurrentIndex(place)
