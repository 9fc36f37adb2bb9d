"""Data sets: what they check, hold and are equal by."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from gdsim.networks.dataset import DataError, Dataset

FINITE = st.floats(-1e300, 1e300)
TABLES = npst.arrays(np.float64, st.tuples(st.integers(1, 12), st.integers(1, 4)), elements=FINITE)


def regression(rows=5, columns=2):
    numbers = np.arange(rows * columns, dtype=np.float64).reshape(rows, columns)
    return Dataset.from_arrays(numbers, numbers.sum(axis=1))


BAD = {
    "no rows": (np.empty((0, 2)), np.empty(0), {}, "shape"),
    "no columns": (np.empty((3, 0)), np.empty(3), {}, "shape"),
    "three axes": (np.zeros((2, 2, 2)), np.zeros(2), {}, "shape (2, 2, 2)"),
    "a number": (1.0, np.zeros(1), {}, "shape ()"),
    "ragged": ([[1.0, 2.0], [3.0]], [1.0, 2.0], {}, "rows of equal length"),
    "texts as inputs": ([["a"], ["b"]], [1.0, 2.0], {}, "numbers of shape (n, columns)"),
    "complex": ([[1j], [2j]], [1.0, 2.0], {}, "complex128"),
    "not a number": ([[1.0], [np.nan]], [1.0, 2.0], {}, "row 1 of the inputs"),
    "infinite target": ([[1.0], [2.0]], [1.0, np.inf], {}, "row 1 of the targets"),
    "too few targets": ([[1.0], [2.0]], [1.0], {}, "2 rows of inputs and 1 of targets"),
    "too few names": ([[1.0, 2.0]], [1.0], {"features": ["a"]}, "one name for each"),
    "names twice": ([[1.0, 2.0]], [1.0], {"features": ["a", "a"]}, "all different"),
    "one class": ([[1.0], [2.0]], [3, 3], {}, "only one class, 3"),
    "classes in two columns": ([[1.0], [2.0]], [[1, 2], [0, 1]], {}, "one for each point"),
    "a class too many": ([[1.0], [2.0]], [0, 2], {"classes": ["a", "b"]}, "found class 2; allowed: 0 to 1"),
    "a class below 0": ([[1.0], [2.0]], [-1, 1], {"classes": ["a", "b"]}, "found class -1"),
    "names of classes twice": ([[1.0], [2.0]], [0, 1], {"classes": ["a", "a"]}, "all different"),
    "names for floats": ([[1.0], [2.0]], [0.0, 1.0], {"classes": ["a", "b"]}, "whole numbers, and their names"),
    "objects": ([[1.0], [2.0]], [None, {}], {}, "type object"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_used_is_refused_with_a_reason(name):
    inputs, targets, options, words = BAD[name]
    with pytest.raises(DataError) as caught:
        Dataset.from_arrays(inputs, targets, **options)
    assert words in str(caught.value)
    assert "allowed" in str(caught.value)


def test_a_data_error_is_a_value_error():
    assert issubclass(DataError, ValueError)


@pytest.mark.parametrize(
    ("targets", "classes", "numbers"),
    [
        ([3, 1, 3], ("1", "3"), [1, 0, 1]),
        (["b", "a", "b"], ("a", "b"), [1, 0, 1]),
        ([True, False, True], ("False", "True"), [1, 0, 1]),
        (np.array([-1, 1, 1], dtype=np.int8), ("-1", "1"), [0, 1, 1]),
        (np.array(["x", "y", "x"], dtype=object), ("x", "y"), [0, 1, 0]),
    ],
)
def test_whole_numbers_and_texts_are_classes_in_sorted_order(targets, classes, numbers):
    data = Dataset.from_arrays([[1.0], [2.0], [3.0]], targets)
    assert (data.is_classification, data.classes, data.targets.tolist(), data.outputs) == (True, classes, numbers, 2)
    assert data.targets.dtype == np.int64


def test_floats_are_numbers_to_predict():
    data = Dataset.from_arrays([1, 2, 3], [1.0, 0.0, 1.0])
    assert (data.is_classification, data.targets.shape, data.inputs.shape, data.features) == (False, (3, 1), (3, 1), ("x",))
    assert Dataset.from_arrays(np.zeros((3, 4)), np.zeros((3, 2))).outputs == 2


@given(TABLES)
def test_arrays_are_contiguous_and_nobody_can_write_to_them(table):
    for given_table in (table, np.asfortranarray(table), table[::-1], table.astype(np.float32) if np.abs(table).max() < 1e30 else table):
        data = Dataset.from_arrays(given_table, given_table[:, 0])
        for array in (data.inputs, data.targets):
            assert array.flags.c_contiguous
            assert not array.flags.writeable
            assert array.dtype == np.float64
        assert np.array_equal(data.inputs, given_table)


@given(TABLES)
def test_later_changes_of_the_given_arrays_change_nothing(table):
    table = np.ascontiguousarray(table)
    data = Dataset.from_arrays(table, table[:, 0].copy())
    before = data.inputs.copy()
    table += 1.0
    assert table.flags.writeable
    assert np.array_equal(data.inputs, before)


def test_a_view_of_an_array_that_can_be_written_is_copied():
    table = np.arange(6.0).reshape(3, 2)
    view = table[:]
    view.flags.writeable = False
    data = Dataset(view, table[:, :1].copy(), ("a", "b"))
    table[0, 0] = 99.0
    assert data.inputs[0, 0] == 0.0


@given(TABLES, st.randoms(use_true_random=False))
def test_take_gives_the_rows_in_that_order(table, random):
    data = Dataset.from_arrays(table, table[:, 0])
    rows = [random.randrange(len(table)) for _ in range(random.randint(1, 20))]
    assert np.array_equal(data.take(rows).inputs, table[rows])
    assert np.array_equal(data.take(rows).targets[:, 0], table[rows, 0])
    assert data.take(np.arange(len(table))) == data
    mask = np.zeros(len(table), dtype=bool)
    mask[rows] = True
    assert np.array_equal(data.take(mask).inputs, table[mask])


def test_taking_nothing_or_what_is_not_there_is_refused():
    data = regression(3)
    with pytest.raises(DataError, match="at least one"):
        data.take([])
    with pytest.raises(DataError, match="at least one point"):
        data.take(np.zeros(3, dtype=bool))
    with pytest.raises(IndexError):
        data.take([3])


@given(TABLES)
def test_equal_content_is_equal_and_any_change_is_not(table):
    data, same = (Dataset.from_arrays(table, table[:, 0]) for _ in range(2))
    assert data == same
    assert hash(data) == hash(same)
    assert data.digest == same.digest
    other = table.copy()
    other[-1, -1] = 0.5 if other[-1, -1] != 0.5 else 1.5
    assert Dataset.from_arrays(other, table[:, 0]) != data
    targets = table[:, 0].copy()
    targets[-1] = 0.5 if targets[-1] != 0.5 else 1.5
    assert Dataset.from_arrays(table, targets) != data
    assert Dataset.from_arrays(table, table[:, 0], target="another") != data


def test_a_digest_stays_the_same_from_process_to_process():
    assert regression().digest == "b030b664de1ba728ea09d5f76be0ace7"
    assert len({regression().digest, regression(6).digest, regression(5, 3).digest}) == 3


def test_repr_tells_what_it_is():
    assert repr(regression(1200)) == "<Dataset data: 1,200 points, inputs x, y, target target>"
    assert repr(Dataset.from_arrays([1, 2], ["b", "a"], name="letters")) == "<Dataset letters: 2 points, inputs x, 2 classes a, b>"
    assert "x1, x2, x3, x4, x5, ... (20)" in repr(regression(2, 20))
