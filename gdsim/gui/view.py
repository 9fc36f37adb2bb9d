"""View: one way to look at a scenario. The stage shows one of them at a time."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from gdsim.app.messages import Message
from gdsim.app.state import AppState
from gdsim.gui.canvas import Canvas
from gdsim.gui.palette import Theme
from gdsim.gui.style import SPACE
from gdsim.simulation.scenario import Scenario


class View(QWidget):
    """``name`` stands on its tab and names it in the state, ``tip`` says what it shows.

    ``send`` takes what the user does. One that a sheet of paper can show has a ``canvas``.
    """

    name: ClassVar[str]
    tip: ClassVar[str]
    canvas: Canvas

    def __init__(self, send: Callable[[Message], None]) -> None:
        super().__init__()
        self._send = send

    def _stack(self, bar: Sequence[QWidget], *below: QWidget, gap: int = 0) -> None:
        """A line of widgets, the first as wide as it may be, and ``gap`` pixels under it the others, the first as high as it may be."""
        line = QHBoxLayout()
        line.setContentsMargins(SPACE // 2, 0, SPACE, gap)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        for layout, widgets in ((line, bar), (column, below)):
            for index, widget in enumerate(widgets):
                layout.addWidget(widget, 1 if index == 0 else 0)

    @classmethod
    def fits(cls, scenario: Scenario) -> bool:
        """Whether there is something to see of this scenario."""
        raise NotImplementedError

    def render(self, state: AppState) -> None:  # type: ignore[override]
        """Paints what changed."""
        raise NotImplementedError

    def apply_theme(self, theme: Theme) -> None:
        raise NotImplementedError

    def fit(self) -> None:
        """Shows all there is, after zooming."""
