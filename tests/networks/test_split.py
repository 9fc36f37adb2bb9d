"""Splits and standardisation: nothing lost, nothing twice, nothing learned from the wrong part."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdsim.networks import datasets
from gdsim.networks import split as module
from gdsim.networks.dataset import DataError, Dataset
from gdsim.networks.split import Standardise, split

SHARES = st.sampled_from([(0.7, 0.15, 0.15), (0.5, 0.25, 0.25), (0.8, 0.2, 0.0), (0.9, 0.0, 0.1), (1.0, 0.0, 0.0), (0.001, 0.499, 0.5)])
SEEDS = st.integers(0, 2**63 - 1)


def numbered(count, classes=0, order=None):
    """Points whose input is their number, and whose class follows from it."""
    numbers = np.arange(count)
    if not classes:
        return Dataset.from_arrays(numbers, numbers.astype(np.float64))
    return Dataset.from_arrays(numbers, order if order is not None else numbers % classes, classes=[str(i) for i in range(classes)])


def numbers_of(part):
    return [] if part is None else part.inputs[:, 0].astype(int).tolist()


@settings(max_examples=60)
@given(st.integers(3, 300), st.integers(0, 5), SHARES, SEEDS)
def test_parts_are_disjoint_complete_and_as_large_as_asked(count, classes, shares, seed):
    data = numbered(count, classes if classes > 1 else 0)
    parts = split(data, shares, seed)
    found = [numbers_of(part) for part in parts]
    assert sorted(number for numbers in found for number in numbers) == list(range(count))
    for numbers, share in zip(found, shares, strict=True):
        assert numbers == sorted(numbers)
        assert (not numbers) == (share == 0.0)
        assert abs(len(numbers) - share * count) <= 2.0


@settings(max_examples=40)
@given(st.integers(2, 6), st.integers(30, 300), SHARES, SEEDS, st.randoms(use_true_random=False))
def test_every_class_has_its_share_in_every_part(classes, count, shares, seed, random):
    order = np.array([random.randrange(classes) ** 2 // classes for _ in range(count)])
    data = numbered(count, classes, order)
    for part, share in zip(split(data, shares, seed), shares, strict=True):
        if part is None:
            continue
        whole = np.bincount(order, minlength=classes)
        mine = np.bincount(part.targets, minlength=classes)
        assert (np.abs(mine - whole * len(part) / count) <= 2.0).all(), share


def test_sizes_are_shares_rounded_to_the_nearest():
    """Of 37 points 0.15 are 5.55, and 0.4 are 14.8."""
    assert [len(part) for part in split(numbered(37), (0.7, 0.15, 0.15), 0)] == [25, 6, 6]
    assert [len(part) for part in split(numbered(37), (0.2, 0.4, 0.4), 0)] == [7, 15, 15]


def test_the_seed_alone_decides():
    data = numbered(200, 3)
    first, again, other = split(data, seed=5), split(data, seed=5), split(data, seed=6)
    assert [numbers_of(p) for p in first] == [numbers_of(p) for p in again]
    assert numbers_of(first.train) != numbers_of(other.train)


def test_every_point_is_as_likely_as_any_other_to_be_held_out():
    counts = np.zeros(40)
    for seed in range(400):
        counts[numbers_of(split(numbered(40, 2), (0.5, 0.25, 0.25), seed).test)] += 1
    # 40 binomials of 400 draws at 1/4: deviation 8.7; a point beyond 5 of them has a chance of 2e-5.
    assert abs(counts - 100).max() < 5 * np.sqrt(400 * 0.25 * 0.75)


def test_many_points_are_split_as_few_are(monkeypatch):
    data = numbered(501, 3)
    few = split(data, seed=9)
    monkeypatch.setattr(module, "FEW", 0)
    assert [numbers_of(p) for p in split(data, seed=9)] == [numbers_of(p) for p in few]


@pytest.mark.parametrize(
    ("shares", "count", "words"),
    [
        ((0.5, 0.5), 10, "three of 0 to 1"),
        ((0.5, 0.6, 0.5), 10, "whose sum is 1"),
        ((0.0, 0.5, 0.5), 10, "more than 0"),
        ((1.5, -0.5, 0.0), 10, "three of 0 to 1"),
        ((float("nan"), 0.5, 0.5), 10, "three of 0 to 1"),
        ((0.7, 0.15, 0.15), 2, "2 points to be split into 3 parts"),
        ((0.7, 0.3, 0.0), 1, "1 point to be split into 2 parts"),
    ],
)
def test_shares_that_are_none_are_refused(shares, count, words):
    with pytest.raises(DataError) as caught:
        split(numbered(count), shares)
    assert words in str(caught.value)


def test_three_points_make_three_parts():
    assert [len(part) for part in split(numbered(3))] == [1, 1, 1]


COLUMNS = st.lists(st.floats(-1e150, 1e150), min_size=2, max_size=20)


@given(COLUMNS)
def test_moments_are_those_of_exact_arithmetic(column):
    exact = [Fraction(value) for value in column]
    mean = sum(exact) / len(exact)
    variance = sum((value - mean) ** 2 for value in exact) / len(exact)
    scale = Standardise.fit(Dataset.from_arrays(column, np.zeros(len(column))))
    size = max(abs(value) for value in column)
    assert scale.mean[0] == pytest.approx(float(mean), rel=1e-15, abs=2e-16 * size)
    if min(column) == max(column):
        assert scale.deviation == (1.0,)
    elif float(variance) > (1e-13 * size) ** 2 and variance > 1e-300:
        # What is left of the smaller digits of the mean shifts all values by an ulp of the largest one.
        assert scale.deviation[0] == pytest.approx(float(variance) ** 0.5, rel=1e-9, abs=4e-16 * size)


@given(COLUMNS, COLUMNS)
def test_standardised_columns_have_mean_0_and_deviation_1_and_come_back(first, second):
    count = min(len(first), len(second))
    data = Dataset.from_arrays(np.array([first[:count], second[:count]]).T, np.array(first[:count]))
    scale = Standardise.fit(data, targets=True)
    done = scale.apply(data)
    for column, original in zip((*done.inputs.T, done.targets[:, 0]), (*data.inputs.T, data.targets[:, 0]), strict=True):
        spread, size = np.ptp(original), np.abs(original).max()
        if spread > 1e-9 * size and spread > 1e-150:
            assert abs(column.mean()) < 1e-5
            assert column.std() == pytest.approx(1.0, abs=1e-5)
    back = scale.undo(done)
    assert np.allclose(back.inputs, data.inputs, rtol=1e-12, atol=1e-14 * np.abs(data.inputs).max())
    assert np.allclose(back.targets, data.targets, rtol=1e-12, atol=1e-14 * np.abs(data.targets).max())


def test_a_constant_column_becomes_zero_and_the_largest_numbers_do_not_overflow():
    data = Dataset.from_arrays([[0.1, 1.2e308], [0.1, -1.2e308], [0.1, 1e308]], [1.0, 2.0, 3.0])
    scale = Standardise.fit(data)
    assert scale.deviation[0] == 1.0
    assert np.isfinite(scale.mean).all()
    assert np.isfinite(scale.deviation).all()
    assert (scale.apply(data).inputs[:, 0] == 0.0).all()
    assert scale.apply(data).inputs[:, 1].std() == pytest.approx(1.0)
    with pytest.raises(DataError, match="finite"):
        scale.apply(Dataset.from_arrays([[0.1, -1.7e308]], [1.0]))


def test_validation_and_test_data_change_nothing_that_is_fitted():
    data = datasets.gaussians(count=60)
    parts = split(data)
    fitted = Standardise.fit(parts.train)
    held_out = np.setdiff1d(np.arange(60), [data.inputs.tolist().index(row) for row in parts.train.inputs.tolist()])
    assert len(held_out) == 18
    inputs = data.inputs.copy()
    inputs[held_out] = 1e6
    changed = split(Dataset(inputs, data.targets, data.features, data.target, data.classes))
    assert Standardise.fit(changed.train) == fitted
    assert changed.train == parts.train
    assert (changed.validation.inputs == 1e6).all()
    assert Standardise.fit(data) != fitted


def test_targets_are_left_alone_unless_asked_for():
    data = datasets.line(count=50)
    assert (Standardise.fit(data).apply(data).targets == data.targets).all()
    asked = Standardise.fit(data, inputs=False, targets=True).apply(data)
    assert (asked.inputs == data.inputs).all()
    assert asked.targets.std() == pytest.approx(1.0)
    with pytest.raises(DataError, match="regression"):
        Standardise.fit(datasets.spiral(count=20), targets=True)
