"""Kills a sweep with SIGKILL at random moments, again and again, and looks each time at what it left.

    python -m tests.simulation.killing FOLDER KILLS SEED

A process of its own, so that it can fork children that are warm already. Prints what happened as JSON.
"""

import hashlib
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gdsim.simulation import durable
from gdsim.simulation.scenario import validated
from gdsim.simulation.sweep_plan import Plan
from gdsim.simulation.sweep_store import MANIFEST, write

AXES = [
    {"over": "start.x", "low": -5.0, "high": 5.0, "count": 32},
    {"over": "learning_rate", "low": 1e-3, "high": 1.0, "count": 16, "scale": "log"},
]
RUN = {"optimizer": "sgd", "learning_rate": 0.01}
TABLES = {"steps": 20, "problem": {"landscape": "himmelblau"}, "runs": [RUN], "sweep": {"axes": AXES}}


def small_plan() -> Plan:
    """512 runs in 16 shards."""
    return Plan(validated(TABLES), shard=32)


@contextmanager
def quick_folder() -> Iterator[Path]:
    """A folder in memory where the system has such a place: there it costs nothing to wait until a file is on the disk."""
    shared = "/dev/shm"
    with tempfile.TemporaryDirectory(dir=shared if os.access(shared, os.W_OK) else None) as folder:
        yield Path(folder)


def contents(folder: Path) -> dict[str, str]:
    """What lies in a folder: names and digests. Files under way have hidden names."""
    files = [file for file in sorted(folder.rglob("*")) if file.is_file() and not file.name.startswith(".")]
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def finish(plan: Plan, folder: Path, workers: int) -> None:
    for _ in write(plan, folder, workers=workers, resume=True):
        pass


def intact(folder: Path) -> int:
    """How many shards are there. Raises AssertionError where one that the manifest lists is not whole, and TornError."""
    if not (folder / MANIFEST).exists():
        return 0
    shards = durable.read_lines(folder / MANIFEST)[1:]
    for entry in shards:
        content = (folder / entry["file"]).read_bytes()
        assert zlib.crc32(content) == entry["crc32"], entry
    return len(shards)


def kill(folder: Path, kills: int, seed: int) -> dict[str, int]:
    plan, dice = small_plan(), random.Random(seed)
    whole, victim = folder / "whole", folder / "victim"
    finish(plan, whole, 1)
    shutil.rmtree(whole)
    began = time.perf_counter()
    finish(plan, whole, 1)
    long = time.perf_counter() - began
    expected, told = contents(whole), {"kills": 0, "under way": 0, "finished": 0}
    before = 0
    while told["kills"] < kills or told["finished"] == 0:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                finish(plan, victim, 1 + told["kills"] % 2)
                status = 0
            finally:
                os._exit(status)
        time.sleep(dice.random() * 0.7 * long)
        os.kill(child, signal.SIGKILL)
        _, ended = os.waitpid(child, 0)
        if os.WIFSIGNALED(ended):
            told["kills"] += 1
            there = intact(victim)
            assert there >= before, "a shard was lost"
            told["under way"] += 0 < there < 16
            before = there
        else:
            assert os.WEXITSTATUS(ended) == 0, "the sweep failed"
            assert contents(victim) == expected, "another table"
            told["finished"] += 1
            shutil.rmtree(victim)
            before = 0
    finish(plan, victim, 2)
    assert contents(victim) == expected, "another table"
    return told


if __name__ == "__main__":
    print(json.dumps(kill(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))  # noqa: T201
