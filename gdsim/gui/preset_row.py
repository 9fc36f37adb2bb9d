"""The three rates of the lecture as buttons: too small, stable, too large."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from gdsim.gui.controls import named
from gdsim.simulation.verdict import Rate

PRESETS = (
    (Rate.TOO_SMALL, "Too small", "a learning rate too small: it creeps, and the steps run out  (1)"),
    (Rate.STABLE, "Stable", "a stable learning rate: it settles in the valley  (2)"),
    (Rate.TOO_LARGE, "Too large", "a learning rate too large: it jumps across the valley, or flies off  (3)"),
)


class PresetRow(QWidget):
    """``choose(rate)`` is called with the preset that is clicked. The one that is checked tells the verdict, not the click."""

    def __init__(self, choose: Callable[[Rate], None], parent: QWidget | None = None):
        super().__init__(parent)
        self._choose = choose
        self._shown: Rate | None = None
        self.buttons: dict[Rate, QPushButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for rate, text, tip in PRESETS:
            button = QPushButton(text)
            button.setProperty("role", "preset")
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            named(button, f"preset {text.lower()}", f"Try {tip}")
            button.clicked.connect(self._clicked)
            self.buttons[rate] = button
            row.addWidget(button)
            if rate is not Rate.TOO_LARGE:
                row.addStretch(1)

    def show_rate(self, rate: Rate | None) -> None:
        self._shown = rate
        for which, button in self.buttons.items():
            button.setChecked(which == rate)

    def _clicked(self) -> None:
        clicked = next(rate for rate, button in self.buttons.items() if button is self.sender())
        self.show_rate(self._shown)
        self._choose(clicked)
