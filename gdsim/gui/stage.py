"""Where the landscape is shown: as a map for two weights, as a curve for one."""

from collections.abc import Callable

from PySide6.QtWidgets import QStackedWidget

from gdsim.app.messages import Message
from gdsim.app.state import AppState
from gdsim.gui.curve_view import CurveView
from gdsim.gui.landscape_view import LandscapeView
from gdsim.gui.palette import Theme


class Stage(QStackedWidget):
    """Holds both views and shows the one for the scenario's landscape. While a surface of the other dimension is still to come, the view
    shows what it has.
    """

    def __init__(self, send: Callable[[Message], None]) -> None:
        super().__init__()
        self.map = LandscapeView(send)
        self.curve = CurveView(send)
        self.addWidget(self.map)
        self.addWidget(self.curve)

    @property
    def current(self) -> LandscapeView | CurveView:
        return self.curve if self.currentWidget() is self.curve else self.map

    def apply_theme(self, theme: Theme) -> None:
        self.map.apply_theme(theme)
        self.curve.apply_theme(theme)

    def render(self, state: AppState) -> None:  # type: ignore[override]
        self.setCurrentWidget(self.curve if state.scenario.landscape.dim == 1 else self.map)
        self.current.render(state)

    def fit(self) -> None:
        """Shows the whole domain again."""
        self.current.fit()
