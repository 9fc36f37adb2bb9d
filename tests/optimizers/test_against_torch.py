"""The update rules against torch.optim 2.13: recorded (no torch needed), and live where torch can be imported.

A step is compared from exactly torch's state, relative to the longest step of the run; a whole run as far as it is calm (see
``golden/record_torch.py``), relative to its largest weight.
"""

import json
import random

import numpy as np
import pytest

from gdsim.optimizers import OPTIMIZERS
from tests.optimizers.driving import record, record_torch, rule, shared_after, step

GOLDEN = json.loads(record_torch.FILE.read_text())
PRECISION = 1e-12


def assert_pairs_agree(name, values, surface, pairs):
    """``pairs``: (number of the step, state before, state after), states as ``record_torch.states`` yields them."""
    params, _ = record_torch.SURFACES[surface]
    bound, hyper = rule(name, values)
    shared = list(shared_after(name, hyper, max(number for number, _, _ in pairs)))
    longest = max(abs(a - b) for _, before, after in pairs for a, b in zip(before[0], after[0], strict=True))
    largest = [
        max((abs(k) for _, before, after in pairs for _, kept in (before, after) if kept[slot] for k in kept[slot]), default=0.0)
        for slot in range(len(record_torch.KEPT[name]))
    ]
    for number, (weights, kept), (wanted, wanted_kept) in pairs:
        fresh = OPTIMIZERS[name].initial_slots(tuple(hyper))
        filled = [[fresh[slot]] * 2 if pair is None else pair for slot, pair in enumerate(kept)]
        found, found_kept = step(bound, hyper, params, weights, filled, shared[number - 1], number)
        error = np.abs(found - wanted)
        assert np.all(error <= PRECISION * longest + 4e-16 * np.abs(wanted)), (name, values, surface, number, error / longest)
        for slot, pair in enumerate(wanted_kept):
            if pair is not None:
                off = np.abs(found_kept[slot] - pair)
                assert np.all(off <= PRECISION * largest[slot]), (name, values, surface, number, record_torch.KEPT[name][slot])


def told(case):
    return f"{case['optimizer']}-{case['surface']}-" + "-".join(f"{k}={v:.3g}" for k, v in case["values"].items())


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=told)
def test_recorded_run(case):
    name, values, surface, calm = case["optimizer"], case["values"], case["surface"], case["calm"]
    at = dict(zip(GOLDEN["recorded"], case["states"], strict=True))
    assert_pairs_agree(name, values, surface, [(k + 1, at[k], at[k + 1]) for k in at if k + 1 in at])

    params, origin = record_torch.SURFACES[surface]
    recording, _ = record(name, values, params, origin, calm)
    assert len(recording.positions) == calm + 1
    scale = np.abs(recording.positions).max()
    for k in at:
        if k <= calm:
            assert np.abs(recording.positions[k] - at[k][0]).max() <= PRECISION * scale, (k, calm)


def test_most_recorded_runs_are_compared_to_the_end():
    assert GOLDEN["torch"].startswith("2.13")
    assert len(GOLDEN["cases"]) > 100
    assert {case["optimizer"] for case in GOLDEN["cases"]} == set(record_torch.CLASSES)
    assert sum(case["calm"] == record_torch.STEPS for case in GOLDEN["cases"]) > 0.8 * len(GOLDEN["cases"])


@pytest.mark.parametrize("name", record_torch.CLASSES)
def test_defaults_are_torchs(name):
    assert list(OPTIMIZERS[name].defaults.items()) == list(GOLDEN["defaults"][name].items())


@pytest.mark.parametrize("name", record_torch.CLASSES)
def test_bounds_are_torchs(name):
    for param in OPTIMIZERS[name].parameters:
        if param.is_switch:
            continue
        for value, accepted in zip(GOLDEN["tried"], GOLDEN["bounds"][name][param.name], strict=True):
            # torch lets alpha > 1 through, whose mean square turns negative.
            sensible = accepted and not (name == "rmsprop" and param.name == "alpha" and value > 1.0)
            assert param.admits(value) == sensible, (param.name, value)


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
    settings = [*record_torch.cases(), *record_torch.cases(seed, features=False, draws=3)]
    for optimizer, values, surface in settings:
        if optimizer == name:
            run = list(record_torch.states(name, values, surface))
            assert_pairs_agree(name, values, surface, [(k + 1, run[k], run[k + 1]) for k in range(len(run) - 1)])
