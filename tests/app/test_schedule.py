"""A run's schedule in the application: chosen, moved, drawn by hand, undone."""

import numpy as np
import pytest

from gdsim.app.changes import SetSchedule, Undo
from gdsim.app.edit_schedule import (
    MOST_PARTS,
    fewest_parts,
    lengths_of,
    points_of,
    rates_at,
    sampled,
    suited,
    table_of,
    with_another,
    with_part,
    without_part,
)
from gdsim.app.effects import Compute
from gdsim.app.update import update
from gdsim.schedules import SCHEDULES
from tests.app.scenes import Driver, after, begun, scenario


@pytest.mark.parametrize("steps", [1, 2, 40, 1000])
@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_can_be_chosen_and_undone(name, steps):
    before = begun(scenario(steps=steps))
    state, effects = update(before, SetSchedule(0, suited(name, before.scenario.runs[0], steps)))
    assert state.notice is None
    assert state.scenario.runs[0].schedule.name == name
    assert [type(effect) for effect in effects] == [Compute]
    assert after(state, SetSchedule(0, None)).scenario == before.scenario
    assert after(state, Undo()).scenario is before.scenario
    table = table_of(state.scenario.runs[0].schedule)
    assert after(before, SetSchedule(0, table)).scenario == state.scenario


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_rates_shown_are_those_of_the_run(name):
    driver = Driver(scenario(runs=1, steps=60))
    driver.send(SetSchedule(0, suited(name, driver.state.scenario.runs[0], 60)))
    (run,), (track,) = driver.state.scenario.runs, driver.state.tracks
    taken = len(track.steps.losses) - 1
    shown = rates_at(run, 60, np.arange(taken), track.steps.learning_rates)
    np.testing.assert_allclose(shown, track.steps.learning_rates[:taken], rtol=1e-12)


@pytest.mark.parametrize("name", sorted(set(SCHEDULES) - {"cyclic", "warm_restarts", "reduce_on_plateau"}))
def test_drawn_points_come_near_any_schedule(name):
    run = begun(scenario()).scenario.runs[0]
    scheduled = run.changed(schedule=suited(name, run, 200))
    drawn = run.changed(schedule=points_of(scheduled, 200))
    k = sampled(200)
    wanted, found = rates_at(scheduled, 200, k), rates_at(drawn, 200, k)
    assert len(drawn.schedule.steps) <= 10 or name == "points"
    assert np.mean(np.abs(found - wanted)) < 0.06 * wanted.max()
    assert points_of(drawn, 200) == table_of(drawn.schedule)


def test_a_drag_is_one_step_of_undo():
    before = begun()
    run = before.scenario.runs[0]
    tables = [points_of(run, 40) | {"rates": [rate, 0.5]} for rate in (0.1, 0.2, 0.3)]
    state = after(before, *(SetSchedule(0, table, live=True) for table in tables), SetSchedule(0, tables[-1]))
    assert state.done == (before.scenario,)
    assert state.scenario.runs[0].schedule.rates == (0.3, 0.5)
    assert after(state, Undo()).scenario is before.scenario


@pytest.mark.parametrize("table", [{"name": "none"}, {"name": "step"}, {"name": "points", "steps": [3, 2], "rates": [1.0, 1.0]}])
def test_what_is_no_schedule_is_refused_in_words(table):
    before = begun()
    state, effects = update(before, SetSchedule(0, table))
    assert (state.scenario, effects) == (before.scenario, ())
    assert state.notice.is_error
    assert update(before, SetSchedule(7, None)) == (before, ())


@pytest.mark.parametrize("name", ["chained", "sequential"])
def test_parts_are_changed_added_and_taken_away(name):
    before = begun()
    run = before.scenario.runs[0]
    table = suited(name, run, 40)
    state = after(before, SetSchedule(0, table))
    for count in range(3, MOST_PARTS + 1):
        table = with_another(table, 40)
        state = after(state, SetSchedule(0, table))
        assert (state.notice, len(state.scenario.runs[0].schedule.made_of)) == (None, count)
    table = with_part(table, 1, {"name": "exponential", "gamma": 0.5})
    state = after(state, SetSchedule(0, table))
    assert [part.name for part in state.scenario.runs[0].schedule.made_of][:3] == ["warmup", "exponential", "constant"]
    for index in (2, 0, 3, 1, 0):
        table = without_part(table, index)
        state = after(state, SetSchedule(0, table))
        assert state.notice is None
    assert len(table["parts"]) == fewest_parts(table)
    assert without_part(table, 0) == table


def test_parts_last_until_their_milestones():
    run = begun().scenario.runs[0]
    table = {
        "name": "sequential",
        "parts": [{"name": "warmup", "steps": 5}, {"name": "cosine"}, {"name": "cosine"}],
        "milestones": [10, 60],
    }
    assert lengths_of(run.changed(schedule=table).schedule, 40) == [10, 50, 1]
    assert lengths_of(run.changed(schedule=suited("chained", run, 40)).schedule, 40) == [40, 40]
