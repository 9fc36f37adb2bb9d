"""Input features against mpmath and NumPy."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdsim.networks.dataset import DataError, Dataset
from gdsim.networks.features import FEATURES, columns, with_features

TRUE = {
    "x": lambda x, y: x,
    "y": lambda x, y: y,
    "x^2": lambda x, y: x * x,
    "y^2": lambda x, y: y * y,
    "x*y": lambda x, y: x * y,
    "sin x": lambda x, y: mpmath.sin(x),
    "sin y": lambda x, y: mpmath.sin(y),
}
POINTS = st.lists(st.tuples(st.floats(-6, 6), st.floats(-6, 6)), min_size=1, max_size=10)


def test_the_table_covers_every_feature():
    assert set(TRUE) == set(FEATURES)


@pytest.mark.parametrize("name", FEATURES)
@settings(max_examples=25, deadline=None)
@given(points=POINTS)
def test_features_are_what_they_are_called(name, points):
    found = columns(points, [name])[:, 0]
    for value, (x, y) in zip(found, points, strict=True):
        true = float(TRUE[name](mpmath.mpf(x), mpmath.mpf(y)))
        assert value == pytest.approx(true, rel=4e-16, abs=1e-300)


@settings(deadline=None)
@given(POINTS, st.permutations(list(FEATURES)), st.integers(1, 7))
def test_features_stand_in_the_order_asked_for(points, names, count):
    data = Dataset.from_arrays(points, np.zeros(len(points)))
    seen = with_features(data, names[:count])
    assert seen.features == tuple(names[:count])
    assert (seen.targets == data.targets).all()
    for i, name in enumerate(seen.features):
        assert np.array_equal(seen.inputs[:, i], columns(points, [name])[:, 0])


@pytest.mark.parametrize(
    ("inputs", "names", "words"),
    [
        ([[1.0, 2.0]], ["z"], "no feature named 'z'"),
        ([[1.0, 2.0]], ["x", "x"], "each once"),
        ([[1.0, 2.0]], [], "none"),
        ([[1.0]], ["x"], "1 input;"),
        ([[1.0, 2.0, 3.0]], ["x"], "3 inputs"),
        ([[1e200, 2.0]], ["x^2"], "finite"),
    ],
)
def test_what_has_no_features_is_refused(inputs, names, words):
    with pytest.raises(DataError) as caught:
        with_features(Dataset.from_arrays(inputs, [1.0]), names)
    assert words in str(caught.value)
