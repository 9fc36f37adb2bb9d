"""What networks say on their way: asked coarse to fine, kept by step, dropped with their generation."""

from dataclasses import replace

import numpy as np
import pytest

from gdsim.app import messages as m
from gdsim.app.changes import SetDataset, SetNetwork, SetParam
from gdsim.app.effects import Predict, Stop
from gdsim.app.predicting import MOST_ANSWERS, answers_now, asked, coarse_to_fine, missing
from gdsim.app.state import Said, Track
from gdsim.app.update import initial, update
from gdsim.app.work import Work
from gdsim.simulation.answers import Answers, answers, places
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.training_record import Epochs, Snapshots, TrainingSteps

RUNS = [{"optimizer": "sgd", "learning_rate": 0.1}, {"optimizer": "adam"}]
SPIRAL = Scenario.model_validate({"steps": 40, "problem": {"dataset": "spiral", "network": {"layers": [3]}}, "runs": RUNS})
LINE = Scenario.model_validate({"steps": 40, "problem": {"dataset": "line", "model": "line"}, "runs": RUNS})


def snapshots(count: int, every: int = 1) -> Snapshots:
    weights = np.random.default_rng(3).normal(size=(count, SPIRAL.problem.shape.weights))
    return Snapshots(np.arange(count) * every, weights, np.empty((count, 0)))


def recording(kept: Snapshots) -> TrainingSteps:
    rows = int(kept.steps[-1]) + 1
    row, none = np.linspace(1.0, 0.1, rows), np.empty((rows, 0))
    epochs = Epochs(np.array([0, 1]), np.array([0, rows - 1]), *(np.array([1.0, 0.5]) for _ in range(4)))
    return TrainingSteps(none, row, none, row, row, norms=row, weight_norms=row, epochs=epochs, snapshots=kept)


def trained(count: int = 9, every: int = 5, **changes):
    state, _ = initial(SPIRAL)
    tracks = tuple(Track(state.generation, recording(snapshots(count, every))) for _ in RUNS)
    return replace(state, **{"tracks": tracks, "computing": False, **changes})


def said(value: float) -> Answers:
    return Answers(np.full((2, 2), value, dtype=np.float32))


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 8, 100, 257])
def test_coarse_to_fine_misses_nothing_and_gets_finer(count):
    order = list(coarse_to_fine(count))
    assert sorted(order) == list(range(count))
    for known in range(2, count):
        gaps = np.diff(sorted(order[:known]))
        assert gaps.max() <= 2 * max(count / known, 1) + 2


def test_networks_are_asked_once_they_are_trained():
    state = trained()
    (question,) = asked(state)
    assert (question.generation, question.scenario, set(question.wanted)) == (state.generation, SPIRAL, {0, 1})
    for kept, rows in question.wanted.values():
        assert sorted(rows) == list(range(len(kept.steps)))
    assert asked(replace(state, computing=True)) == ()
    assert asked(replace(state, generation=state.generation + 1)) == ()  # recordings of other numbers
    assert asked(initial(LINE)[0]) == ()


def test_only_what_is_missing_is_asked():
    state = trained()
    known = Said(state.generation, {0: said(0.0), 20: said(1.0)})
    state = replace(state, said=(known, None))
    assert sorted(missing(state, 0, snapshots(9, 5), 256)) == [1, 2, 3, 5, 6, 7, 8]
    whole = Said(state.generation, {5 * k: said(0.0) for k in range(9)})
    (question,) = asked(replace(state, said=(whole, known)))
    assert set(question.wanted) == {1}
    assert asked(replace(state, said=(whole, whole))) == ()


def test_answers_of_many_runs_stay_within_bounds():
    state = trained(count=256, every=1)
    many = SPIRAL.changed(runs=tuple(RUNS[0] for _ in range(20)))
    state = replace(state, scenario=many, tracks=state.tracks[:1] * 20, selected=17)
    (question,) = asked(state)
    assert 17 in question.wanted
    assert sum(len(rows) for _, rows in question.wanted.values()) <= MOST_ANSWERS
    for kept, rows in question.wanted.values():
        assert len(kept.steps) - 1 in rows


def test_answers_are_kept_by_step_and_stale_ones_dropped():
    state = trained()
    for step in (0, 30, 10):
        state, effects = update(state, m.Predicted(state.generation, 1, step, said(step)))
        assert effects == ()
    assert set(state.said[1].answers) == {0, 10, 30}
    assert [state.said[1].near(step).values[0, 0] for step in (-1, 4, 6, 19, 21, 99)] == [0, 0, 10, 10, 30, 30]
    assert update(state, m.Predicted(state.generation - 1, 0, 0, said(9)))[0] is state
    assert update(state, m.Predicted(state.generation, 7, 0, said(9)))[0] is state


def test_older_answers_stay_until_new_ones_come():
    state = trained()
    state, _ = update(state, m.Predicted(state.generation, 0, 0, said(1.0)))
    edited, _ = update(state, SetParam(0, "learning_rate", 0.2))
    assert edited.said[0].answers
    fresh, _ = update(edited, m.Predicted(edited.generation, 0, 5, said(2.0)))
    assert set(fresh.said[0].answers) == {5}
    assert update(state, SetNetwork("layers", (4,)))[0].said == ()  # another network says other things
    assert update(state, SetDataset("moons"))[0].said == ()


def test_another_run_is_asked_when_it_is_looked_at():
    state = trained()
    _, effects = update(state, m.SelectRun(1))
    assert [next(iter(effect.wanted)) for effect in effects] == [1]
    assert update(replace(state, computing=True), m.SelectRun(1))[1] == ()


def test_the_worker_answers_as_the_model_does_the_step_that_is_looked_at_first():
    kept = snapshots(5, 10)
    question = Predict(3, SPIRAL, {0: (kept, (0, 4, 2))}, 31.0)
    found = [answer for answer in Work().begin(question) if answer is not None]
    assert [answer.step for answer in found] == [30, 0, 40, 20]
    where = places(SPIRAL.problem)
    for answer in found:
        row = int(np.searchsorted(kept.steps, answer.step))
        expected = answers(SPIRAL.problem, kept.weights[row], kept.buffers[row], where)
        np.testing.assert_array_equal(answer.answers.values, expected.values)
        assert (answer.generation, answer.run) == (3, 0)


def test_two_weights_are_asked_on_the_spot_and_between_steps():
    state, _ = initial(LINE)
    path = np.array([[0.0, 0.0], [1.0, 2.0], [3.0, 2.0]])
    none = np.zeros(3)
    from gdsim.simulation.trajectory import Steps

    state = replace(state, tracks=(Track(1, Steps(path, none, path, none, none)), None), playhead=1.5)
    where = places(LINE.problem)
    np.testing.assert_allclose(answers_now(state, 0, where).values, 2.0 * where.x + 2.0, rtol=1e-6)
    assert answers_now(state, 1, where) is None
    assert answers_now(trained(), 0, where) is None


def test_giving_up_asks_for_what_is_recorded():
    state = trained(computing=True)
    _, effects = update(state, m.Cancel())
    assert [type(effect) for effect in effects] == [Stop, Predict]
