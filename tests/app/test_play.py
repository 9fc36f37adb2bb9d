"""The playhead."""

import math

import pytest

from gdsim.app import messages as m
from gdsim.app.changes import SetLandscape, SetParam, SetStart, SetSteps, Undo
from gdsim.app.play import NATURAL_SECONDS, SLOWEST, SPEEDS, pace
from gdsim.app.update import initial, update
from gdsim.simulation.trajectory import Chunk
from tests.app.scenes import after, begun, computed, scenario, steps


def frames(state, seconds, rate=60):
    return after(state, *[m.Tick(1 / rate)] * round(seconds * rate))


@pytest.mark.parametrize("steps", [1, 3, 40, 200, 5000, 10**6])
def test_the_whole_recording_plays_in_its_natural_time(steps):
    state = begun(scenario(steps=steps, runs=1), rows=min(steps, 1000) + 1)
    seconds = min(NATURAL_SECONDS, state.last_step / SLOWEST)
    before = frames(state, 0.9 * seconds)
    assert before.playing
    assert 0.8 * state.last_step <= before.playhead < state.last_step
    after_ = frames(state, 1.05 * seconds + 0.1)
    assert not after_.playing
    assert after_.playhead == state.last_step


def test_nothing_happens_to_the_playhead_while_there_is_nothing_to_play():
    state, _ = initial(scenario())
    state = frames(state, 1.0)
    assert (state.playing, state.playhead) == (True, 0.0)
    assert computed(state).playing


def test_it_waits_at_the_end_of_what_is_still_being_computed():
    state, _ = initial(scenario(runs=1, steps=40))
    state = frames(after(state, m.Computed(state.generation, Chunk(0, 0, steps(5)))), 5.0)
    assert (state.playing, state.playhead) == (True, 4.0)
    state = frames(after(state, m.Computed(state.generation, Chunk(0, 0, steps(10)))), 5.0)
    assert (state.playing, state.playhead) == (True, 9.0)


@pytest.mark.parametrize("speed", [0.1, 1.0, 8.0])
def test_speed(speed):
    state = after(begun(), m.SetSpeed(speed))
    assert after(state, m.Tick(0.5)).playhead == pytest.approx(0.5 * speed * pace(state))


@pytest.mark.parametrize(("wanted", "got"), [(0.0, SPEEDS[0]), (-3.0, SPEEDS[0]), (1e9, SPEEDS[1]), (math.nan, 1.0), (math.inf, 1.0)])
def test_speeds_out_of_bounds(wanted, got):
    assert after(begun(), m.SetSpeed(wanted)).speed == got


@pytest.mark.parametrize("seconds", [math.nan, math.inf, -1.0])
def test_time_that_is_none(seconds):
    state = begun()
    assert update(state, m.Tick(seconds)) == (state, ())


def test_play_and_pause():
    state = after(begun(), m.Tick(1.0), m.Pause())
    assert not state.playing
    assert frames(state, 1.0).playhead == state.playhead
    assert after(state, m.Play(), m.Tick(0.1)).playhead > state.playhead
    assert after(state, m.Seek(40.0), m.Play()).playhead == 0.0
    assert after(frames(state, 20.0), m.Play()).playing


@pytest.mark.parametrize(
    ("at", "by", "there"),
    [(3.0, 1, 4.0), (3.0, -1, 2.0), (3.4, 1, 4.0), (3.4, -1, 3.0), (0.0, -5, 0.0), (39.5, 9, 40.0), (5.0, 10**400, 40.0), (5.5, 0, 6.0)],
)
def test_single_steps(at, by, there):
    state = after(begun(), m.Seek(at), m.StepBy(by))
    assert (state.playhead, state.playing) == (there, False)


@pytest.mark.parametrize(("to", "there"), [(-1.0, 0.0), (7.5, 7.5), (99.0, 40.0), (math.inf, 40.0), (-math.inf, 0.0), (math.nan, 3.0)])
def test_seeking(to, there):
    state = after(begun(), m.Seek(3.0), m.Seek(to))
    assert (state.playhead, state.playing) == (there, True)


def test_an_edit_leaves_playhead_and_playing_alone():
    for playing in (m.Play(), m.Pause()):
        state = after(begun(), m.Seek(12.5), playing)
        moved = after(state, SetStart((0.0, 0.0), live=True))
        assert (moved.playhead, moved.playing) == (state.playhead, state.playing)
        moved = computed(moved)
        assert (moved.playhead, moved.playing) == (state.playhead, state.playing)


def test_the_playhead_comes_back_when_a_recording_that_was_too_short_is_long_again():
    for left, comes_back in ((12.5, 12.5), (40.0, 40.0)):
        state = after(begun(), m.Pause(), m.Seek(left))
        short = computed(after(state, SetParam(0, "learning_rate", 9.0)), rows=6)
        assert short.playhead == 5.0
        assert computed(after(short, Undo())).playhead == comes_back


def test_left_at_the_end_it_stays_at_the_end():
    state = frames(begun(rows=41), 20.0)
    assert computed(after(state, SetSteps(80)), rows=81).playhead == 80.0


def test_another_landscape_plays_from_the_start():
    state = after(frames(begun(), 20.0), SetLandscape("rosenbrock"))
    assert (state.playhead, state.playing) == (0.0, True)
