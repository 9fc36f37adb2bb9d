"""``python -m tests.benchmarks.bench_compile [OPTIMIZER ...]``: how long a landscape's first recorded run and first sweep take to compile.

Every landscape with every optimizer named (Adam without any), first with an empty cache of kernels, then, in another process, from the
cache. The first kernel of a process, which loads numba besides, is told apart. The limits are 0.5 s, 1.5 s and 0.02 s.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

LIMITS = {"cold": {"record": 0.5, "sweep": 1.5}, "warm": {"record": 0.02, "sweep": 0.02}}


def first_calls(optimizers: list[str]) -> dict[str, float]:
    """Seconds of every first call in this process."""
    import numpy as np

    from gdsim.engine import descend
    from gdsim.landscapes import LANDSCAPES
    from gdsim.optimizers import OPTIMIZERS
    from gdsim.simulation.fitness import misfit
    from gdsim.simulation.many import run_many
    from gdsim.simulation.run import rule_of

    def seconds(work: Callable[[], object]) -> float:
        before = time.perf_counter()
        work()
        return time.perf_counter() - before

    def record(landscape, rule):
        hyper, on = rule.pack({})
        start = np.resize(landscape.start, (2, 1))
        state = descend.State.start(start, rule.initial_slots(hyper), rule.initial_shared)
        descend.record(rule_of(landscape, rule, hyper, on), state, np.array(landscape.values), np.array(hyper), 2)

    found = {}
    for rule in (OPTIMIZERS[name] for name in optimizers):
        for landscape in LANDSCAPES.values():
            if misfit(landscape, rule):
                continue
            name = f"{landscape.name} {rule.name}"
            found[f"record {name}"] = seconds(lambda of=landscape, by=rule: record(of, by))
            found[f"sweep {name}"] = seconds(lambda of=landscape, by=rule: run_many(of, by, [of.start] * 4, 2))
    return found


def in_a_process(optimizers: list[str], cache: str) -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.bench_compile", "--here", *optimizers]
    done = subprocess.run(command, env=os.environ | {"GDSIM_CACHE": cache}, capture_output=True, text=True, check=True)
    return {str(name): float(took) for name, took in json.loads(done.stdout).items()}


def main(optimizers: list[str]) -> None:
    with tempfile.TemporaryDirectory() as cache:
        os.chmod(cache, 0o700)
        times = {how: in_a_process(optimizers, cache) for how in LIMITS}
    for how, limits in LIMITS.items():
        for kind, limit in limits.items():
            (_, first), *others = ((name, took) for name, took in times[how].items() if name.startswith(kind))
            name, worst = max(others, key=lambda pair: pair[1])
            median, over = statistics.median(took for _, took in others), sum(took > limit for _, took in others)
            worst_of = name.removeprefix(f"{kind} ")
            told = f"median {median:.3f} s  worst {worst:.3f} s ({worst_of})  {over} of {len(others)} above {limit} s"
            sys.stdout.write(f"{how} {kind:<7} {told}  first of the process {first:.2f} s\n")
    sys.stdout.write(f"load average {os.getloadavg()[0]:.1f}\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--here"]:
        sys.stdout.write(json.dumps(first_calls(sys.argv[2:])))
    else:
        main(sys.argv[1:] or ["adam"])
