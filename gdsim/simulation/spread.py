"""Spreads a range of independent work over threads: the kernels release the interpreter lock, so threads run them side by side.

Pieces are cut by count, not by thread, so that progress, cancelling and the order of work do not depend on how many threads there are.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from functools import cache
from itertools import islice
from threading import Event
from typing import TypeVar

import numpy as np

Piece = TypeVar("Piece")

STEP_SECONDS = 0.05
"""How long ``spread_steps`` waits for its threads at a time."""
KEPT = 1 << 24
"""Bytes."""


def available_threads() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread(work: Callable[[int, int], None], count: int, piece: int, threads: int | None = None) -> Iterator[int]:
    """Calls ``work(low, high)`` for pieces that cover 0 to ``count``, yielding how many items are done as pieces end.

    ``threads`` None takes every processor there is. Closing the generator stops after the pieces under way. An exception in ``work``
    comes out here.
    """
    done = 0
    for low, high in spread_pieces(lambda ends: work(*ends), cut(count, piece), threads):
        done += high - low
        yield done


def cut(count: int, piece: int) -> Iterator[tuple[int, int]]:
    """The pieces that cover 0 to ``count``, each from its first item to the one after its last."""
    return ((low, min(low + piece, count)) for low in range(0, count, piece))


def spread_pieces(work: Callable[[Piece], None], pieces: Iterable[Piece], threads: int | None = None) -> Iterator[Piece]:
    """Calls ``work`` for each of the ``pieces``, which are asked for one by one as threads get free, and yields each as it ends.

    Otherwise like ``spread``.
    """
    _keep_memory()
    workers, waiting = threads or available_threads(), iter(pieces)
    if workers == 1:
        for piece in waiting:
            work(piece)
            yield piece
        return
    with ThreadPoolExecutor(workers, thread_name_prefix="gdsim-spread") as pool:
        under_way = {pool.submit(work, piece): piece for piece in islice(waiting, workers)}
        while under_way:
            ended, _ = wait(under_way, return_when=FIRST_COMPLETED)
            found = [(future, under_way.pop(future)) for future in ended]
            for future, _ in found:
                future.result()
            under_way |= {pool.submit(work, piece): piece for piece in islice(waiting, len(found))}
            for _, piece in found:
                yield piece


@cache
def _keep_memory() -> None:
    """Lets threads keep the memory of one piece for the next.

    The C library of Linux gives freed memory back to the system from a size on that follows the largest block freed so far, which is small
    at first. Then every piece would get its arrays from the system anew, which clears them page by page: a tenth of a sweep's time.
    """
    np.empty(KEPT, np.uint8)


def spread_steps(work: Callable[[int], Iterator[object]], count: int, threads: int | None = None) -> Iterator[int]:
    """Carries out ``work(k)`` for k below ``count``, each a step after the other, yielding how many are done after about every step.

    Closing the generator stops after the steps under way. An exception in ``work`` comes out here.
    """
    workers = threads or available_threads()
    if workers == 1:
        for index in range(count):
            for _ in work(index):
                yield index
            yield index + 1
        return
    given_up = Event()

    def carry_out(index: int) -> None:
        for _ in work(index):
            if given_up.is_set():
                return

    with ThreadPoolExecutor(workers, thread_name_prefix="gdsim-spread") as pool:
        under_way = {pool.submit(carry_out, index) for index in range(min(workers, count))}
        begun, done = len(under_way), 0
        try:
            while under_way:
                ended, under_way = wait(under_way, timeout=STEP_SECONDS, return_when=FIRST_COMPLETED)
                for future in ended:
                    future.result()
                    done += 1
                    if begun < count:
                        under_way.add(pool.submit(carry_out, begun))
                        begun += 1
                yield done
        finally:
            given_up.set()
