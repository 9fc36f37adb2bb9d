"""``gdsim run`` on networks and ``gdsim predict``: every number arrives in files, and bad input never ends in a traceback."""

import csv
import json

import numpy as np
import pyarrow.parquet
import pytest

from gdsim.networks.model import Model
from gdsim.simulation.run import run
from gdsim.simulation.scenario_file import load

SCENARIO = """\
title = "Flowers"
seed = 4

[problem]
csv = "flowers.csv"
target = "kind"
split = [0.6, 0.2, 0.2]
standardise = true

[problem.network]
layers = [4]

[[runs]]
label = "adam"
optimizer = "adam"
learning_rate = 0.1
batch_size = 8
epochs = 6

[[runs]]
label = "../Adam"
optimizer = "adam"
learning_rate = 0.1
epochs = 6
early_stopping = { patience = 3 }
"""


@pytest.fixture
def flowers(tmp_path):
    """A scenario beside its data: three kinds of flowers, told apart by length and colour."""
    generator = np.random.default_rng(5)
    rows = []
    for k in range(60):
        kind = k % 3
        rows.append(f"{generator.normal(3 * kind, 0.5):.3f},{('red', 'blue')[kind == 1]},{('rose', 'iris', 'poppy')[kind]}")
    (tmp_path / "flowers.csv").write_text("\n".join(["length,colour,kind", *rows]) + "\n")
    file = tmp_path / "flowers.toml"
    file.write_text(SCENARIO)
    return file


def table(file):
    with open(file, newline="") as stream:
        return list(csv.DictReader(stream))


def test_everything_is_written(gdsim, flowers, painted, tmp_path):
    out = tmp_path / "out"
    result = gdsim("run", flowers, "--out", out, "--format", "csv")
    assert result.exit_code == 0
    assert "accuracy" in result.stdout
    written = sorted(str(file.relative_to(out)) for file in out.rglob("*") if file.is_file())
    assert written == [
        "epochs.csv",
        "picture.png",
        "predictions.csv",
        "summary.json",
        "trajectories.csv",
        "weights/Adam-2.safetensors",
        "weights/adam.safetensors",
    ]
    first, second = run(load(flowers)).runs
    steps = [row for row in table(out / "trajectories.csv") if row["run"] == "0"]
    for name, values in (("loss", first.losses), ("gradient_norm", first.norms), ("weight_norm", first.weight_norms)):
        np.testing.assert_array_equal([float(row[name]) for row in steps], values)
    epochs = [row for row in table(out / "epochs.csv") if row["run"] == "1"]
    np.testing.assert_array_equal([float(row["validation_loss"]) for row in epochs], second.epochs.validation_loss)
    predictions = [row for row in table(out / "predictions.csv") if row["run"] == "0"]
    np.testing.assert_array_equal([row["kind"] for row in predictions], np.array(("iris", "poppy", "rose"))[first.test.points.targets])
    np.testing.assert_array_equal([float(row["probability of iris"]) for row in predictions], first.test.predictions[:, 0])
    np.testing.assert_array_equal(Model.load(out / "weights" / "adam.safetensors").weights, first.model.weights)
    summary = json.loads((out / "summary.json").read_text())["runs"]
    assert [each["weights"] for each in summary] == ["weights/adam.safetensors", "weights/Adam-2.safetensors"]
    assert summary[0]["test"]["accuracy"] == first.test.score
    assert summary[0]["network"] == [3, 4, 3]
    assert "final_position" not in summary[0]


def test_tables_of_an_earlier_run_are_gone(gdsim, flowers, painted, good, tmp_path):
    out = tmp_path / "out"
    gdsim("run", flowers, "--out", out, "--format", "csv")
    gdsim("run", flowers, "--out", out)
    assert sorted(file.name for file in out.glob("*.*")) == [
        "epochs.parquet",
        "picture.png",
        "predictions.parquet",
        "summary.json",
        "trajectories.parquet",
    ]
    scenario = pyarrow.parquet.read_schema(out / "epochs.parquet").metadata[b"scenario"].decode()
    (tmp_path / "again.toml").write_text(scenario)
    assert load(tmp_path / "again.toml") == load(flowers)
    gdsim("run", good, "--out", out)
    assert sorted(file.name for file in out.glob("*.*")) == ["picture.png", "summary.json", "trajectories.parquet"]


@pytest.fixture
def weights(gdsim, flowers, painted, tmp_path):
    gdsim("run", flowers, "--out", tmp_path / "out")
    return tmp_path / "out" / "weights" / "adam.safetensors"


def test_predictions_are_the_model_s(gdsim, weights, tmp_path):
    data, out = tmp_path / "new.csv", tmp_path / "answers" / "predictions.csv"
    data.write_text("colour,name,length\nred,a,0.2\nblue,b,2.9\nred,c,6.5\n")
    result = gdsim("predict", weights, data, "--out", out)
    assert result.exit_code == 0
    assert "3 points" in result.stdout
    inputs = [[0.2, 0.0, 1.0], [2.9, 1.0, 0.0], [6.5, 0.0, 1.0]]
    model = Model.load(weights)
    assert model.inputs == ("length", "colour=blue", "colour=red")
    rows = table(out)
    assert [row["predicted kind"] for row in rows] == model.predict(inputs).tolist()
    np.testing.assert_array_equal([float(row["probability of rose"]) for row in rows], model.probabilities(inputs)[:, 2])


BAD_DATA = {
    "no such column": ("colour,size\nred,1\n", "there is no column 'length'"),
    "an unknown category": ("length,colour\n1,green\n", "found 'green'; allowed: 'blue', 'red'"),
    "words for numbers": ("length,colour\nlong,red\n", "found words"),
    "a hole": ("length,colour\n1,red\n,blue\n", "no value for point 2"),
    "ragged": ("length,colour\n1,red,7\n2,blue\n", "line"),
    "nothing": ("", "new.csv"),
}


@pytest.mark.parametrize("case", BAD_DATA)
def test_bad_data_to_predict(gdsim, weights, tmp_path, case):
    text, words = BAD_DATA[case]
    data = tmp_path / "new.csv"
    data.write_text(text)
    result = gdsim("predict", weights, data, "--out", tmp_path / "p.csv")
    assert result.exit_code == 2
    assert words in result.stderr
    assert not (tmp_path / "p.csv").exists()


def test_bad_weights(gdsim, weights, tmp_path):
    data = tmp_path / "new.csv"
    data.write_text("length,colour\n1,red\n")
    for content in (b"", b"PK\x03\x04", weights.read_bytes()[:-5], b"\x80\x04pickle"):
        file = tmp_path / "weights.bin"
        file.write_bytes(content)
        result = gdsim("predict", file, data, "--out", tmp_path / "p.csv")
        assert result.exit_code == 2
        assert "weights.bin: " in result.stderr
        assert "found" in result.stderr
    for file in (tmp_path / "nothing", tmp_path):
        assert gdsim("predict", file, data, "--out", tmp_path / "p.csv").exit_code == 2
    assert "is a folder" in gdsim("predict", weights, data, "--out", tmp_path).stderr


BAD_SCENARIOS = {
    "problem.csv": ('"flowers.csv"', '"missing.csv"'),
    "problem.network.activation": ("layers = [4]", 'layers = [4]\nactivation = "rleu"'),
    "problem.network.loss": ("layers = [4]", 'layers = [4]\nloss = "bce"'),
    "runs.0.batch_size": ("batch_size = 8", "batch_size = 80"),
    "runs.1.early_stopping.patience": ("patience = 3", "patience = 0"),
    "problem.split": ("[0.6, 0.2, 0.2]", "[0.6, 0.2]"),
}


@pytest.mark.parametrize("key", BAD_SCENARIOS)
def test_bad_scenarios(gdsim, flowers, key):
    flowers.write_text(SCENARIO.replace(*BAD_SCENARIOS[key]))
    result = gdsim("run", flowers)
    assert result.exit_code == 2
    assert f"flowers.toml: {key}: " in result.stderr


def test_a_training_goes_on_from_its_checkpoints(gdsim, flowers, good, tmp_path):
    folder = tmp_path / "kept"
    first = gdsim("run", flowers, "--checkpoints", folder)
    assert sorted(file.name for file in folder.iterdir()) == ["Adam-2.safetensors", "adam.safetensors"]
    again = gdsim("run", flowers, "--checkpoints", folder)
    assert (again.exit_code, again.stdout) == (0, first.stdout)
    other = gdsim("run", flowers, "--checkpoints", folder, "--set", "seed=5")
    assert other.exit_code == 2
    assert "made with another seed" in other.stderr
    assert "trains no network" in gdsim("run", good, "--checkpoints", folder).stderr
