"""The Python facade."""

import subprocess
import sys

import numpy as np
import pytest

import gdsim
from gdsim.simulation.minimise import minimise


def test_names_are_there_and_documented():
    for name in gdsim.__all__:
        assert getattr(gdsim, name) is not None
    assert set(gdsim.__all__) <= set(dir(gdsim))
    assert "engine" in gdsim.__doc__
    with pytest.raises(AttributeError, match="no attribute 'minimize'"):
        gdsim.minimize  # noqa: B018


def test_import_is_light():
    code = "import sys, gdsim; print(sorted({'numba', 'numpy', 'pydantic', 'PySide6', 'pyarrow', 'rich'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_scenarios_do_not_load_the_window_or_the_tables():
    code = "import sys, gdsim; gdsim.load('stable'); print(sorted({'PySide6', 'pyarrow', 'rich', 'tomlkit.items'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert found in ("[]", "['tomlkit.items']")


def test_minimise_as_documented():
    path = gdsim.minimise("rosenbrock", "adam", learning_rate=0.01, start=(-1.2, 1), steps=1000, seed=0)
    assert isinstance(path, gdsim.Trajectory)
    assert path.positions.shape == (1001, 2)
    assert path.positions[0].tolist() == [-1.2, 1.0]
    assert path.gradient_norms.shape == path.losses.shape == (1001,)
    assert path.losses[-1] < path.losses[0]


def test_minimise_is_the_run_of_a_scenario():
    scenario = gdsim.Scenario(
        steps=50,
        seed=3,
        problem={"landscape": "quadratic", "parameters": {"b": 3.0}},
        runs=[{"optimizer": "sgd", "learning_rate": 0.05, "momentum": 0.5, "start": [1.0, 2.0]}],
    )
    expected = gdsim.run(scenario).runs[0]
    arguments = {"learning_rate": 0.05, "momentum": 0.5, "start": (1.0, 2.0), "steps": 50, "seed": 3}
    by_name = minimise("quadratic", "sgd", parameters={"b": 3.0}, **arguments)
    by_record = minimise(gdsim.LANDSCAPES["quadratic"], "sgd", parameters={"b": 3.0}, **arguments)
    changed_record = minimise(gdsim.LANDSCAPES["quadratic"].with_parameters(b=3.0), "sgd", **arguments)
    for path in (by_name, by_record, changed_record):
        np.testing.assert_array_equal(path.positions, expected.positions)
        assert path.verdict == expected.verdict


def test_convergence_stops_only_when_asked():
    arguments = {"learning_rate": 0.1, "steps": 2000}
    whole = minimise("quadratic", "sgd", **arguments)
    assert (whole.steps, whole.converged_at) == (2000, None)
    stopped = minimise("quadratic", "sgd", tolerance=1e-3, **arguments)
    assert stopped.converged_at == stopped.steps < 2000
    assert stopped.gradient_norms[-1] <= 1e-3 < stopped.gradient_norms[-2]
    np.testing.assert_array_equal(stopped.positions, whole.positions[: stopped.steps + 1])


def test_a_landscape_that_is_in_no_list():
    def value_and_gradient(x, y, params):
        return x * x + 2.0 * y * y, 2.0 * x, 4.0 * y

    def second_derivatives(x, y, params):
        return 2.0, 0.0, 4.0

    mine = gdsim.Landscape(
        name="mine",
        title="Mine",
        dim=2,
        family="mine",
        value_and_gradient=value_and_gradient,
        second_derivatives=second_derivatives,
        formula="x^2 + 2*y^2",
        latex="",
        domain=((-1.0, 1.0), (-1.0, 1.0)),
        start=(1.0, 1.0),
    )
    path = minimise(mine, learning_rate=0.25, steps=3)
    np.testing.assert_array_equal(path.positions, [[1, 1], [0.5, 0], [0.25, 0], [0.125, 0]])


def test_random_starts():
    starts = [minimise("rosenbrock", start=gdsim.NormalStart(normal=2.0), seed=seed, steps=1).positions[0].tolist() for seed in (0, 0, 1)]
    assert starts[0] == starts[1] != starts[2]


def test_numpy_numbers_are_numbers():
    path = minimise("rosenbrock", learning_rate=np.float32(0.5**10), start=np.array([1, 2]), steps=np.int64(3), seed=np.uint8(1))
    assert path.learning_rate == 0.5**10
    assert path.steps == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"landscape": "rosenbrok"}, "landscape: .*did you mean 'rosenbrock'"),
        ({"optimizer": "adamm"}, "optimizer: .*did you mean 'adam'"),
        ({"lr": 0.1}, "^lr: .*did you mean 'learning_rate'"),
        ({"learning_rate": -1}, "^learning_rate: found -1; allowed"),
        ({"learning_rate": "fast"}, "^learning_rate: found 'fast'; allowed"),
        ({"start": (1, 2, 3)}, "start: found 3 numbers"),
        ({"start": 1.0}, "start: found 1.0; allowed: an array"),
        ({"steps": 10**12}, "steps: found 10"),
        ({"parameters": {"q": 1}}, "^parameters.q: there is no such key"),
        ({"landscape": gdsim.LANDSCAPES["rosenbrock"], "parameters": {"q": 1}}, "^parameters: rosenbrock has no parameter 'q'"),
        ({"landscape": gdsim.LANDSCAPES["rosenbrock"], "start": (1,)}, "start: found 1 number"),
        ({"nesterov": True}, "^nesterov needs a momentum"),
        ({"landscape": 3}, "landscape: found 3"),
    ],
)
def test_wrong_arguments_are_named(arguments, words):
    with pytest.raises(gdsim.ScenarioError, match=words):
        minimise(**({"landscape": "rosenbrock", "optimizer": "sgd"} | arguments))


def test_every_wrong_argument_is_named():
    with pytest.raises(gdsim.ScenarioError) as caught:
        minimise("rosenbrock", "sgd", learning_rate=-1, momentun=0.9, start=(1,))
    assert {complaint.key for complaint in caught.value.complaints} == {"learning_rate", "momentun", "start"}


TAKE_SCENARIOS = {
    "run": lambda source: gdsim.run(source).runs[0].losses,
    "stream": lambda source: next(gdsim.stream(source)).steps.losses,
    "ensemble": lambda source: gdsim.ensemble(source, 2).runs[0].losses,
    "export_pytorch": lambda source: gdsim.export_pytorch(source).text,
}


@pytest.mark.parametrize("what", TAKE_SCENARIOS)
def test_whatever_takes_a_scenario_takes_its_name(what, tmp_path):
    scenario = gdsim.load("stable")
    gdsim.save(scenario, tmp_path / "copy.toml")
    call = TAKE_SCENARIOS[what]
    for source in ("stable", tmp_path / "copy.toml"):
        assert np.array_equal(call(source), call(scenario))
    with pytest.raises(gdsim.ScenarioError, match="did you mean 'stable'"):
        call("stabel")
    with pytest.raises(TypeError, match=r"found 3; needed: a Scenario, a file"):
        call(3)


def test_chunks_make_up_the_run():
    scenario = gdsim.load("three-learning-rates")
    result = gdsim.run(scenario)
    chunks = list(gdsim.stream(scenario, chunk_steps=7))
    for index, path in enumerate(result.runs):
        own = [chunk for chunk in chunks if chunk.run == index]
        np.testing.assert_array_equal(np.concatenate([chunk.steps.positions for chunk in own]), path.positions)
        assert own[-1].trajectory.verdict == path.verdict
