"""Rulers and maps on a thread of their own: they follow a drag, keep nothing waiting, and end with the session."""

import time

import numpy as np
import pytest

from gdsim.app import messages as m
from gdsim.app.changes import SetParam, SetStart, SetSteps
from gdsim.app.map_choices import Side
from gdsim.app.mapping import ChooseSides, LookAt, Sharpen
from gdsim.app.ruling import Ruled, RuleRates
from gdsim.app.session import Session
from gdsim.app.worker import Worker
from gdsim.simulation.ruler import rulers, subject_of
from gdsim.simulation.scenario import validated
from tests.app.scenes import workers_gone
from tests.draws import fresh


def scenario(steps: int = 50, runs: int = 2, **more: object):
    tables = [{"optimizer": "sgd", "learning_rate": 0.01, "momentum": 0.1 * k} for k in range(runs)]
    return validated({"steps": steps, "problem": {"landscape": "himmelblau"}, "runs": tables, **more})


def whole(subject):
    *_, last = (ruler for ruler in rulers(subject) if ruler is not None)
    return last


def test_after_a_drag_every_run_has_the_ruler_of_what_is_shown():
    with Session(scenario(runs=3)) as session:
        for _ in range(30):
            session.send(SetStart(tuple(fresh().uniform(-4.0, 4.0, 2)), live=True))
            session.drain()
            time.sleep(0.002)
        assert session.settle()
        for run, ruler in enumerate(session.state.rulers):
            known = whole(subject_of(session.state.scenario, run))
            assert ruler.whole
            assert np.array_equal(ruler.verdicts, known.verdicts)
            assert np.array_equal(ruler.steps, known.steps)


def test_a_map_that_takes_long_keeps_no_edit_waiting():
    with Session(scenario(steps=40)) as session:
        session.settle()
        session.send(m.ShowView("Map"), ChooseSides(Side("start.x", -5.0, 5.0), Side("start.y", -5.0, 5.0)))
        session.send(SetSteps(200_000), LookAt("map", ((-5.0, 5.0), (-5.0, 5.0)), (320, 320)))
        deadline = time.monotonic() + 60.0
        while session.state.computing:
            assert time.monotonic() < deadline
            session.drain()
            time.sleep(0.002)
        assert session.state.map.share is not None  # still under way
        session.send(SetParam(0, "learning_rate", 0.02))
        began = time.monotonic()
        while session.state.computing:
            session.drain()
            time.sleep(0.002)
        assert time.monotonic() - began < 10.0
        session.send(m.Cancel())
        assert session.state.map.share is None
        assert session.settle(10.0)
    assert workers_gone()


def test_answers_of_a_ruler_that_was_replaced_are_taken_and_after_giving_up_none():
    worker = Worker()
    long = subject_of(scenario(steps=3000), 0)
    worker.submit(RuleRates(((0, long),)))
    worker.submit(RuleRates(((1, subject_of(scenario(), 1)),)))
    found = []
    while not worker.idle:
        worker.wait(10.0)
        found += worker.take()
    assert {message.run for message in found if isinstance(message, Ruled)} >= {1}
    worker.submit(Sharpen("map", 1))
    assert worker.wait(10.0)
    assert worker.take() == ()
    worker.give_up()
    worker.submit(RuleRates(((0, long),)))
    assert worker.idle
    assert worker.close(5.0)


def test_newer_rulers_of_a_run_take_the_place_of_older_ones_in_the_mailbox():
    from gdsim.app.worker import is_more

    first, second = (Ruled(run, whole(subject_of(scenario(), run))) for run in (0, 1))
    assert is_more(first, first)
    assert not is_more(first, second)


@pytest.mark.parametrize("steps", [1_000_000])
def test_closing_does_not_wait_for_a_long_ruler(steps: int):
    session = Session(scenario(steps=steps, runs=1))
    session.drain()
    deadline = time.monotonic() + 60.0
    while not any(session.state.tracks):
        assert time.monotonic() < deadline
        session.drain()
        time.sleep(0.005)
    began = time.monotonic()
    session.close(5.0)
    assert time.monotonic() - began < 5.5
