"""Many seeds: a switch, an ensemble whenever the runs were computed, nothing of another problem, and giving it up."""

from pathlib import Path

import numpy as np
import pytest

from gdsim.app import messages as m
from gdsim.app.changes import AddRun, RemoveRun, SetLabel, SetLandscape, SetNoise, SetSteps, SetTitle
from gdsim.app.effects import Compute, Stop
from gdsim.app.many_seeds import SEEDS, RunSeeds, SeedsRun, ShowManySeeds, ensemble_of
from gdsim.app.under_way import Progress, under_way
from gdsim.app.update import update
from gdsim.app.worker import Worker, failure
from gdsim.simulation.ensemble import ensemble, meets_chance
from tests.app.scenes import Driver, after, begun, computed, scenario
from tests.app.test_worker import answers

NOISY = scenario("sphere").changed(problem={"landscape": "sphere", "noise": {"kind": "gaussian", "scale": 0.3}})
FOUND = ensemble(NOISY, 5)


def shown(given=NOISY):
    """With the switch on, and the ensemble there."""
    state = after(begun(given), ShowManySeeds(True))
    return after(state, SeedsRun(state.generation, 1.0, FOUND))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, False),
        ({"start": {"normal": 1.0}}, True),
        ({"problem": {"landscape": "sphere", "noise": {"kind": "gaussian"}}}, True),
        ({"problem": {"landscape": "sphere", "motion": {"kind": "jump", "period": 3}}}, True),
        ({"problem": {"landscape": "sphere", "motion": {"kind": "drift"}}}, False),
        ({"problem": {"landscape": "sphere", "motion": {"kind": "scale_growth"}}}, False),
        ({"problem": {"dataset": "line", "model": "line"}}, False),
        ({"problem": {"dataset": "line", "model": "line"}, "runs": [{"optimizer": "sgd", "batch_size": 3}]}, True),
        ({"problem": {"dataset": "spiral", "network": {"layers": [3]}}, "runs": [{"optimizer": "sgd", "batch_size": 3}]}, False),
    ],
)
def test_chance_is_what_another_seed_changes(changes, expected):
    table = {"steps": 12, "problem": {"landscape": "sphere"}, "runs": [{"optimizer": "sgd"}]} | changes
    given = NOISY.model_validate(table)
    assert meets_chance(given) == expected
    if not given.is_network:
        found = ensemble(given, 6).runs[0]
        assert (len(set(found.losses.tolist())) > 1) == expected


def test_the_switch_asks_once_and_shows_what_comes():
    state, effects = update(begun(NOISY), ShowManySeeds(True))
    assert effects == (RunSeeds(state.generation, NOISY),)
    assert under_way(state) == Progress(f"Running {SEEDS:,} seeds", 0.0)
    assert update(state, ShowManySeeds(True)) == (state, ())
    assert update(state, m.SelectRun(1))[1] == ()
    state = after(state, SeedsRun(state.generation, 0.5))
    assert under_way(state).share == 0.5
    assert ensemble_of(state, 0) is None
    state = after(state, SeedsRun(state.generation, 1.0, FOUND))
    assert under_way(state) is None
    assert ensemble_of(state, 1) is FOUND.runs[1]
    off, effects = update(state, ShowManySeeds(False))
    assert (off.seeds.on, off.seeds.ensemble, effects) == (False, None, ())


def test_an_edit_asks_again_once_the_runs_are_there_and_what_was_known_stays_until_then():
    state, effects = update(shown(), SetSteps(50))
    assert [type(effect) for effect in effects] == [Compute]
    assert state.seeds.ensemble is FOUND
    late = after(state, SeedsRun(state.generation - 1, 1.0, ensemble(NOISY, 3)))
    assert late.seeds.ensemble is FOUND
    again = computed(state, 51)
    assert again.seeds.asked == state.generation
    assert again.seeds.ensemble is FOUND
    assert under_way(again).text.startswith("Running")


@pytest.mark.parametrize(
    "edit",
    [SetLandscape("booth"), AddRun(), RemoveRun(0), SetNoise(()), m.Opened(NOISY.changed(title="other"), None)],
    ids=lambda edit: type(edit).__name__,
)
def test_nothing_of_another_problem_is_shown(edit):
    assert after(shown(), edit).seeds.ensemble is None


def test_words_change_nothing():
    before = shown()
    for edit in (SetTitle("new"), SetLabel(0, "new"), m.Seek(3.0)):
        assert after(before, edit).seeds is before.seeds


def test_without_chance_nothing_is_asked():
    assert update(begun(), ShowManySeeds(True))[1] == ()


def test_giving_up_ends_it_and_so_does_an_error():
    asked = after(begun(NOISY), ShowManySeeds(True))
    state, effects = update(asked, m.Cancel())
    assert Stop() in effects
    assert not state.seeds.on
    assert under_way(state) is None
    assert after(state, SeedsRun(state.generation, 1.0, FOUND)).seeds.ensemble is None
    (effect,) = update(asked, ShowManySeeds(False))[1]
    assert effect == RunSeeds(asked.generation, None)
    failed = after(asked, failure(RunSeeds(asked.generation, NOISY), MemoryError()))
    assert not failed.seeds.on
    assert failed.notice.is_error
    stale = after(shown(), SetSteps(50), m.Cancel())  # nothing will take its place any more
    assert stale.seeds.ensemble is None
    painting = after(shown(), m.Cancel())
    assert painting.seeds.ensemble is FOUND


def test_the_whole_application_runs_the_seeds_of_what_is_shown(monkeypatch):
    monkeypatch.setattr("gdsim.app.work.SEEDS", 20)
    driver = Driver(NOISY)
    driver.send(ShowManySeeds(True), SetSteps(30))
    found, expected = driver.state.seeds.ensemble, ensemble(driver.state.scenario, 20)
    for one, other in zip(found.runs, expected.runs, strict=True):
        assert np.array_equal(one.positions, other.positions)
        assert np.array_equal(one.band, other.band)
    assert driver.state.seeds.share is None


def test_the_worker_gives_it_up_for_another_and_for_none():
    slow = NOISY.changed(steps=20_000)
    worker = Worker()
    worker.submit(RunSeeds(1, slow))
    worker.submit(RunSeeds(2, NOISY))
    assert {a.generation for a in answers(worker, until=lambda a: a.ensemble is not None) if isinstance(a, SeedsRun)} <= {1, 2}
    worker.submit(RunSeeds(3, slow))
    worker.submit(RunSeeds(3, None))
    assert worker.wait(10.0)
    assert worker.close(10.0)


def test_a_picture_is_painted_with_the_ensemble_that_is_shown():
    def painted(state):
        ((effect,),) = (update(state, m.ExportPicture(Path("a.png")))[1],)
        return effect.ensemble

    state = begun(NOISY)
    assert painted(state) is None
    state = after(state, ShowManySeeds(True))
    assert painted(state) is None
    state = shown()
    assert painted(state).runs is FOUND.runs
    titled = after(state, SetTitle("Another title"))
    assert painted(titled).scenario == titled.scenario
    assert painted(after(state, SetSteps(7))) is None  # what is shown is of other numbers
    assert painted(after(state, ShowManySeeds(False))) is None
