"""What the user waits for: told, and given up."""

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from gdsim.app import messages as m
from gdsim.app.changes import ApplyPreset, SetSteps
from gdsim.app.effects import Compute, FindRate, Hold, Render, Stop, Write
from gdsim.app.session import Session
from gdsim.app.under_way import Progress, under_way
from gdsim.app.update import initial, update
from gdsim.app.worker import Worker
from gdsim.simulation.run import run
from gdsim.simulation.trajectory import Chunk
from tests.app.scenes import STABLE, after, begun, computed, scenario, steps, whole
from tests.app.test_worker import LONG, answers
from tests.app.watched import Watched

EXPORT = m.ExportPicture(Path("a.gif"))


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    run(scenario(runs=2, steps=3))


def test_progress_is_the_share_of_all_steps():
    state = initial(scenario(runs=2, steps=100))[0]
    assert under_way(state) == Progress("Computing", 0.0)
    state = after(state, m.Computed(1, Chunk(0, 0, steps(51))))
    assert under_way(state).share == 0.25
    state = after(state, m.Computed(1, whole(0, 61)))  # it ended early, and there is no more to wait for
    assert under_way(state).share == 0.5
    assert under_way(computed(state, 101)) is None
    assert under_way(after(computed(state, 101), SetSteps(99))).share == 0.0


def test_compiling_is_told_while_runs_wait_for_it():
    state = after(initial(scenario(runs=2, steps=100))[0], m.Compiling(True))
    assert under_way(state) == Progress("Compiling", None)
    assert under_way(after(state, m.HoldComputing(True))).text == "Paused"
    assert under_way(after(state, m.Cancel())) is None
    assert under_way(after(state, m.Compiling(False))) == Progress("Computing", 0.0)
    assert under_way(after(computed(begun()), m.Compiling(True))) is None


def test_a_session_tells_of_compilations_within_a_frame(monkeypatch, tmp_path):
    def told(state):
        progress = under_way(state)
        return progress.text if progress else ""

    monkeypatch.setenv("GDSIM_CACHE", str(tmp_path))
    factor = time.time()  # a formula that nobody has compiled
    with Session(scenario().changed(problem={"formula": f"x^2 + {factor:.6f} * y^2"}, start=None)) as session:
        seen, began = [], time.monotonic()
        session.drain()
        while not session.state.tracks[0] and time.monotonic() - began < 60.0:
            session.drain()
            seen.append((time.monotonic() - began, told(session.state)))
            time.sleep(0.002)
        assert "Compiling" in [text for _, text in seen]
        # Asked to, it forgets the runs at once, whatever is still being compiled.
        session.send(m.Cancel())
        assert not session.state.computing


def test_searches_and_pictures_are_told():
    state = after(begun(), ApplyPreset(0, "stable"))
    assert under_way(state) == Progress("Looking for a rate", None)
    assert under_way(after(state, m.RateFound(0, state.scenario.runs[0], 0.25))).text == "Computing"
    assert under_way(after(state, m.Failed("no", effect=FindRate(state.scenario, 0, "stable")))) is None
    state = after(begun(), EXPORT)
    assert under_way(state) == Progress("Painting picture", None)
    assert under_way(after(state, m.Painting(0.5))).share == 0.5
    assert under_way(after(state, m.Painting(1.0))) is None
    assert under_way(after(state, m.Failed("no", effect=Render(state.scenario, Path("a.gif"), "dark")))) is None
    assert under_way(after(state, m.Failed("something else"))) is not None


def test_cancelling_keeps_what_is_recorded_and_nothing_that_belongs_to_other_numbers():
    state = after(begun(), SetSteps(80), m.Computed(2, Chunk(0, 0, steps(31))), m.Seek(20.0))
    state, effects = update(state, m.Cancel())
    assert effects == (Stop(),)
    assert not state.computing
    assert (state.tracks[0].last_step, state.tracks[0].verdict, state.tracks[1]) == (30, None, None)
    assert (state.playhead, state.scenario.steps) == (20.0, 80)
    again, effects = update(state, SetSteps(90))
    assert [type(effect) for effect in effects] == [Compute]
    assert again.computing
    assert [track.verdict for track in computed(again, 91).tracks] == [STABLE, STABLE]


def test_cancelling_searches_and_pictures_leaves_recordings_alone():
    before = begun()
    for ask in (ApplyPreset(0, "stable"), EXPORT):
        state, effects = update(after(before, ask), m.Cancel())
        assert effects == (Stop(),)
        assert under_way(state) is None
        assert state.tracks == before.tracks
        late = after(state, m.RateFound(0, state.scenario.runs[0], 0.25))
        assert late.scenario is before.scenario


def test_cancelling_nothing_does_nothing():
    state = begun()
    assert update(state, m.Cancel()) == (state, ())


def test_the_worker_is_free_at_once():
    """Computations and searches of seconds are given up between two chunks, and a chunk is short."""
    slow = scenario(runs=4, steps=LONG, tolerance=None)
    chunks = []
    for begin in (Compute(1, slow, survey=False), FindRate(slow, 0, "too small"), FindRate(slow, 1, "stable")):
        worker = Watched()
        for number in range(1, 6, 2):
            effort = replace(begin, generation=number) if isinstance(begin, Compute) else replace(begin)
            worker.submit(effort)
            time.sleep(0.03)
            assert not worker.idle
            worker.submit(Stop())
            assert worker.idle
            before = len(worker.steps_of(effort))
            worker.submit(Compute(number + 1, scenario(steps=5 + number), survey=False))
            found = answers(worker)
            assert {a.generation for a in found} == {number + 1}
            assert len(worker.steps_of(effort)) <= before + 1  # the one that was under way
            chunks += worker.steps_of(effort)
        assert worker.close(5.0)
    assert sorted(chunks)[len(chunks) // 2] < 0.05


def test_a_picture_is_given_up_and_cleaned_up_after():
    cleaned = threading.Event()

    def paint(*_):
        try:
            while True:
                time.sleep(0.001)
                yield 0.25
        finally:
            cleaned.set()

    worker = Worker(paint)
    worker.submit(Render(scenario(), Path("a.gif"), "dark"))
    found = answers(worker, until=lambda a: a == m.Painting(0.25))
    assert found[0] in (m.Painting(0.0), m.Painting(0.25))
    worker.submit(Stop())
    assert cleaned.wait(20.0)
    assert worker.take() == ()
    assert worker.close(5.0)


def test_files_are_written_to_their_end(tmp_path):
    worker = Worker()
    worker.submit(Write(scenario(), tmp_path / "a.toml"))
    worker.submit(Stop())
    assert answers(worker, until=lambda a: isinstance(a, m.Saved))
    assert worker.close(5.0)


def test_the_whole_application_gives_up_and_goes_on():
    given = scenario(runs=4, steps=LONG, tolerance=None)
    with Session(given) as session:
        deadline = time.monotonic() + 30.0
        while session.state.last_step == 0:
            assert time.monotonic() < deadline
            session.drain()
            time.sleep(0.002)
        session.send(m.Cancel())
        recorded = session.state.last_step
        assert 0 < recorded < LONG
        assert not session.state.computing
        assert session.settle(20.0)
        assert session.state.last_step == recorded
        session.send(SetSteps(50))
        assert session.settle()
        for track, one in zip(session.state.tracks, run(session.state.scenario).runs, strict=True):
            assert track.steps.positions.tobytes() == one.positions.tobytes()
            assert track.verdict == one.verdict


def test_computing_is_held_and_goes_on():
    state = replace(begun(), computing=True)
    held, effects = update(state, m.HoldComputing(True))
    assert held.held
    assert effects == (Hold(True),)
    assert under_way(held).text == "Paused"
    assert update(held, m.HoldComputing(True)) == (held, ())
    on, effects = update(held, m.HoldComputing(False))
    assert not on.held
    assert effects == (Hold(False),)
    assert not update(held, SetSteps(7))[0].held  # an edit begins anew
    assert not update(held, m.Cancel())[0].held
    idle = begun()
    assert update(replace(idle, computing=False), m.HoldComputing(True))[1] == ()
