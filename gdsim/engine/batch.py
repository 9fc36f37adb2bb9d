"""Mini-batches: the mean over a few points, in the place of the mean over all. A leaf that stands in the loops of the templates.

``term(x, y, values, k)`` is the loss of one point with its gradient, ``displace`` says where a landscape that moves is met. Which points
make up the batch of a step is said by ``place``, ``shuffle`` and ``drawn`` (``gdsim.networks.batches``).
"""

# mypy: ignore-errors
# ruff: noqa: F821

from gdsim.engine.single import number

SHUFFLING, REPLACING = 0, 1
"""Places in ``cut``: whether points are shuffled every epoch, whether points are put back."""


def in_place(x, y, trouble, step, seed, stream):
    """``displace`` of a landscape that stays as it is: the point on it, and the factor of its loss."""
    return x, y, 1.0


def batch(x, y, values, trouble, orders, row, known, stages, begin, end, cut, step, seed, stream):
    """Mean loss and gradient of the batch of ``step`` (from 1), and the epoch whose order the row holds afterwards.

    Row ``row`` of ``orders`` (rows, points) is scratch that holds the order of the epoch ``known`` (from 0; -1 for none). Rows ``begin`` to
    ``end`` of ``stages`` are the run's. A batch of all points is taken as they stand, so that it has the bits of the whole set's mean.
    """
    count = orders.shape[1]
    x, y, factor = displace(x, y, trouble, step, seed, stream)
    epoch, low, size = place(stages, begin, end, step)
    loss, gx, gy, held = 0.0, 0.0, 0.0, size
    if cut[REPLACING]:
        for i in range(size):
            one, dx, dy = term(x, y, values, drawn(count, seed, stream, step, i))
            loss, gx, gy = loss + one, gx + dx, gy + dy
    else:
        high = min(low + size, count)
        held = high - low
        mixed = cut[SHUFFLING] and held < count
        if mixed and known != epoch:
            shuffle(orders[row], seed, stream, epoch)
            known = epoch
        for i in range(low, high):
            one, dx, dy = term(x, y, values, orders[row, i] if mixed else i)
            loss, gx, gy = loss + one, gx + dx, gy + dy
    many = number(held)
    return factor * (loss / many), factor * (gx / many), factor * (gy / many), known


def each_point(x, y, params, data, out):
    """``out[:, k] = term(x, y, values, k)``, ``values`` made of params and data. A template."""
    values = values_of(params, 0, 1, data)
    for k in range(out.shape[1]):
        out[0, k], out[1, k], out[2, k] = term(x, y, values, k)
