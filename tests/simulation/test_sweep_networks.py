"""Sweeps over networks: every run has the numbers of the run alone, whatever it goes beside; shards, resuming, complaints."""

import os
import random
import signal
import time

import numpy as np
import pytest

import gdsim
from gdsim.simulation import sweep as sweeping
from gdsim.simulation import sweep_store
from gdsim.simulation.complaints import ScenarioError
from gdsim.simulation.scenario import validated
from gdsim.simulation.sweep import sweep
from gdsim.simulation.sweep_block import columns_of
from gdsim.simulation.sweep_estimate import estimate
from gdsim.simulation.sweep_networks import NetworkGroup
from gdsim.simulation.sweep_plan import Plan
from tests.draws import fresh, some
from tests.simulation.killing import contents

SINE = {"dataset": "sine", "data": {"count": 20}, "split": [1.0, 0.0, 0.0], "network": {"layers": [6]}}
RATES = {"over": "learning_rate", "low": 1e-3, "high": 30.0, "count": 5, "scale": "log"}
SGD = {"optimizer": "sgd", "momentum": 0.5}


def scenario(axes, problem=SINE, run=SGD, **top):
    swept = {"sweep": {"axes": axes}} if axes else {}
    return validated({"steps": 60, "problem": problem, "runs": [run]} | swept | top)


TOGETHER = {
    "rate, scale and layer": scenario(
        [RATES, {"over": "problem.network.scale", "values": [0.5, 3.0]}, {"over": "layer_rates.1", "values": [0.3, 1.0]}]
    ),
    "seed, momentum and clipping": scenario(
        [
            {"over": "seed", "values": [1, 2, 5]},
            {"over": "momentum", "values": [0.0, 0.9]},
            {"over": "clip_norm", "low": 0.01, "high": 1.0, "count": 3},
        ],
        run={"optimizer": "sgd", "learning_rate": 0.3, "layer_rates": [1.0, 0.2]},
    ),
    "tolerance, penalty and schedule": scenario(
        [RATES, {"over": "problem.network.l2", "values": [0.0, 0.1]}, {"over": "schedule.gamma", "values": [0.9, 1.0]}],
        run={"optimizer": "sgd", "schedule": {"name": "exponential", "gamma": 0.9}},
        tolerance=0.05,
    ),
}
ONE_BY_ONE = {
    "batches": scenario([{"over": "batch_size", "values": [5, 20]}, {"over": "learning_rate", "values": [0.05, 20.0]}]),
    "dropout": scenario([{"over": "problem.network.dropout", "values": [0.0, 0.3]}], run={"optimizer": "sgd", "epochs": 30}),
}


@pytest.mark.parametrize("name", some(TOGETHER, 1) + some(ONE_BY_ONE, 1))
def test_every_run_is_that_of_the_run_alone(name):
    whole = (TOGETHER | ONE_BY_ONE)[name]
    assert NetworkGroup(whole, 0, []).lanes is not None
    result = sweep(whole, workers=random.choice([1, 2]))
    assert list(result.columns) == columns_of(whole)
    for number in random.sample(range(result.size), min(6, result.size)):
        row, alone = result.row(number), result.scenario_at(number)
        (run,) = gdsim.run(alone).runs
        sees_all = alone.runs[0].batch_size in ("full", 20) and not alone.problem.network.dropout
        losses = run.losses if sees_all else run.epochs.training_loss
        assert row.verdict == run.verdict.outcome
        assert row.numbers["steps"] == len(run.losses) - 1
        assert np.array_equal(row.numbers["final_loss"], losses[-1], equal_nan=True)
        assert np.array_equal(row.numbers["best_loss"], np.fmin.reduce(losses), equal_nan=True)
        assert np.array_equal(row.numbers["gradient_norm"], run.norms[-1], equal_nan=True)
        assert np.array_equal(row.numbers["score"], run.epochs.training_score[-1], equal_nan=True)


def test_verdicts_of_classes_agree_with_those_of_runs_alone():
    problem = {"dataset": "circle", "data": {"count": 30}, "network": {"layers": [5], "activation": "relu"}}
    whole = scenario([{"over": "learning_rate", "low": 1e-3, "high": 1e3, "count": 12, "scale": "log"}], problem, run={"optimizer": "sgd"})
    result = sweep(whole)
    for number in range(result.size):
        (run,) = gdsim.run(result.scenario_at(number)).runs
        row = result.row(number)
        assert (row.verdict, row.numbers["score"]) == (run.verdict.outcome, run.epochs.training_score[-1])


def test_neither_pieces_nor_order_change_a_bit(monkeypatch):
    whole = TOGETHER["rate, scale and layer"]
    true = sweep(whole, workers=1)
    monkeypatch.setattr("gdsim.simulation.sweep_networks.PIECE_WORK", 1)
    monkeypatch.setattr("gdsim.simulation.sweep_networks.JUDGED", 3)
    parts = sweep(whole, workers=2)
    plan = Plan(whole)
    rows = fresh().permutation(plan.size)
    columns = sweeping.empty(plan, plan.size)
    sweeping.Computer(plan).fill(rows, columns, slice(None))
    for name, values in true.columns.items():
        assert np.array_equal(parts.columns[name], values, equal_nan=True), name
        assert np.array_equal(columns[name], values[rows], equal_nan=True), name


def test_an_interrupted_sweep_goes_on_to_the_same_bytes(tmp_path):
    plan = Plan(TOGETHER["rate, scale and layer"], shard=4)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    for _ in sweep_store.write(plan, whole, workers=1):
        pass
    for stop in (1, 2):
        writing = sweep_store.write(plan, parts, workers=1, resume=True)
        for _ in zip(range(stop + 1), writing, strict=False):
            pass
        writing.close()
    for _ in sweep_store.write(plan, parts, workers=2, resume=True):
        pass
    names = sorted(path.relative_to(whole) for path in whole.rglob("*") if path.is_file() and "lock" not in path.name)
    assert len(names) > 7
    for name in names:
        assert (whole / name).read_bytes() == (parts / name).read_bytes(), name
    assert np.array_equal(sweep_store.read(parts)["trainability"], sweep(plan.scenario)["trainability"])


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_sweep_that_is_killed_goes_on_to_the_same_bytes(tmp_path):
    plan = Plan(scenario([RATES | {"count": 40}, {"over": "seed", "values": [1, 2, 3]}]), shard=6)
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    for _ in sweep_store.write(plan, whole, workers=1):
        pass
    for _ in range(3):
        child = os.fork()
        if child == 0:
            for _ in sweep_store.write(plan, parts, workers=1, resume=True):
                pass
            os._exit(0)
        time.sleep(random.uniform(0.0, 0.05))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    for _ in sweep_store.write(plan, parts, workers=1, resume=True):
        pass
    assert contents(whole) == contents(parts)


def test_a_sweep_tells_its_costs_beforehand():
    costs = estimate(Plan(TOGETHER["rate, scale and layer"]))
    assert (costs.runs, costs.steps, costs.device) == (20, 1200, "cpu")
    assert costs.nanoseconds > 0.0
    assert estimate(Plan(ONE_BY_ONE["dropout"])).steps == 60


def test_layer_rates_are_checked():
    def complaint(rates, problem=SINE, optimizer="sgd"):
        with pytest.raises(ScenarioError) as caught:
            validated({"problem": problem, "runs": [{"optimizer": optimizer, "layer_rates": rates}]})
        return str(caught.value)

    assert "runs.0.layer_rates: found 1 number; allowed: 2, one for each layer" in complaint([1.0])
    assert "runs.0.layer_rates" in complaint([1.0, -1.0])
    assert "only a network has layers" in complaint([1.0, 1.0], {"landscape": "sphere"})
    assert "looks at all weights together" in complaint([1.0, 1.0], optimizer="lbfgs")
