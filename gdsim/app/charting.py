"""What of maps is to be asked now: the planes that are looked at, and what of them is in view."""

from collections.abc import Mapping
from dataclasses import replace

from pydantic import ValidationError

from gdsim.app.charted import Charted
from gdsim.app.effects import Effect
from gdsim.app.history import Change
from gdsim.app.map_choices import Side, default, numbers_of
from gdsim.app.mapping import MAP_VIEW, PURPOSES, Purpose, Sharpen, chart_of, with_chart
from gdsim.app.state import AppState
from gdsim.simulation.complaints import complaints
from gdsim.simulation.map_cost import PATIENCE
from gdsim.simulation.map_plane import Plane, Way, plane_of
from gdsim.simulation.sweep_targets import Target

BASINS = (Side("start.x", 0.0, 1.0), Side("start.y", 0.0, 1.0))
SURFACE_VIEWS = (None, "Loss surface")


def is_seen(state: AppState, purpose: Purpose) -> bool:
    if purpose == "map":
        return state.view == MAP_VIEW
    if state.scenario.is_network:
        return False
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
    for purpose in PURPOSES:
        state, more = _charting(state, purpose)
        effects += more
    return state, tuple(effects)


def _charting(state: AppState, purpose: Purpose) -> tuple[AppState, list[Effect]]:
    chart = chart_of(state, purpose)
    if not is_seen(state, purpose):
        if chart.share is None:
            return state, []
        return with_chart(state, purpose, replace(chart, share=None, left=None, asked=None)), [Sharpen(purpose, chart.number)]
    subject = (state.scenario, state.selected, state.looked)
    if chart.subject is None or any(now is not before for now, before in zip(subject, chart.subject, strict=True)):
        chart = _replanned(state, purpose, replace(chart, subject=subject))
    colour = state.looked.colour if purpose == "map" else "auto"
    asked = chart.plane, chart.window, chart.pixels, colour
    further = chart.patience != PATIENCE
    if chart.plane is None or chart.window is None or (_same(asked, chart.asked) and not further):
        return with_chart(state, purpose, chart), []
    effect = Sharpen(purpose, chart.number + 1, chart.plane, chart.window, chart.pixels, colour, chart.patience)
    # Who waits for a finer picture waits for this one.
    chart = replace(chart, asked=asked, number=chart.number + 1, share=0.0, left=None, patience=PATIENCE, withheld=None)
    return with_chart(state, purpose, chart), [effect]


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
