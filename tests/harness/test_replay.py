"""Every trial's run can be seen: as a scenario, or step by step."""

import shlex
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from gdsim.cli.checking import Named
from gdsim.harness.check import _module as module_of
from gdsim.harness.check import answer, trial_named
from gdsim.harness.replay import command, options, replay
from gdsim.harness.report import Report
from gdsim.harness.target import TargetError
from gdsim.harness.targets import target, target_of
from gdsim.harness.trial import Family, Outcome, Trial, Verdict
from gdsim.harness.watching import MOST_ROWS, watched
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.scenario import validated
from gdsim.simulation.scenario_file import parse


def plain(weights, gradient, state, learning_rate=0.01):
    return weights - learning_rate * gradient, (state or 0) + 1


def first(family, made):
    """A trial of the family that applies to every optimizer."""
    return {Family.TRUTH: "truth/first_step", Family.ROBUST: "robust/nan"}.get(family) or module_of(family).trials(made, True)[0].id


@pytest.mark.parametrize("family", Family)
@pytest.mark.parametrize("made", [target_of("sgd"), target(plain, claims="sgd")], ids=["ours", "a function"])
def test_every_family_shows_its_runs(made, family):
    name = first(family, made)
    outcome, rows = replay(made, name, seed=3)
    assert repr(outcome) == repr(answer(made, outcome.trial, seed=3))  # NaN is not NaN
    assert outcome.trial.id == name
    assert rows or outcome.scenario is not None
    if outcome.scenario is not None:
        assert validated(parse(outcome.scenario), name).runs
    for row in rows:
        assert row.gradient.shape == row.weights.shape
    if made.record is None:
        assert rows[0].state["state"] == 1.0


def test_a_trial_that_there_is_not():
    for name in ("absent", "robust/absent"):
        with pytest.raises(TargetError, match=f"found '{name}'; allowed: the id of a trial that gdsim check sgd puts"):
            replay(target_of("sgd"), name)


def test_what_is_watched_goes_the_same_way(rng):
    rows, gradients = [], rng.normal(size=(30, 3))
    made = watched(target_of("adam"), rows)
    one, other = made.at(beta1=0.5).begin(np.ones(3)), target_of("adam", {"beta1": 0.5}).begin(np.ones(3))
    for gradient in gradients:
        assert np.array_equal(one.step(gradient, 2.5), other.step(gradient, 2.5))
    assert [row.step for row in rows] == list(range(1, 31))
    assert {row.run for row in rows} == {"1 (beta1 0.5)"}
    assert {row.loss for row in rows} == {2.5}
    assert np.array_equal([row.gradient for row in rows], gradients)
    assert np.array_equal(rows[-1].state["mean"], other.state()["mean"])
    one.restored().step(gradients[0], 1.0)
    assert (rows[-1].run, rows[-1].step) == ("1 (beta1 0.5) restored", 31)
    made.begin(np.ones(3)).step(gradients[0], 1.0)
    assert rows[-1].run == "2"


def test_only_so_many_steps_are_kept():
    rows = []
    stepper = watched(target_of("sgd"), rows).begin(np.ones(1))
    for _ in range(MOST_ROWS + 5):
        after = stepper.step(np.ones(1), 0.0)
    assert len(rows) == MOST_ROWS
    assert after[0] == pytest.approx(1.0 - 1e-3 * (MOST_ROWS + 5))


MADE = Report("my file.py:A", {"learning_rate": 0.1, "flag": False}, (), 0, 1.0, "", "", "adam", {"flag": False})
TRIAL = Outcome(Trial("robust/nan", Family.ROBUST, ""), Verdict.FAILED, "")


def test_the_command_brings_it_back():
    words = shlex.split(command(MADE, TRIAL))
    assert words[:5] == ["gdsim", "open", "--trial", "robust/nan", "--target"]
    assert words[5:] == ["my file.py:A", "--param", "flag=false", "--claims", "adam"]
    assert shlex.split(command(replace(MADE, seed=5), TRIAL))[-2:] == ["--seed", "5"]
    assert "--learning-rate 0.1" in command(replace(MADE, given=None), TRIAL)
    against = replace(TRIAL, trial=replace(TRIAL.trial, id="truth/against/torch:Adam"))
    assert command(MADE, against).startswith("gdsim check 'my file.py:A' --against torch:Adam")


@given(st.sampled_from(sorted(OPTIMIZERS)), st.data())
def test_the_options_are_read_as_they_were_written(name, data):
    record = OPTIMIZERS[name]
    values = {}
    for param in record.parameters:
        low, high = max(param.low, -1e6), min(param.high, 1e6)
        number = st.floats(low, high, exclude_min=param.low_open, exclude_max=param.high_open).filter(param.admits)
        values[param.name] = data.draw(st.booleans() if param.is_switch else st.just(param.default) if param.whole else number)
    assume(record.conflict(values) is None)
    made = target_of(name, values)
    words = options(name, made.values, made.claims)
    rate = [float(value) for option, value in pairwise(words) if option == "--learning-rate"]
    params = [value for option, value in pairwise(words) if option == "--param"]
    assert Named(name, rate[0] if rate else None, params, None).target().values == made.values


def test_defaults_of_the_catalogue_and_its_claims_go_without_saying():
    made = target_of("adam", {"beta1": 0.5, "amsgrad": True})
    assert options(made.name, made.values, made.claims) == ["--param", "beta1=0.5", "--param", "amsgrad=true"]
    assert options("torch:Adam", {}, "adam") == []
    assert trial_named(made, "truth/claim/own") is not None
