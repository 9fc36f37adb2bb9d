"""Schedules in a scenario: validated with every error at once, hashable, equal to their TOML, told by the JSON Schema."""

import random

import jsonschema
import pytest

import gdsim
from gdsim.simulation.scenario_file import parse, to_toml
from gdsim.simulation.schema import schema
from tests.schedules.tables import drawn


def scenario(schedule, **others):
    run = {"optimizer": "sgd", "learning_rate": 0.1, "schedule": schedule}
    return gdsim.Scenario.model_validate({"problem": {"landscape": "quadratic"}, "runs": [run | others]})


def complaints(schedule):
    with pytest.raises(gdsim.ScenarioError) as caught:
        gdsim.minimise("quadratic", schedule=schedule, steps=3)
    return [str(complaint).removeprefix("schedule") for complaint in caught.value.complaints]


@pytest.fixture(scope="module")
def validator():
    return jsonschema.Draft202012Validator(schema())


@pytest.mark.parametrize("name", gdsim.SCHEDULES)
def test_files_hold_every_schedule(name, validator):
    for _ in range(5):
        table = drawn(name, random)
        mine = scenario(table)
        text = to_toml(mine)
        again = gdsim.Scenario.model_validate(parse(text))
        assert again == mine
        assert hash(again) == hash(mine)
        assert mine != scenario(None)
        validator.validate(parse(text))


def test_there_is_none_unless_it_is_said():
    assert scenario(None).runs[0].schedule is None
    assert "schedule" not in to_toml(scenario(None))


def test_comments_and_order_of_a_file_stay():
    text = to_toml(scenario({"name": "cosine", "t_max": 20})).replace("t_max = 20}", "t_max = 20} # down")
    other = scenario({"name": "cosine", "t_max": 50})
    assert to_toml(other, text) == text.replace("20", "50", 2).replace("steps = 500", "steps = 200")


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({}, [".name: this key is missing; needed: the name of a schedule (gdsim list schedules)"]),
        ({"name": "step"}, [".step_size: this key is missing; needed: a whole number >= 1 and <= 1e+09"]),
        ({"name": "step", "step_size": 2.0}, [".step_size: found 2.0; allowed: a whole number >= 1 and <= 1e+09"]),
        ({"name": "step", "step_size": True}, [".step_size: found true; allowed: a whole number >= 1 and <= 1e+09"]),
        (
            {"name": "multi_step", "milestones": []},
            [".milestones: found []; allowed: an array of 1 to 1000 whole numbers >= 0 and <= 1e+09"],
        ),
        ({"name": "cyclic", "max_lr": 1, "mode": "up"}, [".mode: found 'up'; allowed: one of 'triangular', 'triangular2', 'exp_range'"]),
        ({"name": "points", "steps": [0, 5], "rates": [0.1]}, [": steps and rates must have the same length (found 2 and 1)"]),
        ({"name": "points", "steps": [5, 5], "rates": [1, 2]}, [": each step must be larger than the one before (found 5, then 5)"]),
        ({"name": "points", "steps": [5], "rates": [0.0], "scale": "log"}, [': with scale = "log" every rate must be above 0']),
        (
            {"name": "sequential", "milestones": [5, 9], "parts": [{"name": "cosine"}]},
            [": there must be one milestone less than parts (found milestones: 2, parts: 1)"],
        ),
        (
            {"name": "sequential", "milestones": [9, 5], "parts": [{"name": "cosine"}] * 3},
            [": each milestone must be larger than the one before (found 9, then 5)"],
        ),
        (
            {"name": "chained", "parts": [{"name": "cosine", "eta_min": 0.1}]},
            [": in a product each part multiplies the learning rate, so cosine must have eta_min 0"],
        ),
    ],
)
def test_complaints(table, expected):
    assert complaints(table) == expected


def test_every_error_at_once():
    found = complaints(
        {
            "name": "sequential",
            "milestones": [0],
            "parts": [{"name": "warmupp", "steps": 0}, {"name": "reduce_on_plateau"}, {"name": "cosine", "tmax": 3, "eta_min": -1}],
        }
    )
    assert len(found) == 6
    assert found[0].startswith(".milestones.0: found 0")
    assert "there is no schedule named 'warmupp'; did you mean 'warmup'?" in found[1]
    assert found[2].startswith(".parts.0.steps: found 0")
    assert found[3].startswith(".parts.1.name: there is no schedule named 'reduce_on_plateau'")
    assert "did you mean 't_max'?" in " ".join(found[4:])


@pytest.mark.parametrize("value", ["cosine", 3, [], [{"name": "cosine"}], True])
def test_a_schedule_is_a_table(value):
    with pytest.raises(ValueError, match="allowed: a table such as"):
        scenario(value)


@pytest.mark.parametrize("case", ["StepLR", "CosineAnnealingWarmRestarts", "ReduceLROnPlateau", "OneCycleLR", "ChainedScheduler"])
def test_torchs_names_are_understood(case):
    meant = complaints({"name": case})[0].split("did you mean '")[1].split("'")[0]
    assert meant in gdsim.SCHEDULES
    assert f"torch.optim.lr_scheduler.{case}" in gdsim.SCHEDULES[meant].source


def test_deep_nesting_is_refused():
    table = {"name": "cosine"}
    for _ in range(500):
        table = {"name": "chained", "parts": [table]}
    with pytest.raises(ValueError, match="there is no schedule named 'chained'"):
        scenario(table)
