"""Rulers of learning rates: each rate has the verdict of the run alone; coarse or whole; the mark of theory."""

import itertools
import time

import numpy as np
import pytest

import gdsim
from gdsim.simulation import ruler as made
from gdsim.simulation.ruler import COUNT, RATES, rulers, subject_of
from gdsim.simulation.scenario import Scenario, validated
from gdsim.simulation.sweep import sweep
from gdsim.simulation.verdict import Outcome
from tests.draws import fresh, some


def scenario(landscape: str = "himmelblau", steps: int = 60, **run: object) -> Scenario:
    return validated(
        {
            "steps": steps,
            "problem": {"landscape": landscape},
            "runs": [{"optimizer": "sgd", "learning_rate": 0.01} | run, {"optimizer": "adam"}],
        }
    )


CASES = {
    "plain": scenario(),
    "momentum": scenario("rosenbrock", momentum=0.9),
    "random start": scenario("booth").changed(start={"normal": 2.0}),
    "curve": scenario("double_well"),
}


@pytest.mark.parametrize(("name", "index"), some(itertools.product(CASES, [0, 1]), 6))
def test_every_rate_has_what_a_sweep_finds(name: str, index: int) -> None:
    whole = CASES[name]
    *_, last = rulers(subject_of(whole, index))
    axis = {"over": "learning_rate", "low": RATES[0], "high": RATES[1], "count": COUNT, "scale": "log"}
    found = sweep(whole.changed(runs=(whole.runs[index],)), axes=[axis], device="cpu")
    assert last.whole
    assert np.array_equal(last.rates, found.axes["learning_rate"])
    assert np.array_equal(last.verdicts, found["verdict"])
    assert np.array_equal(last.steps, found["steps"])


def test_the_run_alone_has_its_verdict() -> None:
    whole = CASES["plain"]
    *_, last = rulers(subject_of(whole, 0))
    places = fresh().integers(0, COUNT, 12)
    for place in places:
        run = whole.runs[0].changed(learning_rate=float(last.rates[place]))
        verdict = gdsim.run(whole.changed(runs=(run,))).runs[0].verdict.outcome
        verdict = Outcome.CONVERGED if verdict is Outcome.OSCILLATING else verdict
        assert verdict is last.outcome(int(place))


def test_it_grows_from_coarse_to_fine_and_stays_coarse_where_it_would_take_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    subject = subject_of(CASES["plain"], 0)
    monkeypatch.setattr(made, "AT_ONCE", 60.0)  # on a machine that is busy, too
    (at_once,) = rulers(subject)
    monkeypatch.setattr(made, "AT_ONCE", 0.0)
    grown = list(rulers(subject))
    assert [len(one.rates) for one in grown] == [64, 128, 256, 512]
    assert [one.whole for one in grown] == [False, False, False, True]
    for one in grown:
        stride = COUNT // len(one.rates)
        assert np.array_equal(one.rates, at_once.rates[::stride])
        assert np.array_equal(one.verdicts, at_once.verdicts[::stride])
    (coarse,) = rulers(subject, longest=0.0)
    assert (len(coarse.rates), coarse.whole) == (64, True)


def test_compiling_counts_for_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = made.Computer.fill, []

    def fill(self, rows, columns, at) -> None:
        if not calls:
            time.sleep(0.5)
        calls.append(len(rows))
        real(self, rows, columns, at)

    monkeypatch.setattr(made.Computer, "fill", fill)
    *_, last = rulers(subject_of(CASES["plain"], 0), longest=0.25)
    assert len(last.rates) == COUNT
    assert calls[0] == 64


def test_its_subject_is_the_run_but_its_rate_and_name() -> None:
    whole = CASES["plain"]
    same = whole.with_run(0, whole.runs[0].changed(learning_rate=3.0, label="other")).changed(title="other")
    assert subject_of(same, 0) == subject_of(whole, 0)
    others = [
        whole.changed(steps=61),
        whole.changed(start=(1.0, 2.0)),
        whole.with_run(0, whole.runs[0].changed(momentum=0.1)),
        whole.with_run(0, whole.runs[0].changed(start=(1.0, 2.0))),
    ]
    for other in others:
        assert subject_of(other, 0) != subject_of(whole, 0)
    assert subject_of(others[0], 1) != subject_of(whole, 1)
    assert subject_of(others[2], 1) == subject_of(whole, 1)
    weights = (0.5,) * 9
    tables = {"problem": {"dataset": "spiral", "network": {"layers": [2]}}, "runs": [{"optimizer": "adam"}]}
    network = validated(tables)
    faster = network.with_run(0, network.runs[0].changed(learning_rate=3.0, label="other"))
    assert subject_of(network, 0) == subject_of(faster, 0)
    assert subject_of(network.with_run(0, network.runs[0].changed(start=weights)), 0) != subject_of(network, 0)


@pytest.mark.parametrize(("more", "product"), [({}, 2.0), ({"momentum": 0.5}, 3.0), ({"momentum": 0.9, "nesterov": True}, 3.8 / 2.8)])
def test_the_mark_is_where_a_quadratic_turns(more: dict[str, object], product: float) -> None:
    """On a bowl of curvatures a and b all runs below the mark stay, and all above it fly off."""
    curvature = float(fresh().uniform(0.5, 20.0))
    tables = {
        "steps": 2000,
        "start": (1.0, 1.0),
        "problem": {"landscape": "quadratic", "parameters": {"a": 0.5 * curvature, "b": curvature}},
        "runs": [{"optimizer": "sgd", **more}],
    }
    *_, last = rulers(subject_of(validated(tables), 0))
    assert last.mark is not None
    assert last.mark.rate == pytest.approx(product / curvature, rel=1e-9)
    assert "(0, 0)" in last.mark.where
    far = np.abs(np.log(last.rates / last.mark.rate)) > 0.05
    lost = np.array([last.outcome(place) is Outcome.DIVERGED for place in range(COUNT)])
    assert np.array_equal(lost[far], (last.rates > last.mark.rate)[far])


def test_theory_is_silent_where_it_knows_nothing() -> None:
    *_, adam = rulers(subject_of(CASES["plain"], 1))
    assert adam.mark is None
    assert "Adam" in adam.silent


def test_the_nearest_rate_is_found() -> None:
    *_, last = rulers(subject_of(CASES["plain"], 0))
    for place in fresh().integers(0, COUNT, 20):
        assert last.at(float(last.rates[place]) * 1.005) == place
    assert (last.at(1e-9), last.at(1e9)) == (0, COUNT - 1)
