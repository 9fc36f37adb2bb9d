"""Scenarios with a formula: equal to their files, checked like all others, run like all others."""

import jsonschema
import numpy as np
import pytest

import gdsim
from gdsim.landscapes.formula import formula
from gdsim.simulation.complaints import ScenarioError
from gdsim.simulation.problem import FormulaProblem
from gdsim.simulation.scenario import Scenario, validated
from gdsim.simulation.scenario_file import load, parse, save, to_toml
from gdsim.simulation.schema import schema

RUNS = [{"optimizer": "sgd", "learning_rate": 0.002}]
TEXT = """\
steps = 50
seed = 0

[problem]
formula = "(a - x)^2 + b*(y - x^2)^2"   # mine
domain = [[-2, 2], [-1, 3]]

[problem.parameters]
a = 1
b = 100.0

[[runs]]
optimizer = "sgd"
learning_rate = 0.002
start = [-1.2, 1]
"""

GOOD = {
    "plain": {"formula": "x^2 + y^2"},
    "a curve": {"formula": "x^4 - x"},
    "a domain": {"formula": "x^4 - x", "domain": [[-1, 3]]},
    "parameters": {"formula": "a x^2 + b y^2", "parameters": {"a": 1, "b": 2.5}},
    "an empty table": {"formula": "x", "parameters": {}},
    "unicode": {"formula": "√(x² + 1) + 2·|y|"},
    "a strange name": {"formula": "lambda x^2", "parameters": {"lambda": 2}},
}

# The table [problem], the key of a complaint, words of it.
WRONG = {
    "no formula": ({"formula": ""}, "problem.formula", "there is no formula"),
    "broken": ({"formula": "x +"}, "problem.formula", "the formula ends here"),
    "a number": ({"formula": 3}, "problem.formula", "found 3; allowed: a formula of x and y"),
    "both": ({"formula": "x", "landscape": "rosenbrock"}, "problem.landscape", "a landscape and a formula"),
    "a missing value": ({"formula": "a x + c"}, "problem.formula", "no value for 'a' and 'c'"),
    "one missing value": ({"formula": "a x + c", "parameters": {"a": 1}}, "problem.formula", "no value for 'c'"),
    "a value too many": ({"formula": "a x", "parameters": {"a": 1, "c": 2}}, "problem.parameters.c", "no such key"),
    "a word as a value": ({"formula": "a x", "parameters": {"a": "1"}}, "problem.parameters.a", "found '1'; allowed: a finite number"),
    "no table": ({"formula": "a x", "parameters": 3}, "problem.formula", "no value for 'a'"),
    "a name that is taken": ({"formula": "copy x", "parameters": {"copy": 1}}, "problem.formula", "cannot be the name of a parameter"),
    "another key": ({"formula": "x", "start": [1]}, "problem.start", "no such key"),
    "a narrow domain": ({"formula": "x", "domain": [[1, 1]]}, "problem.domain", "low < high"),
    "too small a domain": ({"formula": "x + y", "domain": [[1, 2]]}, "problem.domain", "two intervals"),
    "no domain": ({"formula": "x", "domain": "wide"}, "problem.domain", "found 'wide'; allowed: an array [low, high]"),
    "nowhere finite": ({"formula": "log(-1) x"}, "problem.formula", "nowhere"),
    "neither": ({}, "problem.landscape", 'formula = "..."'),
}


def tables(problem, **others):
    return {"problem": problem, "runs": RUNS, **others}


@pytest.mark.parametrize("problem", GOOD.values(), ids=GOOD)
def test_a_scenario_equals_its_file(problem):
    scenario = validated(tables(problem))
    assert isinstance(scenario.problem, FormulaProblem)
    text = to_toml(scenario)
    again = validated(parse(text))
    assert again == scenario
    assert hash(again) == hash(scenario)
    assert to_toml(again) == text
    assert again.landscape is scenario.landscape
    jsonschema.validate(tables(problem), schema(), jsonschema.Draft202012Validator)


@pytest.mark.parametrize(("problem", "key", "words"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said(problem, key, words):
    with pytest.raises(ScenarioError) as caught:
        validated(tables(problem))
    assert [complaint.key for complaint in caught.value.complaints] == [key]
    assert words in str(caught.value)


def test_everything_wrong_is_said_at_once():
    with pytest.raises(ScenarioError) as caught:
        validated({"problem": {"formula": "x +", "parameters": {"a": 1}, "wide": 1}, "steps": 0, "runs": [{"optimizer": "sgdd"}]})
    assert {complaint.key for complaint in caught.value.complaints} == {"problem.formula", "problem.wide", "steps", "runs.0.optimizer"}


def test_comments_stay_where_a_file_is_saved(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(TEXT)
    scenario = load(file)
    save(scenario, file)
    assert file.read_text() == TEXT
    named = scenario.changed(problem={"landscape": "rosenbrock"})
    save(named, file)
    assert load(file) == named
    assert "formula" not in file.read_text()
    save(scenario, file)
    assert load(file) == scenario


def test_a_start_has_the_dimension_of_the_formula():
    with pytest.raises(ScenarioError, match="a start on this formula has 1 number"):
        validated(tables({"formula": "x^2"}, start=[1, 2]))
    assert validated(tables({"formula": "x^2"}, start=[1])).landscape.dim == 1


def test_it_runs_as_the_landscape_that_it_is():
    typed = validated(parse(TEXT))
    named = typed.changed(problem={"landscape": "rosenbrock"})
    one, other = gdsim.run(typed).runs[0], gdsim.run(named).runs[0]
    np.testing.assert_allclose(one.positions, other.positions, rtol=1e-12)
    assert one.verdict.outcome == other.verdict.outcome
    assert typed.landscape.minima[0].position == (1.0, 1.0)


def test_another_value_of_a_parameter_compiles_nothing():
    scenario = validated(parse(TEXT))
    other = scenario.changed(problem={"formula": scenario.problem.formula, "parameters": {"a": 2, "b": 5}})
    assert other.landscape.values == (2.0, 5.0)
    assert other.landscape.value_and_gradient is scenario.landscape.value_and_gradient
    assert other != scenario


def test_it_can_be_made_in_python():
    scenario = Scenario(problem={"formula": "x^2"}, runs=RUNS)
    assert scenario.landscape is formula("x^2")
    assert scenario == Scenario(problem=FormulaProblem(formula="x^2"), runs=RUNS)
    assert scenario.problem.landscape is None
