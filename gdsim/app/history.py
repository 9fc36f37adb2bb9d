"""Every edit of the scenario passes here: undo and redo, and what has to be computed afterwards."""

from dataclasses import replace

from gdsim.app.changes import Redo, Undo
from gdsim.app.effects import Compute, Effect
from gdsim.app.state import AppState, Notice, Track
from gdsim.simulation.scenario import Run, Scenario

Change = tuple[AppState, tuple[Effect, ...]]

MOST_UNDO = 200


def edited(state: AppState, scenario: Scenario, *, key: str | None = None, live: bool = False) -> Change:
    """``state`` with ``scenario`` in place of its own, and the way back remembered.

    Consecutive edits with the same ``key`` are one step of undo as long as they are ``live``; the first that is not ends the drag.
    """
    dragging = key is not None and key == state.editing
    if not dragging and scenario == state.scenario:
        return state, ()
    done = state.done if dragging else (*state.done, state.scenario)[-MOST_UNDO:]
    if dragging and not live and done and done[-1] == scenario:
        done = done[:-1]  # dragged away and back again: nothing happened
    undone = state.undone if scenario == state.scenario else ()
    return replaced(replace(state, done=done, undone=undone, editing=key if live else None), scenario, live=live)


def undo(state: AppState, _message: Undo) -> Change:
    if not state.done:
        return state, ()
    back = replace(state, done=state.done[:-1], undone=(*state.undone, state.scenario), editing=None)
    return replaced(back, state.done[-1])


def redo(state: AppState, _message: Redo) -> Change:
    if not state.undone:
        return state, ()
    forth = replace(state, done=(*state.done, state.scenario), undone=state.undone[:-1], editing=None)
    return replaced(forth, state.undone[-1])


def replaced(state: AppState, scenario: Scenario, *, live: bool = False) -> Change:
    """``state`` showing ``scenario``, computed again if its numbers are others."""
    if scenario == state.scenario:
        return state, ()
    before = state.scenario
    selected = min(state.selected, len(scenario.runs) - 1)
    # A rate that is being found for another landscape would be of no use on this one.
    sought = state.sought if before.problem.ground == scenario.problem.ground else {}
    said = state.said if before.problem.ground == scenario.problem.ground and len(before.runs) == len(scenario.runs) else ()
    tracks = carried(before, scenario, state.tracks)
    again = numbers(before) != numbers(scenario)
    seeds = state.seeds.after(before, scenario) if again else state.seeds
    state = replace(state, scenario=scenario, selected=selected, sought=sought, tracks=tracks, said=said, seeds=seeds)
    return computed_again(state, live=live) if again else (state, ())


def computed_again(state: AppState, *, live: bool = False) -> Change:
    """``state`` waiting for its scenario to be computed."""
    generation = state.generation + 1
    survey = not state.scenario.is_network and (state.surface is None or state.surface.landscape != state.scenario.landscape)
    state = replace(state, generation=generation, since=state.since if live else generation, computing=True, held=False, sketch=None)
    return state, (Compute(generation, state.scenario, survey, live),)


def numbers(scenario: Scenario) -> Scenario:
    """The scenario without its words: equal for two that compute the same."""
    return scenario.model_copy(update={"title": "", "runs": tuple(unlabelled(run) for run in scenario.runs)})


def unlabelled(run: Run) -> Run:
    return run.model_copy(update={"label": ""})


def carried(before: Scenario, after: Scenario, tracks: tuple[Track | None, ...]) -> tuple[Track | None, ...]:
    """The tracks to show for ``after`` until its own are computed: those of the same runs, none on another landscape."""
    if before.problem.ground != after.problem.ground:
        return (None,) * len(after.runs)
    if len(before.runs) == len(after.runs):
        return tracks
    left = list(zip(before.runs, tracks, strict=True))
    found: list[Track | None] = []
    for run in after.runs:
        same = next((pair for pair in left if pair[0] == run), None)
        if same is not None:
            left.remove(same)
        found.append(None if same is None else same[1])
    return tuple(found)


def complain(state: AppState, text: str) -> Change:
    """``state`` with an error to read, and nothing else changed."""
    return replace(state, notice=Notice(text, is_error=True)), ()
