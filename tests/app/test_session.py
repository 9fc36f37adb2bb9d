"""The whole application without a window, thread and all."""

import threading
import time

import pytest

from gdsim.app import messages as m
from gdsim.app.changes import AddRun, ApplyPreset, SetLandscape, SetOptimizer, SetParam, SetStart, SetSteps, Undo
from gdsim.app.session import Session
from gdsim.simulation.run import run
from tests.app.scenes import scenario, workers_gone


@pytest.fixture
def session():
    with Session(scenario()) as session:
        yield session
    assert workers_gone()


def assert_shows(state, expected):
    assert not state.computing
    for track, one in zip(state.tracks, expected.runs, strict=True):
        assert track.generation == state.generation
        assert track.verdict == one.verdict
        assert (track.converged_at, track.diverged_at) == (one.converged_at, one.diverged_at)
        for name in ("positions", "losses", "gradients", "step_lengths", "learning_rates"):
            assert getattr(track.steps, name).tobytes() == getattr(one, name).tobytes()


def test_no_work_before_the_first_frame(session):
    assert not [thread for thread in threading.enumerate() if thread.name == "gdsim worker"]
    session.drain()
    assert [thread for thread in threading.enumerate() if thread.name == "gdsim worker"]


def test_the_window_shows_what_run_computes(session):
    assert session.settle()
    assert_shows(session.state, run(scenario()))
    assert session.state.surface.landscape == scenario().landscape
    assert session.state.playing


def test_long_recordings_are_put_together_from_chunks():
    given = scenario(runs=1, steps=100_000)
    with Session(given) as session:
        lengths = set()
        session.subscribe(lambda state: lengths.add(state.last_step))
        assert session.settle()
        assert_shows(session.state, run(given))
        assert len(lengths) > 1


def test_a_burst_of_a_thousand_live_edits_ends_with_the_last_ones_numbers(session):
    session.settle()
    for k in range(1000):
        session.send(SetParam(0, "learning_rate", 0.001 + 1e-5 * k, live=True))
        if k % 7 == 0:
            session.drain(m.Tick(1 / 60))
    session.send(SetParam(0, "learning_rate", 0.0123))
    assert session.settle()
    assert len(session.state.done) == 1
    assert_shows(session.state, run(session.state.scenario))
    session.send(Undo())
    assert session.settle()
    assert_shows(session.state, run(scenario()))
    assert not session.state.dirty


def test_a_drag_of_the_start_keeps_up_with_the_mouse():
    """Edits at 60 a second: pictures come during the drag, not only after it."""
    with Session(scenario(runs=12, steps=1000)) as session:
        session.settle()
        shown, edits = set(), 0
        while len(shown) < 10:  # a second or less; a busy machine may take longer
            edits += 1
            assert edits <= 1800
            session.send(SetStart((0.001 * edits, 0.0), live=True))
            time.sleep(1 / 60)
            session.drain(m.Tick(1 / 60))
            if len({track.generation for track in session.state.tracks}) == 1:
                shown.add(session.state.tracks[0].generation)
        session.settle()
        assert_shows(session.state, run(session.state.scenario))


def test_the_landscape_changes_under_everything(session):
    session.settle()
    for name in ("double_well", "rosenbrock", "quadratic", "himmelblau"):
        session.send(SetLandscape(name))
        session.drain()
    session.settle()
    assert session.state.surface.landscape == session.state.scenario.landscape
    assert_shows(session.state, run(session.state.scenario))


def test_another_optimizer_gets_a_stable_rate(session):
    session.settle()
    session.send(SetSteps(200), SetOptimizer(1, "sgd"))
    session.settle()
    assert session.state.tracks[1].verdict.rate == "stable"
    assert len(session.state.done) == 2
    assert_shows(session.state, run(session.state.scenario))


def test_a_new_run_and_the_presets(session):
    session.send(SetSteps(200))
    session.settle()
    session.send(AddRun("sgd"))
    session.settle()
    assert session.state.tracks[2].verdict.rate == "stable"
    for preset in ("too small", "stable", "too large"):
        session.send(ApplyPreset(2, preset))
        session.settle()
        assert session.state.tracks[2].verdict.rate == preset


def test_files(session, tmp_path):
    session.settle()
    file = tmp_path / "mine.toml"
    session.send(SetSteps(33), m.SaveFile(file))
    session.settle()
    assert (session.state.dirty, session.state.path) == (False, file)
    edited = session.state.scenario
    session.send(m.NewScenario())
    session.settle()
    assert (len(session.state.scenario.runs), session.state.path) == (3, None)
    assert sorted(track.verdict.rate for track in session.state.tracks) == ["stable", "too large", "too small"]
    session.send(m.OpenFile(str(file)))
    session.settle()
    assert session.state.scenario == edited
    assert_shows(session.state, run(edited))
    session.send(m.OpenFile(str(tmp_path / "missing.toml")))
    session.settle()
    assert session.state.notice.is_error
    assert session.state.scenario == edited


def test_listeners_hear_once_of_every_new_state(session):
    heard = []
    stop = session.subscribe(heard.append)
    session.send(m.SelectRun(1), m.Pause(), m.SetSpeed(2.0))
    assert len(heard) == 1
    assert heard[-1] is session.state
    session.send(m.SelectRun(77))
    assert len(heard) == 1
    stop()
    session.send(m.SelectRun(0))
    assert len(heard) == 1


def test_what_a_listener_sends_is_taken_up_after_it(session):
    order = []

    def eager(state):
        order.append(("eager", state.speed))
        if state.speed < 3.0:
            session.send(m.SetSpeed(state.speed + 1.0))

    session.subscribe(eager)
    session.subscribe(lambda state: order.append(("calm", state.speed)))
    session.send(m.SetSpeed(1.5))
    assert order == [(who, speed) for speed in (1.5, 2.5, 3.5) for who in ("eager", "calm")]


def test_a_listener_that_fails_does_not_stop_the_next_message(session):
    def fail(_state):
        raise RuntimeError("a view broke")

    stop = session.subscribe(fail)
    with pytest.raises(RuntimeError):
        session.send(m.SelectRun(1))
    stop()
    session.send(m.SetSpeed(2.0))
    assert (session.state.selected, session.state.speed) == (1, 2.0)


def test_closing_while_busy_is_quick():
    session = Session(scenario(runs=4, steps=3_000_000))
    session.drain()
    begun = time.perf_counter()
    session.close(2.0)
    assert time.perf_counter() - begun < 5.0
    session.send(SetSteps(3))
    session.drain()
    assert not session.settle(0.0) or session.state.computing


def test_settling_has_an_end():
    with Session(scenario(runs=4, steps=3_000_000)) as session:
        begun = time.perf_counter()
        assert not session.settle(0.05)
        assert time.perf_counter() - begun < 5.0
