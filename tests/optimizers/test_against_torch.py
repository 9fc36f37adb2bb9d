"""The update rules against torch.optim 2.13: recorded (no torch needed), and live where torch can be imported."""

import json
import random

import pytest

from gdsim.optimizers import OPTIMIZERS
from tests.golden import record_torch
from tests.golden.settings import STEPS, cases
from tests.optimizers.agreement import assert_pairs_agree, assert_recorded_run_agrees, told

GOLDEN = json.loads(record_torch.FILE.read_text())

NONSENSE = {
    "rmsprop": {"alpha": lambda value: value > 1.0},
    "asgd": dict.fromkeys(("lambd", "alpha", "t0"), lambda value: value < 0.0),
    "rprop": dict.fromkeys(("step_min", "step_max"), lambda value: value < 0.0),
}
"""What torch lets through and gdsim does not: a mean square that turns negative, rates that grow, steps uphill."""


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=told)
def test_recorded_run(case):
    assert_recorded_run_agrees(case, GOLDEN["recorded"])


def test_most_recorded_runs_are_compared_to_the_end():
    assert GOLDEN["torch"].startswith("2.13")
    assert len(GOLDEN["cases"]) > 200
    assert {case["optimizer"] for case in GOLDEN["cases"]} == set(record_torch.CLASSES)
    assert sum(case["calm"] == STEPS for case in GOLDEN["cases"]) > 0.8 * len(GOLDEN["cases"])


@pytest.mark.parametrize("name", record_torch.CLASSES)
def test_defaults_are_torchs(name):
    ours = [(param, default) for param, default in OPTIMIZERS[name].defaults.items() if param not in record_torch.OURS.get(name, ())]
    assert ours == list(GOLDEN["defaults"][name].items())


@pytest.mark.parametrize("name", record_torch.CLASSES)
def test_bounds_are_torchs(name):
    for param in OPTIMIZERS[name].parameters:
        if param.is_switch or param.name in record_torch.OURS.get(name, ()):
            continue
        nonsense = NONSENSE.get(name, {}).get(param.name, lambda value: False)
        for value, accepted in zip(GOLDEN["tried"], GOLDEN["bounds"][name][param.name], strict=True):
            assert param.admits(value) == (accepted and not nonsense(value)), (param.name, value)


@pytest.mark.parametrize(("momentum", "dampening", "accepted"), GOLDEN["nesterov"])
def test_nesterov_conflicts_are_torchs(momentum, dampening, accepted):
    sentence = OPTIMIZERS["sgd"].conflict({"learning_rate": 0.1, "momentum": momentum, "dampening": dampening, "nesterov": True})
    assert (sentence is None) == accepted
    assert accepted or ("nesterov" in sentence and f"momentum = {momentum:g}" in sentence)
    assert OPTIMIZERS["sgd"].conflict({"learning_rate": 0.1, "momentum": momentum, "dampening": dampening, "nesterov": False}) is None


@pytest.mark.torch
@pytest.mark.parametrize("name", record_torch.CLASSES)
def test_live_run(name):
    """Every step of a thousand: the recorded settings, and new random ones each time."""
    pytest.importorskip("torch")
    seed = random.randrange(2**32)
    fixed, new = cases([name], draw=record_torch.drawn), cases([name], seed, features=False, draws=3, draw=record_torch.drawn)
    for optimizer, values, surface in (*fixed, *new):
        run = list(record_torch.states(optimizer, values, surface))
        assert_pairs_agree(name, values, surface, [(k + 1, run[k], run[k + 1]) for k in range(len(run) - 1)])
