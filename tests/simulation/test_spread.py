"""Work over a range on threads: every item once, in any number of threads, and errors and cancelling come through."""

import threading

import numpy as np
import pytest

from gdsim.simulation.spread import available_threads, spread


@pytest.mark.parametrize("threads", [1, 2, 3, 8, None])
@pytest.mark.parametrize(("count", "piece"), [(0, 5), (1, 5), (5, 5), (6, 5), (100, 7), (20, 1)])
def test_every_item_is_done_once(threads, count, piece):
    times = np.zeros(count, dtype=int)

    def work(low, high):
        assert 0 < high - low <= piece
        times[low:high] += 1

    progress = list(spread(work, count, piece, threads))
    assert np.all(times == 1)
    assert progress == sorted(progress)
    assert not count or progress[-1] == count


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_comes_out(threads):
    def work(low, high):
        if low == 30:
            raise RuntimeError("piece 30")

    with pytest.raises(RuntimeError, match="piece 30"):
        list(spread(work, 100, 10, threads))


@pytest.mark.parametrize("threads", [1, 2])
def test_closing_stops_the_work(threads):
    begun = []
    progress = spread(lambda low, high: begun.append(low), 1000, 1, threads)
    next(progress)
    progress.close()
    assert len(begun) < 1000
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("gdsim-spread")]


def test_there_is_at_least_one_thread():
    assert available_threads() >= 1
