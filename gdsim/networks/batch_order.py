"""The order of an epoch for those who look on: what the leaves of ``gdsim.networks.batches`` make, all random words at once."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gdsim.engine.random import LOW_32, ROUNDS

ORDER_DRAW = 0x8000_0000
"""First number of the draws that name places in an order; noise and starts use those below."""
KEPT = 16
"""Epochs that are held ready."""


def words(seed: int, stream: int, step: int, draws: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The first of the four words named by (seed, stream, step, draw) for each of ``draws``: ``batches.word`` for many at once."""
    low = np.uint64(LOW_32)
    half = np.uint64(32)
    shape = draws.shape
    c0, c1 = np.full(shape, step & LOW_32, np.uint64), np.full(shape, (step >> 32) & LOW_32, np.uint64)
    c2, c3 = draws & low, np.full(shape, stream & LOW_32, np.uint64)
    k0, k1 = seed & LOW_32, (seed >> 32) & LOW_32
    for _ in range(ROUNDS):
        first, second = c0 * np.uint64(0xD2511F53), c2 * np.uint64(0xCD9E8D57)
        c0, c1 = (second >> half) ^ c1 ^ np.uint64(k0), second & low
        c2, c3 = (first >> half) ^ c3 ^ np.uint64(k1), first & low
        k0, k1 = (k0 + 0x9E3779B9) & LOW_32, (k1 + 0xBB67AE85) & LOW_32
    return c0


@lru_cache(maxsize=KEPT)
def order(count: int, seed: int, stream: int, epoch: int) -> NDArray[np.int64]:
    """The points 0 to count - 1 in the order of ``epoch`` (from 0), read-only."""
    places = np.arange(count, dtype=np.uint64)
    partners = ((words(seed, stream, epoch, places + np.uint64(ORDER_DRAW)) * (places + np.uint64(1))) >> np.uint64(32)).tolist()
    mixed = list(range(count))
    for i in range(count - 1, 0, -1):
        j = partners[i]
        mixed[i], mixed[j] = mixed[j], mixed[i]
    found = np.array(mixed, dtype=np.int64)
    found.flags.writeable = False
    return found


def all_drawn(count: int, size: int, seed: int, stream: int, step: int) -> NDArray[np.int64]:
    """``gdsim.networks.batches.drawn`` at every place of a batch of ``size``."""
    draws = np.arange(size, dtype=np.uint64) + np.uint64(ORDER_DRAW)
    return ((words(seed, stream, step, draws) * np.uint64(count)) >> np.uint64(32)).astype(np.int64)
