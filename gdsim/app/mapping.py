"""Maps: what becomes of the selected run wherever one looks, over two of its numbers; in a view of its own, and under the trails.

A map is computed while it is looked at, and only what of it is not known yet. While a new one is on its way, the last one stays.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from gdsim.app.charted import Charted
from gdsim.app.effects import Effect
from gdsim.app.history import Change, complain, edited
from gdsim.app.map_choices import Side, default, numbers_of
from gdsim.app.messages import Message
from gdsim.app.state import AppState, ThemeChoice
from gdsim.simulation.complaints import complaints
from gdsim.simulation.map_plane import Picture, Plane, Way, Window, plane_of
from gdsim.simulation.run import start_of
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.sweep_targets import Target, targets

MAP_VIEW = "Map"
Purpose = Literal["map", "basins"]
BASINS = (Side("start.x", 0.0, 1.0), Side("start.y", 0.0, 1.0))
SURFACE_VIEWS = (None, "Loss surface")


@dataclass(frozen=True)
class ChooseSides(Message):
    """The axes of the map; what they show at first is all of their ranges."""

    x: Side
    y: Side


@dataclass(frozen=True)
class ColourMap(Message):
    """What colours tell: ``auto``, ``verdict``, ``minimum``, ``loss`` or ``steps``."""

    colour: str


@dataclass(frozen=True)
class LookAt(Message):
    """What part of the plane is in view (places), on so many pixels."""

    purpose: Purpose
    window: Window
    pixels: tuple[int, int]


@dataclass(frozen=True)
class ShowBasins(Message):
    """Whether the basin map lies under the trails."""

    shown: bool


@dataclass(frozen=True)
class TakeRun(Message):
    """Gives the selected run these values of the two axes of the map, to be played; ``stay`` in the map, or go where it is seen best."""

    values: tuple[float, float]
    stay: bool = False


@dataclass(frozen=True)
class SaveMap(Message):
    """Saves what is shown: as a picture (.png, .svg, .pdf) or as a table (.parquet, .csv)."""

    path: Path
    theme: ThemeChoice


@dataclass(frozen=True)
class Sharpen(Effect):
    """Look at a map; the answers are ``Sharpened``. Without a plane, give up what is under way."""

    purpose: Purpose
    number: int
    plane: Plane | None = None
    window: Window | None = None
    most: tuple[int, int] = (1, 1)
    colour: str = "auto"


@dataclass(frozen=True)
class Sharpened(Message):
    """So much of what was asked with this number is there, and the picture that there is, if it is a new one."""

    purpose: Purpose
    number: int
    share: float
    picture: Picture | None = None


@dataclass(frozen=True)
class WriteMap(Effect):
    picture: Picture
    path: Path
    colour: str
    theme: ThemeChoice


def choose_sides(state: AppState, message: ChooseSides) -> Change:
    looked = replace(state.looked, sides=(message.x, message.y))
    return replace(state, looked=looked, map=replace(state.map, sides=None)), ()


def colour_map(state: AppState, message: ColourMap) -> Change:
    return replace(state, looked=replace(state.looked, colour=message.colour)), ()


def look_at(state: AppState, message: LookAt) -> Change:
    chart = replace(chart_of(state, message.purpose), window=message.window, pixels=message.pixels)
    return _with(state, message.purpose, chart), ()


def show_basins(state: AppState, message: ShowBasins) -> Change:
    return replace(state, looked=replace(state.looked, basins=message.shown)), ()


def sharpened(state: AppState, message: Sharpened) -> Change:
    """A picture of a moment ago is newer than the one that is shown; one of other axes is not wanted."""
    chart = chart_of(state, message.purpose)
    if chart.plane is None or message.number < chart.shown:
        return state, ()
    current, picture = message.number == chart.number, message.picture
    if picture is not None and (picture.plane.x, picture.plane.y) == (chart.plane.x, chart.plane.y):
        chart = replace(chart, picture=picture, shown=message.number)
    if current and chart.share is not None:
        done = picture is not None and picture.share == 1.0
        chart = replace(chart, share=None if done else message.share)
    return _with(state, message.purpose, chart), ()


def given_up(state: AppState) -> AppState:
    """``state`` without maps under way; what is there of them stays."""
    for purpose in ("map", "basins"):
        chart = chart_of(state, purpose)
        if chart.share is not None:
            state = _with(state, purpose, replace(chart, share=None))
    return state


def failed(state: AppState, effect: Sharpen) -> AppState:
    """``state`` after ``effect`` went wrong."""
    chart = chart_of(state, effect.purpose)
    return _with(state, effect.purpose, replace(chart, share=None)) if chart.number == effect.number else state


def share_under_way(state: AppState) -> float | None:
    """How much of the map is there that is looked at; None if nobody waits for one."""
    return next((chart.share for chart in (state.map, state.under) if chart.share is not None), None)


def chart_of(state: AppState, purpose: Purpose) -> Charted:
    return state.map if purpose == "map" else state.under


def _with(state: AppState, purpose: Purpose, chart: Charted) -> AppState:
    return replace(state, map=chart) if purpose == "map" else replace(state, under=chart)


def is_seen(state: AppState, purpose: Purpose) -> bool:
    if state.scenario.is_network:
        return False
    if purpose == "map":
        return state.view == MAP_VIEW
    return state.looked.basins and state.scenario.landscape.dim == 2 and state.view in SURFACE_VIEWS


def sides_of(state: AppState, known: Mapping[str, Target]) -> tuple[Side, Side] | None:
    """The axes of the map: those that the user chose, as far as they are ``known`` of the selected run, else the ones to begin with."""
    ruler = state.rulers[state.selected] if state.selected < len(state.rulers) else None
    plane = state.map.plane
    # What was found to suit stays as long as it does, or the picture would jump while something is dragged.
    same = plane is not None and plane.subject.problem.ground == state.scenario.problem.ground
    for sides in (state.looked.sides, state.map.sides if same else None):
        if sides is not None and all(side.over in known for side in sides):
            return sides
    first = default(state.scenario, state.selected, ruler)
    return None if first is None else (first.x, first.y)


def charting(state: AppState) -> Change:
    """``state`` with the planes that are looked at, and the question for what is seen of them."""
    effects: list[Effect] = []
    for purpose in ("map", "basins"):
        state, more = _charting(state, purpose)
        effects += more
    return state, tuple(effects)


def _charting(state: AppState, purpose: Purpose) -> tuple[AppState, list[Effect]]:
    chart = chart_of(state, purpose)
    if not is_seen(state, purpose):
        if chart.share is None:
            return state, []
        return _with(state, purpose, replace(chart, share=None, asked=None)), [Sharpen(purpose, chart.number)]
    subject = (state.scenario, state.selected, state.looked)
    if chart.subject is None or any(now is not before for now, before in zip(subject, chart.subject, strict=True)):
        chart = _replanned(state, purpose, replace(chart, subject=subject))
    colour = state.looked.colour if purpose == "map" else "auto"
    asked = chart.plane, chart.window, chart.pixels, colour
    if chart.plane is None or chart.window is None or _same(asked, chart.asked):
        return _with(state, purpose, chart), []
    chart = replace(chart, asked=asked, number=chart.number + 1, share=0.0)
    effect = Sharpen(purpose, chart.number, chart.plane, chart.window, chart.pixels, colour)
    return _with(state, purpose, chart), [effect]


def _same(asked: tuple[object, ...], before: tuple[object, ...] | None) -> bool:
    return before is not None and asked[0] is before[0] and asked[1:] == before[1:]


def _replanned(state: AppState, purpose: Purpose, chart: Charted) -> Charted:
    """The chart with the plane of the scenario as it is now. Another pair of axes is looked at as a whole first."""
    known = numbers_of(state.scenario, state.selected)
    sides = sides_of(state, known) if purpose == "map" else BASINS
    if sides is None:
        return replace(chart, plane=None, fault="This run has not two numbers to vary.")
    x, y = (Way(side.over, side.log) for side in sides)
    fault = ""
    plane: Plane | None = None
    for share in (0.5, 0.9, 0.1):
        try:
            inside = [_inside(known[side.over], way, side, share) for way, side in zip((x, y), sides, strict=True)]
            plane = plane_of(state.scenario, state.selected, x, y, (inside[0], inside[1]))
            break
        except ValidationError as error:
            fault = str(complaints(error)[0])
    if plane is None:
        return replace(chart, plane=None, picture=None, fault=fault)
    if chart.plane is not None and chart.plane == plane:
        plane = chart.plane
    fresh = chart.plane is None or (chart.plane.x, chart.plane.y) != (plane.x, plane.y)
    if purpose == "map" and (fresh or chart.sides != sides):
        spans = tuple((way.place(side.low), way.place(side.high)) for way, side in zip((x, y), sides, strict=True))
        chart = replace(chart, window=(spans[0], spans[1]), sides=sides, picture=None if fresh else chart.picture)
    same_ground = chart.plane is not None and chart.plane.subject.problem.ground == plane.subject.problem.ground
    return replace(chart, plane=plane, picture=chart.picture if same_ground else None, fault="")


def _inside(target: Target, way: Way, side: Side, share: float) -> float:
    """A value of the axis, so far along it."""
    low, high = way.place(side.low), way.place(side.high)
    value = way.value(low + share * (high - low))
    return float(round(value)) if target.param.whole else value


def take_run(state: AppState, message: TakeRun) -> Change:
    """One step of undo; where all runs begin at one place, they go on doing so."""
    plane = state.map.plane
    if plane is None:
        return state, ()
    scenario = state.scenario
    for way, target, value in zip((plane.x, plane.y), plane.known, message.values, strict=True):
        scenario = _put(scenario, state.selected, way.over, target.value(value))
    state, effects = edited(state, scenario)
    return replace(state, playhead=0.0, wanted=0.0, playing=True, view=state.view if message.stay else None), effects


def _put(scenario: Scenario, run: int, name: str, value: float | int | bool) -> Scenario:
    """The scenario with this number of run ``run``; a start that runs share moves for all of them."""
    if name in ("start.x", "start.y") and scenario.runs[run].start is None:
        at = list(start_of(scenario, run))
        at["xy".index(name[-1])] = float(value)
        return scenario.changed(start=tuple(at))
    known = targets(scenario)
    return known.get(f"runs.{run}.{name}", known.get(name)).put(scenario, value)  # type: ignore[union-attr]


def save_map(state: AppState, message: SaveMap) -> Change:
    if state.map.picture is None:
        return complain(state, "There is no map to be saved yet")
    return state, (WriteMap(state.map.picture, message.path, state.looked.colour, message.theme),)
