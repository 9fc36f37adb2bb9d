"""Where a scenario is looked at: one of several views, with a tab for each where more than one fits."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from gdsim.app.messages import Message, ShowView
from gdsim.app.state import AppState
from gdsim.gui.backprop_view import BackpropView
from gdsim.gui.curve_view import CurveView
from gdsim.gui.data_view import DataView
from gdsim.gui.landscape_view import LandscapeView
from gdsim.gui.loss_plane_view import LossPlaneView
from gdsim.gui.map_view import MapView
from gdsim.gui.network_view import NetworkView
from gdsim.gui.palette import LIGHT, Theme
from gdsim.gui.pytorch_view import PytorchView
from gdsim.gui.tabs import Tabs
from gdsim.gui.trials_view import TrialsView
from gdsim.gui.view import View
from gdsim.simulation.scenario import Scenario

Kind = TypeVar("Kind", bound=View)

VIEWS: tuple[type[View], ...] = (
    LandscapeView,
    CurveView,
    DataView,
    NetworkView,
    BackpropView,
    LossPlaneView,
    MapView,
    PytorchView,
    TrialsView,
)
"""In the order of their tabs. A scenario is shown in the first that fits unless the user chose another."""


def views_of(scenario: Scenario) -> list[type[View]]:
    return [kind for kind in VIEWS if kind.fits(scenario)]


class Stage(QWidget):
    """Shows the view that the state names, else the first that fits. A view is made when it is first shown. While what a view paints is
    still to come, it shows what it has. On paper there are no tabs.
    """

    def __init__(self, send: Callable[[Message], None], *, tabbed: bool = True) -> None:
        super().__init__()
        self._send = send
        self._tabbed = tabbed
        self._theme = LIGHT
        self._views: dict[type[View], View] = {}
        self.tabs = Tabs(self._show)
        self._stack = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.tabs)
        column.addWidget(self._stack, 1)

    def view(self, kind: type[Kind]) -> Kind:
        """The view of this kind."""
        if kind not in self._views:
            made = self._views[kind] = kind(self._send)
            made.apply_theme(self._theme)
            self._stack.addWidget(made)
        return self._views[kind]  # type: ignore[return-value]

    @property
    def map(self) -> LandscapeView:
        return self.view(LandscapeView)

    @property
    def curve(self) -> CurveView:
        return self.view(CurveView)

    @property
    def current(self) -> View:
        shown = self._stack.currentWidget()
        assert isinstance(shown, View)
        return shown

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        for view in self._views.values():
            view.apply_theme(theme)

    def render(self, state: AppState) -> None:  # type: ignore[override]
        fitting = views_of(state.scenario)
        shown = next((kind for kind in fitting if kind.name == state.view), fitting[0])
        self.tabs.show_tabs([(kind.name, kind.tip) for kind in (fitting if self._tabbed else [shown])], shown.name)
        self._stack.setCurrentWidget(self.view(shown))
        self.current.render(state)

    def fit(self) -> None:
        """Shows all there is again."""
        self.current.fit()

    def next(self) -> None:
        """Shows the view of the next tab."""
        self.tabs.advance(1)

    def _show(self, name: str) -> None:
        self._send(ShowView(name))
