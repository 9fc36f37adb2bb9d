"""The map of the selected run: two of its numbers, every pixel a run. It sharpens as one looks, and only what is new is computed."""

import math
from collections.abc import Callable

from PySide6.QtCore import QPointF, Qt

from gdsim.app.map_choices import Side, value_of
from gdsim.app.mapping import MAP_VIEW, LookAt, TakeRun
from gdsim.app.messages import Message
from gdsim.app.state import AppState
from gdsim.gui.canvas import Canvas
from gdsim.gui.map_bar import MapBar
from gdsim.gui.map_layer import LEAST, MapLayer, seen_pixels
from gdsim.gui.map_legend import MapLegend
from gdsim.gui.numbers import label_of, number
from gdsim.gui.palette import LIGHT, Theme
from gdsim.gui.scales import Decades, Plain, ScaleAxis
from gdsim.gui.view import View
from gdsim.simulation.map_plane import Picture, Plane, Way, Window
from gdsim.simulation.network_problem import Learning
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.sweep_estimate import duration
from gdsim.simulation.sweep_map import TIMES, words_for
from gdsim.simulation.sweep_result import SweepRun
from gdsim.simulation.verdict import Outcome

FARTHEST = 1e9
DECADES = 290.0
"""Places beyond which nobody looks."""
CLOSEST = 1e-9
WAITING = "The map is being computed."
WITHHELD = "Trainings take long here: a first, coarse map would take about {}. The button above begins it."


class MapView(View):
    """The wheel zooms, a drag pans; a click plays the run under it, with Ctrl without leaving the map."""

    name = MAP_VIEW
    tip = "What becomes of the selected run over two of its numbers, every pixel a run"

    def __init__(self, send: Callable[[Message], None]) -> None:
        super().__init__(send)
        self._theme = LIGHT
        self._state: AppState | None = None
        self._window: Window | None = None
        self._plane: Plane | None = None
        self.bar = MapBar(send)
        self.axes = ScaleAxis("left"), ScaleAxis("bottom")
        self.canvas = Canvas(*self.axes)
        self.canvas.setAccessibleName("Map of runs")
        self.canvas.setCursor(Qt.CursorShape.CrossCursor)
        self.layer = MapLayer(self.canvas.area, 1)
        self.legend = MapLegend()
        area = self.canvas.area
        area.setMouseEnabled(True, True)
        area.left_pans = True
        area.clicked.connect(self._clicked)
        area.sigRangeChangedManually.connect(self._looked)
        area.sigResized.connect(self._looked)
        self.canvas.on_hover(self._hovered)
        self._stack((self.bar,), self.canvas, self.legend)
        self.apply_theme(LIGHT)

    @classmethod
    def fits(cls, _scenario: Scenario) -> bool:
        return True

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.canvas.apply_theme(theme)
        self.layer.show_theme(theme)
        self.legend.apply_theme(theme)

    def render(self, state: AppState) -> None:  # type: ignore[override]
        self._state, chart = state, state.map
        self.bar.render(state)
        plane, picture = chart.plane, chart.picture
        if plane is not self._plane and plane is not None and chart.sides is not None:
            self._show_axes(plane, chart.sides)
        self._plane = plane
        if plane is not None:
            self._show_names(plane, state)
        if chart.window is not None and chart.window != self._window:
            self._window = chart.window
            self.canvas.area.setRange(xRange=chart.window[0], yRange=chart.window[1], padding=0, disableAutoRange=True)
            self._looked()
        self.layer.show_picture(picture)
        self.layer.show_here(here_of(state))
        waiting = chart.fault or (WITHHELD.format(duration(chart.withheld)) if chart.withheld is not None else WAITING)
        self.legend.show_chart(picture.chart if picture is not None else None, waiting)
        self.canvas.setAccessibleDescription(summary(state, picture) if picture is not None else waiting)
        self.canvas.hover_again()

    def _show_axes(self, plane: Plane, sides: tuple[Side, Side]) -> None:
        before = self._plane
        for axis, way in zip(self.axes, (plane.y, plane.x), strict=True):
            axis.show_scale(Decades() if way.log else Plain())
        if before is not None and (before.x, before.y) == (plane.x, plane.y):
            return
        limits: dict[str, float] = {}
        for letter, way, target, side in zip("xy", (plane.x, plane.y), plane.known, sides, strict=True):
            low, high = reach(way, target.param.low, target.param.high)
            largest = max(abs(way.place(side.low)), abs(way.place(side.high)))
            limits |= {f"{letter}Min": low, f"{letter}Max": high, f"min{letter.upper()}Range": CLOSEST * largest}
        self.canvas.area.setLimits(**dict.fromkeys(("xMin", "xMax", "yMin", "yMax")))
        self._window = None
        self.canvas.area.setLimits(**limits)

    def _show_names(self, plane: Plane, state: AppState) -> None:
        """The names of the axes, and below them whose numbers they are, where there are several runs."""
        below = name_of(plane, plane.x)
        if len(state.scenario.runs) > 1:
            below += f"{', ' if ',' in below else ' of '}run “{label_of(state, state.selected)}”"
        for axis, text in enumerate((name_of(plane, plane.y), below)):
            if self.canvas.axes[axis].labelText != text:
                self.canvas.label(axis, text)

    def _looked(self, *_: object) -> None:
        """Says what is in view, where that is known."""
        area = self.canvas.area
        if self._state is None or self._window is None or area.width() < LEAST:
            return
        (west, east), (south, north) = area.viewRange()
        self._window = window = ((float(west), float(east)), (float(south), float(north)))
        pixels = seen_pixels(area)
        if (window, pixels) != (self._state.map.window, self._state.map.pixels):
            self._send(LookAt("map", window, pixels))

    def fit(self) -> None:
        """Shows all of both axes."""
        if self._state is not None and self._state.map.sides is not None:
            spans = [(Way(s.over, s.log).place(s.low), Way(s.over, s.log).place(s.high)) for s in self._state.map.sides]
            self._send(LookAt("map", (spans[0], spans[1]), self._state.map.pixels))

    # What is under the cursor

    def _run_at(self, point: QPointF) -> SweepRun | None:
        picture = self._state.map.picture if self._state is not None else None
        at = picture.at(point.x(), point.y()) if picture is not None else None
        return picture.result.row(at) if picture is not None and at is not None else None

    def _clicked(self, point: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        run = self._run_at(point)
        if run is not None:
            x, y = run.values.values()
            self._send(TakeRun((x, y), stay=bool(modifiers & Qt.KeyboardModifier.ControlModifier)))

    def _hovered(self, scene_point: QPointF) -> None:
        area = self.canvas.area
        pixel = area.mapFromScene(scene_point)
        run = self._run_at(area.mapToView(pixel))
        self.canvas.tell(pixel, "" if run is None or self._state is None else "\n".join(described(run, self._state.scenario)))


def here_of(state: AppState) -> tuple[float, float] | None:
    """Where on the map the selected run is that is shown elsewhere."""
    plane = state.map.plane
    if plane is None:
        return None
    found = [value_of(state.scenario, state.selected, way.over) for way in (plane.x, plane.y)]
    places = []
    for way, value in zip((plane.x, plane.y), found, strict=True):
        if value is None or (way.log and value <= 0.0):
            return None
        places.append(way.place(value))
    return places[0], places[1]


def described(run: SweepRun, scenario: Scenario) -> list[str]:
    """What the readout says of a pixel, in lines."""
    landscape = None if scenario.is_network else scenario.landscape
    axes = [valued(words_for(name, landscape), value) for name, value in run.values.items()]
    minima = scenario.problem.minima
    ended = [f"{run.verdict} after {int(run.numbers['steps']):,} steps,  loss = {number(run.numbers['final_loss'], 3)}"]
    if isinstance(scenario.problem, Learning):
        score = "accuracy" if scenario.problem.parts.train.is_classification else "R²"
        went = "trained" if run.numbers["trainability"] < 0.0 else "not trained"
        return [*axes, *ended, f"{went},  {score} = {number(run.numbers['score'], 3)}"]
    reached = int(run.numbers["minimum"])
    if run.verdict in (Outcome.CONVERGED, Outcome.LOCAL_MINIMUM) and 0 <= reached < len(minima):
        ended.append(f"minimum at ({', '.join(number(weight, 3) for weight in minima[reached].position)})")
    return [*axes, *ended]


def name_of(plane: Plane, way: Way) -> str:
    """The axis in words. Rates of layers are rates where the run's own, which they multiply, is 1."""
    subject = plane.subject
    own = subject.runs[0].learning_rate == 1.0 and "learning_rate" not in (plane.x.over, plane.y.over)
    return words_for(way.over, None if subject.is_network else subject.landscape, plain=own)


def valued(words: str, value: float) -> str:
    name = words.removesuffix(TIMES)
    return f"{name} = {number(value)}" + (TIMES[1:] if name != words else "")


def summary(state: AppState, picture: Picture) -> str:
    """One line for those who hear the picture."""
    shares = ", ".join(f"{kind.label} {kind.share:.1%}" for kind in picture.chart.classes)
    axes = " by ".join(name_of(picture.plane, way) for way in (picture.plane.x, picture.plane.y))
    return f"{label_of(state, state.selected)}: {axes}. {shares}."


def reach(way: Way, low: float, high: float) -> tuple[float, float]:
    """The places between which an axis may be looked at."""
    if way.log:
        first = math.log10(low) if low > 0.0 else -DECADES
        return max(first, -DECADES), math.log10(high) if math.isfinite(high) else DECADES
    return max(low, -FARTHEST), min(high, FARTHEST)
