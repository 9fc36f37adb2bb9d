"""Timing on a machine that is shared with others: short repeats, accepted only while a fixed loop runs at full speed."""

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from functools import lru_cache

import numpy as np
from numba import njit

SLOWER = 1.15
"""A repeat counts only if the probe, right before and after it, took at most this many times its best."""


@njit(nogil=True)
def arithmetic(count, seed):
    """Multiply-adds on four independent chains: bound by arithmetic, no memory, nothing shared."""
    a, b, c, d = seed, seed + 1.0, seed + 2.0, seed + 3.0
    for _ in range(count):
        a = a * 0.9999999 + 1e-7
        b = b * 0.9999998 + 2e-7
        c = c * 0.9999997 + 3e-7
        d = d * 0.9999996 + 4e-7
    return a + b + c + d


def seconds(work: Callable[[], object]) -> float:
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def probe() -> float:
    return seconds(lambda: arithmetic(50_000, 1.0))


@lru_cache(maxsize=1)
def full_speed() -> float:
    """The probe's best time."""
    probe()
    return min(probe() for _ in range(400))


def measure(contestants: Mapping[str, tuple[Callable[[], object], float]], repeats: int = 25, patience: float = 20.0) -> dict[str, float]:
    """Nanoseconds a unit of work, the median of ``repeats`` accepted repeats for each contestant, taken in turn.

    A contestant is a callable and the units of work in one call. After ``patience`` seconds what there is counts (and at least one).
    """
    best = full_speed()
    for work, _ in contestants.values():
        work()
    times: dict[str, list[float]] = {name: [] for name in contestants}
    ends = time.perf_counter() + patience
    while time.perf_counter() < ends and any(len(taken) < repeats for taken in times.values()):
        for name, (work, units) in contestants.items():
            if len(times[name]) >= repeats:
                continue
            before = probe()
            work()  # after another contestant caches are cold, which is not what is asked
            took = seconds(work)
            if max(before, probe()) <= SLOWER * best:
                times[name].append(took / units)
    for name, (work, units) in contestants.items():
        if not times[name]:
            times[name].append(min(seconds(work) for _ in range(3)) / units)
    return {name: 1e9 * statistics.median(taken) for name, taken in times.items()}


def one_core() -> None:
    """Binds this process to one processor, before any library makes threads of its own."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def hardware() -> str:
    """The processor, as the figures have to name it."""
    name = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo") as lines:
            found = dict(line.split(":", 1) for line in lines if ":" in line)
        trimmed = {key.strip(): value.strip() for key, value in found.items()}
        name = f"{trimmed['model name']} (family {trimmed['cpu family']}, model {trimmed['model']}), {trimmed['cpu MHz']} MHz nominal"
    except (OSError, KeyError):
        pass
    return f"{name}, {os.cpu_count()} processors, Python {platform.python_version()}, NumPy {np.__version__}"


def table(title: str, unit: str, rows: Mapping[str, Mapping[str, float]]) -> None:
    """Prints one line a task: gdsim's figure, then each peer's with its ratio to gdsim's."""
    print(f"\n{title} ({unit}; in brackets: times gdsim's)")  # noqa: T201
    for task, figures in rows.items():
        ours = figures["gdsim"]
        others = "   ".join(f"{name} {value:,.3g} ({value / ours:.1f})" for name, value in figures.items() if name != "gdsim")
        print(f"  {task:<34} gdsim {ours:,.3g}   {others}")  # noqa: T201
