"""Maps: what becomes of the selected run wherever one looks, over two of its numbers; in a view of its own, and under the trails.

A map is computed while it is looked at, and only what of it is not known yet. While a new one is on its way, the last one stays.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from gdsim.app.charted import Charted
from gdsim.app.effects import Effect
from gdsim.app.history import Change, complain, edited
from gdsim.app.map_choices import Side
from gdsim.app.messages import Message
from gdsim.app.state import AppState, ThemeChoice
from gdsim.simulation.map_cost import PATIENCE
from gdsim.simulation.map_plane import Picture, Plane, Window
from gdsim.simulation.run import start_of
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.sweep_targets import targets

MAP_VIEW = "Map"
MARGIN = 1.5
"""Times the seconds that were told which somebody is ready to wait who was told them."""
Purpose = Literal["map", "basins"]
PURPOSES: tuple[Purpose, ...] = ("map", "basins")


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
class SharpenFurther(Message):
    """The user waits for a picture that is twice as fine as what is shown unasked."""


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
    """Look at a map, for ``patience`` seconds at most; the answers are ``Sharpened``. Without a plane, give up what is under way."""

    purpose: Purpose
    number: int
    plane: Plane | None = None
    window: Window | None = None
    most: tuple[int, int] = (1, 1)
    colour: str = "auto"
    patience: float = PATIENCE


@dataclass(frozen=True)
class Sharpened(Message):
    """So much of what was asked with this number is there, and the picture that there is, if it is a new one. The rest takes ``left``
    seconds, as far as that is known. What is finer yet, and would take so many seconds, is ``withheld``: nothing more comes then.
    """

    purpose: Purpose
    number: int
    share: float
    picture: Picture | None = None
    left: float | None = None
    withheld: float | None = None


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
    return with_chart(state, message.purpose, chart), ()


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
    if current and message.withheld is not None:
        chart = replace(chart, share=None, left=None, withheld=message.withheld)
    elif current and chart.share is not None:
        done = picture is not None and picture.share == 1.0
        chart = replace(chart, share=None if done else message.share, left=None if done else message.left)
    return with_chart(state, message.purpose, chart), ()


def given_up(state: AppState) -> AppState:
    """``state`` without maps under way; what is there of them stays, and the rest is on offer where its price is known."""
    for purpose in PURPOSES:
        chart = chart_of(state, purpose)
        if chart.share is not None:
            state = with_chart(state, purpose, replace(chart, share=None, left=None, withheld=chart.left))
    return state


def failed(state: AppState, effect: Sharpen) -> AppState:
    """``state`` after ``effect`` went wrong."""
    chart = chart_of(state, effect.purpose)
    return with_chart(state, effect.purpose, replace(chart, share=None, left=None)) if chart.number == effect.number else state


def sharpen_further(state: AppState, _message: SharpenFurther) -> Change:
    seconds = state.map.withheld
    return (state, ()) if seconds is None else (replace(state, map=replace(state.map, patience=MARGIN * seconds)), ())


def share_under_way(state: AppState) -> float | None:
    """How much of the map is there that is looked at; None if nobody waits for one."""
    return next((chart.share for chart in (state.map, state.under) if chart.share is not None), None)


def seconds_left(state: AppState) -> float | None:
    """How long the map still takes that is looked at, as far as that is known."""
    return next((chart.left for chart in (state.map, state.under) if chart.share is not None), None)


def chart_of(state: AppState, purpose: Purpose) -> Charted:
    return state.map if purpose == "map" else state.under


def with_chart(state: AppState, purpose: Purpose, chart: Charted) -> AppState:
    return replace(state, map=chart) if purpose == "map" else replace(state, under=chart)


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
