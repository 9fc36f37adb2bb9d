"""Work over a range on threads: every item once, in any number of threads, and errors and cancelling come through."""

import threading

import numpy as np
import pytest

from gdsim.simulation.spread import available_threads, cut, spread, spread_pieces, spread_steps


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


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_pieces_are_asked_for_as_threads_get_free(threads):
    asked, ended = [], set()

    def pieces():
        for piece in cut(40, 3):
            assert len(asked) - len(ended) < 2 * threads
            asked.append(piece)
            yield piece

    for piece in spread_pieces(lambda piece: None, pieces(), threads):
        ended.add(piece)
    assert asked == [(low, min(low + 3, 40)) for low in range(0, 40, 3)]
    assert sorted(ended) == asked


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


@pytest.mark.parametrize("threads", [1, 2, 3, None])
@pytest.mark.parametrize(("count", "steps"), [(0, 3), (1, 0), (1, 5), (7, 3), (40, 1)])
def test_every_step_of_every_item_is_done_once(threads, count, steps):
    times = np.zeros((count, steps), dtype=int)

    def work(index):
        for step in range(steps):
            times[index, step] += 1
            yield

    progress = list(spread_steps(work, count, threads))
    assert np.all(times == 1)
    assert progress == sorted(progress)
    assert not count or progress[-1] == count


@pytest.mark.parametrize("threads", [1, 2])
def test_an_error_in_a_step_comes_out_and_ends_the_others(threads):
    ended = threading.Event()

    def work(index):
        try:
            while index == 0 and threads > 1:
                yield
            yield
            raise RuntimeError(f"item {index}")
        finally:
            ended.set()

    with pytest.raises(RuntimeError, match="item"):
        list(spread_steps(work, 2, threads))
    assert ended.is_set()


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_closing_stops_steps_that_would_never_end(threads):
    before = threading.active_count()

    def work(_index):
        while True:
            yield

    progress = spread_steps(work, 5, threads)
    assert [next(progress) for _ in range(3)] == [0, 0, 0]
    progress.close()
    assert threading.active_count() == before
