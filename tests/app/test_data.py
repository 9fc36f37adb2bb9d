"""Data as the problem: choosing them, their model and network, and the batches of a run."""

import itertools

import pytest

from gdsim.app.changes import (
    OpenCsv,
    SetBatches,
    SetData,
    SetDataParam,
    SetDataset,
    SetFormula,
    SetLandscape,
    SetModel,
    SetNetwork,
    SetPrototype,
    SetRandomStart,
    SetStart,
    Undo,
)
from gdsim.app.effects import Compute, ReadCsv
from gdsim.app.update import initial, update
from gdsim.networks.generators import DATASETS
from gdsim.simulation.scenario import Scenario
from tests.app.scenes import after, begun


def of(problem, **run) -> Scenario:
    runs = [{"optimizer": "sgd", "learning_rate": 0.1} | run, {"optimizer": "adam"}]
    return Scenario.model_validate({"steps": 5, "problem": problem, "runs": runs})


LINE = {"dataset": "line", "model": "line"}
SPIRAL = {"dataset": "spiral", "network": {"layers": [4]}}
MOONS = {"dataset": "moons", "network": {"layers": [4], "loss": "bce", "dropout": 0.2}, "split": [0.5, 0.5, 0.0]}


@pytest.mark.parametrize("name", DATASETS)
def test_made_data_take_the_place_of_a_landscape(name):
    before = begun()
    state, effects = update(before, SetDataset(name))
    assert state.notice is None
    assert state.scenario.problem.dataset == name
    assert isinstance(effects[0], Compute)
    assert state.tracks == (None, None)
    assert state.playing
    assert update(state, Undo())[0].scenario is before.scenario
    assert update(after(state, SetLandscape("rosenbrock")), Undo())[0].scenario == state.scenario


@pytest.mark.parametrize(("first", "second"), [*itertools.product([LINE, SPIRAL, MOONS], DATASETS)])
def test_the_model_stays_where_it_can_have_the_data(first, second):
    before = initial(of(first))[0]
    state = after(before, SetDataset(second))
    old, new = before.scenario.problem, state.scenario.problem
    assert state.notice is None
    if old.is_network:
        assert new.is_network
        assert new.network.layers == old.network.layers
        assert new.network.dropout == old.network.dropout
        assert new.split == old.split
    else:
        assert new.is_network == (new.loaded.is_classification)


def test_a_landscape_takes_runs_without_batches_again():
    trained = after(begun(), SetDataset("spiral"), SetBatches(0, "batch_size", 7), SetBatches(1, "epochs", 3))
    assert trained.scenario.runs[0].batch_size == 7
    for message in (SetLandscape("himmelblau"), SetFormula("x^2 + y^2"), SetFormula("x^2"), SetPrototype("quad_bowl-cliff")):
        state = after(trained, message)
        assert state.notice is None
        assert not state.scenario.is_network
        assert [(run.batch_size, run.epochs) for run in state.scenario.runs] == [("full", None)] * 2


def test_a_method_that_needs_a_landscape_gives_way():
    newton = Scenario.model_validate({"problem": {"landscape": "himmelblau"}, "runs": [{"optimizer": "newton", "label": "N"}]})
    state = after(initial(newton)[0], SetDataset("spiral"))
    assert [(run.optimizer, run.label) for run in state.scenario.runs] == [("adam", "N")]


def test_what_there_is_not_is_said():
    state, effects = update(begun(), SetDataset("spirals"))
    assert "spiral" in state.notice.text
    assert effects == ()


@pytest.mark.parametrize(
    ("message", "look", "value"),
    [
        (SetDataParam("noise", 0.3), lambda s: s.problem.data.noise, 0.3),
        (SetDataParam("count", 120.4), lambda s: s.problem.data.count, 120),
        (SetDataParam("seed", 3), lambda s: s.problem.data.seed, 3),
        (SetData("split", (0.6, 0.4, 0.0)), lambda s: s.problem.split, (0.6, 0.4, 0.0)),
        (SetData("standardise", True), lambda s: s.problem.standardise, True),
        (SetNetwork("layers", (8, 3)), lambda s: s.problem.network.layers, (8, 3)),
        (SetNetwork("layers", ()), lambda s: s.problem.network.layers, ()),
        (SetNetwork("activation", "relu"), lambda s: s.problem.network.activation, "relu"),
        (SetNetwork("dropout", 0.5), lambda s: s.problem.network.dropout, 0.5),
        (SetBatches(0, "batch_size", 1), lambda s: s.runs[0].batch_size, 1),
        (SetBatches(1, "epochs", 4), lambda s: s.runs[1].epochs, 4),
        (SetBatches(1, "shuffle", False), lambda s: s.runs[1].shuffle, False),
        (SetRandomStart(), lambda s: (s.seed, s.start), (1, None)),
    ],
)
def test_an_edit_computes_again_and_can_be_undone(message, look, value):
    before = initial(of(SPIRAL))[0]
    state, effects = update(before, message)
    assert state.notice is None
    assert look(state.scenario) == value
    assert [type(effect) for effect in effects] == [Compute]
    assert not effects[0].survey
    assert update(state, Undo())[0].scenario is before.scenario


@pytest.mark.parametrize(
    "message",
    [
        SetDataParam("noise", 9.0),
        SetData("split", (0.5, 0.1, 0.1)),
        SetNetwork("layers", (0,)),
        SetNetwork("loss", "mse"),
        SetNetwork("activation", "tan"),
        SetBatches(0, "batch_size", 10_000),
        SetBatches(0, "batch_size", 0),
        SetStart((1.0, 2.0)),
    ],
)
def test_what_is_not_allowed_is_refused_in_words(message):
    before = initial(of(SPIRAL))[0]
    state, effects = update(before, message)
    assert state.scenario is before.scenario
    assert state.notice.is_error
    assert effects == ()


@pytest.mark.parametrize("message", [SetDataParam("noise", 0.1), SetData("split", None), SetNetwork("layers", (3,)), SetModel("line")])
def test_where_there_are_no_data_there_is_nothing_to_edit(message):
    assert update(begun(), message)[1] == ()


def test_a_drag_is_one_step_of_undo():
    before = initial(of(SPIRAL))[0]
    state = after(before, *(SetBatches(0, "batch_size", size, live=True) for size in (2, 4, 8)), SetBatches(0, "batch_size", 9))
    assert state.done == (before.scenario,)


def test_two_weights_and_a_network_for_the_same_points():
    before = initial(of(LINE))[0]
    network = after(before, SetModel("network"))
    assert network.scenario.problem.loaded == before.scenario.problem.loaded
    assert network.scenario.runs[0].batch_size == 32
    back = after(network, SetModel("line"))
    assert back.scenario.problem.model == "line"
    assert back.scenario.runs[0].batch_size == "full"
    assert update(before, SetModel("line")) == (before, ())


def test_a_csv_file_is_read_by_the_worker(tmp_path):
    path = tmp_path / "house.csv"
    path.write_text("rooms,age,price\n" + "".join(f"{k},{2 * k % 7},{3.5 * k}\n" for k in range(20)))
    state, effects = update(begun(), OpenCsv(str(path)))
    assert effects == (ReadCsv(str(path), None),)
    (read,) = answer(ReadCsv(str(path), "age"))
    opened, _ = update(state, read)
    problem = opened.scenario.problem
    assert (problem.loaded.target, problem.loaded.features) == ("age", ("rooms", "price"))
    assert problem.standardise
    assert problem.is_network
    with pytest.raises(ValueError, match="no such file"):
        answer(ReadCsv(str(tmp_path / "none.csv"), None))


def test_what_is_wrong_with_a_file_names_the_file(tmp_path):
    path = tmp_path / "few.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="1 point") as caught:
        answer(ReadCsv(str(path), None))
    assert str(caught.value).startswith(f"{path}: ")
    path.write_text("a,b\n" + "".join(f"word{k},{k}\n" for k in range(100)))
    with pytest.raises(ValueError, match="column 'a'") as caught:
        answer(ReadCsv(str(path), None))
    assert str(caught.value).count(str(path)) == 1


@pytest.mark.parametrize(("holes", "told"), [((), ""), ((3,), "1 point without a target"), ((3, 5), "2 points without a target")])
def test_points_that_were_left_out_are_told(tmp_path, holes, told):
    path = tmp_path / "holes.csv"
    path.write_text("a,b\n" + "".join(f"{k},{'' if k in holes else k * k}\n" for k in range(20)))
    (read,) = answer(ReadCsv(str(path), None))
    state = after(begun(), read)
    assert len(state.scenario.problem.loaded) == 20 - len(holes)
    if told:
        assert state.notice.text.startswith(f"holes.csv: {told}")
        assert not state.notice.is_error
    else:
        assert state.notice is None


def answer(effect):
    from gdsim.app.work import Work

    return [message for message in Work().begin(effect) if message is not None]
