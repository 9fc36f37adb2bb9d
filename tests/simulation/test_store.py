"""What is written is what was computed, and every file is valid."""

import csv
import errno
import json
import math
import os

import numpy as np
import pyarrow.parquet as pq
import pytest

from gdsim.networks.dataset import Dataset
from gdsim.networks.network import Network
from gdsim.simulation import store
from gdsim.simulation.run import run
from gdsim.simulation.scenario import Scenario, validated
from gdsim.simulation.scenario_file import parse
from gdsim.simulation.train import train
from gdsim.simulation.trajectory import Result
from gdsim.version import __version__
from tests.draws import fresh

SUMMARY_KEYS = ["title", "seed", "gdsim", "runs"]
RUN_KEYS = ["label", "optimizer", "learning_rate", "verdict", "rate", "evidence", "steps", "evaluations", "final_loss", "final_position"]
ENDINGS = ["diverged_at", "converged_at"]
SHARED = ["loss", "gradient_norm", "step_length", "learning_rate", "evaluations"]

TWO = Scenario(
    title='Two "weights", é',
    seed=7,
    steps=40,
    tolerance=1e-2,
    problem={"landscape": "rosenbrock"},
    runs=[
        {"optimizer": "sgd", "learning_rate": 1.0, "label": 'diverges, "quoted"'},
        {"optimizer": "adam", "learning_rate": 0.1},
        {"optimizer": "backtracking"},
        {"optimizer": "sgd", "learning_rate": 0.001, "start": [1.0, 1.0], "label": "there already"},
    ],
)
ONE = Scenario(steps=5, problem={"landscape": "double_well"}, runs=[{"optimizer": "sgd", "learning_rate": 0.02}])


def spent(path):
    """Evaluations of every step: one, unless they are counted; none at the last point, from which no step is taken."""
    return [1] * path.steps + [0] if path.evaluations is None else list(path.evaluations)


@pytest.fixture(scope="module", params=[TWO, ONE], ids=["two weights", "one weight"])
def result(request):
    return run(request.param)


def expected_columns(result):
    dim = result.scenario.landscape.dim
    return ["run", "step", *"xy"[:dim], *SHARED]


def rows_of(result):
    """The table, the slow and obvious way."""
    rows = []
    for index, path in enumerate(result.runs):
        for step in range(len(path.losses)):
            gradient = math.hypot(*path.gradients[step])
            rows.append(
                [
                    index,
                    step,
                    *path.positions[step],
                    path.losses[step],
                    gradient,
                    path.step_lengths[step],
                    path.learning_rate,
                    spent(path)[step],
                ]
            )
    return rows


def same(found, wanted):
    """Equal to the last bit but for gradient norms, whose squares may be added in another way; NaN equals NaN."""
    np.testing.assert_allclose(np.array(found, dtype=float), np.array(wanted, dtype=float), rtol=1e-15, atol=0)


def test_parquet_holds_every_point(result, tmp_path):
    store.write(result, tmp_path)
    table = pq.read_table(tmp_path / "trajectories.parquet")
    assert table.column_names == expected_columns(result)
    same([list(row.values()) for row in table.to_pylist()], rows_of(result))
    assert table.schema.metadata[b"gdsim"].decode() == __version__
    assert validated(parse(table.schema.metadata[b"scenario"].decode())) == result.scenario


def test_csv_holds_every_point_to_the_bit(result, tmp_path):
    store.write(result, tmp_path, "csv")
    with open(tmp_path / "trajectories.csv", newline="") as stream:
        header, *rows = csv.reader(stream)
    assert header == expected_columns(result)
    same(rows, rows_of(result))
    losses = [float(row[header.index("loss")]) for row in rows]
    np.testing.assert_array_equal(losses, np.concatenate([path.losses for path in result.runs]))


def test_tables_are_the_same_in_pieces(result, tmp_path, monkeypatch):
    store.write(result, tmp_path / "whole", "csv")
    monkeypatch.setattr(store, "BATCH", 3)
    store.write(result, tmp_path / "pieces", "csv")
    assert (tmp_path / "whole" / "trajectories.csv").read_bytes() == (tmp_path / "pieces" / "trajectories.csv").read_bytes()


def test_summary(result, tmp_path):
    store.write(result, tmp_path)

    def refuse(constant):
        pytest.fail(f"{constant} is no JSON")

    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"), parse_constant=refuse)
    assert list(summary) == SUMMARY_KEYS
    assert (summary["title"], summary["seed"], summary["gdsim"]) == (result.scenario.title, result.scenario.seed, __version__)
    assert len(summary["runs"]) == len(result.runs)
    for entry, path in zip(summary["runs"], result.runs, strict=True):
        assert list(entry) == RUN_KEYS + ENDINGS
        assert (entry["label"], entry["optimizer"], entry["learning_rate"]) == (path.label, path.optimizer, path.learning_rate)
        assert (entry["verdict"], entry["rate"], entry["evidence"]) == (path.verdict.outcome, path.verdict.rate, path.verdict.evidence)
        assert entry["steps"] == path.steps
        assert entry["evaluations"] == sum(spent(path)) >= path.steps
        assert entry["final_loss"] == (path.losses[-1] if math.isfinite(path.losses[-1]) else None)
        assert len(entry["final_position"]) == result.scenario.landscape.dim
        assert (entry["diverged_at"], entry["converged_at"]) == (path.diverged_at, path.converged_at)


def test_data_may_call_their_columns_as_the_table_does(tmp_path):
    names = ["run", "run (2)", "predicted run"]
    rng = fresh()
    data = Dataset.from_arrays(rng.normal(size=(20, 3)), rng.normal(size=20), features=names, target="run")
    training = train(Network((3, 1)), data, batch_size="full", epochs=1, test=0.5)
    store.write(Result(TWO, (training,)), tmp_path)
    table = pq.read_table(tmp_path / "predictions.parquet")
    assert table.schema.names == ["run", "run (2)", "run (2) (2)", "predicted run", "run (3)", "predicted run (2)"]
    held = np.column_stack([table.column(k) for k in range(6)])
    np.testing.assert_array_equal(held[:, 1:4], training.test.points.inputs)
    np.testing.assert_array_equal(held[:, [4]], training.test.points.targets)
    np.testing.assert_array_equal(held[:, [5]], training.test.predictions)


def test_summary_of_what_diverged_and_converged():
    diverged, _, _, converged = store.summary(run(TWO))["runs"]
    assert diverged["diverged_at"] == diverged["steps"] > 0
    assert diverged["final_loss"] is None
    assert (converged["converged_at"], converged["steps"], converged["final_loss"]) == (0, 0, 0.0)


def test_a_table_of_an_earlier_run_does_not_stay(tmp_path):
    result = run(ONE)
    store.write(result, tmp_path, "csv")
    (tmp_path / "mine.csv").write_text("mine")
    store.write(result, tmp_path, "parquet")
    assert sorted(os.listdir(tmp_path)) == ["mine.csv", "summary.json", "trajectories.parquet"]


@pytest.mark.parametrize("table", store.FORMATS)
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), PermissionError(errno.EACCES, "Permission denied")])
def test_nothing_is_half_written(table, error, tmp_path, monkeypatch):
    """The table fails after some of its rows; what was in the folder before is untouched."""
    result = run(TWO)
    store.write(result, tmp_path, table)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    batches = store._batches

    def some(result):
        yield next(batches(result))
        raise error

    monkeypatch.setattr(store, "_batches", some)
    for folder in (tmp_path, tmp_path / "new"):
        with pytest.raises(OSError, match=error.strerror):
            store.write(run(TWO.changed(title="other")), folder, table)
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_nothing_is_written_outside_the_folder(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    inside = tmp_path / "in"
    store.write(run(TWO.changed(title="../../x", runs=(TWO.runs[0].changed(label="../../elsewhere/y"),))), inside)
    assert sorted(os.listdir(tmp_path)) == ["elsewhere", "in"]
    assert os.listdir(tmp_path / "elsewhere") == []
    assert sorted(os.listdir(inside)) == ["summary.json", "trajectories.parquet"]
