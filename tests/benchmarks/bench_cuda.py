"""``python -m tests.benchmarks.bench_cuda``: runs on the graphics card at hand, beside what the card can do and what the processor does.

Prints a table for docs/gpu.md, in some five minutes. Medians of five, after one that compiles. "Kernels" is the time in which the card
computes; "whole" adds sending the runs there and fetching their ends.
"""

import re
import sys
import time
from itertools import chain
from statistics import median

import numpy as np

from gdsim.engine import descend
from gdsim.engine.cuda import ptx
from gdsim.engine.cuda_driver import cuda
from gdsim.engine.device import card, simulated
from gdsim.engine.precision import PRECISIONS, SINGLE
from gdsim.landscapes import LANDSCAPES
from gdsim.networks.dataset import Dataset
from gdsim.networks.initialise import draw_many
from gdsim.networks.many import ManyLearners
from gdsim.networks.network import Network
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.many import Many
from gdsim.simulation.run import rule_of
from gdsim.simulation.scenario_file import load
from gdsim.simulation.sweep import sweep
from tests.benchmarks.measuring import hardware

REPEATS = 5
UNITS = {(7, 0): (64, 32), (7, 5): (64, 2), (8, 0): (64, 32), (9, 0): (128, 64), (10, 0): (128, 64)}
"""Multiply-adds of a multiprocessor in a cycle, in single and in double precision; 128 and 2 on other cards since 2020 (CUDA C++
Programming Guide, Throughput of Native Arithmetic Instructions). For an H200, 132 multiprocessors at 1.98 GHz, that makes the 67 and 34
TFLOP/s of its data sheet.
"""


def peak(capability, precision):
    """Operations a second, a fused multiply-add counted as two, at the card's highest clock."""
    device = cuda.get_current_device()
    single, double = UNITS.get(capability, (128, 2))
    return 2.0 * (single if precision is SINGLE else double) * device.MULTIPROCESSOR_COUNT * device.CLOCK_RATE * 1e3


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
    what = f"Rosenbrock, gradient descent, {runs:,} runs x {steps:,} steps"
    for name, precision in PRECISIONS.items():
        took = {}
        for fast in (False, True):
            how = {"device": "cuda", "precision": name, "fast": fast, "learning_rate": 1e-4}
            took[fast], _ = times(lambda how=how: Many(landscape, optimizer, starts, steps, **how))
        count, most = operations(ptx(rule, capability, precision)), peak(capability, precision)
        rate = count * runs * steps / took[False]
        text = f"{took[False] * 1e12 / (runs * steps):.3f} ps a step of a run, which has {count} operations: {rate / 1e12:.2f} TFLOP/s"
        yield what, name, f"{text}, {rate / most:.1%} of {most / 1e12:.1f}", "20 %" if precision is SINGLE else ""
        text = f"{took[True] * 1e12 / (runs * steps):.3f} ps; not to fuse takes {took[False] / took[True]:.2f} times that"
        yield "the same with fused products", name, text, ""


def basin(side=2048, steps=500):
    """A basin map of Himmelblau."""
    x, y = np.meshgrid(np.linspace(-5.0, 5.0, side), np.linspace(-5.0, 5.0, side))
    starts = np.stack((x.ravel(), y.ravel()), axis=1)
    for optimizer, rate in (("adam", 0.05), ("sgd", 0.01)):
        for name in ("float64", "float32"):
            how = {"device": "cuda", "precision": name, "learning_rate": rate}
            kernels, whole = times(
                lambda how=how, optimizer=optimizer: Many(LANDSCAPES["himmelblau"], OPTIMIZERS[optimizer], starts, steps, **how)
            )
            what = f"basin map, Himmelblau, {side} x {side}, {steps} steps of {optimizer}"
            yield what, name, f"kernels {kernels:.4f} s, whole {whole:.3f} s", "0.1 s" if optimizer == "adam" else ""
        many = Many(
            LANDSCAPES["himmelblau"], OPTIMIZERS[optimizer], starts[:: side * side // (64 * descend.LANES)], steps, learning_rate=rate
        )
        many.walk(1)
        began = time.perf_counter()
        for _ in many.advance(threads=1):
            pass
        took = (time.perf_counter() - began) * len(starts) / (64 * descend.LANES)
        yield "the same on one thread of the processor, from a part", "float64", f"{took:.2f} s", ""


def trainability(side=1024, steps=500, runs=1 << 16):
    """A trainability map: 16-16-1 tanh networks on 16 points, the learning rate of one layer by that of the other."""
    method = OPTIMIZERS["sgd"]
    hyper, on = method.pack({"learning_rate": 0.01})
    fresh = np.random.default_rng(0)
    data = Dataset.from_arrays(fresh.normal(size=(16, 16)), fresh.normal(size=(16, 1)))
    # Multiply-adds of a step's sums of products: forward, the gradient, and back through the second layer.
    count = 16 * (2 * (16 * 16 + 16) + 16)
    for name in ("float64", "float32"):
        net = Network([16, 16, 1], initialisation="he", precision=name)
        lanes = ManyLearners(net, data, method, on, device="cuda").lanes
        weights = draw_many(net, np.zeros(runs, np.int64), np.ones(runs))
        rows = np.repeat(np.array(hyper)[:, np.newaxis], runs, axis=1)
        given = (weights, np.zeros((lanes.rule.slots, 2, runs)), rows, np.ones((2, runs)), steps)
        chosen = lanes.layout.threads
        for lanes.threads in sorted({32, 64, 96, 128, 256, chosen}):
            step = median(training_seconds(lanes.walk(*given)) for _ in range(REPEATS + 1)) / (runs * (steps + 1))
            what = f"16-16-1 tanh, 16 points, {lanes.threads} threads a training{' (gdsim takes these)' if lanes.threads == chosen else ''}"
            yield what, name, f"{step * 1e9:.2f} ns a step, {2 * count / step * 1e-12:.2f} TFLOP/s in sums of products", ""
    scenario = load("trainability-map")
    axes = [axis.model_dump(exclude_none=True) | {"count": side} for axis in scenario.sweep.axes]
    for told in ("and compiled", "again"):
        began = time.perf_counter()
        sweep(scenario, axes=axes, device="cuda", limit=None)
        what = f"trainability map, {side} x {side}, {scenario.steps} steps, trained and judged, {told}"
        yield what, scenario.problem.shape.precision, f"{time.perf_counter() - began:.2f} s", "10 s"


def training_seconds(way):
    """Seconds in which a card trains: after the first launch, before results are fetched."""
    first = next(way)
    began = ended = time.perf_counter()
    for _ in way:
        ended = time.perf_counter()
    return (ended - began) / (1.0 - first)


def main():
    if not card().usable or simulated():
        sys.exit(f"CUDA is {card().sentence}")
    print(f"{card().said}; {hardware()}\n\n| what | precision | measured | goal |\n| --- | --- | --- | ---: |", flush=True)  # noqa: T201
    for row in chain(descent(), basin(), trainability()):
        print(f"| {' | '.join(row)} |", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
