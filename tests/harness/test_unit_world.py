"""Unit trials as they are met: the catalogue, its numbers, and that what is seen is the gradient of what is scored."""

import itertools
import math
from collections import Counter

import numpy as np
import pytest

from gdsim.engine.compose import composed
from gdsim.engine.specialise import specialise
from gdsim.harness import unit_leaves as leaves
from gdsim.harness import unit_templates as templates
from gdsim.harness.unit_catalogue import CATALOGUE, NOISES, SOME_NOISES, WITH_ALL_NOISES, WITH_SOME_NOISES, UnitTrial
from gdsim.harness.unit_run import CONSTANTS, looks, runs_of
from gdsim.harness.unit_verdict import expected_factor
from gdsim.harness.unit_world import KIND_OF, PLACES, angle, eddy, rotation, world
from gdsim.landscapes.prototypes import PROTOTYPES, SCALES, prototype
from gdsim.landscapes.prototypes.leaves import jet
from gdsim.landscapes.prototypes.pieces import concatenated
from gdsim.landscapes.prototypes.tabled import jet as tabled
from gdsim.landscapes.prototypes.tabled import table
from gdsim.landscapes.prototypes.text import parsed
from tests.draws import fresh

TRIALS = tuple(CATALOGUE.values())
BASES = (*WITH_ALL_NOISES, *WITH_SOME_NOISES)


class TestCatalogue:
    def test_it_has_as_many_trials_of_each_kind_as_the_paper_counts(self):
        of_base = Counter(trial.curves for trial in TRIALS if trial.dim == 1)
        assert sorted(of_base.values()) == [64] * 37 + [160] * 8
        assert Counter(trial.dim for trial in TRIALS) == {1: 3648, 2: 172, 10: 124}
        assert len(TRIALS) == 3944

    def test_every_trial_is_another(self):
        assert len(set(TRIALS)) == len(CATALOGUE)
        assert len({trial.title for trial in TRIALS}) == len(CATALOGUE)
        noiseless_walks = [trial for trial in TRIALS if trial.noise == "noiseless" and trial.change == "noise"]
        assert not noiseless_walks

    def test_every_prototype_scale_and_noise_occurs(self):
        pieces = {piece for trial in TRIALS for text in trial.curves for piece in text.split("-")}
        assert pieces == set(PROTOTYPES)
        assert {trial.scale for trial in TRIALS} == set(SCALES)
        assert {trial.noise for trial in TRIALS} == set(NOISES)
        assert {(trial.norm, trial.structure) for trial in TRIALS} == {("", "")} | set(
            itertools.product(("l1", "l2", "max"), ("separable", "rotated", "curled"))
        )

    def test_groups_are_the_reported_blocks(self):
        one = {"noiseless", "differentiable", "non-differentiable", "heavy noise"} | {
            f"{c} non-stationary" for c in ("scale", "noise", "offset")
        }
        more = {f"{dim}-D {structure}" for dim in (2, 10) for structure in ("separable", "rotated", "curled")}
        assert {trial.group for trial in TRIALS} == {f"1-D {name}" for name in one} | more

    @pytest.mark.parametrize("base", BASES)
    def test_a_curve_is_called_differentiable_where_it_has_no_kink(self, base):
        segments = [s for s in concatenated(parsed(base)[0], -1.0) if not s.at_end]
        slopes = [
            (before.value_and_slope(before.end)[1], after.value_and_slope(before.end)[1]) for before, after in itertools.pairwise(segments)
        ]
        kinks = [pair for pair in slopes if abs(pair[0] - pair[1]) > 1e-6 * max(map(abs, pair))]
        assert (UnitTrial((base,), "normal", "gauss_add_low").group == "1-D differentiable") == (not kinks)

    def test_there_is_one_run_where_nothing_is_random_and_a_hundred_elsewhere(self):
        some = [
            CATALOGUE["unit/abs/flat/noiseless"],
            CATALOGUE["unit/abs/flat/noiseless/drift"],
            CATALOGUE["unit/abs/flat/noiseless/scale"],
        ]
        assert runs_of(some, 0).counts == (1, 1, 100)

    def test_other_seeds_share_no_run(self):
        trial = [CATALOGUE["unit/abs/flat/cauchy"]]
        drawn = [set(runs_of(trial, seed).seeds.tolist()) for seed in (0, 1, 2, 7)]
        assert len(set.union(*drawn)) == sum(len(some) for some in drawn) == 400


@pytest.mark.parametrize("base", BASES)
def test_curves_from_a_table_are_the_prototypes(base, rng):
    curves = [concatenated(parsed(base)[0], sign) for sign in (-1.0, 1.0)]
    segments, begins = table(curves)
    ends = [s.end for curve in curves for s in curve if math.isfinite(s.end)]
    for k, curve in enumerate(curves):
        own = jet(curve)
        for x in (*ends, 0.0, 1.0, -0.0, *rng.normal(0.5, 1.0, 20)):
            assert tabled(x, segments, begins[k], begins[k + 1]) == own(x)


def _one_look(trial, position, step=7, seed=0):
    """What a run meets that is at ``position`` at a step before anything has changed."""
    weights, gradient, state = np.zeros(leaves.MOST), np.zeros(leaves.MOST), np.zeros(leaves.STATE)
    weights[: trial.dim] = position
    loss, seen = specialise(templates.one_look, **CONSTANTS)(world(), PLACES[trial.id], state, weights, gradient, step, seed)
    return loss, seen, gradient[: trial.dim].copy()


def _shapes():
    return list({(t.curves, t.scale, t.norm, t.structure): t for t in TRIALS if t.noise == "noiseless"}.values())


@pytest.mark.parametrize("draw", range(50))
def test_what_is_seen_is_the_gradient_of_the_sample(draw, rng):
    """Along any line the gradient sums up to the difference of the losses: also across kinks, turned, and under noise.

    The error of the midpoint rule is at most a step times the variation of the slope along the line, here with a margin of two.
    """
    several = [shape for shape in _shapes() if shape.dim > 1 and shape.structure != "curled"]
    curves = [shape for shape in _shapes() if shape.dim == 1]
    shape = (several if draw % 2 else curves)[rng.integers(len(several if draw % 2 else curves))]
    noise = SOME_NOISES[rng.integers(len(SOME_NOISES))]
    trial = next(
        t
        for t in TRIALS
        if (t.curves, t.scale, t.norm, t.structure) == (shape.curves, shape.scale, shape.norm, shape.structure)
        and t.noise == noise
        and t.change == ""
    )
    seed = int(rng.integers(2**40))
    a, b = rng.uniform(-0.3, 1.3, (2, trial.dim))
    count = 1500
    at = a + (np.arange(count)[:, None] + 0.5) / count * (b - a)
    slopes = np.array([_one_look(trial, w, seed=seed)[2] @ (b - a) for w in at])
    difference = _one_look(trial, b, seed=seed)[1] - _one_look(trial, a, seed=seed)[1]
    allowed = 2.0 * np.abs(np.diff(slopes)).sum() / count + 1e-9 * (abs(difference) + abs(slopes).max() + 200.0 * 10.0)
    # Under multiplicative noise losses of 200 and more are multiplied too.
    allowed += 1e-9 * abs(_one_look(trial, b, seed=seed)[1])
    assert abs(slopes.mean() - difference) <= allowed
    assert allowed < 0.05 * np.abs(slopes).max() + 1e-6 * abs(_one_look(trial, b, seed=seed)[1]) + 1e-5


ROTATED = [t for t in _shapes() if t.structure == "rotated"]


@pytest.mark.parametrize("trial", ROTATED, ids=lambda t: t.id)
def test_a_turned_landscape_is_the_same_one_seen_from_elsewhere(trial, rng):
    """Q turns; the start moves with the landscape; the gradient turns back with the transpose, and keeps its length."""
    plain = CATALOGUE[trial.id.replace("rotated", "separable")]
    q = rotation(trial)
    np.testing.assert_allclose(q @ q.T, np.eye(trial.dim), atol=1e-14)
    start = world()[4][PLACES[trial.id], : trial.dim]
    assert _one_look(trial, start)[0] == pytest.approx(_one_look(plain, np.zeros(trial.dim))[0], rel=1e-12)
    w = rng.uniform(-0.5, 1.5, trial.dim)
    loss, _, gradient = _one_look(trial, w)
    other, _, turned = _one_look(plain, 0.5 + q @ (w - 0.5))
    assert loss == pytest.approx(other, rel=1e-9)
    np.testing.assert_allclose(gradient, q.T @ turned, rtol=1e-6, atol=1e-6 * np.abs(turned).max())


@pytest.mark.parametrize("dim", [2, 10])
def test_a_curl_is_the_slope_of_nothing_and_has_no_divergence(dim, rng):
    trials = [t for t in _shapes() if t.structure == "curled" and t.dim == dim]
    trial = trials[rng.integers(len(trials))]
    plain = CATALOGUE[trial.id.replace("curled", "separable")]
    a = eddy(trial)
    np.testing.assert_array_equal(a, -a.T)
    np.testing.assert_allclose(a @ a.T, np.eye(dim), atol=1e-14)
    w = rng.uniform(-1.0, 2.0, dim)
    (loss, _, gradient), (other, _, slope) = _one_look(trial, w), _one_look(plain, w)
    assert loss == other
    strength = 0.5 * SCALES[trial.scale].slope
    np.testing.assert_allclose(gradient - slope, strength * a @ (w - 0.5), rtol=1e-9, atol=1e-9 * np.abs(slope).max())


def test_the_largest_of_all_curves_alone_has_a_slope():
    trial = CATALOGUE["unit/quad_bowl/10d/max/separable/normal/noiseless"]
    w = np.full(10, 0.5)
    w[3] = 0.1  # the highest of these parabolas
    loss, _, gradient = _one_look(trial, w)
    assert loss == pytest.approx(200.0 - 0.1 + 0.1**2)
    np.testing.assert_allclose(gradient, [0.0] * 3 + [-0.8] + [0.0] * 6)


@pytest.mark.parametrize("noise", [name for name in NOISES if name != "noiseless"])
def test_the_mean_of_all_samples_is_what_is_scored(noise, rng):
    """By numerical integration over what the noise is made of, through the leaf itself; of Cauchy noise it is the median."""
    kind, level = NOISES[noise]
    numbers, state = np.zeros((1, leaves.EDDY + 1)), np.zeros(leaves.STATE)
    numbers[0, [leaves.DIM, leaves.KIND, leaves.LEVEL]] = 1, KIND_OF[kind], level
    weights, loss, slope = np.array([rng.normal()]), rng.uniform(1.0, 300.0), rng.normal()

    def sample(**drawn):
        gradient = np.array([slope])
        disturb = composed(leaves.disturb, **drawn)
        return disturb(numbers, 0, state, weights, gradient, loss, 1, 0), gradient[0]

    factor = expected_factor(kind, level)
    if kind == "cauchy":
        u = (np.arange(2001) + 0.5) / 2001.0
        seen = [sample(cauchy=lambda *_, u=u: (math.tan(math.pi * (u - 0.5)), 0.0)) for u in u]
        assert np.median([one for one, _ in seen]) == pytest.approx(loss, abs=1e-9)
        assert np.median([g for _, g in seen]) == pytest.approx(slope, abs=1e-9)
        return
    if kind == "mask":
        u = (np.arange(10_000) + 0.5) / 10_000.0
        seen = np.array([sample(uniforms=lambda *_, u=u: (u, 0.5)) for u in u])
        mean = seen.mean(axis=0)
    else:
        # The trapezoid rule on a smooth integrand that dies out at both ends is exact to rounding; e^(sigma z) shifts the peak to sigma.
        z = np.linspace(-10.0, 10.0 + level, 4001)
        seen = np.array([sample(normals=lambda *_, z=z: (z, 0.0)) for z in z])
        mean = (seen * np.exp(-0.5 * z * z)[:, None]).sum(axis=0) * (z[1] - z[0]) / math.sqrt(2.0 * math.pi)
    np.testing.assert_allclose(mean, factor * np.array([loss, slope]), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("noise", ["mask_low", "mask_high"])
def test_a_mask_masks_as_often_as_it_should(noise):
    """Within six standard deviations, which chance leaves twice in 10^9 times; the whole gradient or none of it."""
    seed, count, p = int(fresh().integers(2**40)), 4000, NOISES[noise][1]
    met = [(seen, gradient[0]) for _, seen, gradient in looks(CATALOGUE[f"unit/line/normal/{noise}"], seed, np.zeros((count, 1)))]
    assert set(met) == {(0.0, 0.0), (200.0, -1.0)}
    masked = sum(gradient == 0.0 for _, gradient in met)
    assert abs(masked - count * p) < 6.0 * math.sqrt(count * p * (1.0 - p))


class TestWhatWalks:
    """Ten changes in a hundred looks, which add up: the variance of ten steps, six standard deviations of a variance wide."""

    def ends(self, name, steps=100, seeds=600):
        first = int(fresh().integers(2**40))
        return [list(looks(CATALOGUE[name], first + k, np.zeros((steps, 1))))[-1] for k in range(seeds)]

    def spread(self, numbers, variance):
        margin = 6.0 * variance * math.sqrt(2.0 / len(numbers))
        assert abs(np.mean(np.square(numbers)) - variance) < margin

    def test_the_optimum_walks_and_does_not_come_back(self):
        self.spread([(loss - 200.0) for loss, _, _ in self.ends("unit/line/normal/noiseless/offset")], 10 * 0.01)

    def test_the_scale_walks(self):
        self.spread([math.log(-gradient[0]) for _, _, gradient in self.ends("unit/line/normal/noiseless/scale")], 10 * 0.01)

    def test_the_noise_walks(self):
        """At the same seed and step noise is the same number times its level."""
        first = int(fresh().integers(2**40))
        at = np.zeros((100, 1))
        logs = []
        for k in range(600):
            walked, stood = (
                list(looks(CATALOGUE[f"unit/line/normal/gauss_add_normal{change}"], first + k, at))[-1][2][0] + 1.0
                for change in ("/noise", "")
            )
            logs.append(math.log(walked / stood))
        self.spread(logs, 10 * 0.25)

    def test_nothing_changes_before_the_tenth_look_and_then_every_tenth(self):
        losses = [loss for loss, _, _ in looks(CATALOGUE["unit/line/normal/noiseless/offset"], 3, np.zeros((35, 1)))]
        assert [k + 2 for k, (a, b) in enumerate(itertools.pairwise(losses)) if a != b] == [10, 20, 30]

    def test_a_drift_goes_on_evenly(self):
        losses = [loss for loss, _, _ in looks(CATALOGUE["unit/line/normal/noiseless/drift"], 0, np.zeros((101, 1)))]
        np.testing.assert_allclose(losses, 200.0 + 0.01 * np.arange(101), rtol=1e-12)


@pytest.mark.parametrize("trial", [t for t in _shapes() if t.dim <= 2 and t.structure != "curled"][::7] + ROTATED[:12], ids=lambda t: t.id)
def test_a_trial_of_one_or_two_weights_is_the_landscape_of_that_prototype(trial, rng):
    """Loss, gradient and second derivatives, as methods that look at a landscape by themselves get them."""
    text = "|".join(trial.curves)
    record = prototype(text, combine=trial.norm or None, scale=trial.scale, angle=angle(trial))
    weights, gradient, state = np.zeros(leaves.MOST), np.zeros(leaves.MOST), np.zeros(leaves.STATE)
    values = (world(), PLACES[trial.id], state, weights, gradient)
    for _ in range(8):
        x, y = (float(w) for w in rng.uniform(-0.5, 1.5, 2))
        own, theirs = leaves.value_and_gradient(x, y, values), record.value_and_gradient(x, y, record.values)
        np.testing.assert_allclose(own, theirs, rtol=1e-9, atol=1e-9 * np.abs(theirs).max())
        own, theirs = leaves.second_derivatives(x, y, values), record.second_derivatives(x, y, record.values)
        np.testing.assert_allclose(own, theirs, rtol=1e-9, atol=1e-9 * max(1.0, np.abs(theirs).max()))
