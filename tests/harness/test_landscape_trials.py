"""Landscape trials: runs have the bits of all other ways to compute them, goals are minima, and grades say what happened."""

import math
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from gdsim.harness import landscape_trials
from gdsim.harness.descents import Ends, legs, runs_of, runs_of_targets
from gdsim.harness.landscape_goals import goal_of, starts_on
from gdsim.harness.landscape_reference import reference_of
from gdsim.harness.landscape_trials import expected_times, grade, references
from gdsim.harness.shares import wilson
from gdsim.harness.target import Target, TargetError
from gdsim.harness.targets import target, target_of
from gdsim.harness.trial import Verdict
from gdsim.landscapes import LANDSCAPES
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.many import run_many
from gdsim.simulation.run import run
from gdsim.simulation.scenario import validated
from gdsim.simulation.scenario_file import parse
from tests.draws import fresh


def answers(one: Target, *names: str, seed: int = 0):
    asked = [trial for trial in landscape_trials.trials(one, False) if trial.id.removeprefix("landscapes/") in names]
    return {found.trial.id.removeprefix("landscapes/"): found for found in landscape_trials.put(one, asked, seed, lambda: True)}


@pytest.mark.parametrize(("place", "rule"), [("rosenbrock", "adam"), ("double_well", "sgd"), ("beale", "rprop"), ("himmelblau", "newton")])
def test_runs_are_those_of_many_and_of_the_recorded_ones(place, rule):
    landscape, optimizer = LANDSCAPES[place], OPTIMIZERS[rule]
    starts = starts_on(landscape, 20, int(fresh().integers(2**31)))
    rates = 10.0 ** fresh().uniform(-4.0, 0.0, 20)
    goal = goal_of(landscape).loss
    ends = runs_of(landscape, optimizer, starts, 60, goal, {"learning_rate": rates})
    many = run_many(landscape, optimizer, starts, 60, learning_rate=rates)
    if optimizer.is_elementwise:
        assert np.array_equal(ends.losses, many.losses, equal_nan=True)
        assert np.array_equal(ends.best, many.best, equal_nan=True)
        assert np.array_equal(ends.diverged, many.diverged)
        assert np.array_equal(ends.steps, many.steps)
    for i in range(0, 20, 4):
        table = {"optimizer": rule, "learning_rate": float(rates[i])}
        scenario = validated({"problem": {"landscape": place}, "steps": 60, "start": starts[i].tolist(), "runs": [table]})
        (recorded,) = run(scenario).runs
        hits = np.flatnonzero(recorded.losses <= goal)
        spent = np.arange(61) if recorded.evaluations is None else np.concatenate(([0], np.cumsum(recorded.evaluations)))
        wanted = spent[hits[0]] if len(hits) and spent[hits[0]] <= 60 else math.inf
        if optimizer.is_elementwise:
            assert ends.times[i] == wanted
        else:  # methods are looked at in legs
            assert ends.times[i] == wanted or wanted <= ends.times[i] <= 1.05 * wanted + 4


def test_code_that_is_not_compiled_goes_the_same_way():
    landscape = LANDSCAPES["six_hump_camel"]
    starts, goal = starts_on(landscape, 6, int(fresh().integers(2**31))), goal_of(landscape).loss
    for name in ("sgd", "adam"):
        values = {"learning_rate": 0.03}
        compiled = runs_of(landscape, OPTIMIZERS[name], starts, 200, goal, values)
        stepped = runs_of_targets(landscape, [target_of(name, values)] * 6, starts, 200, goal)
        for column in ("losses", "best", "times", "diverged", "steps"):
            assert np.array_equal(getattr(compiled, column), getattr(stepped, column), equal_nan=True), column


def test_a_run_that_leaves_the_finite_numbers_ends_there():
    landscape = LANDSCAPES["beale"]
    starts = np.array([[4.5, 4.5], [3.0, 0.5]])
    for ends in (
        runs_of(landscape, OPTIMIZERS["sgd"], starts, 100, 1e-6, {"learning_rate": 1.0}),
        runs_of_targets(landscape, [target_of("sgd", {"learning_rate": 1.0})] * 2, starts, 100, 1e-6),
    ):
        assert ends.diverged.tolist() == [True, False]
        assert ends.steps[0] < 10
        assert ends.times.tolist() == [math.inf, 0.0]


@pytest.mark.parametrize("name", LANDSCAPES)
def test_a_goal_lies_between_the_least_loss_and_the_next_minimum(name):
    landscape = LANDSCAPES[name]
    goal = goal_of(landscape)
    assert goal.loss > goal.bottom
    for point in landscape.minima:
        if point.kind == "global minimum":
            assert point.loss <= goal.loss
        elif point.loss > goal.bottom + 1e-9 * max(1.0, abs(goal.bottom)):
            assert point.loss > goal.loss
    starts = starts_on(landscape, 500, 1)
    low, high = np.array(landscape.domain).T
    assert np.all((starts >= low) & (starts <= high))
    assert np.array_equal(starts, starts_on(landscape, 500, 1))
    assert not np.array_equal(starts, starts_on(landscape, 500, 2))


def test_newton_solves_every_quadratic():
    found = answers(target_of("newton"), "quadratic", "booth")
    for outcome in found.values():
        assert outcome.figures["share"] == 1.0
        assert outcome.figures["median steps"] <= 2.0
        assert outcome.verdict in (Verdict.EXCELLENT, Verdict.GOOD)


def test_divergence_at_the_rate_given_fails_and_a_slow_rate_does_not():
    wild = answers(target_of("sgd", {"learning_rate": 1.0}), "beale", "saddle", "sphere")
    assert wild["beale"].verdict is Verdict.DIVERGED
    assert "leave the finite numbers at its rate 1" in wild["beale"].sentence
    steep = answers(target_of("sgd", {"learning_rate": 0.5}), "quadratic")["quadratic"]
    assert steep.verdict is Verdict.DIVERGED
    assert "up to 0.16 none does" in steep.sentence
    assert wild["saddle"].verdict is not Verdict.DIVERGED  # it has no floor: down and away is the right way
    slow = answers(target_of("sgd", {"learning_rate": 1e-7}), "booth")["booth"]
    assert slow.verdict is Verdict.INSUFFICIENT
    assert not slow.verdict.is_failure
    assert slow.figures["best rate"] == pytest.approx(1e-4)


def test_the_scenario_shows_a_run_that_broke():
    outcome = answers(target_of("sgd", {"learning_rate": 1.0}), "beale")["beale"]
    (shown,) = run(validated(parse(outcome.scenario))).runs
    assert shown.diverged_at is not None
    other = answers(target_of("adam", {"learning_rate": 0.3, "amsgrad": True}), "sphere")["sphere"]
    tables = parse(other.scenario)
    assert tables["runs"][0] == {"optimizer": "adam", "learning_rate": 0.3, "amsgrad": True}


def test_sensitivity_to_the_rate_is_that_of_runs_at_these_rates():
    """On a sphere of curvature 2 plain descent multiplies distances by 1 - 2 rate: its times are known."""
    outcome = answers(target_of("sgd", {"learning_rate": 0.1}), "sphere")["sphere"]
    landscape = LANDSCAPES["sphere"]
    starts, goal = starts_on(landscape, 64, 0), goal_of(landscape)
    rates = 0.1 * 10.0 ** np.array(landscape_trials.COMPILED.powers)
    heights = np.sum(starts**2, axis=1)
    with np.errstate(divide="ignore"):
        steps = np.ceil(np.log(np.sqrt(goal.loss / heights))[None, :] / np.log(np.abs(1.0 - 2.0 * rates))[:, None])
    stable = rates < 1.0
    steps = np.where(stable[:, None] & (steps <= 2000), steps, np.inf)
    means = np.array([np.mean(np.minimum(row, 2000)) * 64 / max(1, np.sum(np.isfinite(row))) for row in steps])
    means[~np.any(np.isfinite(steps), axis=1)] = np.inf
    assert outcome.figures["best rate"] == pytest.approx(rates[np.argmin(means)])
    assert outcome.figures["decades"] == pytest.approx(0.25 * np.sum(means <= 2.0 * np.min(means)))
    assert outcome.figures["expected steps"] == pytest.approx(means[12], rel=0.02)


def test_trials_of_a_method_leave_out_where_it_cannot_run():
    names = [trial.id for trial in landscape_trials.trials(target_of("levenberg_marquardt"), False)]
    assert 0 < len(names) < len(LANDSCAPES)
    assert "landscapes/rosenbrock" in names


def test_a_quick_look_takes_every_family():
    whole, quick = (landscape_trials.trials(target_of("sgd"), wanted) for wanted in (False, True))
    assert Counter(trial.id for trial in whole) == Counter(f"landscapes/{name}" for name in LANDSCAPES)
    assert {trial.group for trial in quick} == {trial.group for trial in whole}
    assert len(quick) == len({trial.group for trial in whole})

    def step(weights, gradient, state, learning_rate=0.01):
        return weights - learning_rate * gradient, state

    plain = target(step)
    assert len(landscape_trials.trials(plain, True)) < len(landscape_trials.trials(plain, False)) == len(quick)
    outcome = answers(plain, "quadratic")["quadratic"]
    assert outcome.figures["starts"] == 8.0
    assert outcome.scenario is None
    assert outcome.figures["share"] > 0.0


def test_an_error_of_the_target_fails_the_trial():
    def step(weights, gradient, state, learning_rate=0.01):
        if np.any(np.abs(weights) > 1.5):
            raise RuntimeError("too far out")
        return weights - learning_rate * gradient, state

    outcome = answers(target(step), "quadratic")["quadratic"]
    assert outcome.verdict is Verdict.FAILED
    assert "too far out" in outcome.sentence


def test_it_stops_when_told():
    one = target_of("sgd")
    asked = landscape_trials.trials(one, True)
    assert list(landscape_trials.put(one, asked, 0, lambda: False)) == []


@pytest.mark.parametrize("name", ["sphere", "himmelblau"])
def test_the_shipped_reference_is_what_its_command_computes(name):
    found, shipped = reference_of(LANDSCAPES[name], starts=1024), references()[name]
    assert {key: math.inf if value is None else value for key, value in found.items()} == shipped


def test_the_reference_knows_every_landscape():
    assert set(references()) == {name for name, record in LANDSCAPES.items() if record.family != "your own"}
    for one in references().values():
        assert (one["share"] > 0.0) == math.isfinite(one["time"])


def test_expected_times_count_what_failures_cost():
    ends = Ends(np.zeros(4), np.zeros(4), np.array([10.0, 20.0, np.inf, 30.0]), np.zeros(4, bool), np.full(4, 100))
    there = np.array([True, True, False, True])
    assert expected_times([ends], [there], 100).tolist() == [pytest.approx((10 + 20 + 100 + 30) / 3)]
    assert expected_times([ends], [np.zeros(4, bool)], 100).tolist() == [math.inf]


def test_grades():
    reference = {"share": 0.8, "time": 100.0}
    assert grade(wilson(64, 64), 1.0, 90.0, reference) is Verdict.EXCELLENT
    assert grade(wilson(52, 64), 52 / 64, 40.0, reference) is Verdict.EXCELLENT
    assert grade(wilson(52, 64), 52 / 64, 90.0, reference) is Verdict.GOOD
    assert grade(wilson(20, 64), 20 / 64, 90.0, reference) is Verdict.UNRELIABLE
    assert grade(wilson(1, 64), 1 / 64, 90.0, reference) is Verdict.INSUFFICIENT
    assert grade(wilson(0, 64), 0.0, math.inf, reference) is Verdict.INSUFFICIENT
    assert grade(wilson(0, 64), 0.0, math.inf, {"share": 0.0, "time": math.inf}) is Verdict.GOOD


def test_the_interval_of_a_share_holds_it():
    """Against the definition: the ends are where the count lies 1.96 deviations away."""
    for tries in (8, 64, 1000):
        for successes in (0, 1, tries // 3, tries - 1, tries):
            low, high = wilson(successes, tries)
            assert 0.0 <= low <= successes / tries <= high <= 1.0
            for end in (low, high):
                if 0.0 < end < 1.0:
                    assert abs(successes / tries - end) == pytest.approx(1.959964 * math.sqrt(end * (1 - end) / tries), rel=1e-5)


def test_legs_end_at_the_last_step():
    for steps in (1, 5, 20, 21, 2000):
        marks = legs(steps)
        assert marks[-1] == steps
        assert all(0 < after - before <= max(1.0, 0.05 * before + 1) for before, after in pairwise(marks))


def test_a_target_of_other_rates_alone_is_no_error():
    def fixed(weights, gradient, state):
        return weights - 0.05 * gradient, state

    outcome = answers(target(fixed), "quadratic")["quadratic"]
    assert math.isnan(outcome.figures["decades"])
    with pytest.raises(TargetError):
        target(fixed).at(learning_rate=0.1)
