"""``python -m tests.benchmarks``: gdsim's kernels beside what a user would pick instead, in one run, one core, float64."""

import os
import shutil
import subprocess
import sys

import numpy as np

from gdsim.engine import descend
from gdsim.landscapes import LANDSCAPES
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.many import Many, run_many
from gdsim.simulation.run import rule_of
from gdsim.simulation.spread import spread
from tests.benchmarks import bench_catalogue, bench_compile, bench_networks, bench_sweep, bench_trainability, peers
from tests.benchmarks.measuring import arithmetic, hardware, measure, one_core, seconds, table
from tests.screenshots import virtual_screen

RATES = {("rosenbrock", "sgd"): 1e-3, ("rosenbrock", "adam"): 1e-2, ("rastrigin", "sgd"): 1e-3, ("rastrigin", "adam"): 1e-2}


def gdsim_sweep(problem, optimizer, starts, rate, steps, tolerance=1e-9):
    landscape, rule = LANDSCAPES[problem], OPTIMIZERS[optimizer]

    def work():
        many = Many(landscape, rule, starts.T, steps, tolerance, learning_rate=rate)
        for _ in many.advance(threads=1):
            pass

    return work


def sweeps(count=2**13, steps=1000):
    """Many starts, the end of each: nanoseconds a step of one run. gdsim tests every step for convergence and divergence, peers do not."""
    starts = np.random.default_rng(0).uniform(-2, 2, (2, count))
    units = count * steps
    rows = {}
    for problem, optimizer in RATES:
        rate = RATES[problem, optimizer]
        field = {"gdsim": (gdsim_sweep(problem, optimizer, starts, rate, steps), units)}
        if peers.has("jax"):
            field["JAX tuned"] = (peers.jax_sweep(problem, optimizer, starts, rate, steps, 1024), units)
            field["JAX"] = (peers.jax_sweep(problem, optimizer, starts, rate, steps, None), units)
        if peers.has("torch"):
            field["torch"] = (peers.torch_sweep(problem, optimizer, starts, rate, 20), count * 20)
        field["NumPy"] = (peers.numpy_sweep(problem, optimizer, starts, rate, 20), count * 20)
        rows[f"{problem}, {optimizer}"] = measure(field)
    table(f"Sweep of {count} runs x {steps} steps, one core", "ns a step of a run", rows)


def repeated(work, times):
    return lambda: [work() for _ in range(times)]


def recorded(steps=5000, times=20):
    """One run with every step recorded, so often in a row that the clock is not what is measured."""
    rows = {}
    for optimizer in ("sgd", "adam"):
        landscape, rule, rate = LANDSCAPES["rosenbrock"], OPTIMIZERS[optimizer], RATES["rosenbrock", optimizer]
        hyper, on = rule.pack({"learning_rate": rate})
        bound = rule_of(landscape, rule, hyper, on)
        params, numbers = np.array(landscape.values), np.array(hyper)

        def work(bound=bound, rule=rule, hyper=hyper, params=params, numbers=numbers):
            state = descend.State.start(np.array([[-1.2], [1.0]]), rule.initial_slots(hyper), rule.initial_shared)
            descend.record(bound, state, params, numbers, steps)

        field = {"gdsim": (repeated(work, times), times * steps)}
        if peers.has("jax"):
            scan = peers.jax_recorded("rosenbrock", optimizer, (-1.2, 1.0), rate, steps)
            field["JAX scan"] = (repeated(scan, times), times * steps)
        if peers.has("torch"):
            field["torch eager"] = (peers.torch_recorded("rosenbrock", optimizer, (-1.2, 1.0), rate, 100), 100)
        rows[f"rosenbrock, {optimizer}"] = measure(field)
    table(f"One recorded run of {steps} steps, one core", "ns a step", rows)


def threads():
    """How a sweep scales over two threads, beside a loop of pure arithmetic on the same machine at the same moment."""
    starts = np.random.default_rng(0).uniform(-2, 2, (2**18, 2))
    landscape, rule = LANDSCAPES["rosenbrock"], OPTIMIZERS["adam"]

    def sweep(count):
        return seconds(lambda: run_many(landscape, rule, starts, 200, 1e-9, threads=count, learning_rate=0.01))

    def plain(count):
        return seconds(lambda: list(spread(lambda low, high: arithmetic((high - low) * 1000, float(low)), 200_000, 4000, count)))

    sweep(1), plain(1)
    speedups = {name: [] for name in ("sweep", "plain")}
    for _ in range(15):
        speedups["sweep"].append(sweep(1) / sweep(2))
        speedups["plain"].append(plain(1) / plain(2))
    ours, theirs = (float(np.median(speedups[name])) for name in ("sweep", "plain"))
    print(f"\nTwo threads: a sweep runs {ours:.2f} times as fast, pure arithmetic {theirs:.2f} times: {ours / theirs:.0%} of it")  # noqa: T201


def window():
    """The start of the window and its frames, each in a process of its own; the start on a virtual screen where there is no display."""
    screen = None
    if not os.environ.get("DISPLAY"):
        if shutil.which("Xvfb") is None:
            print("\nNo display and no Xvfb: the window is started and painted without a screen")  # noqa: T201
        else:
            screen = virtual_screen()
    try:
        for title, module in (("Start of the window", "bench_startup"), ("Frames", "bench_frames"), ("Rulers and maps", "bench_window")):
            print(f"\n{title}", flush=True)  # noqa: T201
            subprocess.run([sys.executable, "-m", f"tests.benchmarks.{module}"], check=False)
    finally:
        if screen is not None:
            screen.terminate()
            screen.wait()


if __name__ == "__main__":
    whole = os.sched_getaffinity(0)
    one_core()
    peers.settle()
    print(hardware())  # noqa: T201
    sweeps()
    recorded()
    bench_catalogue.main([])
    bench_networks.networks()
    bench_trainability.networks_side_by_side()
    os.sched_setaffinity(0, whole)
    print("\nFirst runs and sweeps", flush=True)  # noqa: T201
    bench_compile.main(["adam"])
    print("\nSweeps on all cores", flush=True)  # noqa: T201
    bench_sweep.main([])
    threads()
    window()
