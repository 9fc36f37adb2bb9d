"""How a training went in one number, and how frayed the border is between trainings that go well and that do not.

After Sohl-Dickstein (2024), The boundary of neural network trainability is fractal, arXiv:2402.06184.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MOST = 1e6
"""Times its first value that a loss counts at most, and a loss that is not finite counts as."""
LAST = 20
"""Losses at the end whose mean lies below the first loss where a network was trained."""
FEWEST = 4
"""Sizes of boxes that a dimension is found from, at least."""


def trainability(losses: Floats, taken: NDArray[np.int64]) -> Floats:
    """(n,) from ``losses`` (n, steps + 1), of which the first ``taken`` (n,) + 1 were seen; what is behind the end counts as the last.

    Negative where the network was trained: minus the sum of its losses, in units of the first one; the faster, the nearer to 0. Positive
    where it was not: the sum of the inverse losses; the faster it was thrown out, the nearer to 0.
    """
    with np.errstate(all="ignore"):
        share = losses / losses[:, :1]
    share = np.where(share < MOST, share, MOST)
    behind = np.arange(losses.shape[1]) > taken[:, np.newaxis]
    share = np.where(behind, share[np.arange(len(losses)), taken][:, np.newaxis], share)
    trained = share[:, -LAST:].mean(axis=1) < 1.0
    out: Floats = np.where(trained, -share.sum(axis=1), (1.0 / np.maximum(share, 1.0 / MOST)).sum(axis=1))
    return out


def border(inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pixels of a picture (ny, nx) whose right or lower neighbour is on the other side."""
    found = np.zeros(inside.shape, np.bool_)
    found[:, :-1] |= inside[:, :-1] != inside[:, 1:]
    found[:-1] |= inside[:-1] != inside[1:]
    return found


def box_count_dimension(marked: NDArray[np.bool_]) -> float:
    """The box-counting dimension of the pixels that are ``marked``: 1 for a line, 2 for a plane, between them for what is frayed.

    The slope of log N over log 1/s, by least squares, N being the number of boxes of s by s pixels with a mark in them, for s from 1 to an
    eighth of the shorter side, each twice the one before. NaN where nothing is marked, or the picture is too small to tell.
    """
    most = min(marked.shape) // 8
    sizes = [2**k for k in range(max(0, most).bit_length()) if 2**k <= most]
    if len(sizes) < FEWEST or not marked.any():
        return float("nan")
    counts = []
    for size in sizes:
        rows, columns = (-(-side // size) for side in marked.shape)
        whole = np.zeros((rows * size, columns * size), np.bool_)
        whole[: marked.shape[0], : marked.shape[1]] = marked
        counts.append(np.count_nonzero(whole.reshape(rows, size, columns, size).any(axis=(1, 3))))
    return -float(np.polyfit(np.log(sizes), np.log(counts), 1)[0])
