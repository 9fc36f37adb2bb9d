"""Weights set by hand, and the questions about trainings: plain data, no window."""

import numpy as np
import pytest

import gdsim
from gdsim.app import messages as m
from gdsim.app.changes import SetNetwork, SetRandomStart, Undo
from gdsim.app.edit_weights import DrawWeights, SetWeight
from gdsim.app.effects import Compute
from gdsim.app.questions import PLANE_VIEW, UNITS_VIEW, ChooseDirections, PlaneFound, SurveyPlane, Unfold, Unfolded
from gdsim.app.under_way import under_way
from gdsim.app.update import initial, update
from gdsim.app.work import Work
from gdsim.simulation.loss_plane import RESOLUTIONS
from gdsim.simulation.scenario import validated

TABLE = {
    "steps": 30,
    "problem": {"dataset": "moons", "data": {"count": 60}, "network": {"layers": [3]}},
    "runs": [{"optimizer": "sgd", "learning_rate": 0.1, "batch_size": 16}, {"optimizer": "sgd", "learning_rate": 0.3, "batch_size": 16}],
}


def trained(table=TABLE, work=None):
    """The state once all is computed, and the effects that are waiting."""
    work = work or Work()
    state, effects = initial(validated(table))
    return carried_out(state, effects, work, (Compute,))


def carried_out(state, effects, work, kinds):
    waiting, left = list(effects), []
    while waiting:
        effect = waiting.pop(0)
        if not isinstance(effect, kinds):
            left.append(effect)
            continue
        for answer in work.begin(effect):
            if answer is not None:
                state, more = update(state, answer)
                waiting += more
    return state, left


def test_a_weight_set_by_hand_is_the_first_of_the_next_training():
    state, _ = trained()
    state, _ = update(state, m.Seek(20.0))
    before = state.tracks[0].steps.snapshots
    weights = before.weights[before.at(20)]
    changed, effects = update(state, SetWeight(0, 4, 2.5))
    (compute,) = [effect for effect in effects if isinstance(effect, Compute)]
    start = np.array(compute.scenario.runs[0].start)
    assert start[4] == 2.5
    assert np.delete(start, 4) == pytest.approx(np.delete(weights, 4), abs=0.0)
    assert (changed.playhead, changed.playing) == (0.0, False)
    assert compute.scenario.runs[1].start is None
    whole = gdsim.run(compute.scenario).runs[0]
    assert whole.snapshots.weights[0] == pytest.approx(start, abs=0.0)
    back, _ = update(changed, Undo())
    assert back.scenario == state.scenario
    drawn, effects = update(changed, DrawWeights(0))
    assert drawn.scenario == state.scenario
    assert effects


@pytest.mark.parametrize("message", [SetWeight(0, -1, 1.0), SetWeight(0, 10**6, 1.0), SetWeight(9, 0, 1.0), DrawWeights(9), DrawWeights(0)])
def test_what_cannot_be_set_changes_nothing(message):
    state, _ = trained()
    assert update(state, message) == (state, ())


def test_drawing_at_random_takes_another_seed_and_no_weights_of_ones_own():
    state, _ = trained()
    state, _ = update(state, SetWeight(0, 4, 2.5))
    state, _ = update(state, SetRandomStart())
    assert state.scenario.seed == 1
    assert state.scenario.runs[0].start is None
    assert state.notice is None


def test_units_are_asked_for_where_they_are_shown():
    work = Work()
    state, left = trained(work=work)
    assert not any(isinstance(effect, Unfold | SurveyPlane) for effect in left)
    state, effects = update(state, m.ShowView(UNITS_VIEW))
    (asked,) = effects
    assert isinstance(asked, Unfold)
    assert sorted(asked.rows) == list(range(31))
    assert asked.rows[0] == asked.snapshots.at(state.playhead)
    state, _ = carried_out(state, effects, work, (Unfold,))
    assert set(state.unfoldings.maps) == set(range(31))
    assert state.unfoldings.near(11.4) is state.unfoldings.maps[11]
    assert update(state, m.ShowView(UNITS_VIEW))[1] == ()
    state, effects = update(state, m.SelectRun(1))
    assert [effect.run for effect in effects if isinstance(effect, Unfold)] == [1]
    stale = Unfolded(state.generation, 0, 3, next(iter(state.unfoldings.maps.values())))
    assert update(state, stale)[0] is state


def test_the_plane_is_asked_for_where_it_is_shown_and_again_for_other_directions():
    work = Work()
    state, _ = trained(work=work)
    state, effects = update(state, m.ShowView(PLANE_VIEW))
    (asked,) = effects
    assert isinstance(asked, SurveyPlane)
    answers = [answer for answer in work.begin(asked) if isinstance(answer, PlaneFound)]
    assert [len(answer.plane.surface.x) for answer in answers] == list(RESOLUTIONS)
    assert [answer.whole for answer in answers] == [False, False, True]
    for answer in answers:
        state, _ = update(state, answer)
    assert state.planed.whole
    assert update(state, m.ShowView(PLANE_VIEW))[1] == ()
    state, effects = update(state, ChooseDirections("random"))
    assert [effect.directions for effect in effects] == ["random"]
    assert under_way(state).text == "Surveying the plane"
    given_up, effects = update(state, m.Cancel())
    assert not any(isinstance(effect, SurveyPlane) for effect in effects)
    assert under_way(given_up) is None
    again, effects = update(given_up, m.ShowView(PLANE_VIEW))
    assert [type(effect) for effect in effects] == [SurveyPlane]
    assert under_way(again) is not None
    assert update(state, answers[-1])[0] is state


@pytest.mark.parametrize(("name", "value", "stays"), [("layers", (4, 2), False), ("batch_norm", True, False), ("l2", 0.1, True)])
def test_weights_of_ones_own_go_where_there_may_be_others(name, value, stays):
    state, _ = trained()
    state, _ = update(state, SetWeight(0, 4, 2.5))
    state, effects = update(state, SetNetwork(name, value))
    assert state.notice is None
    assert effects
    assert (state.scenario.runs[0].start is not None) is stays
