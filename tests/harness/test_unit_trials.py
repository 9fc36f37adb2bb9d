"""Unit trials as they are run and judged: against the slow version, step by step, against the shipped reference."""

import itertools
import math

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdsim.harness import unit_reference, unit_trials
from gdsim.harness.target import Target
from gdsim.harness.targets import target
from gdsim.harness.trial import Verdict
from gdsim.harness.unit_catalogue import CATALOGUE, NOISES
from gdsim.harness.unit_reference import RATES, computed, dropped, reference, shipped_digest, usable
from gdsim.harness.unit_run import SEEDS, compiled, first_seed, looks, runs_of, stepped
from gdsim.harness.unit_scenario import can_show, scenario_text, typical
from gdsim.harness.unit_trials import DRAWN, LEFT_OUT, QUICK, QUICK_DRAWN, cross_section, put, replayed, trials
from gdsim.harness.unit_verdict import Best, graded, judged, wilson
from gdsim.harness.unit_world import digest
from gdsim.optimizers import OPTIMIZERS
from gdsim.shipped import assets
from gdsim.simulation.run import run
from gdsim.simulation.scenario import validated
from gdsim.simulation.scenario_file import parse
from tests import naive_trials
from tests.draws import fresh

SGD, ADAM = OPTIMIZERS["sgd"], OPTIMIZERS["adam"]


def go_on():
    return True


def drawn(count, some=None):
    """Fresh trials, as many of one dimension as of several."""
    rng = fresh()
    pool = list((some or CATALOGUE).values())
    parts = [[t for t in pool if t.dim == 1], [t for t in pool if t.dim > 1]]
    return [parts[k % 2][rng.integers(len(parts[k % 2]))] for k in range(count)]


class TestAgainstTheSlowVersion:
    @pytest.mark.parametrize(("name", "rates"), [("sgd", (1e-3, 0.03, 1.0)), ("adam", (1e-3, 0.1, 3.0))])
    def test_every_run_ends_at_the_same_loss_to_the_bit(self, name, rates, rng):
        some = drawn(24)
        runs, optimizer = runs_of(some, seed := int(rng.integers(2**50))), OPTIMIZERS[name]
        values = {"learning_rate": rates[rng.integers(3)]}
        ends = runs.parted(compiled(optimizer, values, runs))
        for trial, losses in zip(some, ends, strict=True):
            for k in {0, int(rng.integers(len(losses)))}:
                slow = naive_trials.final_loss(trial, optimizer, values, first_seed(seed) + k)
                assert slow == losses[k], (trial.id, k)

    def test_every_verdict_is_the_same(self):
        some = drawn(150, usable())
        runs = runs_of(some, 0)
        for trial, losses in zip(some, runs.parted(compiled(SGD, {"learning_rate": 0.1}, runs)), strict=True):
            best = reference()[trial.id]
            outcome = judged(trial, losses, best, 100)
            word, v = naive_trials.verdict(list(losses), best.start, best.loss)
            assert outcome.verdict == word
            assert math.isnan(outcome.score) if word == "diverged" else outcome.score == pytest.approx(v, rel=1e-9)
            assert (outcome.interval is not None) == trial.is_random

    def test_the_number_of_threads_and_their_order_change_nothing(self):
        some = drawn(60)
        runs = runs_of(some, 5)
        together = compiled(ADAM, {}, runs)
        apart = np.concatenate([compiled(ADAM, {}, runs_of([trial], 5)) for trial in some])
        np.testing.assert_array_equal(together, apart)


def test_steps_one_by_one_are_the_compiled_ones():
    given = target("adam", learning_rate=0.05)
    for trial in drawn(4):
        (losses,) = runs_of([trial], 3).parted(compiled(ADAM, given.values, runs_of([trial], 3)))
        np.testing.assert_array_equal(stepped(given, trial, 3), losses)


class TestReference:
    def test_it_was_computed_for_this_catalogue(self):
        assert shipped_digest() == digest()
        assert list(reference()) == list(CATALOGUE)

    def test_computed_again_it_is_the_same(self):
        some = drawn(8)
        for trial, best in zip(some, computed(some), strict=True):
            shipped = reference()[trial.id]
            assert best.loss == pytest.approx(shipped.loss, rel=1e-9), trial.id
            assert best.start == pytest.approx(shipped.start, rel=1e-12)
            assert best.runs == shipped.runs

    def test_the_slow_version_finds_the_same_best_rate(self):
        noiseless = {name: trial for name, trial in CATALOGUE.items() if not trial.is_random}
        for trial in drawn(4, noiseless):
            rate, loss = naive_trials.best_rate(trial, SGD, [0], RATES)
            best = reference()[trial.id]
            assert loss == pytest.approx(best.loss, rel=1e-9)
            assert rate == best.rate or naive_trials.final_loss(trial, SGD, {"learning_rate": best.rate}, 0) == pytest.approx(
                loss, rel=1e-9
            )

    def test_the_command_writes_the_file_that_is_shipped(self, tmp_path, monkeypatch, capsys):
        some = {trial.id: trial for trial in drawn(5)}
        without = len(set(some) & set(dropped()))
        (tmp_path / "data").mkdir()
        monkeypatch.setattr(unit_reference, "assets", lambda: tmp_path)
        monkeypatch.setattr(unit_reference, "CATALOGUE", some)
        unit_reference.main()
        assert f"{without} of {len(some)} trials show no progress" in capsys.readouterr().out
        head, titles, *rows = (tmp_path / "data" / unit_reference.FILE).read_text().splitlines()
        shipped = (assets() / "data" / unit_reference.FILE).read_text().splitlines()
        assert [head, titles] == shipped[:2]
        for row, name in zip(rows, some, strict=True):
            written, known = row.split(","), next(line for line in shipped if line.startswith(f"{name},")).split(",")
            assert [written[0], *map(float, written[1:])] == [name, *(pytest.approx(float(text), rel=1e-9) for text in known[1:])]

    def test_all_thirty_four_rates_are_there(self):
        assert len(RATES) == 34
        assert (RATES[0], RATES[-1]) == (1e-10, 1.0)
        np.testing.assert_allclose(np.diff(np.log(RATES)), math.log(10.0) * 10.0 / 33.0)
        assert {best.rate for best in reference().values()} <= set(RATES)

    def test_starts_are_the_heights_of_the_scales(self):
        for name, best in reference().items():
            trial = CATALOGUE[name]
            height = 2.0 if trial.scale == "flat" else 200.0
            norm = {"": 1.0, "l1": float(trial.dim), "l2": math.sqrt(trial.dim), "max": 1.0}[trial.norm]
            assert best.start == pytest.approx(height * norm, rel=1e-12)

    def test_a_trial_is_dropped_where_chance_could_have_made_the_progress(self):
        assert set(dropped()) | set(usable()) == set(CATALOGUE)
        assert not set(dropped()) & set(usable())
        for name in dropped():
            best = reference()[name]
            assert best.loss >= best.start or (best.runs == SEEDS and best.improved < 61)
        for name in usable():
            best = reference()[name]
            assert best.loss < best.start
            assert best.improved >= 60 or best.runs == 1


class TestGradientDescentAtItsBestRate:
    @pytest.mark.parametrize("seed", [0, None])
    def test_it_reaches_itself(self, seed):
        """Exactly at the reference's seeds. At others the 11th of 100 losses of the one lies below the 90th of the other, and the other
        way round, unless more than 89 of 100 fall on one side of their median: once in 10^15 times.
        """
        some = drawn(40, usable())
        for trial in some:
            best = reference()[trial.id]
            values = {"learning_rate": best.rate}
            own = compiled(SGD, values, runs_of([trial], 0))
            outcome = judged(trial, own, best, 100)
            assert outcome.score == pytest.approx(1.0, rel=1e-6)
            assert outcome.verdict in (Verdict.GOOD, Verdict.UNRELIABLE)
            if seed is None and trial.is_random:
                other = np.sort(compiled(SGD, values, runs_of([trial], int(fresh().integers(1, 2**40)))))
                own = np.sort(own)
                assert own[10] <= other[89], trial.id
                assert other[10] <= own[89], trial.id


class TestVerdicts:
    @pytest.mark.parametrize(
        ("value", "failed", "diverged", "verdict"),
        [
            (-math.inf, 1.0, 60, Verdict.DIVERGED),
            (-3.0, 1.0, 0, Verdict.INSUFFICIENT),
            (0.1, 0.5, 0, Verdict.INSUFFICIENT),
            (0.1, 0.5, 9, Verdict.INSUFFICIENT),
            (0.11, 0.25, 0, Verdict.GOOD),
            (0.11, 0.26, 0, Verdict.UNRELIABLE),
            (5.0, 0.01, 1, Verdict.UNRELIABLE),
            (2.0, 0.0, 0, Verdict.GOOD),
            (2.01, 0.0, 0, Verdict.EXCELLENT),
        ],
    )
    def test_thresholds(self, value, failed, diverged, verdict):
        assert graded(value, failed, diverged) is verdict

    @given(st.data())
    def test_the_interval_holds_the_shares_that_explain_what_was_seen(self, data):
        """Its ends are where the share seen lies 1.96 standard deviations of the share off it."""
        count = data.draw(st.integers(1, 400))
        seen = data.draw(st.integers(0, count))
        low, high = wilson(seen, count)
        assert 0.0 <= low <= seen / count <= high <= 1.0
        for end in {low, high} - {0.0, 1.0}:
            off = mpmath.mpf(seen) / count - end
            assert abs(off**2 * count - mpmath.mpf("1.959963984540054") ** 2 * end * (1 - mpmath.mpf(end))) < 1e-9 * count
        assert wilson(count - seen, count) == pytest.approx((1.0 - high, 1.0 - low), abs=1e-12)

    def test_the_noise_cancels_in_the_score(self):
        losses, best = np.array([150.0, 170.0, 180.0]), Best(0.1, 100.0, 200.0, 3, 3)
        scores = {judged(CATALOGUE[f"unit/line/normal/{noise}"], losses, best, 100).score for noise in NOISES}
        assert max(scores) - min(scores) < 1e-12
        assert min(scores) == pytest.approx(0.3)
        figures = judged(CATALOGUE["unit/line/normal/gauss_mul_normal"], losses, best, 100).figures
        assert figures["expected"] == pytest.approx(170.0 * math.exp(0.5))

    def test_what_falls_for_ever_has_arrived_and_what_leaps_to_nowhere_has_not(self):
        """Down a parabola, and down an exponential to minus infinity: while the weight is a number, that is far enough."""
        for name in ("unit/quad_bowl/saddle/noiseless", "unit/exponential/saddle/noiseless"):
            runs = runs_of([CATALOGUE[name]], 0)
            assert compiled(SGD, {"learning_rate": 1.0}, runs)[0] == -1e10
            assert compiled(SGD, {"learning_rate": math.inf}, runs)[0] == math.inf
        rising = runs_of([CATALOGUE["unit/quad_bowl/normal/noiseless"]], 0)
        assert compiled(SGD, {"learning_rate": 1.2}, rising)[0] == math.inf

    def test_rounding_does_not_decide(self):
        """On a line a rate of 0.1 makes a tenth of the progress of 1."""
        runs = runs_of([CATALOGUE["unit/line/normal/noiseless"]], 0)
        best = reference()["unit/line/normal/noiseless"]
        outcome = judged(CATALOGUE["unit/line/normal/noiseless"], compiled(SGD, {"learning_rate": 0.1}, runs), best, 100)
        assert (outcome.score, outcome.verdict) == (0.1, Verdict.INSUFFICIENT)

    def test_sentences_say_how_many_and_how_far(self):
        trial, best = CATALOGUE["unit/line/normal/cauchy"], Best(0.043, 100.0, 200.0, 100, 100)
        broken = judged(trial, np.array([math.inf] * 12 + [199.0] * 30 + [150.0] * 58), best, 100)
        assert broken.verdict is Verdict.UNRELIABLE
        assert broken.sentence == (
            "within 100 steps 12 of 100 seeds diverged and 30 made less than a tenth of the way; the median ends at 150; "
            "gradient descent at its best rate, 0.043, goes from 200 to 100, so that is 0.5 times its progress"
        )
        assert broken.interval == wilson(58, 100)
        lost = judged(trial, np.array([math.inf] * 60 + [150.0] * 40), best, 100)
        assert lost.verdict is Verdict.DIVERGED
        assert lost.sentence.startswith("within 100 steps 60 of 100 seeds diverged, and with them the median")
        alone = judged(CATALOGUE["unit/line/normal/noiseless"], np.array([math.inf]), best, 100)
        assert alone.interval is None
        assert alone.sentence.startswith("within 100 steps it diverged; ")


class TestTrials:
    def test_a_compiled_optimizer_meets_all_on_which_there_is_progress(self):
        asked = trials(target("adam"), quick=False)
        assert [trial.id for trial in asked] == [*usable(), LEFT_OUT.id]
        assert len(trials(target("adam"), quick=True)) == QUICK + 1

    def test_a_cross_section_has_as_many_of_every_group_and_is_always_the_same(self):
        some = cross_section(usable().values(), 96)
        counts = [sum(trial.group == group for trial in some) for group in {trial.group for trial in usable().values()}]
        assert set(counts) <= {7, 8}
        assert some == cross_section(reversed(usable().values()), 96)
        assert some[:24] == cross_section(usable().values(), 24)

    def test_every_outcome_comes_once_and_says_why(self):
        given = target("sgd", learning_rate=0.1)
        asked = trials(given, quick=True)
        answers = list(put(given, asked, 0, go_on))
        assert sorted(answer.trial.id for answer in answers) == sorted(trial.id for trial in asked)
        left_out = next(answer for answer in answers if answer.trial == LEFT_OUT)
        assert left_out.verdict is Verdict.SKIPPED
        assert f"{QUICK} of 3,944 trials" in left_out.sentence
        assert f"on {len(dropped())} not even gradient descent makes progress" in left_out.sentence
        assert f"{QUICK} were drawn from the other {len(usable()):,}" in left_out.sentence
        graded_ones = {Verdict.EXCELLENT, Verdict.GOOD, Verdict.INSUFFICIENT, Verdict.UNRELIABLE, Verdict.DIVERGED}
        assert {answer.verdict for answer in answers} <= graded_ones | {Verdict.SKIPPED}

    def test_one_trial_alone_has_the_outcome_that_it_has_among_others(self):
        given = target("sgd", learning_rate=0.1)
        together = {answer.trial.id: answer for answer in put(given, trials(given, quick=True), 4, go_on)}
        for trial in trials(given, quick=True)[:3]:
            assert next(put(given, [trial], 4, go_on)) == together[trial.id]

    def test_it_stops_when_told_to(self):
        calls = itertools.count()
        given = target("sgd", learning_rate=0.1)
        answers = list(put(given, trials(given, quick=False), 0, lambda: next(calls) < 3))
        assert len(answers) < 300

    def test_a_method_that_looks_at_the_landscape_meets_what_stands_still(self):
        given = target("newton")
        asked = trials(given, quick=False)
        some = [CATALOGUE[trial.id] for trial in asked[:-1]]
        assert {trial.group for trial in some} == {"1-D noiseless", "2-D separable", "2-D rotated"}
        answers = {answer.trial.id: answer for answer in put(given, asked, 0, go_on)}
        assert len(answers) == len(asked)
        # One step into the vertex of a parabola.
        bowl = answers["unit/quad_bowl/normal/noiseless"]
        assert bowl.figures["median"] == pytest.approx(199.75)
        assert bowl.verdict is Verdict.GOOD
        assert "newton looks at a landscape by itself" in answers[LEFT_OUT.id].sentence

    def test_a_method_for_sums_of_squares_meets_none(self):
        assert [trial.id for trial in trials(target("levenberg_marquardt"), quick=False)] == [LEFT_OUT.id]


def descent(weights, gradient, state):
    return weights - 0.1 * gradient, state


class TestWhatIsNotCompiled:
    def test_it_meets_a_cross_section(self):
        given = target(descent)
        assert given.record is None
        assert len(trials(given, quick=False)) == DRAWN + 1
        assert len(trials(given, quick=True)) == QUICK_DRAWN + 1

    def test_it_ends_as_the_compiled_one_does(self):
        given, same = target(descent), target("sgd", learning_rate=0.1)
        asked = trials(given, quick=True)[:6]
        for slow, fast in zip(put(given, asked, 2, go_on), put(same, asked, 2, go_on), strict=True):
            assert (slow.trial, slow.verdict, slow.figures) == (fast.trial, fast.verdict, fast.figures)

    def test_what_does_not_come_within_a_minute_is_told(self, monkeypatch):
        monkeypatch.setattr(unit_trials, "SECONDS", 0.0)
        given = target(descent)
        answers = list(put(given, [CATALOGUE[name].trial for name in list(usable())[:3]], 0, go_on))
        assert [answer.verdict is Verdict.SKIPPED for answer in answers] == [False, True, True]
        assert answers[1].sentence == "not put: after 0 s 1 of the 3 trials drawn had been answered"

    def test_it_stops_within_a_trial(self):
        assert not list(put(target(descent), [CATALOGUE["unit/line/normal/cauchy"].trial], 0, lambda: False))


SHOWN = (
    "unit/quad_bowl/2d/l1/curled/normal/gauss_mul_normal",
    "unit/gauss_bowl+ridge-quad_bowl/2d/l2/rotated/steep/gauss_add_normal",
    "unit/abs/saddle/noiseless/drift",
    "unit/quad_bowl/normal/mask_high",
    "unit/exponential/flat/cauchy",
)


class TestScenarios:
    @pytest.mark.parametrize("name", SHOWN)
    def test_it_shows_the_run_of_the_trial(self, name):
        trial, values = CATALOGUE[name], {"learning_rate": 0.02}
        (outcome,) = put(Target("adam", values, None, None, ADAM), [trial.trial], 3, go_on)
        losses = compiled(ADAM, values, runs_of([trial], 3))
        shown = run(validated(parse(outcome.scenario))).runs
        best = compiled(SGD, {"learning_rate": reference()[name].rate}, runs_of([trial], 3))
        for path, expected in zip(shown, (losses, best), strict=True):
            assert path.steps == 100
            assert path.losses[-1] == pytest.approx(expected[typical(losses)], rel=1e-9)

    def test_every_one_is_valid(self):
        for trial in [t for t in drawn(60, usable()) if can_show(t, ADAM)]:
            scenario = validated(parse(scenario_text(trial, ADAM, {"amsgrad": True}, reference()[trial.id], 7)))
            assert (scenario.steps, scenario.seed, scenario.landscape.dim) == (100, 7, trial.dim)
            assert scenario.runs[0].values["amsgrad"] is True

    def test_what_a_scenario_cannot_tell_has_none(self):
        for name in ("unit/line/normal/cauchy/scale", "unit/line/normal/cauchy/offset", "unit/quad_bowl/10d/l1/rotated/normal/cauchy"):
            assert not can_show(CATALOGUE[name], ADAM)
        assert not can_show(CATALOGUE["unit/line/normal/cauchy"], None)
        given = target(descent)
        (outcome,) = put(given, [CATALOGUE["unit/line/normal/noiseless"].trial], 0, go_on)
        assert outcome.scenario is None

    def test_the_run_shown_is_one_that_diverged_or_the_typical_one(self):
        assert typical(np.array([3.0, math.inf, 1.0, math.inf])) == 1
        assert typical(np.array([3.0, 9.0, 1.0, 4.0, 0.0])) == 0


class TestReplay:
    @pytest.mark.parametrize(("thing", "name"), [("adam", "unit/line/normal/cauchy/offset"), (descent, "unit/abs/steep/gauss_add_high")])
    def test_the_run_is_told_step_by_step_where_no_scenario_shows_it(self, thing, name):
        given, rows = target(thing), []
        outcome = replayed(given, CATALOGUE[name].trial, 5, rows)
        assert outcome == next(put(given, [CATALOGUE[name].trial], 5, go_on))
        assert [row.step for row in rows] == list(range(1, 101))
        seed = int(rows[0].run.removeprefix("seed "))
        assert seed - first_seed(5) in range(100)
        positions = np.array([np.zeros(1), *(row.weights for row in rows[:-1])])
        for row, (_, seen, gradient) in zip(rows, looks(CATALOGUE[name], seed, positions), strict=True):
            assert row.loss == seen
            np.testing.assert_array_equal(row.gradient, gradient)

    def test_nothing_is_told_where_a_scenario_shows_it(self):
        rows = []
        assert replayed(target("adam"), CATALOGUE["unit/line/normal/noiseless"].trial, 0, rows).scenario is not None
        assert not rows
