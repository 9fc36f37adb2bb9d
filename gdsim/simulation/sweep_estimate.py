"""What a sweep will cost, told before it starts; and limits, beyond which it is not started unless told."""

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gdsim.engine.device import Device, simulated
from gdsim.simulation.network_problem import Learning
from gdsim.simulation.run_batches import most_steps, points_of
from gdsim.simulation.spread import available_threads
from gdsim.simulation.sweep_block import Computer, empty
from gdsim.simulation.sweep_networks import CARD_LEAST
from gdsim.simulation.sweep_plan import Plan

PROBE_RUNS, PROBE_STEPS = 256, 1000
NETWORK_PROBE_RUNS = 16
CARD_PROBE_RUNS = 1 << 15
"""A card is no faster with fewer."""
PROBE_WORK, CARD_PROBE_WORK = 100_000_000, 20_000_000_000
"""Evaluations, of networks times their weights, that a probe takes at most: about a second."""
SMALL_RUNS, SMALL_WORK = 10_000_000, 100_000_000_000
"""A sweep of no more than these takes minutes at most."""


@dataclass(frozen=True)
class Limits:
    """What a sweep may take: ``runs``, ``seconds``, ``memory`` and ``disk`` in bytes (None: half of what is free)."""

    runs: int = 1_000_000_000
    seconds: float = 3600.0
    memory: int | None = None
    disk: int | None = None


LIMITS = Limits()


class SweepTooLargeError(ValueError):
    """A sweep beyond its limits; the message says by how much."""


@dataclass(frozen=True)
class Estimate:
    """``steps`` are the most that all runs can take together, each an evaluation of the loss and its gradient (or several, where a method
    looks around); ``memory`` and ``disk`` in bytes. ``nanoseconds`` a step of a run, on one of the processor's ``threads`` or on the whole
    ``device``, were measured on a few runs; ``seconds`` is what follows for all of them.
    """

    runs: int
    steps: int
    memory: int
    disk: int
    threads: int
    nanoseconds: float
    seconds: float
    device: Device = "cpu"


def bytes_a_run(plan: Plan) -> int:
    return sum(values.itemsize for values in empty(plan, 0).values())


def estimate(plan: Plan, workers: int | None = None, *, held: bool = False, written: bool = False) -> Estimate:
    """The costs of ``plan``; ``held`` says that its result will stay in memory, ``written`` that it goes to a disk."""
    each = bytes_a_run(plan)
    device = Computer(plan).device
    threads = 1 if device == "cuda" else workers or available_threads()
    nanoseconds = probe(plan)
    steps = plan.size * most_steps(plan.scenario)
    return Estimate(
        runs=plan.size,
        steps=steps,
        memory=each * (plan.size if held else min(plan.size, plan.shard)),
        disk=(each + 2 * len(plan.axes)) * plan.size if written else 0,
        threads=threads,
        nanoseconds=nanoseconds,
        seconds=steps * nanoseconds * 1e-9 / threads,
        device=device,
    )


def probe(plan: Plan) -> float:
    """Nanoseconds a step of one run takes on one thread, or on the card, measured on runs from all over the sweep. Compiles."""
    on_card = Computer(plan).device == "cuda" and not simulated()
    runs = (NETWORK_PROBE_RUNS, PROBE_RUNS, CARD_LEAST, CARD_PROBE_RUNS)[2 * on_card + (not plan.scenario.is_network)]
    rows = np.unique(np.linspace(0, plan.size - 1, min(runs, plan.size)).astype(np.int64))
    steps, work = most_steps(plan.scenario), CARD_PROBE_WORK if on_card else PROBE_WORK
    if (fewer := max(1, min(PROBE_STEPS, work // (len(rows) * _work_of_step(plan))))) < steps:
        by_steps = tuple(run.changed(epochs=None) for run in plan.scenario.runs)
        plan, steps = Plan(plan.scenario.changed(steps=fewer, runs=by_steps), plan.device, plan.shard), fewer
    computer, columns = Computer(plan), empty(plan, len(rows))
    computer.fill(rows, columns, slice(None))
    began = time.perf_counter()
    computer.fill(rows, columns, slice(None))
    return (time.perf_counter() - began) * 1e9 / (len(rows) * steps)


def check(plan: Plan, limits: Limits | None, workers: int | None = None, *, held: bool = False, written: bool = False) -> None:
    """Raises SweepTooLargeError where the sweep exceeds its limits. A sweep that is small beyond doubt is not measured."""
    if limits is None or (plan.size <= SMALL_RUNS and plan.size * most_steps(plan.scenario) * _work_of_step(plan) <= SMALL_WORK):
        return
    if plan.size > limits.runs:
        raise SweepTooLargeError(f"found {plan.size:,} runs; allowed: at most {limits.runs:,}, unless told (limit=None)")
    refuse(estimate(plan, workers, held=held, written=written), limits)


def _work_of_step(plan: Plan) -> int:
    """Evaluations of a landscape, or of the loss at a point of data, that a step of a run takes; of a network times its weights."""
    problem = plan.scenario.problem
    return (points_of(problem) or 1) * (problem.shape.weights if isinstance(problem, Learning) else 1)


def refuse(costs: Estimate, limits: Limits, folder: Path | None = None) -> None:
    """Raises SweepTooLargeError with everything in which ``costs`` exceed ``limits``."""
    memory = limits.memory if limits.memory is not None else free_memory() // 2
    disk = limits.disk if limits.disk is not None else free_disk(folder) // 2
    found = [
        (costs.runs > limits.runs, f"{costs.runs:,} runs (at most {limits.runs:,})"),
        (costs.seconds > limits.seconds, f"about {duration(costs.seconds)} (at most {duration(limits.seconds)})"),
        (costs.memory > memory, f"{size(costs.memory)} of memory (at most {size(memory)})"),
        (costs.disk > disk, f"{size(costs.disk)} on the disk (at most {size(disk)})"),
    ]
    if over := [text for beyond, text in found if beyond]:
        raise SweepTooLargeError(f"this sweep would take {', '.join(over)}")


def free_memory() -> int:
    """Bytes of memory that are free, as far as the system tells; otherwise 4 GB."""
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return 4_000_000_000


def free_disk(folder: Path | None) -> int:
    place = (folder or Path()).absolute()
    there = next((step for step in (place, *place.parents) if step.exists()), Path())
    return shutil.disk_usage(there).free


def size(count: float) -> str:
    """``1.5 GB``"""
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if count < 1000.0:
            return f"{count:.0f} {unit}" if unit == "bytes" else f"{count:.3g} {unit}"
        count /= 1000.0
    return f"{count:,.3g} PB"


def duration(seconds: float) -> str:
    """``3 s``, ``2 min``, ``5.5 hours``"""
    if seconds < 120.0:
        return f"{seconds:.2g} s" if seconds < 10.0 else f"{seconds:.0f} s"
    if seconds < 7200.0:
        return f"{seconds / 60.0:.0f} min"
    return f"{seconds / 3600.0:,.3g} hours" if seconds < 172_800.0 else f"{seconds / 86_400.0:,.3g} days"
