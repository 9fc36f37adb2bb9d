"""Random numbers of trials, named by a seed and the number of a stream."""

import numpy as np


def philox(seed: int, stream: int) -> np.random.Generator:
    """Counter-based (Philox), so that trials in any order draw the same."""
    return np.random.Generator(np.random.Philox(key=np.array([seed & (2**64 - 1), stream], dtype=np.uint64)))
