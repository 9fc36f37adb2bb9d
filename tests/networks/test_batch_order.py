"""The fast order of an epoch is the slow one, point by point."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from gdsim.networks import batch_order
from gdsim.networks.batches import Batches

SEEDS = st.integers(0, 2**63 - 1)


@given(
    count=st.integers(1, 60),
    share=st.floats(0.01, 1.0),
    step=st.integers(1, 200),
    seed=SEEDS,
    stream=st.integers(0, 9),
    how=st.integers(0, 7),
)
@settings(max_examples=150, deadline=None)
def test_the_rows_of_a_batch(count: int, share: float, step: int, seed: int, stream: int, how: int) -> None:
    batches = Batches(count, max(1, round(share * count)), shuffle=bool(how & 1), drop_last=bool(how & 2), replacement=bool(how & 4))
    slow, fast = batches.rows(step, seed, stream), batch_order.rows(batches, step, seed, stream)
    if batches.size >= count and not batches.replacement:
        slow = np.sort(slow)  # of a batch of all points the order says nothing
    np.testing.assert_array_equal(fast, slow)


def test_an_epoch_takes_every_point_once() -> None:
    np.testing.assert_array_equal(np.sort(batch_order.order(1000, 2**40 + 7, 3, 5)), np.arange(1000))
