"""A CSV file that changes while it is shown: read again, undone, refused without losing what there is, and equal text recomputed."""

import pytest

from gdsim.app import messages as m
from gdsim.app.changes import SetSteps, Undo
from gdsim.app.effects import Compute
from gdsim.app.rereading import DataChanged, DataReread, Reread, reread, watched
from gdsim.app.session import Session
from gdsim.app.update import update
from gdsim.simulation.scenario import Scenario
from tests.app.scenes import after, begun

ROWS = "".join(f"{x},{2 * x + 1}\n" for x in range(12))


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "points.csv"
    path.write_text("x,y\n" + ROWS)
    return path


def scenario(file, **run):
    table = {"optimizer": "sgd", "learning_rate": 0.01} | run
    return Scenario.model_validate({"problem": {"csv": str(file), "target": "y", "model": "line"}, "steps": 20, "runs": [table]})


def test_a_change_is_an_edit_that_undo_takes_back(file):
    state = begun(scenario(file))
    assert update(state, DataChanged(str(file)))[1] == (Reread(state.scenario),)
    assert update(state, DataChanged("another.csv")) == (state, ())
    file.write_text("x,y\n" + ROWS + "20,5\n")
    found = reread(state.scenario)
    assert found != state.scenario
    changed, effects = update(state, DataReread(state.scenario, found))
    assert len(changed.scenario.problem.parts.train) == 13
    assert [type(effect) for effect in effects] == [Compute]
    assert "read again" in changed.notice.text
    assert not changed.notice.is_error
    assert not changed.dirty
    back = after(changed, Undo())
    assert len(back.scenario.problem.parts.train) == 12
    assert back.scenario == state.scenario
    # What is said of numbers that were edited meanwhile is asked again, and of another problem not at all.
    edited = after(state, SetSteps(33))
    assert update(edited, DataReread(state.scenario, found))[1] == (Reread(edited.scenario),)
    assert edited.dirty
    assert after(edited, DataReread(edited.scenario, reread(edited.scenario))).dirty
    assert update(begun(), DataReread(state.scenario, found))[1] == ()
    assert watched(begun()) is None


def test_what_cannot_be_used_is_told_and_nothing_is_lost(file):
    state = begun(scenario(file))
    with Session(state.scenario) as session:
        assert session.settle()
        for content in ("nothing of use", None):
            file.write_text(content) if content else file.unlink()
            session.send(DataChanged(str(file)))
            assert session.settle()
            assert session.state.notice.is_error
            assert "is kept" in session.state.notice.text
            assert session.state.scenario == state.scenario
            assert len(session.state.scenario.problem.parts.train) == 12
            session.send(m.DismissNotice())
        file.write_text("x,y\n" + ROWS)
        session.send(DataChanged(str(file)))  # back again, and the same
        assert session.settle()
        assert session.state.notice is None
        assert session.state.scenario is not None
        before = session.state.tracks[0].steps.losses
        file.write_text("x,y\n" + ROWS.replace("11,23", "11,99"))
        session.send(DataChanged(str(file)))
        assert session.settle()
        assert session.state.tracks[0].generation == session.state.generation
        assert session.state.tracks[0].steps.losses[0] != before[0]


def test_batches_that_became_too_large_take_all_points(file):
    state = begun(scenario(file, batch_size=10))
    file.write_text("x,y\n" + "".join(f"{x},{x}\n" for x in range(6)))
    assert reread(state.scenario).runs[0].batch_size == "full"
