"""Undo, redo and drags."""

import pytest

from gdsim.app import messages as m
from gdsim.app.changes import (
    AddRun,
    Redo,
    RemoveRun,
    SetLabel,
    SetLandscape,
    SetLandscapeParam,
    SetParam,
    SetStart,
    SetSteps,
    SetTitle,
    Undo,
)
from gdsim.app.history import MOST_UNDO
from gdsim.app.update import update
from tests.app.scenes import after, begun, scenario

EDITS = (
    SetParam(0, "learning_rate", 0.02),
    SetLabel(0, "mine"),
    SetStart((1.0, 1.0)),
    AddRun("adam"),
    SetLandscape("rosenbrock"),
    SetSteps(9),
    RemoveRun(0),
)


def test_all_the_way_back_and_forward_to_the_bit():
    first = begun()
    states = [first]
    for edit in EDITS:
        states.append(after(states[-1], edit))
    state = states[-1]
    for earlier in reversed(states[:-1]):
        state = after(state, Undo())
        assert state.scenario is earlier.scenario
    assert not state.dirty
    assert update(state, Undo()) == (state, ())
    for later in states[1:]:
        state = after(state, Redo())
        assert state.scenario is later.scenario
    assert update(state, Redo()) == (state, ())


def test_undo_of_words_computes_nothing_and_of_numbers_does():
    state = after(begun(), SetTitle("a"), SetSteps(9), SetTitle("b"))
    seen = []
    for _ in range(3):
        state, effects = update(state, Undo())
        seen.append(len(effects))
    assert seen == [0, 1, 0]


def test_an_edit_forgets_what_was_undone():
    state = after(begun(), SetSteps(9), Undo(), SetSteps(8))
    assert state.undone == ()
    assert after(state, Undo()).scenario.steps == 40


def test_so_many_steps_are_remembered_only():
    state = after(begun(), *(SetTitle(str(i)) for i in range(MOST_UNDO + 50)))
    assert len(state.done) == MOST_UNDO
    assert after(state, *[Undo()] * MOST_UNDO).scenario.title == "49"


DRAGS = {
    "parameter": lambda k, live: SetParam(0, "learning_rate", 0.01 + 0.001 * k, live),
    "start": lambda k, live: SetStart((0.1 * k, 0.0), live=live),
    "own start": lambda k, live: SetStart((0.1 * k, 0.0), 1, live),
    "landscape": lambda k, live: SetLandscapeParam("b", 100.0 + k, live),
}


@pytest.mark.parametrize("ends", [True, False])
@pytest.mark.parametrize("drag", DRAGS)
def test_a_drag_is_one_step_of_undo(drag, ends):
    make = DRAGS[drag]
    before = begun(scenario("rosenbrock"))
    dragging = after(before, *(m_ for k in range(1, 50) for m_ in (make(k, True), m.Tick(1 / 60))))
    assert dragging.done == (before.scenario,)
    if ends:
        dragging = after(dragging, make(50, False))
        assert dragging.editing is None
    assert dragging.done == (before.scenario,)
    assert after(dragging, Undo()).scenario is before.scenario
    last = dragging.scenario
    assert after(dragging, Undo(), Redo()).scenario is last


def test_drags_of_two_things_are_two_steps_and_a_finished_drag_is_not_taken_up_again():
    def drag(run, values):
        return [SetParam(run, "learning_rate", value, live=True) for value in values]

    before = begun()
    state = after(before, *drag(0, (0.1, 0.2)), *drag(1, (0.3, 0.4)))
    assert len(state.done) == 2
    end = SetParam(1, "learning_rate", 0.4)
    assert len(after(state, end, *drag(1, (0.5, 0.6))).done) == 3
    assert len(after(state, end, SetParam(1, "learning_rate", 0.5), SetParam(1, "learning_rate", 0.6)).done) == 4


def test_a_drag_back_to_where_it_began_is_nothing():
    before = begun()
    there = [SetParam(0, "learning_rate", value, live=True) for value in (0.02, 0.03)]
    state = after(before, *there, SetParam(0, "learning_rate", 0.01))
    assert state.done == ()
    assert not state.dirty


def test_dirty_is_whether_the_scenario_is_another():
    state = after(begun(), SetSteps(9))
    assert state.dirty
    assert not after(state, SetSteps(40)).dirty
    assert not after(state, Undo()).dirty
    saved = after(state, m.Saved(state.scenario, "file.toml"))
    assert not saved.dirty
    assert after(saved, Undo()).dirty


def test_only_a_drag_takes_answers_of_the_generations_before():
    before = begun()
    dragging = after(before, *(SetParam(0, "learning_rate", 0.01 * k, live=True) for k in range(2, 9)))
    assert (dragging.since, dragging.generation) == (before.generation, before.generation + 7)
    assert after(dragging, SetSteps(9)).since == dragging.generation + 1
    _, effects = update(dragging, SetParam(0, "learning_rate", 0.5, live=True))
    assert effects[0].live
