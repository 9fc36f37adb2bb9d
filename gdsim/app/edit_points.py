"""Points of one's own: made or read data become a list of points, to which points are added and from which they are taken."""

from typing import Any

from gdsim.app.changes import AddPoint, EditPoints, MovePoint, RemovePoint
from gdsim.app.history import Change, complain, edited
from gdsim.app.state import AppState
from gdsim.networks.dataset import Dataset
from gdsim.simulation.data_source import DataSource

MOST_EDITED = 500

Point = tuple[float | int | str, ...]

OF_OTHER_SOURCES = ("dataset", "data", "csv", "target", "delimiter", "header", "missing")


def cannot_be_edited(dataset: Dataset) -> str | None:
    """Why these data cannot become a list of points, in one sentence; None where they can."""
    if dataset.inputs.shape[1] > 2:
        return f"Points that are edited have one input or two, and these have {dataset.inputs.shape[1]}"
    if len(dataset) > MOST_EDITED:
        return f"At most {MOST_EDITED} points can be edited one by one, and there are {len(dataset):,}"
    return None


def points_of(dataset: Dataset) -> tuple[Point, ...]:
    """The rows of a scenario's ``points``. Classes that are called 0, 1, ... stay numbers."""
    if not dataset.is_classification:
        return tuple((*row, target) for row, target in zip(dataset.inputs.tolist(), dataset.targets[:, 0].tolist(), strict=True))
    return tuple((*row, class_named(dataset, k)) for row, k in zip(dataset.inputs.tolist(), dataset.targets.tolist(), strict=True))


def class_named(dataset: Dataset, number: int) -> int | str:
    """Class ``number`` as a scenario's points have it."""
    numbered = dataset.classes == tuple(str(k) for k in range(len(dataset.classes)))
    return number if numbered else dataset.classes[number]


def edit_points(state: AppState, _message: EditPoints) -> Change:
    problem = state.scenario.problem
    if not isinstance(problem, DataSource) or problem.points is not None:
        return state, ()
    dataset = problem.loaded
    if (text := cannot_be_edited(dataset)) is not None:
        return complain(state, text)
    usual = dataset.inputs.shape[1] == 2
    table: dict[str, Any] = own(problem) | dict.fromkeys(OF_OTHER_SOURCES)
    table |= {"points": points_of(dataset), "classification": None if usual == dataset.is_classification else dataset.is_classification}
    return edited(state, state.scenario.changed(problem=table))


def own(problem: Any) -> dict[str, Any]:
    """The table of a problem, to be changed."""
    return {name: getattr(problem, name) for name in type(problem).model_fields}


def with_points(state: AppState, points: tuple[Point, ...], key: str | None = None, *, live: bool = False) -> Change:
    return edited(state, state.scenario.changed(problem=own(state.scenario.problem) | {"points": points}), key=key, live=live)


def listed(state: AppState) -> tuple[Point, ...]:
    """The points of the scenario; empty where it has no list of them."""
    problem = state.scenario.problem
    return (problem.points or ()) if isinstance(problem, DataSource) else ()


def add_point(state: AppState, message: AddPoint) -> Change:
    points = listed(state)
    return with_points(state, (*points, message.point)) if points else (state, ())


def remove_point(state: AppState, message: RemovePoint) -> Change:
    """Of several equal ones, the first."""
    points = listed(state)
    if message.point not in points:
        return state, ()
    place = points.index(message.point)
    return with_points(state, (*points[:place], *points[place + 1 :]))


def move_point(state: AppState, message: MovePoint) -> Change:
    points = listed(state)
    if message.point not in points:
        return state, ()
    place = points.index(message.point)
    return with_points(state, (*points[:place], message.to, *points[place + 1 :]), f"point {place}", live=message.live)
