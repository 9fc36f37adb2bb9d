"""What a scenario accepts, what it refuses, and that it says so in words."""

import math
import re
from typing import Annotated

import pytest
from hypothesis import given, settings
from pydantic import Field, ValidationError

from gdsim.landscapes import LANDSCAPES
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.complaints import MOST_COMPLAINTS, Allowed, ScenarioError, path, shown, suggestion
from gdsim.simulation.scenario import MOST_RUNS, MOST_STEPS, Run, Scenario, validated
from gdsim.simulation.scenario_conflicts import BYTES_A_POINT, MOST_POINTS
from gdsim.simulation.table import Model, Number
from tests.simulation.scenarios import SCENARIOS, scenario_tables

RUN = {"optimizer": "sgd", "learning_rate": 0.1}
GOOD = {"problem": {"landscape": "rosenbrock"}, "runs": [RUN]}


def complaints(tables):
    """What is wrong with the tables: a dictionary from key to sentence."""
    with pytest.raises(ScenarioError) as caught:
        validated(tables, "bad.toml")
    found = caught.value.complaints
    assert all(str(complaint) in str(caught.value) for complaint in found)
    assert not re.search(r"pydantic|https?:|Input should|type=", str(caught.value))
    texts: dict[str, list[str]] = {}
    for complaint in found:
        texts.setdefault(complaint.key, []).append(complaint.text)
    return {key: "\n".join(lines) for key, lines in texts.items()}


def with_run(**keys):
    return GOOD | {"runs": [RUN | keys]}


def with_parameters(parameters):
    return GOOD | {"problem": {"landscape": "rosenbrock", "parameters": parameters}}


WRONG = {
    "unknown key": (GOOD | {"stepps": 3}, "stepps", ["no such key", "did you mean 'steps'", "seed"]),
    "misspelt key of a run": (with_run(learning_rat=1), "runs.0.learning_rat", ["did you mean 'learning_rate'", "momentum"]),
    "name of another library": (with_run(lr=1), "runs.0.lr", ["did you mean 'learning_rate'"]),
    "key of another optimizer": (with_run(beta1=0.9), "runs.0.beta1", ["no such key", "momentum"]),
    "misspelt optimizer": (with_run(optimizer="sdg"), "runs.0.optimizer", ["'sdg'", "did you mean 'sgd'", "adam"]),
    "optimizer that is a switch of another": (with_run(optimizer="amsgrad"), "runs.0.optimizer", ["did you mean 'adam'"]),
    "optimizer in capitals": (with_run(optimizer="Adam"), "runs.0.optimizer", ["did you mean 'adam'"]),
    "no such optimizer": (with_run(optimizer="zzz"), "runs.0.optimizer", ["no optimizer named 'zzz'", "rmsprop"]),
    "optimizer of the wrong type": (with_run(optimizer=3), "runs.0.optimizer", ["found 3", "the name of an optimizer"]),
    "misspelt landscape": (GOOD | {"problem": {"landscape": "rosenbrok"}}, "problem.landscape", ["did you mean 'rosenbrock'"]),
    "no optimizer": (GOOD | {"runs": [{"learning_rate": 1.0}]}, "runs.0.optimizer", ["missing", "optimizer"]),
    "no problem": ({"runs": [RUN]}, "problem", ["missing", "[problem]"]),
    "no runs": ({"problem": GOOD["problem"]}, "runs", ["missing", "[[runs]]"]),
    "empty runs": (GOOD | {"runs": []}, "runs", ["found []", "1 to 64"]),
    "too many runs": (GOOD | {"runs": [RUN] * (MOST_RUNS + 1)}, "runs", ["65 values", "1 to 64"]),
    "runs no array": (GOOD | {"runs": RUN}, "runs", ["found a table", "[[runs]]"]),
    "run no table": (GOOD | {"runs": [3]}, "runs.0", ["found 3", "[[runs]]"]),
    "problem no table": (GOOD | {"problem": "rosenbrock"}, "problem", ["found 'rosenbrock'", "[problem]"]),
    "parameter unknown": (with_parameters({"c": 1}), "problem.parameters.c", ["no such key", "allowed: a, b"]),
    "parameter out of bounds": (with_parameters({"b": 0}), "problem.parameters.b", ["found 0", "a number > 0"]),
    "parameters no table": (with_parameters(1), "problem.parameters", ["found 1", "a table"]),
    "text for a number": (with_run(learning_rate="0.1"), "runs.0.learning_rate", ["found '0.1'", "a number >= 0"]),
    "switch for a number": (with_run(learning_rate=True), "runs.0.learning_rate", ["found true", "a number >= 0"]),
    "number for a switch": (with_run(nesterov=1), "runs.0.nesterov", ["found 1", "true or false"]),
    "not a number": (with_run(learning_rate=math.nan), "runs.0.learning_rate", ["found nan", "a number >= 0"]),
    "infinite": (with_run(learning_rate=math.inf), "runs.0.learning_rate", ["found inf", "a number >= 0"]),
    "negative rate": (with_run(learning_rate=-0.1), "runs.0.learning_rate", ["found -0.1", "a number >= 0"]),
    "number beyond float64": (with_run(learning_rate=10**400), "runs.0.learning_rate", ["digits", "a number >= 0"]),
    "parameters that do not go together": (with_run(nesterov=True), "runs.0", ["nesterov needs a momentum"]),
    "label on two lines": (with_run(label="a\nb"), "runs.0.label", [r"'a\nb'", "one line"]),
    "label with a terminal's commands": (with_run(label="\x1b[31m"), "runs.0.label", [r"\x1b", "one line"]),
    "label too long": (with_run(label="x" * 81), "runs.0.label", ["xxx...", "80 characters"]),
    "fraction of a step": (GOOD | {"steps": 1.5}, "steps", ["found 1.5", "a whole number from 1 to 10,000,000"]),
    "no steps": (GOOD | {"steps": 0}, "steps", ["found 0", "a whole number"]),
    "10^12 steps": (GOOD | {"steps": 10**12}, "steps", ["1000000000000", "10,000,000", "1,000,000,000,001 points", "56,000.0 GB"]),
    "an astronomic number of steps": (GOOD | {"steps": 10**5000}, "steps", ["digits", "10,000,000"]),
    "negative seed": (GOOD | {"seed": -1}, "seed", ["found -1", "a whole number from 0"]),
    "seed too large": (GOOD | {"seed": 2**63}, "seed", ["found 9223372036854775808"]),
    "negative tolerance": (GOOD | {"tolerance": -1}, "tolerance", ["found -1", "a number >= 0"]),
    "start of three numbers": (GOOD | {"start": [1, 2, 3]}, "start", ["found 3 numbers", "rosenbrock", "2 numbers"]),
    "start of a run with one number": (with_run(start=[1.0]), "runs.0.start", ["found 1 number;", "2 numbers"]),
    "two numbers on a curve": (
        {"problem": {"landscape": "double_well"}, "runs": [RUN], "start": [1, 2]},
        "start",
        ["found 2 numbers", "double_well has 1 number"],
    ),
    "start with text": (GOOD | {"start": [1, "a"]}, "start.1", ["found 'a'", "finite numbers"]),
    "start with nan": (GOOD | {"start": [math.nan, 1]}, "start.0", ["found nan", "finite numbers"]),
    "start as text": (GOOD | {"start": "origin"}, "start", ["found 'origin'", "{ normal = s }"]),
    "empty start": (GOOD | {"start": []}, "start", ["found []", "finite numbers"]),
    "random start, misspelt": (GOOD | {"start": {"norm": 1}}, "start.norm", ["did you mean 'normal'"]),
    "random start without deviation": (GOOD | {"start": {"normal": 0}}, "start.normal", ["found 0", "a number > 0"]),
    "key with a terminal's commands": (GOOD | {"a\x1b[31m": 1}, r"'a\x1b[31m'", ["no such key"]),
}


@pytest.mark.parametrize("case", WRONG)
def test_wrong_key_is_named_with_what_was_found_and_what_is_allowed(case):
    tables, key, words = WRONG[case]
    found = complaints(tables)
    assert key in found, found
    for word in words:
        assert word in found[key]


@pytest.mark.parametrize("case", [name for name in WRONG if name not in ("no problem", "no runs", "random start, misspelt")])
def test_one_error_gives_one_complaint(case):
    assert len(complaints(WRONG[case][0])) == 1


def test_every_error_is_reported_at_once():
    tables = {
        "title": 3,
        "steps": "many",
        "seed": -1,
        "sead": 0,
        "start": [1, 2, 3],
        "problem": {"landscape": "rosenbrok", "parameters": {"b": -1, "c": 2}},
        "runs": [
            {"optimizer": "sdg", "learning_rat": 1, "momentum": -1},
            {"optimizer": "adam", "start": [1.0], "beta1": 1.0},
            {"optimizer": "sgd", "learning_rate": -1, "nesterov": True},
            {"optimizer": "unheard of", "label": 3, "betas": 1},
            {"learning_rate": "0.1"},
        ],
    }
    assert set(complaints(tables)) == {
        *("title", "steps", "seed", "sead", "problem.landscape", "problem.parameters.b", "problem.parameters.c"),
        *("runs.0.optimizer", "runs.0.learning_rat", "runs.0.momentum", "runs.1.beta1", "runs.2.learning_rate", "runs.2"),
        *("runs.3.optimizer", "runs.3.label", "runs.3.betas", "runs.4.optimizer", "runs.4.learning_rate"),
    }
    tables["problem"] = {"landscape": "rosenbrock"}
    assert {"start", "runs.1.start"} < set(complaints(tables))


@pytest.mark.parametrize("rule", OPTIMIZERS.values(), ids=lambda rule: rule.name)
def test_every_parameter_is_kept_within_its_bounds(rule):
    for param in rule.parameters:
        outside = [1] if param.is_switch else [math.nan, math.inf, "1", True]
        if param.low > -math.inf:
            outside.append(param.low if param.low_open else math.nextafter(param.low, -math.inf))
        if not param.is_switch and param.high < math.inf:
            outside.append(param.high if param.high_open else math.nextafter(param.high, math.inf))
        for value in outside:
            found = complaints(GOOD | {"runs": [{"optimizer": rule.name, param.name: value}]})
            assert f"allowed: {param.allowed}" in found[f"runs.0.{param.name}"]


def test_many_errors_are_counted():
    found = complaints(GOOD | {f"key{i}": i for i in range(5 * MOST_COMPLAINTS)})
    assert found[""] == f"and {4 * MOST_COMPLAINTS} more errors"
    assert len(found) == MOST_COMPLAINTS + 1


def test_size_of_the_recording_is_refused_with_the_figures():
    runs = 4
    steps = MOST_POINTS // runs
    found = complaints(GOOD | {"steps": steps, "runs": [RUN] * runs})
    points = runs * (steps + 1)
    for figure in (f"{runs} runs", f"{steps:,}", f"{points:,}", f"{points * BYTES_A_POINT / 1e9:.1f} GB", f"{MOST_POINTS:,}"):
        assert figure in found["steps"]
    assert validated(GOOD | {"steps": steps - 1, "runs": [RUN] * runs}).steps == steps - 1
    assert validated(GOOD | {"steps": MOST_STEPS}).steps == MOST_STEPS


class Pair(Model):
    both: Annotated[tuple[Number, ...], Field(min_length=2), Allowed("two numbers")]


@pytest.mark.parametrize(
    ("both", "key"), [([], "both"), ([1.0], "both"), (["a"], "both.0"), (["a", 1.0], "both.0"), (["a", "b"], "both.1")]
)
def test_an_array_that_is_too_short_is_refused(both, key):
    with pytest.raises(ValidationError) as refused:
        Pair.model_validate({"both": both})
    assert key in [path(one["loc"]) for one in refused.value.errors()]


def test_integers_pass_for_numbers():
    run = validated(with_run(learning_rate=1, momentum=0)).runs[0]
    assert isinstance(run.learning_rate, float)
    assert run == validated(with_run(learning_rate=1.0)).runs[0]


def test_errors_raised_by_the_models_are_in_our_words_too():
    scenario = validated(GOOD)
    for change in (lambda: scenario.changed(steps=0), lambda: scenario.runs[0].changed(learning_rate=-1.0)):
        with pytest.raises(ValidationError, match=r"found (0|-1\.0); allowed: a"):
            change()


def test_a_plain_run_gets_the_keys_of_its_optimizer():
    scenario = Scenario(problem={"landscape": "rosenbrock"}, runs=(Run(optimizer="adam", label="plain"),))
    assert scenario.runs[0].values == OPTIMIZERS["adam"].defaults
    with pytest.raises(ValidationError, match="did you mean 'adam'"):
        Scenario(problem={"landscape": "rosenbrock"}, runs=(Run(optimizer="adamm"),))


@given(scenario_tables())
@settings(max_examples=60)
def test_scenarios_are_values(tables):
    """Equal content gives equal, equally hashed scenarios that nothing can change."""
    one, other = Scenario.model_validate(tables), Scenario.model_validate(tables)
    assert one == other
    assert hash(one) == hash(other)
    assert one.changed() == one
    assert one.changed(title="something else entirely") != one
    for thing, field in ((one, "steps"), (one.problem, "landscape"), (one.runs[0], "optimizer")):
        with pytest.raises(ValidationError):
            setattr(thing, field, 1)


@given(SCENARIOS)
@settings(max_examples=30)
def test_records_of_a_scenario(scenario):
    assert scenario.landscape.name in LANDSCAPES
    assert dict(zip((p.name for p in scenario.landscape.parameters), scenario.landscape.values, strict=True)) == (
        scenario.problem.parameters.model_dump()
    )
    for run in scenario.runs:
        hyper, on = run.rule.pack(run.values)
        assert len(hyper) + sum(p.is_switch for p in run.rule.parameters) == len(run.rule.parameters)
        assert len(on) == len(run.rule.switches)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "true"),
        (None, "None"),
        ({"a": {}}, "a table"),
        ([1, "a", False], "[1, 'a', false]"),
        ([1] * 5, "an array of 5 values"),
        ([[1]], "an array of 1 value"),
        (-(10**300), "an integer of about 300 digits"),
        ("x" * 100, "'" + "x" * 56 + "..."),
        ("\x1b", r"'\x1b'"),
        ("\u202e", r"'\u202e'"),
    ],
)
def test_values_are_shown_short_and_harmless(value, text):
    assert shown(value) == text


def test_paths_quote_what_is_no_plain_word():
    assert path(("runs", 0, "momentum")) == "runs.0.momentum"
    assert path(("a.b", "0", "")) == "'a.b'.0.''"


def test_suggestions():
    names = ("sgd", "adam", "learning_rate")
    assert [suggestion(name, names) for name in ("SGD", "adm", "Learning Rate", "lr", "zebra", "")] == [
        *("sgd", "adam", "learning_rate", "learning_rate", None, None)
    ]
