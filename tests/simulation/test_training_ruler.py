"""Rulers of trainings: each rate has the verdict that a sweep finds; as many rates as are worth the time, and none that is dear unasked."""

import numpy as np
import pytest

from gdsim.simulation import training_pace
from gdsim.simulation import training_ruler as made
from gdsim.simulation.ruler import COUNT, RATES, Ruler, subject_of
from gdsim.simulation.run_batches import steps_of
from gdsim.simulation.sweep import sweep
from gdsim.simulation.sweep_plan import Plan
from gdsim.simulation.training_pace import at_once, pace_of
from gdsim.simulation.training_ruler import ASKED, training_rulers
from tests.simulation.test_sweep_networks import SINE, scenario

KINDS = {
    "side by side": scenario(None),
    "one by one": scenario(None, run={"optimizer": "sgd", "momentum": 0.5, "batch_size": 5}, steps=10),
    "epochs": scenario(None, run={"optimizer": "sgd", "momentum": 0.5, "batch_size": 5, "epochs": 2}),
}


def grown(name: str, **more: bool) -> list[Ruler]:
    return [one for one in training_rulers(subject_of(KINDS[name], 0), **more) if one is not None]


@pytest.mark.parametrize("name", KINDS)
def test_every_rate_has_what_a_sweep_finds(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made, "pace_of", lambda plan: 0.0)  # however slow the machine is
    monkeypatch.setattr(made, "LONGEST", 1e9)
    rulers = grown(name)
    last = rulers[-1]
    axis = {"over": "learning_rate", "low": RATES[0], "high": RATES[1], "count": COUNT, "scale": "log"}
    places = np.arange(0, COUNT, COUNT // len(last.rates))
    whole = Plan(KINDS[name].changed(sweep={"axes": [axis]}), "cpu").axes[0].values[places]
    found = sweep(KINDS[name], axes=[{"over": "learning_rate", "values": tuple(whole.tolist())}], device="cpu")
    assert (last.whole, len(last.rates)) == (True, COUNT // made.FINEST)
    assert np.array_equal(last.rates, whole)
    assert np.array_equal(last.verdicts, found["verdict"])
    assert np.array_equal(last.steps, found["steps"])
    for one in rulers:
        at = np.searchsorted(last.rates, one.rates)
        assert np.array_equal(one.rates, last.rates[at])
        assert np.array_equal(one.verdicts, last.verdicts[at])
    assert [one.whole for one in rulers] == [False] * (len(rulers) - 1) + [True]
    counts = [len(one.rates) for one in rulers]
    assert counts == sorted(set(counts))


def test_it_tells_of_no_limit_and_says_why() -> None:
    last = grown("side by side", asked=True)[-1]
    assert last.mark is None
    assert "no limit" in last.silent


def test_it_ends_with_the_time_that_it_is_worth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made, "pace_of", lambda plan: 0.0)
    monkeypatch.setattr(made, "LONGEST", 0.0)
    assert len(grown("one by one")[-1].rates) == made.FEWEST
    assert len(grown("one by one", asked=True)[-1].rates) == ASKED


@pytest.mark.parametrize(("pace", "name", "dear"), [(0.9, "one by one", False), (1.1, "one by one", True), (0.9, "side by side", True)])
def test_one_that_is_dear_is_withheld_until_it_is_asked_for(pace, name, dear, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trainings that go side by side end together, so it is their time that counts."""
    monkeypatch.setattr(made, "pace_of", lambda plan: pace)
    unasked = grown(name)[-1]
    assert bool(unasked.withheld) == dear
    assert unasked.whole
    if dear:
        assert (len(unasked.rates), unasked.withheld) == (0, ASKED * pace)
    asked = grown(name, asked=True)
    assert asked[-1].withheld == 0.0
    assert len(asked[-1].rates) >= ASKED
    shares = [one.share for one in asked]
    assert shares[-1] == 1.0
    assert all(0.0 < share < 1.0 for share in shares[:-1])


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize(("once", "step"), [(0.0, 1e-7), (1e-3, 1e-5), (0.02, 1e-4), (0.0, 0.03), (0.02, 2.0)])
def test_the_pace_is_told_from_a_few_steps(name: str, once: float, step: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where steps take ``step`` seconds and there are ``once`` to do besides."""
    asked: list[int] = []

    def timed(_plan: Plan, _rows: np.ndarray, steps: int) -> tuple[float, int]:
        asked.append(steps)
        return once + step * steps, steps

    monkeypatch.setattr(training_pace, "_timed", timed)
    scenario_of_it = KINDS[name].changed(steps=100_000)
    plan = Plan(subject_of(scenario_of_it, 0), "cpu")
    total = steps_of(scenario_of_it, 0)
    assert pace_of(plan) * at_once(plan) == pytest.approx(once + step * total, rel=0.05)
    assert sum(asked) * step < 4.0 * (step + training_pace.ENOUGH)  # telling takes no longer than that
    assert at_once(plan) > 1 if name == "side by side" else at_once(plan) == 1


@pytest.mark.parametrize("name", KINDS)
def test_the_pace_is_measured(name: str) -> None:
    assert 0.0 < pace_of(Plan(subject_of(KINDS[name], 0), "cpu")) < 60.0


def test_the_pace_of_what_ends_at_once_is_that_of_the_few_steps() -> None:
    plan = Plan(scenario([{"over": "learning_rate", "values": [1e200, 1e201]}], problem=SINE, steps=1_000_000), "cpu")
    assert pace_of(plan) < 60.0  # a million steps would be some minutes
