"""``precision`` and ``fast`` of a sweep: part of the scenario, told apart on the disk, and the runs of ``Many`` to the bit."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import gdsim
from gdsim.app import map_choices
from gdsim.engine import single, single_elementary
from gdsim.landscapes import LANDSCAPES
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.complaints import ScenarioError
from gdsim.simulation.many import run_many
from gdsim.simulation.map_plane import Way, plane_of
from gdsim.simulation.ruler import subject_of
from gdsim.simulation.scenario import validated
from gdsim.simulation.scenario_file import parse, to_toml
from gdsim.simulation.sweep_estimate import bytes_a_run
from gdsim.simulation.sweep_plan import Plan
from gdsim.simulation.sweep_store import SweepStoreError, read, write
from gdsim.simulation.sweep_verdict import OUTCOMES
from gdsim.simulation.verdict import Outcome

AXES = [{"over": f"start.{axis}", "low": -5.0, "high": 5.0, "count": count} for axis, count in (("x", 20), ("y", 25))]
STEPS = 40


def scenario(**more):
    runs = [{"optimizer": "sgd", "learning_rate": 0.01}]
    return validated({"steps": STEPS, "problem": {"landscape": "himmelblau"}, "runs": runs, "sweep": {"axes": AXES, **more}})


def same(one, other):
    return all(np.array_equal(values, other.columns[name], equal_nan=values.dtype.kind == "f") for name, values in one.columns.items())


def test_a_sweep_in_float32_has_the_runs_of_many_in_float32():
    found = gdsim.sweep(scenario(precision="float32"), device="cpu")
    x, y = np.meshgrid(*found.axes.values(), indexing="ij")
    starts = np.stack((x.ravel(), y.ravel()), axis=1)
    runs = run_many(LANDSCAPES["himmelblau"], OPTIMIZERS["sgd"], starts, STEPS, learning_rate=0.01, precision="float32")
    for name, values in (("x", runs.positions[:, 0]), ("y", runs.positions[:, 1]), ("final_loss", runs.losses), ("best_loss", runs.best)):
        assert found.columns[name].dtype == np.float32
        assert np.array_equal(found.columns[name].astype(np.float64), values, equal_nan=True), name
    assert np.array_equal(found.columns["steps"], runs.steps)
    double = gdsim.sweep(scenario(), device="cpu")
    assert not same(found, double)
    # Where runs end by the same rules in other digits, few of them end otherwise: those on the border between two valleys.
    assert np.mean(found.columns["verdict"] == double.columns["verdict"]) > 0.98


def test_neither_threads_nor_an_executor_change_a_bit(tmp_path):
    whole = gdsim.sweep(scenario(precision="float32"), device="cpu", workers=1)
    assert same(whole, gdsim.sweep(scenario(precision="float32"), device="cpu", workers=2))
    with ThreadPoolExecutor(2) as threads:
        for _ in write(Plan(scenario(precision="float32"), "cpu", 100), tmp_path, executor=threads):
            pass
    assert same(whole, read(tmp_path))
    assert read(tmp_path).columns["x"].dtype == np.float32


def test_what_python_says_takes_the_place_of_what_the_scenario_says():
    asked = gdsim.sweep(scenario(), device="cpu", precision="float32", fast=True)
    assert (asked.scenario.sweep.precision, asked.scenario.sweep.fast) == ("float32", True)
    assert same(asked, gdsim.sweep(scenario(precision="float32"), device="cpu"))
    back = gdsim.sweep(asked.scenario, device="cpu", precision="float64", axes=AXES[:1])
    assert (back.scenario.sweep.precision, back.scenario.sweep.fast, back.shape) == ("float64", True, (20,))


def test_nothing_is_fused_on_the_processor():
    assert same(gdsim.sweep(scenario(fast=True), device="cpu"), gdsim.sweep(scenario(), device="cpu"))


@pytest.mark.parametrize("more", [{"precision": "float32"}, {"fast": True}, {"precision": "float32", "fast": True}])
def test_shards_of_another_kind_are_never_joined(tmp_path, more):
    for _ in write(Plan(scenario(), "cpu", 100), tmp_path):
        pass
    before = {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()}
    with pytest.raises(SweepStoreError, match="has another scenario"):
        list(write(Plan(scenario(**more), "cpu", 100), tmp_path, resume=True))
    assert {file: file.read_bytes() for file in tmp_path.rglob("*") if file.is_file()} == before


@pytest.mark.parametrize("more", [{}, {"precision": "float32"}, {"fast": True}, {"precision": "float64", "fast": False}])
def test_a_file_says_it(more):
    text = to_toml(scenario(**more))
    assert validated(parse(text)) == scenario(**more)
    assert ("float32" in text, "fast" in text) == ("float32" in more.values(), more.get("fast", False))
    assert validated(parse(to_toml(scenario(), text))) == scenario()


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"precision": "float16"}, "sweep.precision: found 'float16'; allowed: 'float64' or 'float32'"),
        ({"precision": 32}, "sweep.precision: found 32; allowed: 'float64' or 'float32'"),
        ({"fast": 1}, "sweep.fast: found 1; allowed: true or false"),
        ({"quick": True}, "sweep.quick: there is no such key"),
    ],
)
def test_wrong_values(more, text):
    with pytest.raises(ScenarioError) as error:
        scenario(**more)
    assert text in str(error.value)


NETWORK = {"problem": {"dataset": "spiral", "network": {"layers": [4]}}, "runs": [{"optimizer": "sgd", "learning_rate": 0.1}]}
RATES = [{"over": "learning_rate", "low": 0.1, "high": 1.0, "count": 3}]


def test_a_network_has_a_precision_of_its_own():
    with pytest.raises(ScenarioError) as error:
        validated({**NETWORK, "sweep": {"axes": RATES, "precision": "float32"}})
    text = "sweep.precision: found 'float32'; allowed: 'float64' here, for a network has a precision of its own, problem.network.precision"
    assert text in str(error.value)
    assert validated({**NETWORK, "sweep": {"axes": RATES, "fast": True}}).sweep.fast


def test_a_leaf_without_single_precision_is_named(monkeypatch):
    monkeypatch.delattr(single_elementary, "FARTHEST_POWER")
    single.in_single.cache_clear()
    with pytest.raises(ScenarioError) as error:
        Plan(scenario(precision="float32").changed(problem={"landscape": "ackley"}))
    text = "sweep.precision: found 'float32', and in runs.0 exp has no single precision; allowed: 'float64' here"
    assert text in str(error.value)
    monkeypatch.undo()
    single.in_single.cache_clear()
    Plan(scenario(precision="float32").changed(problem={"landscape": "ackley"}))


def test_another_problem_keeps_what_fits():
    rates = validated({"problem": {"landscape": "himmelblau"}, "runs": NETWORK["runs"], "sweep": {"axes": RATES, "precision": "float32"}})
    assert rates.changed(problem={"landscape": "rosenbrock"}).sweep.precision == "float32"
    network = rates.changed(problem=NETWORK["problem"]).sweep
    assert (network.axes, network.precision) == (rates.sweep.axes, "float64")


def test_runs_alone_rulers_and_maps_of_the_window_are_in_float64():
    single = scenario(precision="float32", fast=True)
    assert Plan(single).scenario_at(3) == Plan(scenario()).scenario_at(3)
    assert Plan(subject_of(single, 0)).sweep.precision == "float64"
    x, y = (Way(over, log=False) for over in ("start.x", "start.y"))
    plan = plane_of(single, 0, x, y, (0.0, 0.0)).plan((0, 0), (-1, -1), (3, 3))
    assert (plan.sweep.precision, plan.sweep.fast) == ("float64", False)
    assert map_choices.default(single, 0) == map_choices.default(scenario(), 0)


def test_the_estimate_knows_the_bytes():
    single, double = (bytes_a_run(Plan(scenario(precision=precision))) for precision in ("float32", "float64"))
    found = gdsim.sweep(scenario(precision="float32"), device="cpu")
    assert single == sum(values.nbytes for values in found.columns.values()) / found.size
    assert (single, double) == (39, 71)


def test_what_float32_cannot_hold_is_infinite():
    """Slopes beyond 1e18 end a run in float32; where the Hessian or the loss there leaves float32, its column holds an infinity."""
    steep = scenario(precision="float32").changed(problem={"landscape": "rosenbrock"}, runs=({"optimizer": "sgd", "learning_rate": 1.0},))
    found = gdsim.sweep(steep, device="cpu")
    diverged = found.columns["verdict"] == OUTCOMES.index(Outcome.DIVERGED)
    assert diverged.any()
    assert np.all(diverged[np.isinf(found.columns["gradient_norm"]) | np.isinf(found.columns["final_loss"])])
    assert np.isinf(found.columns["gradient_norm"]).any()
