"""``check``: which trials are put, when it stops, and what an error in a target's code does to them."""

import math
from types import SimpleNamespace

import pytest

import gdsim
from gdsim.harness import check as module
from gdsim.harness.check import answer, check, trial_named
from gdsim.harness.report import Report
from gdsim.harness.target import TargetError
from gdsim.harness.targets import target, target_of
from gdsim.harness.trial import Family, Outcome, Trial, Verdict

TRIALS = [Trial(f"truth/made_up_{number}", Family.TRUTH, "Is it?") for number in range(5)]


@pytest.fixture
def families(monkeypatch):
    """Two families made up: ``asked`` tells what was put, and ``breaks_at`` which trial meets an error in the target's code."""
    told = SimpleNamespace(asked=[], breaks_at=None)

    def trials(target, quick):
        return TRIALS[:2] if quick else TRIALS

    def put(target, trials, seed, progress):
        for trial in trials:
            if not progress():
                return
            if trial.id == told.breaks_at:
                raise TargetError("my.py, line 3: it broke")
            told.asked.append((trial.id, seed))
            yield Outcome(trial, Verdict.PASSED, "It is.")

    none = SimpleNamespace(trials=lambda target, quick: [], put=lambda *given: iter(()))
    monkeypatch.setattr(module, "_module", {**dict.fromkeys(Family, none), Family.TRUTH: SimpleNamespace(trials=trials, put=put)}.get)
    return told


def test_a_report_tells_all(families):
    made = target_of("sgd", {"learning_rate": 0.25})
    report = check(made, seed=7)
    assert families.asked == [(trial.id, 7) for trial in TRIALS]
    assert [one.trial for one in report.outcomes] == TRIALS
    assert (report.target, report.values, report.claims, report.seed) == ("sgd", made.values, "sgd", 7)
    assert report.given == {"learning_rate": 0.25}
    assert report.version == gdsim.__version__
    assert report.seconds > 0.0
    assert "processor" in report.hardware
    assert not report.failures


def test_a_part_of_them(families):
    made = target_of("sgd")
    assert [one.trial for one in check(made, ["truth"], quick=True).outcomes] == TRIALS[:2]
    assert check(made, ["robust", "unit"]).outcomes == ()
    assert families.asked == [(trial.id, 0) for trial in TRIALS[:2]]
    with pytest.raises(ValueError, match="absent"):
        check(made, ["absent"])


@pytest.mark.parametrize("last", [0, 1, 3])
def test_it_stops_when_it_is_told_to(families, last):
    heard = []

    def progress(answered, asked):
        heard.append((answered, asked))
        return answered < last

    report = check(target_of("sgd"), progress=progress)
    assert [one.trial for one in report.outcomes] == TRIALS[:last]
    assert len(families.asked) == last
    assert {asked for _, asked in heard} == {5}
    assert [answered for answered, _ in heard] == sorted(answered for answered, _ in heard)


def test_an_error_of_the_target_fails_what_it_leaves_unanswered(families):
    families.breaks_at = TRIALS[2].id
    report = check(target_of("sgd"))
    assert [one.verdict for one in report.outcomes] == [Verdict.PASSED] * 2 + [Verdict.FAILED] * 3
    assert {one.sentence for one in report.failures} == {"my.py, line 3: it broke"}
    assert [one.trial for one in report.outcomes] == TRIALS
    assert answer(target_of("sgd"), TRIALS[2]).verdict is Verdict.FAILED


def test_trials_are_found_by_their_names(families):
    made = target_of("sgd")
    assert trial_named(made, TRIALS[3].id) is TRIALS[3]
    assert trial_named(made, "truth/absent") is trial_named(made, "absent") is None
    assert answer(made, TRIALS[3], seed=4).trial is TRIALS[3]
    assert families.asked == [(TRIALS[3].id, 4)]


def test_given_is_what_has_no_default_and_what_differs():
    class Needs:
        def __init__(self, params, lr, decay=0.0):
            (self.one,), self.lr = list(params), lr

        def step(self):
            self.one.data -= self.lr * self.one.grad

    report = check(target(Needs, lr=0.5), ["robust"], quick=True)
    assert report.given == {"learning_rate": 0.5}
    report = check(target(Needs, lr=0.5, decay=0.25), ["robust"], quick=True)
    assert report.given == {"learning_rate": 0.5, "decay": 0.25}


def test_every_family_is_there():
    """Each offers trials of its own kind, with names that begin with it; a cross-section is a part of all."""
    made, seen = target_of("adam"), []
    for family in Family:
        some = module._module(family).trials(made, False)
        assert some
        assert {trial.family for trial in some} == {family}
        assert all(trial.id.startswith(f"{family}/") and trial.title for trial in some)
        assert {trial.id for trial in module._module(family).trials(made, True)} <= {trial.id for trial in some}
        seen += [trial.id for trial in some]
    assert len(set(seen)) == len(seen)


GRADES = {Verdict.FAILED: 0, Verdict.DIVERGED: 1, Verdict.UNRELIABLE: 2, Verdict.INSUFFICIENT: 3}


def drawn_outcome(rng, number):
    family, group = (list(Family)[rng.integers(4)], f"group {rng.integers(4)}")
    verdict = list(Verdict)[rng.integers(len(Verdict))]
    score = float(rng.random()) if rng.random() < 0.8 else math.nan
    return Outcome(Trial(f"{family}/{number}", family, "Is it?", group), verdict, "It is.", score)


def badness(one, told):
    """What broke comes first, then the kind that was told least, then the lowest grade and score."""
    broke = one.verdict in (Verdict.FAILED, Verdict.DIVERGED)
    alike = sum((other.trial.family, other.trial.group) == (one.trial.family, one.trial.group) for other in told)
    return not broke, alike, GRADES[one.verdict], math.inf if math.isnan(one.score) else one.score


@pytest.mark.parametrize("count", [1, 5, 12, 100])
def test_the_worst_differ(rng, count):
    for size in rng.integers(1, 80, 30):
        report = Report("x", {}, tuple(drawn_outcome(rng, number) for number in range(size)), 0, 0.0, "", "")
        left, told = [one for one in report.outcomes if one.verdict in GRADES], []
        while left and len(told) < count:
            told.append(min(left, key=lambda one: badness(one, told)))
            left.remove(told[-1])
        assert [one.trial.id for one in report.worst(count)] == [one.trial.id for one in told]
