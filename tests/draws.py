"""Fresh random numbers for every run of the tests.

One number, GDSIM_TEST_SEED, decides all of them: it is drawn anew unless the environment names it, shown at the head of the report, and
brings back every draw of that run, whichever tests are chosen and however many processes share them. Hypothesis follows it too.
"""

import os
import zlib
from collections import Counter
from collections.abc import Iterable
from typing import TypeVar

import numpy as np

# In the environment, because processes that share the work must draw alike, and inherit it.
SEED = int(os.environ.setdefault("GDSIM_TEST_SEED", str(np.random.SeedSequence().entropy % 2**32)))
_drawn: Counter[str] = Counter()
T = TypeVar("T")


def fresh() -> np.random.Generator:
    """Random numbers of the test under way: a function of the seed, the test's name and how often it has asked."""
    test = os.environ.get("PYTEST_CURRENT_TEST", "collection").rpartition(" ")[0]
    _drawn[test] += 1
    return np.random.default_rng((SEED, zlib.crc32(test.encode()), _drawn[test]))


EVERYTHING = os.environ.get("GDSIM_TEST_EVERYTHING") == "1"


def some(cases: Iterable[T], count: int) -> list[T]:
    """``count`` of the cases of a test, drawn anew for every run, as a kernel takes seconds to compile; all where EVERYTHING is wanted."""
    cases = list(cases)
    if EVERYTHING:
        return cases
    chosen = np.random.default_rng((SEED, zlib.crc32(repr(cases).encode()))).permutation(len(cases))[:count]
    return [cases[k] for k in sorted(chosen)]
