"""The update rules that torch does not have against optax: recorded (no optax needed), and live where optax can be imported."""

import json
import random

import pytest

from tests.golden import record_optax
from tests.golden.settings import STEPS, cases
from tests.optimizers.agreement import assert_pairs_agree, assert_recorded_run_agrees, told

GOLDEN = json.loads(record_optax.FILE.read_text())


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=told)
def test_recorded_run(case):
    assert_recorded_run_agrees(case, GOLDEN["recorded"])


def test_most_recorded_runs_are_compared_to_the_end():
    assert {case["optimizer"] for case in GOLDEN["cases"]} == set(record_optax.KEPT)
    assert sum(case["calm"] == STEPS for case in GOLDEN["cases"]) > 0.5 * len(GOLDEN["cases"])


@pytest.mark.optax
@pytest.mark.parametrize("name", record_optax.KEPT)
def test_live_run(name):
    """Every step of a thousand: the recorded settings, and new random ones each time."""
    pytest.importorskip("optax")
    seed = random.randrange(2**32)
    fixed = cases([name], draws=1, draw=record_optax.drawn)
    for optimizer, values, surface in (*fixed, *cases([name], seed, features=False, draws=2, draw=record_optax.drawn)):
        run = list(record_optax.states(optimizer, values, surface))
        assert_pairs_agree(name, values, surface, [(k + 1, run[k], run[k + 1]) for k in range(len(run) - 1)])
