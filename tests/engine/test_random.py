"""Random numbers: the published vectors, the naive version, the same bits however they are drawn, and the statistics of a good source."""

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import config, njit

from gdsim.engine import random
from gdsim.engine.specialise import specialise
from tests import naive
from tests.draws import fresh

COUNT = 2_000 if config.DISABLE_JIT else 100_000
FIVE_SIGMA = 5.0 / math.sqrt(COUNT)

WORDS = st.integers(0, 2**32 - 1)
NAMES = st.tuples(st.integers(0, 2**63 - 1), WORDS, st.integers(0, 2**63 - 1), WORDS)

# kat_vectors of Random123, the authors' own library: philox4x32, 10 rounds.
PUBLISHED = [
    ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
    ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
    ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
]


def words(text):
    return tuple(int(word, 16) for word in text.split())


def one_block(a, b, c, d, e, f):
    return function(a, b, c, d, e, f)  # noqa: F821


def one_pair(seed, stream, step, draw):
    return function(seed, stream, step, draw)  # noqa: F821


def pairs(seeds, streams, steps, draws, out):
    for i in range(seeds.size):
        out[0, i], out[1, i] = function(seeds[i], streams[i], steps[i], draws[i])  # noqa: F821


def draw(leaf, seed=0, stream=0, step=0, draw=0):
    """(2, COUNT) numbers; any argument may be an array."""
    names = [np.ascontiguousarray(np.broadcast_to(np.asarray(part, dtype=np.int64), (COUNT,))) for part in (seed, stream, step, draw)]
    out = np.empty((2, COUNT))
    specialise(pairs, function=leaf)(*names, out)
    return out


@pytest.mark.parametrize(("counter", "key", "expected"), PUBLISHED)
def test_published_vectors(counter, key, expected):
    numbers = (*words(counter), *words(key))
    assert random.philox(*numbers) == words(expected)
    assert specialise(one_block, function=random.philox)(*numbers) == words(expected)
    assert naive.philox(words(counter), words(key)) == words(expected)


@settings(deadline=None)
@given(st.tuples(WORDS, WORDS, WORDS, WORDS), st.tuples(WORDS, WORDS))
def test_philox_is_the_naive_one(counter, key):
    expected = naive.philox(counter, key)
    assert random.philox(*counter, *key) == expected
    assert specialise(one_block, function=random.philox)(*counter, *key) == expected


@settings(deadline=None)
@given(NAMES)
def test_uniforms_are_the_middles_of_the_parts_that_the_words_choose(name):
    assert random.uniforms(*name) == naive.uniforms(*name)


@settings(deadline=None)
@given(NAMES)
def test_normals_are_the_naive_ones(name):
    assert random.normals(*name) == pytest.approx(naive.normals(*name), rel=1e-14, abs=1e-14)


@settings(deadline=None)
@given(NAMES)
def test_same_bits_in_python_and_compiled(name):
    assert specialise(one_pair, function=random.uniforms)(*name) == random.uniforms(*name)
    assert specialise(one_pair, function=random.normals)(*name) == random.normals(*name)


def test_same_bits_in_a_vectorised_loop():
    name = [fresh().integers(0, high, COUNT) for high in (2**63 - 1, 2**32, 2**63 - 1, 2**32)]
    out = draw(random.normals, *name)
    for i in range(200):
        assert random.normals(*(part[i] for part in name)) == tuple(out[:, i])


@settings(deadline=None)
@given(NAMES, st.integers(0, 3), st.integers(0, 31))
def test_every_bit_of_a_name_counts(name, part, bit):
    other = list(name)
    other[part] ^= 1 << bit
    assert random.uniforms(*other) != random.uniforms(*name)


def test_unit_interval_is_open_and_symmetric():
    ones = 2**32 - 1
    assert random.unit_interval(0, 0) == 2.0**-53
    assert random.unit_interval(ones, ones) == 1.0 - 2.0**-53
    assert random.unit_interval(2**31, 0) - 0.5 == 0.5 - random.unit_interval(2**31 - 1, ones)


@pytest.mark.skipif(bool(config.BOUNDSCHECK or config.DISABLE_JIT), reason="checked or interpreted loops are not vectorised")
def test_a_loop_vectorises():
    anew = njit(nogil=True, error_model="numpy")(specialise(pairs, function=random.normals).py_func)
    integers = "int64[::1]"
    anew.compile(f"({integers}, {integers}, {integers}, {integers}, float64[:, ::1])")
    (code,) = anew.inspect_llvm().values()
    assert re.search(r"= mul (nuw |nsw )*<\d+ x i64>", code)
    assert re.search(r"call <\d+ x double> @llvm\.sqrt\.v\d+f64", code)


# From here on fixed seeds: the numbers, and so the results, are the same for ever.
EVERY_AXIS = pytest.mark.parametrize("axis", ["seed", "stream", "step", "draw"])


@EVERY_AXIS
def test_uniform_along_every_axis(axis):
    for numbers in draw(random.uniforms, **{"seed": 7, axis: np.arange(COUNT)}):
        assert 0.0 < numbers.min() < numbers.max() < 1.0
        counts, _ = np.histogram(numbers, bins=64, range=(0.0, 1.0))
        chi_squared = float(np.sum((counts - COUNT / 64) ** 2) / (COUNT / 64))
        assert abs(chi_squared - 63.0) < 4.0 * math.sqrt(2.0 * 63.0)
        fractions = (numbers * 2.0**52).astype(np.int64)
        for bit in range(52):
            assert abs(np.mean((fractions >> bit) & 1) - 0.5) < FIVE_SIGMA / 2.0


@EVERY_AXIS
def test_normal_along_every_axis(axis):
    for z in draw(random.normals, **{"seed": 11, axis: np.arange(COUNT)}):
        for power, moment, variance in ((1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0)):
            assert abs(np.mean(z**power) - moment) < FIVE_SIGMA * math.sqrt(variance)
        assert kolmogorov_smirnov(z) < 1.95  # exceeded by one sample in a thousand


def kolmogorov_smirnov(z):
    """The largest distance between the sample's distribution and the normal one, times the root of the sample's size."""
    expected = np.array([(1.0 + math.erf(at / math.sqrt(2.0))) / 2.0 for at in np.sort(z).tolist()])
    ranks = np.arange(z.size + 1) / z.size
    return max(np.max(ranks[1:] - expected), np.max(expected - ranks[:-1])) * math.sqrt(z.size)


@EVERY_AXIS
def test_neighbours_are_uncorrelated(axis):
    along = "step" if axis != "step" else "stream"
    first, second = (draw(random.normals, **{"seed": 13, along: np.arange(COUNT), axis: place}) for place in (20, 21))
    numbers = np.concatenate((first, second))
    correlations = np.corrcoef(np.concatenate((numbers, np.abs(numbers))))
    assert np.max(np.abs(correlations - np.eye(8))) < FIVE_SIGMA


def test_successive_numbers_of_a_stream_are_uncorrelated():
    z = draw(random.normals, seed=17, step=np.arange(COUNT))[0]
    for lag in (1, 2, 3, 64, 128, 1000):
        assert abs(np.corrcoef(z[lag:], z[:-lag])[0, 1]) < FIVE_SIGMA
