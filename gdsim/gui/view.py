"""View: one way to look at a scenario. The stage shows one of them at a time."""

from collections.abc import Callable
from typing import ClassVar

from PySide6.QtWidgets import QWidget

from gdsim.app.messages import Message
from gdsim.app.state import AppState
from gdsim.gui.canvas import Canvas
from gdsim.gui.palette import Theme
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
