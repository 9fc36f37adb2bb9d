"""``python -m tests.benchmarks.bench_cuda``: runs on the graphics card at hand, beside what the card can do and what the processor does.

Medians of five. "Kernels" is the time in which the card computes; "whole" adds sending the runs there and fetching their ends.
"""

import re
import sys
import time
from statistics import median

import numpy as np

from gdsim.engine import descend
from gdsim.engine.cuda import cuda, ptx
from gdsim.engine.device import card, simulated
from gdsim.engine.precision import PRECISIONS, SINGLE
from gdsim.landscapes import LANDSCAPES
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.many import Many
from gdsim.simulation.run import rule_of
from tests.benchmarks.measuring import hardware

REPEATS = 5
CORES = {(7, 0): 64, (7, 5): 64, (8, 0): 64}
"""Units for single precision of a multiprocessor; 128 on every later card."""
HALF = {(7, 0), (8, 0), (9, 0), (10, 0)}
"""Cards with half as many for double precision; others have 1/32 or 1/64 of them."""


def peak(capability, precision):
    """Operations a second, a fused multiply-add counted as two, at the card's highest clock."""
    device = cuda.get_current_device()
    units = CORES.get(capability, 128) / (1 if precision is SINGLE else 2 if capability in HALF else 64)
    return 2.0 * units * device.MULTIPROCESSOR_COUNT * device.CLOCK_RATE * 1e3


def operations(text):
    """Those of a step, as it is written: what the longest loop of a kernel without contraction holds."""
    _, loop = max(((body.count("\n"), body) for body in loops(text)), key=lambda pair: pair[0])
    plain = len(re.findall(r"\b(?:mul|add|sub|div|sqrt)\.rn\.f(?:32|64)", loop))
    return plain + 2 * len(re.findall(r"\bfma\.rn\.f(?:32|64)", loop))


def loops(text):
    """The stretches from a label to a jump back to it."""
    for label in re.findall(r"^(\$L__BB\d+_\d+):", text, re.MULTILINE):
        begin = text.index(f"{label}:")
        end = text.rfind(f"{label};")
        if end > begin:
            yield text[begin:end]


def times(make):
    """Medians of the kernels' seconds and of the whole."""
    kernels, wholes = [], []
    for _ in range(REPEATS + 1):
        began = time.perf_counter()
        many = make()
        cuda.synchronize()
        sent = time.perf_counter()
        for _ in many.advance():
            pass
        done = time.perf_counter()
        many.summary()
        kernels.append(done - sent)
        wholes.append(time.perf_counter() - began)
    return median(kernels[1:]), median(wholes[1:])


def descent(runs=1 << 20, steps=20_000):
    """Rosenbrock with gradient descent: arithmetic and nothing else."""
    landscape, optimizer = LANDSCAPES["rosenbrock"], OPTIMIZERS["sgd"]
    starts = np.random.default_rng(0).uniform(-2.0, 2.0, (runs, 2))
    capability = tuple(cuda.get_current_device().compute_capability)[:2]
    hyper, on = optimizer.pack({"learning_rate": 1e-4})
    rule = rule_of(landscape, optimizer, hyper, on)
    print(f"\nRosenbrock, gradient descent, {runs:,} runs x {steps:,} steps")  # noqa: T201
    for name, precision in PRECISIONS.items():
        for fast in (False, True):
            how = {"device": "cuda", "precision": name, "fast": fast, "learning_rate": 1e-4}
            kernels, _ = times(lambda how=how: Many(landscape, optimizer, starts, steps, **how))
            count = operations(ptx(rule, capability, precision))
            rate = count * runs * steps / kernels
            share = rate / peak(capability, precision)
            text = f"{kernels * 1e12 / (runs * steps):.3f} ps a step of a run, {count} operations a step, {rate / 1e12:.2f} TFLOP/s"
            print(f"  {name}{', fast' if fast else ''}: {text}, {share:.1%} of the peak")  # noqa: T201


def basin(side=2048, steps=500):
    """A basin map of Himmelblau."""
    x, y = np.meshgrid(np.linspace(-5.0, 5.0, side), np.linspace(-5.0, 5.0, side))
    starts = np.stack((x.ravel(), y.ravel()), axis=1)
    print(f"\nBasin map, Himmelblau, {side} x {side}, {steps} steps")  # noqa: T201
    for optimizer, rate in (("adam", 0.05), ("sgd", 0.01)):
        for name in ("float64", "float32"):
            how = {"device": "cuda", "precision": name, "learning_rate": rate}
            kernels, whole = times(
                lambda how=how, optimizer=optimizer: Many(LANDSCAPES["himmelblau"], OPTIMIZERS[optimizer], starts, steps, **how)
            )
            print(f"  {optimizer}, {name}: kernels {kernels:.4f} s, whole {whole:.3f} s")  # noqa: T201
        many = Many(
            LANDSCAPES["himmelblau"], OPTIMIZERS[optimizer], starts[:: side * side // (64 * descend.LANES)], steps, learning_rate=rate
        )
        many.walk(1)
        began = time.perf_counter()
        for _ in many.advance(threads=1):
            pass
        took = (time.perf_counter() - began) * len(starts) / (64 * descend.LANES)
        print(f"  {optimizer}, float64, one thread of the processor: {took:.2f} s (from a part)")  # noqa: T201


def main():
    if not card().usable or simulated():
        sys.exit(f"CUDA: {card().said}")
    print(f"{card().said}; {hardware()}")  # noqa: T201
    descent()
    basin()


if __name__ == "__main__":
    main()
