"""Points of one's own: made data become a list of points, which is edited point by point."""

import numpy as np
import pytest

from gdsim.app.changes import AddPoint, EditPoints, MovePoint, RemovePoint, Undo
from gdsim.app.effects import Compute
from gdsim.app.update import initial, update
from gdsim.simulation.scenario import Scenario
from tests.app.scenes import after


def of(**problem) -> Scenario:
    runs = [{"optimizer": "sgd", "learning_rate": 0.1}]
    return Scenario.model_validate({"steps": 5, "problem": problem, "runs": runs})


def begun(**problem):
    return initial(of(**problem))[0]


@pytest.mark.parametrize(
    "problem",
    [
        {"dataset": "line", "model": "line"},
        {"dataset": "gaussians", "model": "logistic"},
        {"dataset": "clusters", "data": {"classes": 3}, "network": {"layers": [3]}},
        {"dataset": "bumps", "data": {"count": 100}, "network": {"layers": [3]}, "standardise": True},
        {"dataset": "sine", "network": {"layers": [3]}, "split": [0.5, 0.25, 0.25]},
    ],
    ids=lambda problem: problem["dataset"],
)
def test_made_points_become_ones_own_and_stay_where_they_are(problem):
    before = begun(**problem)
    state, effects = update(before, EditPoints())
    old, new = before.scenario.problem, state.scenario.problem
    assert state.notice is None
    assert [type(effect) for effect in effects] == [Compute]
    np.testing.assert_array_equal(new.loaded.inputs, old.loaded.inputs)
    np.testing.assert_array_equal(new.loaded.targets, old.loaded.targets)
    assert new.loaded.classes == old.loaded.classes
    np.testing.assert_array_equal(new.parts.train.inputs, old.parts.train.inputs)
    assert update(state, Undo())[0].scenario == before.scenario
    assert update(state, EditPoints()) == (state, ())  # they are already


def test_data_that_cannot_be_edited_say_why(tmp_path):
    path = tmp_path / "three.csv"
    path.write_text("a,b,c,y\n" + "1,2,3,4.5\n2,1,0,3\n" * 5)
    for problem, words in (
        ({"csv": str(path), "network": {"layers": [2]}}, "one input or two"),
        ({"dataset": "spiral", "data": {"count": 501}, "network": {"layers": [2]}}, "At most 500"),
    ):
        before = begun(**problem)
        state, effects = update(before, EditPoints())
        assert words in state.notice.text
        assert state.scenario is before.scenario
        assert effects == ()


def test_words_stay_the_names_of_classes(tmp_path):
    path = tmp_path / "kinds.csv"
    path.write_text("x,y,kind\n" + "1,2,red\n2,1,blue\n3,3,red\n4,1,blue\n" * 3)
    state = after(begun(csv=str(path), network={"layers": [2]}), EditPoints())
    assert state.scenario.problem.points[0] == (1.0, 2.0, "red")
    added = after(state, AddPoint((5.0, 5.0, "blue")))
    assert added.scenario.problem.loaded.classes == ("blue", "red")


def test_points_come_go_and_move():
    state = after(begun(dataset="line", data={"count": 5}, model="line"), EditPoints())
    points = state.scenario.problem.points
    assert after(state, AddPoint((0.5, 2.0))).scenario.problem.points == (*points, (0.5, 2.0))
    assert after(state, RemovePoint(points[2])).scenario.problem.points == (*points[:2], *points[3:])
    assert update(state, RemovePoint((9.0, 9.0))) == (state, ())
    moved = after(state, MovePoint(points[0], (1.0, 1.0), live=True), MovePoint((1.0, 1.0), (2.0, 2.0), live=True))
    moved = after(moved, MovePoint((2.0, 2.0), (3.0, 3.0)))
    assert moved.scenario.problem.points == ((3.0, 3.0), *points[1:])
    assert update(moved, Undo())[0].scenario == state.scenario  # a drag is one step of undo


def test_points_of_no_use_are_refused_in_words():
    state = after(begun(dataset="line", data={"count": 2}, model="line"), EditPoints())
    for message in (RemovePoint(state.scenario.problem.points[0]), AddPoint((1.0, 2.0, 3.0)), AddPoint((float("nan"), 1.0))):
        refused, effects = update(state, message)
        assert refused.scenario is state.scenario
        assert refused.notice.is_error
        assert effects == ()


def test_made_data_have_no_list_to_edit():
    state = begun(dataset="line", model="line")
    for message in (AddPoint((0.0, 0.0)), RemovePoint((0.0, 0.0)), MovePoint((0.0, 0.0), (1.0, 1.0))):
        assert update(state, message) == (state, ())
