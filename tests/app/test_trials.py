"""Trials from the application: what is chosen and asked, told as it comes, given up, and a run opened from it."""

import time
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from gdsim.app import messages as m
from gdsim.app import trials
from gdsim.app.changes import RemoveRun, SetParam, Undo
from gdsim.app.effects import Compute, Stop
from gdsim.app.session import Session
from gdsim.app.trials import BeginTrials, ChooseExtent, ChooseSubject, OpenTrial, PutToTrials, Tried, subject, trying
from gdsim.app.under_way import under_way
from gdsim.app.update import update
from gdsim.harness import check
from gdsim.harness.check import check as checked
from gdsim.harness.trial import Family, Outcome, Trial, Verdict
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.scenario import validated
from gdsim.simulation.scenario_file import parse
from tests.app.scenes import after, begun, computed, scenario, workers_gone
from tests.harness import made_up_family
from tests.harness.made_up import SCENARIO, report


@pytest.fixture(autouse=True)
def _made_up(monkeypatch):
    monkeypatch.setattr(check, "FAMILIES", MappingProxyType({Family.TRUTH: "tests.harness.made_up_family"}))
    made_up_family.MORE.set()


def shown():
    return computed(begun(), 41)


def test_the_optimizer_of_the_selected_run_is_put_to_trials():
    state = after(shown(), m.SelectRun(1))
    state, effects = update(state, BeginTrials())
    run = state.scenario.runs[1]
    assert effects == (PutToTrials(1, "adam", run.values, True),)
    assert under_way(state).text == "Trials"


def test_another_is_chosen():
    state = after(shown(), ChooseSubject(1), ChooseExtent(False))
    assert subject(state) == ("adam", state.scenario.runs[1].values)
    assert update(state, BeginTrials())[1] == (PutToTrials(1, "adam", state.scenario.runs[1].values, False),)
    assert subject(after(state, RemoveRun(1)))[0] == "sgd"  # the run is gone, so it is the selected one
    assert subject(after(state, ChooseSubject("lion"))) == ("lion", OPTIMIZERS["lion"].defaults)


def test_what_came_is_told_until_all_is_there():
    state = after(shown(), BeginTrials(), Tried(1, 0.25, report("sgd", 3)))
    assert (state.trying.share, len(state.trying.report.outcomes)) == (0.25, 9)
    state = after(state, Tried(1, 1.0, report("sgd", 5)))
    assert (state.trying.share, len(state.trying.report.outcomes)) == (None, 11)
    assert under_way(state) is None


def test_an_answer_to_an_older_question_is_dropped():
    state = after(shown(), BeginTrials(), BeginTrials())
    assert after(state, Tried(1, 1.0, report("sgd", 3))).trying.report is None
    given_up = after(state, Tried(2, 0.5, report("sgd", 3)), m.Cancel())
    assert given_up.trying.share is None
    assert len(after(given_up, Tried(2, 1.0, report("sgd", 5))).trying.report.outcomes) == 9  # what was there, stays


def test_cancelling_stops_the_worker():
    assert Stop() in update(after(shown(), BeginTrials()), m.Cancel())[1]


def test_what_went_wrong_ends_the_trials():
    state = after(shown(), BeginTrials())
    state = after(state, m.Failed("no", effect=PutToTrials(1, "sgd", {}, True)))
    assert state.trying.share is None
    assert state.notice.is_error


def test_edits_leave_trials_alone():
    state = after(shown(), BeginTrials(), Tried(1, 0.5, report("sgd", 3)), SetParam(0, "learning_rate", 0.02), m.Opened(scenario(), None))
    assert state.trying.share == 0.5


def with_outcome(scenario_text):
    outcome = Outcome(Trial("truth/0", Family.TRUTH, "Does it hold?"), Verdict.FAILED, "It broke.", scenario=scenario_text)
    return replace(shown(), path=Path("mine.toml"), trying=replace(shown().trying, report=replace(report("sgd", 0), outcomes=(outcome,))))


def test_a_run_is_opened_and_undone():
    text = SCENARIO.format(landscape="rosenbrock", rate=0.001)
    before = replace(with_outcome(text), view=trials.TRIALS_VIEW)
    state, effects = update(before, OpenTrial("truth/0"))
    assert state.scenario == validated(parse(text))
    assert isinstance(effects[0], Compute)
    assert (state.view, state.playing, state.playhead) == (None, True, 0.0)
    assert state.path is None  # or saving would write it over the user's file
    assert "It broke." in state.notice.text
    assert after(state, Undo()).scenario == before.scenario
    assert state.trying is before.trying


@pytest.mark.parametrize("text", [None, "", "steps = -1", "this is no TOML"])
def test_what_no_scenario_shows_is_said(text):
    before = with_outcome(text)
    state, effects = update(before, OpenTrial("truth/0"))
    assert (state.scenario, state.path, effects) == (before.scenario, before.path, ())
    assert state.notice.is_error
    assert after(before, OpenTrial("truth/1")) is before


@pytest.mark.parametrize("quick", [True, False])
def test_the_worker_tells_what_check_finds(quick):
    effect = PutToTrials(3, "adam", OPTIMIZERS["adam"].defaults, quick)
    *_, last = (answer for answer in trying(effect) if answer is not None)
    wanted = checked(trials_target(), ["truth"], quick)
    assert (last.question, last.share) == (3, 1.0)
    assert repr(replace(last.report, seconds=0.0)) == repr(replace(wanted, seconds=0.0))


def trials_target():
    from gdsim.harness.targets import target_of

    return target_of("adam", OPTIMIZERS["adam"].defaults)


def test_what_is_known_is_told_on_the_way(monkeypatch):
    monkeypatch.setattr(trials, "TELLING_SECONDS", 0.0)
    shares = [answer.share for answer in trying(PutToTrials(1, "sgd", OPTIMIZERS["sgd"].defaults, False)) if answer is not None]
    assert len(shares) == 31
    assert shares == sorted(shares)
    assert shares[-2] < 1.0 == shares[-1]


def test_an_edit_is_computed_while_trials_wait():
    made_up_family.MORE.clear()
    try:
        with Session(scenario()) as session:
            session.settle()
            session.send(ChooseExtent(False), BeginTrials())
            session.send(SetParam(0, "learning_rate", 0.02))
            deadline = time.monotonic() + 20.0
            while session.state.computing and time.monotonic() < deadline:
                session.drain()
                time.sleep(0.005)
            assert not session.state.computing
            assert session.state.trying.share is not None
            made_up_family.MORE.set()
            assert session.settle()
            assert session.state.trying.share is None
            assert len(session.state.trying.report.outcomes) == 30
    finally:
        made_up_family.MORE.set()
    assert workers_gone()
