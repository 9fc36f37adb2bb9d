"""The JSON Schema says what the models say."""

import tomllib

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings

from gdsim import shipped
from gdsim.landscapes import LANDSCAPES
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.schema import schema
from tests.simulation.scenarios import scenario_tables
from tests.simulation.test_scenario import GOOD, WRONG

VALIDATOR = jsonschema.Draft202012Validator(schema())


def test_it_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("name", shipped.scenarios())
def test_shipped_scenarios_follow_it(name):
    VALIDATOR.validate(tomllib.loads(shipped.scenarios()[name].read_text(encoding="utf-8")))


@given(scenario_tables())
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])  # the first one loads much, on a busy machine for seconds
def test_valid_scenarios_follow_it(tables):
    VALIDATOR.validate(tables)


BEYOND = ("nan", "infinite", "not a number", "beyond float64", "go together", "astronomic", "start of", "on a curve", "start with nan")


@pytest.mark.parametrize("case", [case for case in WRONG if not any(words in case for words in BEYOND)])
def test_wrong_ones_do_not(case):
    assert not VALIDATOR.is_valid(WRONG[case][0])
    VALIDATOR.validate(GOOD)


def test_every_parameter_is_in_it_with_bounds_and_words():
    definitions = schema()["$defs"]
    tables = [(rule.parameters, definitions[f"{name}_run"]) for name, rule in OPTIMIZERS.items()]
    tables += [(landscape.parameters, definitions[f"{name}_parameters"]) for name, landscape in LANDSCAPES.items()]
    for params, table in tables:
        assert table["additionalProperties"] is False
        for param in params:
            entry = table["properties"][param.name]
            assert entry["description"] == param.doc
            assert entry["default"] == param.default
            assert entry["type"] == ("boolean" if param.is_switch else "number")
            low, high = "exclusiveMinimum" if param.low_open else "minimum", "exclusiveMaximum" if param.high_open else "maximum"
            bounds = {name: value for name, value in ((low, param.low), (high, param.high)) if abs(value) != float("inf")}
            assert {name: value for name, value in entry.items() if "imum" in name} == bounds
