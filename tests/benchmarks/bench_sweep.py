"""Sweeps and maps: the kernel's time, and what is done round it.

    python -m tests.benchmarks.bench_sweep [--runs N] [--steps N]

Prints the least of several, as others on the machine only add. Times of kernels, verdicts and the rest are processor time, summed over all
threads; with "wall" what a user waits.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import contextmanager
from math import isqrt
from pathlib import Path

from gdsim.engine.descend import Block
from gdsim.gui.map_colours import pixels
from gdsim.gui.palette import LIGHT
from gdsim.simulation import sweep_block, sweep_store
from gdsim.simulation.ruler import rulers, subject_of
from gdsim.simulation.scenario import validated
from gdsim.simulation.spread import available_threads
from gdsim.simulation.sweep import sweep
from gdsim.simulation.sweep_map import map_of
from gdsim.simulation.sweep_plan import Plan

REPEATS = 7


def square(side: int, steps: int, optimizer: str, rate: float, tolerance: float | None = None):
    """A basin map of Himmelblau, ``side`` runs each way."""
    axes = [{"over": f"start.{axis}", "low": -5.0, "high": 5.0, "count": side} for axis in "xy"]
    run = {"optimizer": optimizer, "learning_rate": rate}
    tables = {"steps": steps, "problem": {"landscape": "himmelblau"}, "runs": [run], "sweep": {"axes": axes}}
    return validated(tables if tolerance is None else tables | {"tolerance": tolerance})


class Clock:
    """Adds up the processor time spent inside functions, on all threads: what others do on the machine counts for less in it."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}

    @contextmanager
    def watching(self, owner: object, attribute: str, name: str):
        real = getattr(owner, attribute)

        def timed(*given, **more):
            began = time.thread_time()
            try:
                return real(*given, **more)
            finally:
                self.spent[name] = self.spent.get(name, 0.0) + time.thread_time() - began

        setattr(owner, attribute, timed)
        try:
            yield
        finally:
            setattr(owner, attribute, real)


def least(work: Callable[[], object], repeats: int = REPEATS) -> float:
    work()
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return min(times)


def kernel_seconds(scenario, workers: int) -> tuple[float, float]:
    """The kernels' time, added up and divided by the threads, and that of the whole sweep."""
    kernels, walls = [], []
    sweep(scenario, workers=workers, limit=None)
    for _ in range(REPEATS):
        clock = Clock()
        with clock.watching(Block, "through", "kernel"):
            began = time.perf_counter()
            sweep(scenario, workers=workers, limit=None)
            walls.append(time.perf_counter() - began)
        kernels.append(clock.spent["kernel"] / workers)
    return min(kernels), min(walls)


def parts(side: int, steps: int, optimizer: str, rate: float) -> None:
    """What a sweep into a folder, with its map, is made of: on one thread, so that parts add up."""
    scenario = square(side, steps, optimizer, rate)
    shares: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for repeat in range(REPEATS):
            clock, place = Clock(), Path(folder) / f"{repeat}"
            with (
                clock.watching(Block, "through", "kernel"),
                clock.watching(sweep_block, "judge", "verdicts"),
                clock.watching(sweep_store, "encoded", "encoding"),
                clock.watching(sweep_store.zlib, "crc32", "checksums"),
                clock.watching(sweep_store.durable, "write_whole", "writing and waiting for the disk"),
                clock.watching(sweep_block.Computer, "fill", "pieces"),
            ):
                began, busy = time.perf_counter(), time.process_time()
                for _ in sweep_store.write(Plan(scenario), place, workers=1):
                    pass
                wall, busy = time.perf_counter() - began, time.process_time() - busy
            result = sweep_store.read(place)
            began = time.thread_time()
            pixels(map_of(result), LIGHT)
            clock.spent["colouring"] = time.thread_time() - began
            clock.spent["planning"] = clock.spent.pop("pieces") - clock.spent["kernel"] - clock.spent["verdicts"]
            clock.spent["processor time, without the map"] = busy
            clock.spent["wall, without the map"] = wall
            shutil.rmtree(place)
            if repeat:
                for name, spent in clock.spent.items():
                    shares.setdefault(name, []).append(spent)
    kernel = min(shares["kernel"])
    print(f"\n{side * side:,} runs x {steps} steps of {optimizer}, one thread and a writer: seconds, share of the kernel")  # noqa: T201
    for name, spent in shares.items():
        print(f"  {name:34} {min(spent):7.3f}  {min(spent) / kernel:6.1%}")  # noqa: T201


def round_the_kernels(side: int, steps: int, optimizer: str, rate: float, threads: int) -> None:
    """What a user waits for a sweep into a folder, beside the kernels' time alone."""
    scenario, walls, kernels = square(side, steps, optimizer, rate), [], []
    with tempfile.TemporaryDirectory() as folder:
        for repeat in range(2 * REPEATS):
            clock, place = Clock(), Path(folder) / f"{repeat}"
            with clock.watching(Block, "through", "kernel"):
                began = time.perf_counter()
                for _ in sweep_store.write(Plan(scenario), place, workers=threads):
                    pass
                walls.append(time.perf_counter() - began)
            kernels.append(clock.spent["kernel"] / threads)
            shutil.rmtree(place)
    wall, kernel = min(walls), min(kernels)
    words = f"{side * side:,} runs x {steps} steps of {optimizer} on {threads} threads"
    print(f"{words}: wall {wall:.3f} s, {wall / kernel:.2f} times the kernels' {kernel:.3f} s")  # noqa: T201


def main(arguments: list[str]) -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--runs", type=int, default=10**6)
    options.add_argument("--steps", type=int, default=500)
    given = options.parse_args(arguments)
    threads = available_threads()
    for workers in dict.fromkeys((1, threads)):
        kernel, wall = kernel_seconds(square(1024, 200, "sgd", 0.01), workers)
        words = f"Basin map of Himmelblau, 1,024 x 1,024, 200 steps of sgd, {workers} thread{'s' * (workers > 1)}"
        print(f"{words}: kernel {kernel * 1e3:.0f} ms, whole {wall * 1e3:.0f} ms")  # noqa: T201
    subject = subject_of(validated({"steps": 200, "problem": {"landscape": "himmelblau"}, "runs": [{"optimizer": "sgd"}]}), 0)
    print(f"Ruler of 512 learning rates, 200 steps: {least(lambda: list(rulers(subject)), 50) * 1e3:.2f} ms")  # noqa: T201
    for optimizer, rate in (("sgd", 0.01), ("adam", 0.1)):
        round_the_kernels(isqrt(given.runs), given.steps, optimizer, rate, threads)
        parts(isqrt(given.runs), given.steps, optimizer, rate)


if __name__ == "__main__":
    main(sys.argv[1:])
