"""The worker's answers: taken, joined, or dropped as stale."""

from pathlib import Path

import pytest

from gdsim.app import messages as m
from gdsim.app.changes import SetLandscape, SetLandscapeParam, SetStart, SetSteps
from gdsim.app.state import Notice
from gdsim.app.update import initial, update
from gdsim.simulation.trajectory import Chunk
from tests.app.scenes import STABLE, after, begun, computed, scenario, steps, whole


def test_a_run_is_shown_as_it_grows_and_judged_at_its_end():
    state = initial(scenario(runs=1, steps=99))[0]
    for rows in (10, 20, 90):
        state = after(state, m.Computed(1, Chunk(0, 0, steps(rows))))
        assert (state.tracks[0].last_step, state.tracks[0].verdict, state.computing) == (rows - 1, None, True)
    state = after(state, m.Computed(1, whole(0, 100), last=True))
    assert (state.tracks[0].last_step, state.tracks[0].verdict, state.computing) == (99, STABLE, False)


@pytest.mark.parametrize("generation", [0, 1, 3, 99])
def test_answers_of_another_generation_are_dropped(generation):
    state = after(begun(), SetSteps(9))
    assert state.generation == 2
    assert update(state, m.Computed(generation, whole(0, 5), last=True)) == (state, ())
    assert update(state, m.Surveyed(generation, "no surface")) == (state, ())
    assert update(state, m.Failed("too late", generation)) == (state, ())


def test_answers_about_a_run_that_is_gone_are_dropped():
    state = begun()
    assert update(state, m.Computed(1, whole(7, 5))) == (state, ())


def test_a_drag_shows_what_came_meanwhile_but_waits_for_the_newest():
    state = after(begun(), *(SetStart((0.1 * k, 0.0), live=True) for k in range(9)))
    for generation in (4, 7):
        state = after(state, m.Computed(generation, whole(0, 7)), m.Computed(generation, whole(1, 5), last=True))
        assert [(t.generation, t.last_step) for t in state.tracks] == [(generation, 6), (generation, 4)]
        assert state.computing
        assert state.playhead <= state.last_step
    state = computed(state)
    assert not state.computing
    assert update(after(state, SetSteps(3)), m.Computed(7, whole(0, 7)))[0].tracks == state.tracks


def test_a_surface_is_asked_for_until_it_is_there():
    class Surface:
        def __init__(self, landscape):
            self.landscape = landscape

    state, effects = initial(scenario())
    assert effects[0].survey
    state, effects = update(state, SetSteps(9))
    assert effects[0].survey
    state = after(state, m.Surveyed(state.generation, Surface(state.scenario.landscape)))
    state, effects = update(state, SetSteps(8))
    assert not effects[0].survey
    state, effects = update(state, SetLandscape("rosenbrock"))
    assert effects[0].survey
    state, effects = update(state, SetLandscapeParam("b", 7.0, live=True))
    assert effects[0].survey


def test_opening_begins_anew():
    state = after(begun(scenario(runs=4)), SetSteps(9), m.SelectRun(3), m.Pause(), m.Seek(5.0))
    other = scenario("double_well", runs=1)
    state, effects = update(state, m.Opened(other, Path("double.toml")))
    assert (state.scenario, state.saved, state.path) == (other, other, Path("double.toml"))
    assert (state.done, state.undone, state.selected, state.playhead, state.playing) == ((), (), 0, 0.0, True)
    assert state.tracks == (None,)
    assert [effect.scenario for effect in effects] == [other]
    assert not state.dirty


def test_saving_and_failing_are_told():
    state = after(begun(), SetSteps(9))
    earlier = state.scenario
    state = after(state, SetSteps(8), m.Saved(earlier, Path("mine.toml")))
    assert (state.saved, state.path, state.dirty) == (earlier, Path("mine.toml"), True)
    assert "mine.toml" in state.notice.text
    failing = after(state, m.Failed("no room", state.generation))
    assert (failing.notice, failing.computing) == (Notice("no room", is_error=True), False)
    assert after(state, m.Failed("no such file")).computing
    assert after(failing, m.Told("all well")).notice == Notice("all well")
    assert after(failing, m.DismissNotice()).notice is None
