"""The keys of [problem] that say which data: what they give, and what is said of those that do not."""

import pickle

import jsonschema
import numpy as np
import pytest
from pydantic import ValidationError

import gdsim
from gdsim.networks.generators import DATASETS
from gdsim.networks.split import Standardise, split
from gdsim.simulation import complaints, data_source
from gdsim.simulation.data_source import CsvPath, DataSource, located
from gdsim.simulation.scenario_file import parse, to_toml
from gdsim.simulation.schema import schema

TABLE = "size,colour,price\n1,red,10.5\n2,blue,20\n3,red,30\n4,blue,40\n"
RUN = '[problem.network]\nlayers = [3]\n[[runs]]\noptimizer = "sgd"\nlearning_rate = 0.1\n'


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "table.csv").write_text(TABLE)
    return tmp_path


def source(**keys):
    return DataSource.model_validate(keys)


def complaints_of(**keys):
    with pytest.raises(ValidationError) as caught:
        source(**keys)
    return [str(each) for each in complaints.complaints(caught.value)]


@pytest.mark.parametrize("name", DATASETS)
def test_every_generator_has_its_table(name):
    assert source(dataset=name).loaded == DATASETS[name].make()
    changed = source(dataset=name, data={"count": 30, "noise": 0.05, "seed": 4})
    assert changed.loaded == DATASETS[name].make(count=30, noise=0.05, seed=4)
    assert changed == source(dataset=name, data={"seed": 4, "noise": 0.05, "count": 30})
    assert hash(changed) == hash(source(dataset=name, data=changed.data))
    assert changed != source(dataset=name)


def test_parts_are_split_seen_through_features_and_standardised():
    keys = source(dataset="spiral", features=["x", "x*y"], split=[0.5, 0.3, 0.2], split_seed=3, standardise=True)
    plain = source(dataset="spiral", features=["x", "x*y"], split=[0.5, 0.3, 0.2], split_seed=3)
    scale = Standardise.fit(plain.parts.train)
    assert (plain.standardisation, keys.standardisation) == (None, scale)
    for part, raw, count in zip(keys.parts, plain.parts, (250, 150, 100), strict=True):
        assert len(part) == count
        assert part.features == ("x", "x*y")
        assert part == scale.apply(raw)
    assert abs(keys.parts.train.inputs.mean(axis=0)).max() < 1e-14
    assert keys.loaded.features == ("x", "y")
    assert plain.parts.train.inputs[:, 0].tolist() == split(plain.loaded, (0.5, 0.3, 0.2), 3).train.inputs[:, 0].tolist()


def test_the_default_shares_may_be_others():
    class Whole(DataSource):
        SHARES = (1.0, 0.0, 0.0)

    whole = Whole.model_validate({"dataset": "line"})
    assert whole.parts == gdsim.networks.split.Split(whole.loaded)
    assert [len(part) for part in source(dataset="line").parts] == [70, 15, 15]


def test_data_are_made_once():
    keys = source(dataset="moons", standardise=True)
    assert keys.loaded is source(dataset="moons").loaded
    assert keys.parts is source(dataset="moons", standardise=True).parts


POINTS = {
    "numbers": ([[1, 2.5], [2, 3], [4, 1.0]], {}, [[1], [2], [4]], [[2.5], [3], [1]], ()),
    "classes": ([[1, 2, 0], [2, 3, 1], [4, 1, 1]], {}, [[1, 2], [2, 3], [4, 1]], [0, 1, 1], ("0", "1")),
    "words": ([[1, 2, "b"], [2, 3, "a"], [4, 1, "b"]], {}, [[1, 2], [2, 3], [4, 1]], [1, 0, 1], ("a", "b")),
    "words of one input": ([[1, "b"], [2, "a"], [4, "b"]], {}, [[1], [2], [4]], [1, 0, 1], ("a", "b")),
    "classes of one input": ([[1, 1], [2, 0], [4, 1]], {"classification": True}, [[1], [2], [4]], [1, 0, 1], ("0", "1")),
    "numbers of two inputs": (
        [[1, 2, 0], [2, 3, 1.5], [1, 1, 1]],
        {"classification": False},
        [[1, 2], [2, 3], [1, 1]],
        [[0], [1.5], [1]],
        (),
    ),
}


@pytest.mark.parametrize("name", POINTS)
def test_points_are_data(name):
    points, options, inputs, targets, classes = POINTS[name]
    keys = source(points=points, **options)
    data = keys.loaded
    assert (data.inputs.tolist(), data.targets.tolist(), data.classes) == (inputs, targets, classes)
    assert source(**keys.model_dump(exclude_defaults=True)) == keys
    assert source(points=[tuple(float(v) if not isinstance(v, str) else v for v in row) for row in points], **options) == keys


BAD = {
    "nothing": ({}, "dataset: this key is missing; needed: the name of a data set (gdsim list datasets), or csv or points in its place"),
    "two sources": ({"dataset": "line", "points": [[1, 2], [2, 3]]}, "points: found dataset and points; allowed: one of them"),
    "unknown": ({"dataset": "spirals"}, "dataset: there is no data set named 'spirals'; did you mean 'spiral'?"),
    "a number": ({"dataset": 3}, "dataset: found 3; allowed: the name of a data set"),
    "parameters of another": ({"dataset": "spiral", "data": {"slope": 1}}, "data.slope: there is no such key (allowed: count, noise,"),
    "a parameter out of bounds": ({"dataset": "spiral", "data": {"noise": 2}}, "data.noise: found 2; allowed: a number >= 0 and <= 0.5"),
    "a seed below 0": ({"dataset": "spiral", "data": {"seed": -1}}, "data.seed: found -1; allowed: a whole number from 0 to 2^63 - 1"),
    "parameters of points": ({"points": [[1, 2.5], [2, 3]], "data": {"count": 3}}, "data: found data with points; allowed: only with"),
    "a target of a generator": ({"dataset": "line", "target": "y"}, "target: found target with dataset; allowed: only with csv"),
    "classes of a generator": (
        {"dataset": "line", "classification": True},
        "classification: found classification with dataset; allowed: only with csv or",
    ),
    "no file": ({"csv": "none.csv"}, "csv: none.csv: there is no such file"),
    "no delimiter": ({"csv": "a.csv", "delimiter": "dot"}, "delimiter: found 'dot'; allowed: one of tab, semicolon, comma"),
    "one point": ({"points": [[1, 2]]}, "points: found an array of 1 value; allowed: an array of 2 to 10,000 points"),
    "points of two forms": ({"points": [[1, 2], [1, 2, 3]]}, "points.1: found [1, 2, 3]; allowed: [x, target], or [x1, x2, class]"),
    "points of four": ({"points": [[1, 2, 3, 4]] * 2}, "points.0: found [1, 2, 3, 4]"),
    "points of none": ({"points": [[], []]}, "points.0: found []"),
    "a word as input": ({"points": [["a", 2], [1, 2]]}, "points.0: found ['a', 2]"),
    "a switch as input": ({"points": [[True, 2], [1, 2]]}, "points.0: found [true, 2]"),
    "nan": ({"points": [[float("nan"), 2], [1, 2]]}, "points.0: found [nan, 2]"),
    "words and numbers": ({"points": [[1, "a"], [1, 2]]}, "points.1: found [1, 2]"),
    "half a class": ({"points": [[1, 2, 0], [1, 2, 0.5]]}, "points: found 0.5 as the class of point 1"),
    "one class": ({"points": [[1, 2, 1], [1, 2, 1]]}, "points: found only one class, 1"),
    "points that are text": ({"points": "1,2"}, "points: found '1,2'; allowed: an array"),
    "features of one input": ({"dataset": "line", "features": ["x"]}, "features: found data with 1 input"),
    "an unknown feature": ({"dataset": "moons", "features": ["x", "z"]}, "features.1: found 'z'; allowed: an array of 'x', 'y', 'x^2'"),
    "a feature twice": ({"dataset": "moons", "features": ["x", "x"]}, "features: found the features x, x; allowed: at least one"),
    "two shares": ({"dataset": "line", "split": [0.5, 0.5]}, "split: found [0.5, 0.5]; allowed: three numbers from 0 to 1"),
    "shares of more": ({"dataset": "line", "split": [0.7, 0.7, 0.7]}, "split: found the shares [0.7, 0.7, 0.7]"),
    "shares of too few": ({"points": [[1, 2.5], [2, 3.5]]}, "split: found 2 points to be split into 3 parts"),
    "classes standardised": ({"dataset": "moons", "standardise_target": True}, "standardise_target: found classes as targets"),
    "a word as switch": ({"dataset": "moons", "standardise": "yes"}, "standardise: found 'yes'; allowed: true or false"),
    "an unknown key": ({"dataset": "moons", "splits": [1, 0, 0]}, "splits: there is no such key; did you mean 'split'?"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_does_not_go_is_said_of_its_key(name):
    keys, words = BAD[name]
    found = complaints_of(**keys)
    assert len(found) == 1, found
    assert found[0].startswith(words)


def test_everything_that_is_wrong_is_said_at_once():
    found = complaints_of(dataset="spirals", data={"count": 1}, split=[1, 2, "a"], standardise=1, csv="a.csv")
    assert [line.split(":")[0] for line in found] == ["dataset", "split.2", "standardise", "csv"]


def test_errors_in_a_file_name_it_as_the_scenario_does(folder):
    with pytest.raises(ValidationError) as caught:
        source(csv=CsvPath("table.csv", folder), target="prize")
    text = "csv: table.csv: there is no column 'prize' for the target; did you mean 'price'? (found: 'size', 'colour', 'price')"
    assert [str(each) for each in complaints.complaints(caught.value)] == [text]


def test_a_file_is_looked_for_beside_the_scenario(folder, tmp_path_factory, monkeypatch):
    text = f'[problem]\ncsv = "table.csv"  # prices\ntarget = "price"\nsplit = [0.5, 0.25, 0.25]\n{RUN}'
    (folder / "scenario.toml").write_text(text)
    scenario = gdsim.load(folder / "scenario.toml")
    assert scenario.problem.loaded.features == ("size", "colour=blue", "colour=red")
    assert scenario.problem.csv == "table.csv"
    assert 'csv = "table.csv"  # prices' in to_toml(scenario, text)
    gdsim.save(scenario, folder / "copy.toml")
    assert gdsim.load(folder / "copy.toml") == scenario
    assert 'csv = "table.csv"' in (folder / "copy.toml").read_text()
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    gdsim.save(scenario, elsewhere / "copy.toml")
    moved = gdsim.load(elsewhere / "copy.toml")
    assert moved.problem.csv == str(folder / "table.csv")
    assert moved.problem.loaded == scenario.problem.loaded
    monkeypatch.chdir(folder)
    here = gdsim.Scenario.model_validate(parse(text))
    assert here == scenario
    assert hash(here) == hash(scenario)
    assert scenario.changed(steps=3).problem.file == str(folder / "table.csv")


def test_two_folders_with_the_same_text_are_two_data_sets(tmp_path):
    found = []
    for name, price in (("one", 1.5), ("two", 2.5)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "table.csv").write_text(f"x,y\n1,{price}\n2,2\n3,3\n")
        tables = located({"problem": {"csv": "table.csv", "target": "y"}}, tmp_path / name)
        found.append(source(**tables["problem"]))
    assert found[0] != found[1]
    (tmp_path / "two" / "table.csv").write_text((tmp_path / "one" / "table.csv").read_text())
    assert found[0] == found[1].read_again()
    assert [each.loaded.targets[0, 0] for each in found] == [1.5, 2.5]


def test_a_file_that_changed_is_read_again(folder):
    keys = source(csv=CsvPath("table.csv", folder))
    before = keys.loaded
    assert keys.loaded is before
    (folder / "table.csv").write_text(TABLE + "5,red,50\n")
    assert keys.loaded is before  # what was checked stays what it was
    again = keys.read_again()
    assert len(again.loaded) == len(before) + 1
    assert again != keys
    assert again == keys.read_again()
    (folder / "table.csv").write_text("nothing of use")
    with pytest.raises(ValidationError):
        keys.read_again()
    (folder / "table.csv").unlink()
    with pytest.raises(ValidationError, match=r"table\.csv: there is no such file"):
        keys.read_again()
    assert len(again.parts.train) > 0


def test_a_path_keeps_its_folder_when_it_travels():
    path = pickle.loads(pickle.dumps(CsvPath("table.csv", "/somewhere")))  # noqa: S301
    assert (path, path.folder, type(path)) == ("table.csv", "/somewhere", CsvPath)
    for tables in ({}, {"problem": 3}, {"problem": {"csv": 3}}, {"problem": {"dataset": "line"}}):
        assert located(tables, "/somewhere") == tables


def test_options_of_csv_files_reach_the_reader(folder):
    (folder / "odd.csv").write_text("1;NA;0\n2;5;1\n3;7;1\n4;9;0\n")
    keys = source(csv=CsvPath("odd.csv", folder), delimiter="semicolon", header=False, missing="mean", classification=True)
    assert keys.loaded.inputs.tolist() == [[1, 7], [2, 5], [3, 7], [4, 9]]
    assert keys.loaded.classes == ("0", "1")
    assert np.array_equal(keys.loaded.targets, [0, 1, 1, 0])
    assert len(source(csv=CsvPath("odd.csv", folder), header=False).loaded) == 3


@pytest.mark.parametrize(
    "table",
    [
        'dataset = "spiral"\n',
        'dataset = "spiral"\nfeatures = ["x", "sin y"]\nstandardise = true\nsplit_seed = 7\n[problem.data]\nnoise = 0.25\nseed = 9\n',
        'points = [[1.0, 2.0, "a"], [2.0, 1.0, "b"], [2.0, 3.0, "a"]]\n',
        "points = [[1, 2, 0], [2, 1, 1], [2, 3, 0], [0, 0, 1]]\nsplit = [1, 0, 0]\n",
    ],
)
def test_scenarios_come_back_from_their_files(table, tmp_path):
    scenario = gdsim.Scenario.model_validate(parse(f"[problem]\n{table}{RUN}"))
    gdsim.save(scenario, tmp_path / "scenario.toml")
    assert gdsim.load(tmp_path / "scenario.toml") == scenario
    for template in ("", f"# mine\n[problem]\n{table}{RUN}"):
        text = to_toml(scenario, template)
        assert gdsim.Scenario.model_validate(parse(text)) == scenario
        assert "standardise_target" not in text
    assert text.startswith("# mine")


def test_every_key_is_written(folder):
    assert {*DataSource.DATA_KEYS, "data"} == set(DataSource.model_fields)
    assert data_source.SOURCES == ("dataset", "csv", "points")


SCHEMA = jsonschema.Draft202012Validator(schema())
GOOD_TABLES = [
    'dataset = "spiral"\ndata = { count = 20 }\nnetwork = { layers = [3] }',
    'dataset = "line"\nmodel = "line"\ndata = { slope = 3.0 }',
    'csv = "a.csv"\ntarget = "y"\nsplit = [1, 0, 0]\nmodel = "line"',
    'points = [[1, 2], [3, 4]]\nmodel = "line"',
    'points = [[1, 2, "a"], [3, 4, "b"]]\nnetwork = { layers = [] }',
]
BAD_TABLES = [
    'dataset = "spirals"\nmodel = "line"',
    'dataset = "spiral"\nmodel = "line"\ndata = { slope = 3 }',
    'dataset = "line"\ncsv = "a"\nmodel = "line"',
    'model = "line"',
    'csv = "a"',
    'dataset = "spiral"\nfeatures = ["z"]\nmodel = "line"',
    'points = [[1, 2]]\nmodel = "line"',
]


@pytest.mark.parametrize("table", GOOD_TABLES + BAD_TABLES)
def test_the_schema_knows_the_keys(table):
    tables = parse(f'[problem]\n{table}\n[[runs]]\noptimizer = "sgd"\nlearning_rate = 0.1\n')
    assert SCHEMA.is_valid(tables) == (table in GOOD_TABLES)
