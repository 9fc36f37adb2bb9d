"""Axes of a sweep: which values they have, what they may be over, what is said about those that they may not."""

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdsim.simulation.complaints import ScenarioError
from gdsim.simulation.scenario import validated
from gdsim.simulation.scenario_file import parse, to_toml
from gdsim.simulation.schema import schema
from gdsim.simulation.sweep_axes import Axis
from gdsim.simulation.sweep_plan import Plan
from gdsim.simulation.sweep_targets import targets

SGD = {"optimizer": "sgd", "learning_rate": 0.02}
RATE = {"over": "learning_rate", "low": 1e-4, "high": 1.0, "count": 5, "scale": "log"}
TABLES = {"problem": {"landscape": "quadratic", "noise": {"kind": "gaussian"}}, "runs": [SGD, {"optimizer": "adam"}]}


def with_axes(*axes, **more):
    return {**TABLES, **more, "sweep": {"axes": list(axes)}}


def complaint(*axes, **more):
    with pytest.raises(ScenarioError) as error:
        validated(with_axes(*axes, **more))
    return str(error.value)


@pytest.fixture(scope="module")
def checker():
    return jsonschema.Draft202012Validator(schema())


def test_values():
    np.testing.assert_allclose(Axis(**RATE).numbers(), np.geomspace(1e-4, 1.0, 5), rtol=1e-14)
    np.testing.assert_array_equal(Axis(over="x", low=-1.0, high=1.0, count=5).numbers(), [-1.0, -0.5, 0.0, 0.5, 1.0])
    np.testing.assert_array_equal(Axis(over="x", low=1.0, high=8.0, count=4, scale="log").numbers(whole=True), [1, 2, 4, 8])
    np.testing.assert_array_equal(Axis(over="x", values=(3.0, True, 0.5)).numbers(), [3.0, 1.0, 0.5])
    np.testing.assert_array_equal(Axis(over="x", low=2.0, high=2.0, count=1).numbers(), [2.0])


@given(st.floats(1e-300, 1e290), st.floats(1.0001, 1e10), st.integers(2, 300), st.sampled_from(["linear", "log"]))
def test_both_ends_are_exact_and_values_rise(low, ratio, count, scale):
    axis = Axis(over="x", low=low, high=low * ratio, count=count, scale=scale)
    values = axis.numbers()
    assert (values[0], values[-1]) == (low, low * ratio)
    assert np.all(np.diff(values) > 0.0)
    expected = np.geomspace(low, low * ratio, count) if scale == "log" else np.linspace(low, low * ratio, count)
    np.testing.assert_allclose(values, expected, rtol=1e-12)


def test_every_number_of_a_scenario_can_be_an_axis_and_lands_in_its_place():
    runs = [
        SGD | {"momentum": 0.5, "schedule": {"name": "step", "step_size": 3}, "lookahead": {"k": 4}},
        {"optimizer": "adam", "start": {"normal": 1.0}, "clip_norm": 2.0},
    ]
    noise = [{"kind": "gaussian"}, {"kind": "masked"}]
    problem = {"landscape": "quadratic", "noise": noise, "motion": {"kind": "drift"}}
    scenario = validated({"problem": problem, "runs": runs, "start": [1.0, 2.0]})
    known = targets(scenario)
    expected = ("seed", "learning_rate", "weight_decay", "clip_value", "problem.parameters.b", "problem.noise.1.probability")
    for name in (*expected, "runs.0.momentum", "runs.0.nesterov", "runs.0.start.y", "runs.1.start.normal", "runs.0.lookahead.alpha"):
        if name.startswith("problem.noise.1"):
            name = next(one for one in known if one.startswith("problem.noise.1."))
        assert name in known
    for name, target in known.items():
        low, high = max(target.param.low, -2.0), min(target.param.high, 2.0)
        number = 1.0 if target.param.is_switch or target.param.whole else low + 0.37 * (high - low)
        if not name.endswith("nesterov"):
            changed = target.put(scenario, target.value(number))
            assert changed != scenario or name.endswith("k"), name
            assert targets(changed).keys() == known.keys()


def test_an_axis_over_several_runs_sets_all_of_them():
    plan = Plan(validated(with_axes(RATE, {"over": "runs.1.beta1", "values": [0.5, 0.6]})))
    assert plan.shape == (5, 2)
    assert plan.size == 20
    first, last = plan.scenario_at(3), plan.scenario_at(19)
    assert (first.runs[0].optimizer, first.runs[0].learning_rate) == ("sgd", plan.axes[0].values[1])
    assert (last.runs[0].optimizer, last.runs[0].learning_rate, last.runs[0].beta1) == ("adam", 1.0, 0.6)
    assert first.sweep is None


WRONG = [
    (
        ({"over": "lr", "low": 0.1, "high": 1.0, "count": 3},),
        "sweep.axes.0.over: there is no number named 'lr'; did you mean 'learning_rate'?",
    ),
    (
        ({"over": "momentum", "values": [0.5]},),
        "sweep.axes.0.over: runs.1 (adam) has no 'momentum'; allowed: an axis over the others alone",
    ),
    (({**RATE, "low": 0.0},), "sweep.axes.0.low: found 0.0; allowed: a number > 0, where the scale is 'log'"),
    (({**RATE, "low": -1.0, "scale": "linear"},), "sweep.axes.0.low: found -1.0; allowed: a number >= 0"),
    (({**RATE, "high": 1e-5},), "sweep.axes.0.high: found 1e-05; allowed: a number > low"),
    (({**RATE, "count": 0},), "sweep.axes.0.count: found 0; allowed: a whole number from 1 to 10,000,000"),
    (({**RATE, "scale": "cubic"},), "sweep.axes.0.scale: found 'cubic'; allowed: 'linear' or 'log'"),
    (({**RATE, "step": 3},), "sweep.axes.0.step: there is no such key"),
    (({**RATE, "values": [1.0]},), "sweep.axes.0.low: found values as well; allowed: low, high and count, or values"),
    (({"over": "learning_rate", "low": 0.1},), "sweep.axes.0.high: this key is missing"),
    (({"over": "learning_rate", "values": []},), "sweep.axes.0.values: found []; allowed: an array of 1 to 10,000 numbers"),
    ((RATE, RATE), "sweep.axes.1.over: found 'learning_rate' twice; allowed: one axis over it"),
    ((RATE, {**RATE, "over": "runs.0.learning_rate"}), "sweep.axes.1.over: found 'runs.0.learning_rate', which 'learning_rate' sets too"),
    (({"over": "seed", "values": [1.5]},), "sweep.axes.0.values: found 1.5; allowed: a whole number >= 0"),
    (({"over": "runs.0.nesterov", "values": [1.0]},), "sweep.axes.0.values: found 1.0; allowed: true or false"),
    (({"over": "learning_rate", "values": [True]},), "sweep.axes.0.values: found true; allowed: a number >= 0"),
    (({"over": "start.z", "values": [1.0]},), "sweep.axes.0.over: there is no number named 'start.z'"),
    (({"over": "runs.2.learning_rate", "values": [1.0]},), "sweep.axes.0.over: there is no number named 'runs.2.learning_rate'"),
    (
        ({"over": "runs.0.nesterov", "values": [False, True]}, {"over": "runs.0.momentum", "values": [0.0, 0.5]}),
        "sweep.axes: at runs.0.nesterov = 1, runs.0.momentum = 0:",
    ),
    ((RATE,) * 5, "sweep.axes: found an array of 5 values; allowed: an array of 1 to 4 axes"),
    (
        tuple({"over": f"start.{axis}", "low": 0.0, "high": 1.0, "count": 10_000_000} for axis in "xy"),
        "sweep.axes: found 100,000,000,000,000 points; allowed: at most 10,000,000,000,000",
    ),
]


@pytest.mark.parametrize(("axes", "words"), WRONG, ids=range(len(WRONG)))
def test_complaints(axes, words):
    assert words in complaint(*axes)


def test_what_is_wrong_elsewhere_is_said_first():
    assert complaint(RATE, problem={"landscape": "quadratc"}).startswith("problem.landscape: there is no landscape named 'quadratc'")


def test_of_a_network_there_are_other_numbers():
    network = {"dataset": "spiral", "network": {"layers": [4]}}
    start = complaint({"over": "start.x", "values": [1.0]}, problem=network, runs=[SGD])
    assert "there is no number named 'start.x'" in start
    assert all(name in start for name in ("problem.network.scale", "layer_rates.1", "batch_size"))
    assert "layer_rates.2" in complaint({"over": "layer_rates.2", "values": [1.0]}, problem=network, runs=[SGD])
    assert "found 1.5" in complaint({"over": "problem.network.dropout", "values": [1.5]}, problem=network, runs=[SGD])


TEXT = """\
# A sweep.
steps = 5

[problem]
landscape = "himmelblau"

[sweep] # here
axes = [
    # the first
    {over = "start.x", low = -5, high = 5.0, count = 600, scale = "linear"}, # as it is
    {over = "seed", values = [1, 2]},
]

[[runs]]
optimizer = "sgd"
learning_rate = 0.5
"""


def test_a_file_keeps_its_comments():
    scenario = validated(parse(TEXT))
    written = to_toml(scenario, TEXT)
    assert written == TEXT.replace("steps = 5\n", "steps = 5\nseed = 0\n")
    faster = scenario.changed(steps=7)
    assert to_toml(faster, written) == written.replace("steps = 5", "steps = 7")
    assert "[sweep]" not in to_toml(scenario.changed(sweep=None), TEXT)
    other = scenario.changed(sweep={"axes": [RATE]})
    assert '{over = "learning_rate", low = 0.0001, high = 1.0, count = 5, scale = "log"}' in to_toml(other, TEXT)


@pytest.mark.parametrize("axes", [[RATE], [RATE, {"over": "runs.0.nesterov", "values": [False]}], [{"over": "seed", "values": [3, 9.0]}]])
def test_round_trip_and_schema(axes, checker):
    scenario = validated(with_axes(*axes))
    assert validated(parse(to_toml(scenario))) == scenario
    assert hash(scenario) == hash(validated(parse(to_toml(scenario))))
    assert checker.is_valid(parse(to_toml(scenario)))
    assert not checker.is_valid(with_axes({**axes[0], "ovr": 1}))


def test_a_changed_scenario_keeps_the_axes_that_still_fit():
    momentum = {"over": "momentum", "low": 0.1, "high": 0.9, "count": 3}
    scenario = validated(with_axes(RATE, momentum, runs=[SGD]))
    assert scenario.changed(steps=7).sweep == scenario.sweep
    assert scenario.with_run(0, scenario.runs[0].changed(nesterov=True, momentum=0.5)).sweep == scenario.sweep
    adam = scenario.changed(runs=({"optimizer": "adam"},))
    assert [axis.over for axis in adam.sweep.axes] == ["learning_rate"]
    assert validated(parse(to_toml(adam))) == adam
    placed = validated(with_axes({"over": "start.y", "values": [1.0]}, runs=[SGD]))
    assert placed.changed(problem={"landscape": "double_well"}).sweep is None
    with pytest.raises(ValueError, match="momentum"):
        adam.changed(sweep=scenario.sweep)
