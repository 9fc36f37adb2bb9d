"""The fast order of an epoch is the slow one, point by point."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gdsim.networks import batch_order
from gdsim.networks.batches import Batches
from tests import naive

SEEDS = st.integers(0, 2**63 - 1)


@given(
    count=st.integers(1, 60),
    share=st.floats(0.01, 1.0),
    step=st.integers(1, 200),
    seed=SEEDS,
    stream=st.integers(0, 9),
    how=st.integers(0, 7),
    later=st.lists(st.tuples(st.integers(1, 9), st.floats(0.01, 1.0)), max_size=4),
)
@settings(max_examples=150, deadline=None)
def test_the_rows_of_a_batch(count: int, share: float, step: int, seed: int, stream: int, how: int, later: list) -> None:
    changes = tuple(sorted({epoch: max(1, round(part * count)) for epoch, part in later}.items()))
    how_drawn = {"shuffle": bool(how & 1), "drop_last": bool(how & 2), "replacement": bool(how & 4)}
    batches = Batches(count, max(1, round(share * count)), **how_drawn, later=changes)
    slow, fast = naive.batch_rows(batches, step, seed, stream), batches.rows(step, seed, stream)
    if batches.at(step).all_at_once:
        slow = np.sort(slow)  # of a batch of all points the order says nothing
    np.testing.assert_array_equal(fast, slow)


@given(
    count=st.integers(1, 40),
    size=st.integers(1, 40),
    drop_last=st.booleans(),
    later=st.dictionaries(st.integers(1, 12), st.integers(1, 40), max_size=5),
)
@settings(max_examples=150, deadline=None)
def test_epochs_end_where_walking_through_them_says(count: int, size: int, drop_last: bool, later: dict[int, int]) -> None:
    changes = tuple(sorted((epoch, min(one, count)) for epoch, one in later.items()))
    batches = Batches(count, min(size, count), drop_last=drop_last, later=changes)
    step, now = 1, batches.size
    for epoch in range(15):
        now = dict(changes).get(epoch, now)
        assert batches.until(epoch) == step - 1
        taken, walked = [], list(batches.of_epoch(epoch, 7))
        assert len(walked) == (count // now if drop_last else -(-count // now))
        for rows in walked:
            assert batches.epoch(step) == epoch
            assert batches.at(step) == Batches(count, now, drop_last=drop_last)
            np.testing.assert_array_equal(rows, batches.rows(step, 7))
            taken += rows.tolist()
            step += 1
        assert sorted(taken) == sorted(set(taken))
        assert len(taken) == (count // now * now if drop_last else count)


def test_an_epoch_takes_every_point_once() -> None:
    np.testing.assert_array_equal(np.sort(batch_order.order(1000, 2**40 + 7, 3, 5)), np.arange(1000))
