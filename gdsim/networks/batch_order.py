"""The order of an epoch for those who look on: the same as ``gdsim.networks.batches.shuffle`` makes, all random words at once."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gdsim.engine.random import LOW_32, ROUNDS
from gdsim.networks.batches import ORDER_DRAW, Batches

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


def rows(batches: Batches, step: int, seed: int, stream: int = 0) -> NDArray[np.int64]:
    """``batches.rows(step, seed, stream)``, fast enough to be asked in every frame."""
    epoch, low, size = batches.place_of(step)
    if batches.replacement:
        draws = np.arange(size, dtype=np.uint64) + np.uint64(ORDER_DRAW)
        return ((words(seed, stream, step, draws) * np.uint64(batches.count)) >> np.uint64(32)).astype(np.int64)
    mixed = batches.shuffle and size < batches.count
    points = order(batches.count, seed, stream, epoch) if mixed else np.arange(batches.count)
    return points[low : low + size]
