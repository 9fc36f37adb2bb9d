"""A run inside a sweep is the run alone, to the bit; and what is told of many runs at once agrees with what is told of each."""

import numpy as np
import pytest

import gdsim
from gdsim.engine.assess import CONVERGED
from gdsim.simulation.scenario import validated
from gdsim.simulation.sweep import COARSEST, Shard, coarse_to_fine, fill, stream, sweep
from gdsim.simulation.sweep_block import Computer, empty
from gdsim.simulation.sweep_estimate import LIMITS, Estimate, Limits, SweepTooLargeError, check, duration, estimate, refuse, size
from gdsim.simulation.sweep_plan import Plan
from gdsim.simulation.sweep_verdict import OUTCOMES
from gdsim.simulation.verdict import Outcome
from tests.draws import some

HIMMELBLAU = {"landscape": "himmelblau"}
VALLEY = {"landscape": "quadratic", "parameters": {"a": 0.5, "b": 5.0}}
POINTS = {"points": [[0.0, 1.0], [1.0, 2.5], [2.0, 2.8], [3.0, 4.4], [-1.0, 0.1]], "model": "line"}
SGD = {"optimizer": "sgd", "learning_rate": 0.02}
RATES = {"over": "learning_rate", "low": 1e-3, "high": 1.0, "count": 9, "scale": "log"}
TWO = [SGD | {"start": [1.0, 2.0]}, {"optimizer": "adam", "learning_rate": 0.1, "start": {"normal": 2.0}}]


def between(over, low, high, count):
    return {"over": over, "low": low, "high": high, "count": count}


CASES = {
    "starts": (
        {"problem": HIMMELBLAU, "tolerance": 1e-6},
        [SGD | {"learning_rate": 0.01}],
        [between("start.x", -5.0, 5.0, 31), between("start.y", -5.0, 5.0, 27)],
    ),
    "a curve": ({"problem": {"landscape": "double_well"}}, [SGD], [between("start.x", -5.0, 5.0, 9), RATES]),
    "two runs": ({"problem": HIMMELBLAU}, TWO, [RATES, between("runs.0.momentum", 0.0, 0.95, 5)]),
    "betas and seeds": ({"problem": HIMMELBLAU}, TWO, [between("runs.1.beta1", 0.0, 0.95, 4), {"over": "seed", "values": [1, 5, 9]}]),
    "random starts": (
        {"problem": HIMMELBLAU, "start": {"normal": 1.0}},
        [SGD],
        [between("start.normal", 0.5, 2.5, 6), between("seed", 0.0, 7.6, 4)],
    ),
    "condition number": (
        {"problem": VALLEY, "start": [-3.0, 2.0]},
        [SGD | {"momentum": 0.5, "schedule": {"name": "cosine"}}],
        [{"over": "problem.parameters.b", "values": [1.0, 7.0, 100.0]}, RATES, {"over": "nesterov", "values": [False, True]}],
    ),
    "noise and motion": (
        {
            "problem": VALLEY | {"noise": {"kind": "gaussian"}, "motion": {"kind": "drift"}},
            "start": [-3.0, 2.0],
        },
        [SGD],
        [
            between("problem.noise.scale", 0.0, 1.0, 3),
            between("problem.motion.velocity_x", 0.0, 0.1, 3),
            between("seed", 0.0, 9.0, 4),
        ],
    ),
    "formula": (
        {"problem": {"formula": "a*x^2 + y^2", "parameters": {"a": 1.0}}},
        [SGD],
        [between("problem.parameters.a", 0.1, 50.0, 4), between("clip_norm", 0.1, 1.0, 3)],
    ),
    "formula from its own start": (
        {"problem": {"formula": "a*x^2 + y^2", "parameters": {"a": 1.0}}, "start": [1.0, 2.0]},
        [SGD],
        [between("problem.parameters.a", 0.1, 50.0, 4), between("clip_norm", 0.2, 2.0, 3)],
    ),
    "lookahead": (
        {"problem": VALLEY},
        [SGD | {"lookahead": {"k": 5}}],
        [between("lookahead.k", 1.0, 10.0, 4), between("lookahead.alpha", 0.0, 1.0, 3)],
    ),
    "schedule": (
        {"problem": VALLEY, "steps": 1},
        [SGD | {"schedule": {"name": "step", "step_size": 3}}],
        [between("schedule.step_size", 1.0, 10.0, 3), between("schedule.gamma", 0.1, 1.0, 3)],
    ),
    "batches": (
        {"problem": POINTS, "start": [-3.0, 2.0]},
        [SGD | {"batch_size": 2, "epochs": 20}],
        [between("batch_size", 1.0, 5.0, 5), RATES, {"over": "seed", "values": [3, 4]}],
    ),
    "three steps": ({"problem": VALLEY, "steps": 3}, [SGD], [RATES]),
    "two steps": ({"problem": VALLEY, "steps": 2}, [SGD], [RATES]),
}


def scenario(name):
    rest, runs, axes = CASES[name]
    return validated({"steps": 120, **rest, "runs": runs, "sweep": {"axes": axes}})


@pytest.mark.parametrize("name", some(CASES, 6))
def test_a_run_inside_a_sweep_is_the_run_alone(name):
    result = sweep(scenario(name))
    random = np.random.default_rng(len(name))
    for index in dict.fromkeys([0, result.size - 1, *random.integers(0, result.size, 10).tolist()]):
        (alone,) = gdsim.run(result.scenario_at(index)).runs
        row = result.row(index).numbers
        expected = {
            "steps": alone.steps,
            "final_loss": alone.losses[-1],
            "best_loss": np.fmin.reduce(alone.losses),
            "x": alone.positions[-1, 0],
        }
        for column, value in expected.items():
            np.testing.assert_array_equal(row[column], value, err_msg=f"{column} of run {index}: {result.row(index)}")


@pytest.mark.parametrize("name", ["two runs", "condition number"])
def test_the_cut_into_pieces_shards_and_threads_changes_nothing(name):
    plan = Plan(scenario(name), shard=37)
    whole = sweep(plan.scenario)
    for threads in (1, 2):
        shards = [told for told in stream(plan, workers=threads) if isinstance(told, Shard)]
        assert [(one.low, one.high) for one in shards] == list(plan.shards())
        for column, values in whole.columns.items():
            np.testing.assert_array_equal(np.concatenate([one.columns[column] for one in shards]), values)
    computer, shuffled = Computer(plan), np.random.default_rng(0).permutation(plan.size)
    columns = empty(plan, plan.size)
    assert list(fill(computer, shuffled, columns, threads=1))[-1] == plan.size
    for column, values in whole.columns.items():
        np.testing.assert_array_equal(columns[column], values[shuffled])


def test_places_of_runs_are_those_of_a_grid_whether_they_follow_each_other_or_not(rng):
    for _ in range(200):
        sizes = rng.integers(1, [3, 40, 7][: rng.integers(1, 4)], endpoint=True)
        axes = [between(over, 0.1, 0.9, int(size)) for over, size in zip(("start.x", "start.y", "learning_rate"), sizes, strict=False)]
        runs = [SGD, {"optimizer": "adam"}][: rng.integers(1, 3)]
        plan = Plan(validated({"problem": HIMMELBLAU, "runs": runs, "sweep": {"axes": axes}}))
        low = int(rng.integers(0, plan.size))
        high = int(rng.integers(low + 1, plan.size, endpoint=True))
        expected = np.unravel_index(np.arange(low, high), (len(runs), *plan.shape))
        for rows in (range(low, high), np.arange(low, high)):
            run, places = plan.places(rows)
            for found, place in zip((run, *places), expected, strict=True):
                np.testing.assert_array_equal(found, place)


@pytest.mark.parametrize(("sizes", "coarsest"), [((21, 33), COARSEST), ((40,), 8), ((3, 2, 5), 4), ((1, 1), 16)])
def test_coarse_to_fine_computes_each_run_once_and_ends_with_all(sizes, coarsest, monkeypatch):
    axes = [between(over, 0.1, 0.9, size) for over, size in zip(("start.x", "start.y", "learning_rate"), sizes, strict=False)]
    runs = [SGD, {"optimizer": "adam", "learning_rate": 0.1}]
    plan = Plan(validated({"steps": 20, "problem": HIMMELBLAU, "runs": runs, "sweep": {"axes": axes}}))
    whole, asked = sweep(plan.scenario), []
    monkeypatch.setattr(
        "gdsim.simulation.sweep.fill", lambda computer, rows, *rest: asked.append(rows.copy()) or fill(computer, rows, *rest)
    )
    for stride, result in coarse_to_fine(plan, coarsest=coarsest):
        every = (slice(None), *(slice(None, None, stride) for _ in sizes))
        for column in result.columns:
            np.testing.assert_array_equal(result[column], whole[column][every], strict=True)
        assert result.scenario_at(-1) == whole.scenario_at((1, *((size - 1) // stride * stride for size in sizes)))
    assert stride == 1
    np.testing.assert_array_equal(np.sort(np.concatenate(asked)), np.arange(plan.size))


def test_what_is_known_at_the_end_of_each_run():
    result = sweep(scenario("starts"))
    landscape = result.scenario.landscape
    x, y = result["x"], result["y"]
    np.testing.assert_allclose(result["gradient_norm"], np.linalg.norm(landscape.gradient(x, y), axis=-1), rtol=1e-12)
    eigenvalues = np.linalg.eigvalsh(landscape.hessian(x, y))
    np.testing.assert_allclose(result["lowest_curvature"], eigenvalues[..., 0], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(result["sharpness"], eigenvalues[..., 1], rtol=1e-9)
    away = np.array([np.hypot(x - m.position[0], y - m.position[1]) for m in landscape.minima])
    np.testing.assert_array_equal(result["minimum"], np.argmin(away, axis=0))
    first = landscape.loss(result.axes["start.x"][:, None], result.axes["start.y"][None, :])
    rate = np.log(np.maximum(result["final_loss"], np.finfo(float).tiny) / first) / result["steps"]
    np.testing.assert_allclose(result["contraction_rate"], rate, rtol=1e-9)
    assert np.all(result["verdict"] == CONVERGED)


def test_contraction_on_a_quadratic_is_that_of_theory():
    axes = [between("learning_rate", 0.1, 1.9, 7)]
    one = {"landscape": "quadratic", "parameters": {"a": 1.0, "b": 1.0}}
    result = sweep(validated({"steps": 60, "problem": one, "start": [1.0, 1.0], "runs": [SGD], "sweep": {"axes": axes}}))
    rates = result.axes["learning_rate"]
    shrinking = np.abs(1.0 - rates) > 1e-3
    np.testing.assert_allclose(result["contraction_rate"][shrinking], 2.0 * np.log(np.abs(1.0 - rates[shrinking])), rtol=1e-6)


def test_the_stability_map_has_its_border_where_theory_draws_it():
    axes = [between("momentum", 0.0, 0.9, 10), between("learning_rate", 0.05, 4.5, 90)]
    for nesterov in (False, True):
        run = SGD | {"nesterov": nesterov, "momentum": 0.5}
        own = axes if not nesterov else [between("momentum", 0.1, 0.9, 9), axes[1]]
        one = {"landscape": "quadratic", "parameters": {"a": 1.0, "b": 1.0}}
        result = sweep(validated({"steps": 2000, "problem": one, "runs": [run], "sweep": {"axes": own}}))
        m, rate = result.axes["momentum"][:, None], result.axes["learning_rate"][None, :]
        border = (2 + 2 * m) / (1 + 2 * m) if nesterov else 2 * (1 + m)
        sure = np.abs(rate / border - 1.0) > 0.02
        diverged = result["verdict"] == OUTCOMES.index(Outcome.DIVERGED)
        np.testing.assert_array_equal(diverged[sure], np.broadcast_to(rate > border, diverged.shape)[sure])


def test_a_result_says_what_is_best_and_where_everything_is():
    result = sweep(scenario("two runs"))
    assert result.shape == (2, 9, 5)
    assert sum(result.shares().values()) == pytest.approx(1.0)
    best = result.best()
    assert best.numbers["final_loss"] == np.nanmin(result["final_loss"])
    place = np.unravel_index(best.index, result.shape)
    assert result.row(tuple(int(k) for k in place)) == best
    assert best.values["learning_rate"] == result.axes["learning_rate"][place[1]]
    assert result.scenario_at(best.index).runs[0].optimizer == best.label
    with pytest.raises(ValueError, match="read-only"):
        result["x"][0] = 1.0
    for wrong in (result.size, -result.size - 1, (0, 0), (2, 0, 0)):
        with pytest.raises(IndexError):
            result.row(wrong)
    assert result.row(-1) == result.row(result.size - 1)


def test_tables_where_they_are_installed(monkeypatch):
    result = sweep(scenario("two runs"))
    for name, method in (("pandas", result.to_pandas), ("xarray", result.to_xarray)):
        with monkeypatch.context() as patch:
            patch.setitem(__import__("sys").modules, name, None)
            with pytest.raises(ImportError, match=r"gdsim\[tables\]"):
                method()
    pytest.importorskip("pandas")
    table = result.to_pandas()
    assert list(table.columns[:3]) == ["run", "learning_rate", "runs.0.momentum"]
    assert len(table) == result.size
    assert table["verdict"].iloc[3] == str(result.row(3).verdict)
    assert table["runs.0.momentum"].iloc[3] == result.row(3).values["runs.0.momentum"]
    pytest.importorskip("xarray")
    data = result.to_xarray()
    assert data["final_loss"].shape == result.shape
    assert float(data["final_loss"][1, 2, 3]) == result["final_loss"][1, 2, 3]


def test_estimates_and_limits():
    plan = Plan(scenario("starts"))
    costs = estimate(plan, workers=2, held=True, written=True)
    assert costs.runs == plan.size == 31 * 27
    assert costs.steps == plan.size * 120
    assert costs.memory == sum(values.nbytes for values in sweep(plan.scenario).columns.values())
    assert 0.01 < costs.nanoseconds < 100_000.0
    assert costs.seconds == pytest.approx(costs.steps * costs.nanoseconds * 1e-9 / 2)
    check(plan, LIMITS)
    axes = [between("start.x", -5.0, 5.0, 100_000), between("start.y", -5.0, 5.0, 100_000)]
    large = Plan(validated({"problem": HIMMELBLAU, "runs": [SGD], "sweep": {"axes": axes}}))
    with pytest.raises(SweepTooLargeError, match="10,000,000,000 runs"):
        check(large, LIMITS)
    check(large, None)
    with pytest.raises(SweepTooLargeError, match="10,000,000,000 runs"):
        sweep(large.scenario)
    much = Estimate(10**6, 10**9, 2 * 10**9, 3 * 10**9, 2, 1.0, 9000.0)
    for limits, words in (
        (Limits(runs=10), "1,000,000 runs (at most 10)"),
        (Limits(seconds=60.0), "2.5 hours (at most 60 s)"),
        (Limits(memory=10**6), "2 GB of memory (at most 1 MB)"),
        (Limits(disk=10**6), "3 GB on the disk (at most 1 MB)"),
    ):
        with pytest.raises(SweepTooLargeError) as error:
            refuse(much, limits)
        assert words in str(error.value)
    assert [size(n) for n in (0, 999, 1.5e6, 2e18)] == ["0 bytes", "999 bytes", "1.5 MB", "2,000 PB".replace("2,000", "2e+03")]
    assert [duration(s) for s in (0.004, 12, 600, 7200 * 3, 86400 * 400)] == ["0.004 s", "12 s", "10 min", "6 hours", "400 days"]


def test_what_is_small_beyond_doubt_is_told_by_epochs_points_and_weights():
    """Each of them alone makes a sweep of 10,000 runs of 200 steps a long one, of which a probe takes but a little."""
    axes, line = [between("learning_rate", 1e-3, 1e-2, 10_000)], {"dataset": "line", "data": {"count": 20}, "model": "line"}
    for problem, run in (
        (line, SGD | {"epochs": 750_000, "batch_size": 1}),
        (line | {"data": {"count": 100_000}}, SGD),
        ({"dataset": "sine", "network": {"layers": [200, 200]}}, SGD | {"learning_rate": 0.1, "momentum": 0.5}),
    ):
        plan = Plan(validated({"problem": problem, "runs": [run], "sweep": {"axes": axes}}))
        with pytest.raises(SweepTooLargeError, match="this sweep would take about"):
            check(plan, Limits(seconds=1e-6))
    check(Plan(validated({"problem": line, "runs": [SGD], "sweep": {"axes": axes}})), Limits(seconds=1e-6))


def test_axes_can_be_given_in_python():
    result = gdsim.sweep("stable", axes=[between("learning_rate", 0.001, 0.01, 4)])
    assert result.shape == (4,)
    with pytest.raises(gdsim.ScenarioError, match="sweep: this table is missing"):
        gdsim.sweep("stable")
