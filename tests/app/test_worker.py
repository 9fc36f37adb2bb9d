"""The worker's thread: order of urgency, staleness, cancelling, errors, an end."""

import threading
import time
from pathlib import Path

import numpy as np
import pytest

from gdsim.app import messages as m
from gdsim.app.effects import Compute, FindRate, Hold, Read, Render, Stop, Write
from gdsim.app.work import CHUNK_STEPS, Work
from gdsim.app.worker import CAPACITY, PATIENCE, Worker
from gdsim.simulation.run import run
from gdsim.simulation.verdict import Rate
from tests.app.scenes import scenario, workers_gone
from tests.app.watched import Watched

LONG = 3_000_000


@pytest.fixture
def worker():
    worker = Worker()
    yield worker
    assert worker.close(10.0)
    assert workers_gone()


@pytest.fixture(scope="module", autouse=True)
def _compiled():
    run(scenario(runs=2, steps=3))


def answers(worker, until=lambda message: getattr(message, "last", False) or isinstance(message, m.Failed), timeout=30.0):
    """All answers, up to the batch with the first for which ``until`` holds."""
    found, deadline = [], time.monotonic() + timeout
    while not any(until(message) for message in found):
        assert worker.wait(deadline - time.monotonic()), found
        more = worker.take()
        assert more, "nothing came"
        found += more
    return found


def assert_same(computed, expected):
    for message, one in zip(computed, expected.runs, strict=True):
        whole = message.chunk.trajectory
        assert message.chunk.steps is whole or len(message.chunk.steps.losses) == len(whole.losses)
        for name in ("positions", "losses", "gradients", "step_lengths", "learning_rates"):
            assert getattr(whole, name).tobytes() == getattr(one, name).tobytes()
        assert (whole.verdict, whole.label) == (one.verdict, one.label)


def test_a_computation_is_what_run_gives(worker):
    for start in (None, {"normal": 1.5}):
        given = scenario(runs=4, start=start, seed=7)
        worker.submit(Compute(1, given, survey=False))
        assert_same(answers(worker), run(given))


def test_only_what_changed_is_computed_again(worker):
    given = scenario(runs=4)
    worker.submit(Compute(1, given, survey=False))
    first = {a.chunk.run: a.chunk.trajectory for a in answers(worker)}
    changed = given.with_run(1, given.runs[1].changed(learning_rate=0.033))
    worker.submit(Compute(2, changed, survey=False))
    again = answers(worker)
    assert [a.chunk.run for a in again] == [0, 2, 3, 1]
    assert [a.last for a in again] == [False, False, False, True]
    second = {a.chunk.run: a.chunk.trajectory for a in again}
    assert [second[k] is first[k] for k in range(4)] == [True, False, True, True]
    assert_same(sorted(again, key=lambda a: a.chunk.run), run(changed))


def test_runs_with_random_starts_of_their_own_are_told_apart_by_their_place(worker):
    twin = {"optimizer": "sgd", "start": {"normal": 1.0}}
    given = scenario(seed=3).changed(runs=(twin, twin, twin))
    worker.submit(Compute(1, given, survey=False))
    first = answers(worker)
    assert_same(first, run(given))
    assert len({a.chunk.trajectory.positions[0].tobytes() for a in first}) == 3
    fewer = given.changed(runs=given.runs[1:])
    worker.submit(Compute(2, fewer, survey=False))
    assert_same(sorted(answers(worker), key=lambda a: a.chunk.run), run(fewer))


def test_only_the_last_scenarios_trajectories_are_kept_and_labels_are_theirs():
    work, given = Work(), scenario(runs=3)
    named = given.with_run(0, given.runs[0].changed(label="mine"))
    for changed in (given, named, named.changed(steps=41)):
        done = [a.chunk.trajectory for a in work.compute(Compute(1, changed, survey=False))]
        assert sorted(one.label for one in done) == sorted(one.label for one in run(changed).runs)
        assert len(work._trajectories) == 3


def test_an_unchanged_landscape_is_surveyed_once(worker):
    surfaces = []
    for generation, given in enumerate((scenario(), scenario(steps=9), scenario("rosenbrock"), scenario("rosenbrock")), 1):
        worker.submit(Compute(generation, given))
        surfaces.append(next(a.surface for a in answers(worker) if isinstance(a, m.Surveyed)))
    assert surfaces[0] is surfaces[1]
    assert surfaces[2] is surfaces[3]
    assert surfaces[0].landscape != surfaces[2].landscape


def test_a_newer_computation_cancels_the_one_under_way():
    worker = Watched()
    for generation in range(1, 11, 2):
        older = Compute(generation, scenario(runs=2, steps=LONG, tolerance=None, seed=generation), survey=False)
        worker.submit(older)
        answers(worker, until=lambda a, g=generation: a.generation == g)
        worker.submit(Compute(generation + 1, scenario(steps=5 + generation), survey=False))
        before = len(worker.steps_of(older))
        found = answers(worker, until=lambda a, g=generation: a.generation == g + 1)
        assert len(worker.steps_of(older)) <= before + 1  # the one that was under way
        assert not [a for a in found if getattr(a, "last", False) and a.generation == generation]
    assert worker.close(10.0)


def test_a_computation_older_than_one_known_is_ignored(worker):
    worker.submit(Compute(5, scenario(), survey=False))
    worker.submit(Compute(4, scenario(steps=7), survey=False))
    assert {a.generation for a in answers(worker)} == {5}
    assert worker.wait(5.0)
    assert worker.take() == ()


def test_a_drag_that_is_faster_than_the_computation_still_shows_something(worker):
    """Edits come every 2 ms, a computation takes longer: whole ones come out all the same."""
    whole, generation = set(), 0
    while len(whole) < 2 or generation < 150:  # a busy machine may take more of them
        generation += 1
        assert generation <= 10_000
        worker.submit(Compute(generation, scenario(runs=40, steps=2000, seed=generation, start={"normal": 1.0}), survey=False, live=True))
        time.sleep(0.002)
        whole |= {a.generation for a in worker.take() if getattr(a, "last", False)}
    assert answers(worker, until=lambda a: a.last and a.generation == generation)


def test_patience_with_a_drag_has_an_end(worker):
    worker.submit(Compute(1, scenario(runs=2, steps=LONG), survey=False, live=True))
    answers(worker, until=lambda a: a.generation == 1)
    worker.submit(Compute(2, scenario(), survey=False, live=True))
    found = []
    while not any(a.generation == 2 for a in found):
        found += answers(worker, until=lambda a: True)
    assert not any(a.last and a.generation == 1 for a in found)


def test_the_mailbox_is_bounded(worker):
    worker.submit(Compute(1, scenario(runs=60), survey=False))
    time.sleep(0.3)
    taken = worker.take()
    assert len(taken) == CAPACITY
    assert len(taken) + len(answers(worker)) == 60


def test_more_of_a_run_takes_the_place_of_less_in_the_mailbox(worker):
    worker.submit(Compute(1, scenario(runs=1, steps=CAPACITY * CHUNK_STEPS + 1), survey=False))
    deadline = time.monotonic() + 20.0
    while worker._jobs:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    (only,) = worker.take()
    assert only.last


def test_what_the_user_waits_for_comes_first(worker, tmp_path):
    worker.submit(Compute(1, scenario(runs=2, steps=LONG), survey=False))
    answers(worker, until=lambda a: isinstance(a, m.Computed))
    file = tmp_path / "mine.toml"
    worker.submit(Write(scenario(), file))
    worker.submit(FindRate(scenario(), 0, "stable"))
    worker.submit(Read(str(file)))
    found = answers(worker, until=lambda a: isinstance(a, m.RateFound))
    order = [type(a) for a in found if not isinstance(a, m.Computed)]
    assert order == [m.Saved, m.Opened, m.RateFound]
    assert not any(a.last for a in found if isinstance(a, m.Computed))


def test_a_search_that_takes_long_lets_computations_pass(worker):
    worker.submit(FindRate(scenario("saddle", runs=2, steps=100_000), 1, "too large"))
    time.sleep(2 * PATIENCE)
    worker.submit(Compute(1, scenario(), survey=False))
    found = answers(worker)
    assert [type(a) for a in found] == [m.Computed, m.Computed]
    answers(worker, until=lambda a: isinstance(a, m.RateFound))


def test_files(worker, tmp_path):
    file = tmp_path / "mine.toml"
    worker.submit(Write(scenario(runs=3), file))
    assert answers(worker, until=lambda a: True) == [m.Saved(scenario(runs=3), file)]
    worker.submit(Read(str(file)))
    assert answers(worker, until=lambda a: True) == [m.Opened(scenario(runs=3), file)]
    worker.submit(Read("three-learning-rates"))
    (opened,) = answers(worker, until=lambda a: True)
    assert opened.path is None
    assert len(opened.scenario.runs) == 3


def test_what_goes_wrong_is_told_and_the_thread_lives_on(worker, tmp_path):
    broken = tmp_path / "broken.toml"
    broken.write_text("steps = \n")
    for effect, word in (
        (Read(str(tmp_path / "none.toml")), "none.toml"),
        (Read(str(broken)), "TOML"),
        (Read(str(tmp_path)), "folder"),
        (Write(scenario(), tmp_path / "no" / "mine.toml"), "no folder"),
        (Write(scenario(), tmp_path), ""),
        (Render(scenario(), tmp_path / "a.png", "dark"), "picture"),
        (FindRate(scenario(), 99, "stable"), "IndexError"),
        (FindRate(scenario(), 0, "perfect"), "perfect"),
    ):
        worker.submit(effect)
        (failed,) = answers(worker, until=lambda a: True)
        assert isinstance(failed, m.Failed)
        assert failed.generation is None
        assert failed.text
        assert word in failed.text
    worker.submit(Compute(1, scenario(), survey=False))
    assert len(answers(worker)) == 2


def test_a_failing_computation_names_its_generation(worker, monkeypatch):
    def fail(*_arguments, **_more):
        raise MemoryError

    monkeypatch.setattr("gdsim.app.work.stream", fail)
    worker.submit(Compute(3, scenario(), survey=False))
    (failed,) = answers(worker)
    assert failed.generation == 3
    assert "memory" in failed.text


def test_painting_lets_computations_pass(tmp_path):
    frames = []

    def paint(given, path, theme):
        for frame in range(200):
            frames.append(frame)
            time.sleep(0.001)
            yield
        Path(path).write_text(f"{given.steps} {theme}")

    worker = Worker(paint)
    worker.submit(Render(scenario(), tmp_path / "a.gif", "light"))
    while len(frames) < 3:
        time.sleep(0.001)
    worker.submit(Compute(1, scenario(), survey=False))
    assert answers(worker)[-1].last
    assert len(frames) < 150
    answers(worker, until=lambda a: isinstance(a, m.Told))
    assert (tmp_path / "a.gif").read_text() == "40 light"
    assert worker.close(5.0)


@pytest.mark.parametrize("moment", [0.0, 0.01, 0.1])
def test_closing_while_busy(moment):
    worker = Worker()
    worker.submit(Compute(1, scenario(runs=4, steps=LONG), survey=True))
    worker.submit(FindRate(scenario(steps=1_000_000), 0, "too small"))
    time.sleep(moment)
    begun = time.perf_counter()
    ended = worker.close(2.0)
    assert time.perf_counter() - begun < 5.0
    assert ended
    worker.submit(Compute(2, scenario()))
    assert worker.take() == ()
    assert worker.close(1.0)


def test_closing_while_the_mailbox_is_full():
    worker = Worker()
    worker.submit(Compute(1, scenario(runs=60), survey=False))
    time.sleep(0.2)
    assert worker.close(1.0)


def test_closing_does_not_wait_for_what_cannot_be_cut_short():
    release = threading.Event()
    worker = Worker(lambda *_: release.wait(10.0) and None)
    worker.submit(Render(scenario(), Path("a.png"), "dark"))
    time.sleep(0.05)
    begun = time.perf_counter()
    assert not worker.close(0.1)
    assert time.perf_counter() - begun < 5.0  # of the ten that it would take
    release.set()
    assert worker.close(5.0)


def test_closing_ends_what_is_being_painted():
    ended = threading.Event()

    def paint(*_what):
        try:
            while True:
                time.sleep(0.001)
                yield
        finally:
            ended.set()

    worker = Worker(paint)
    worker.submit(Render(scenario(), Path("a.gif"), "light"))
    time.sleep(0.05)
    assert worker.close(2.0)
    assert ended.wait(1.0)


def test_closing_before_there_was_any_work():
    assert Worker().close(0.1)


@pytest.mark.parametrize("preset", list(Rate))
def test_presets(worker, preset):
    worker.submit(FindRate(scenario(steps=200), 0, preset))
    (found,) = answers(worker, until=lambda a: True)
    given = scenario(steps=200)
    tried = run(given.with_run(0, given.runs[0].changed(learning_rate=found.rate))).runs[0]
    assert tried.verdict.rate is preset
    assert np.isfinite(found.rate)


def test_a_computation_that_is_held_waits_and_goes_on_where_it_was(worker):
    long = scenario(runs=1, steps=400_000)
    worker.submit(Compute(1, long, survey=False))
    assert worker.wait(20.0)
    worker.submit(Hold(True))
    time.sleep(0.1)
    worker.take()
    time.sleep(0.1)
    assert worker.take() == ()
    worker.submit(Hold(False))
    assert_same(answers(worker)[-1:], run(long))


def test_what_is_held_can_be_given_up_and_closed(worker):
    worker.submit(Compute(1, scenario(runs=1, steps=400_000)))
    worker.wait(20.0)
    worker.submit(Hold(True))
    worker.submit(Stop())
    deadline = time.monotonic() + 5.0
    while not worker.idle and time.monotonic() < deadline:
        worker.take()
        time.sleep(0.002)
    assert worker.idle
    worker.submit(Compute(2, scenario(runs=1)))  # the next one does not wait
    assert answers(worker)[-1].last
