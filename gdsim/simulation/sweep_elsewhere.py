"""Shards of a sweep from an executor, whose workers may be other processes or other machines, and may be lost.

What travels there is the scenario as text and a range of runs; what comes back are the columns of that range. A shard can be computed any
number of times, anywhere: one whose worker was lost is handed out again. Shards come in whatever order they are ready.

Before its first shard a worker proves that it computes as this machine does: by the digest of its code, and by the bits of a few runs from
all over the sweep. So it does not matter which processors there are, as long as they compute the same.
"""

import hashlib
import os
import platform
import socket
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import CancelledError, Executor, Future
from dataclasses import dataclass
from functools import lru_cache
from queue import SimpleQueue

import numpy as np

from gdsim.engine.device import DeviceError, Wanted
from gdsim.simulation.complaints import ScenarioError
from gdsim.simulation.data_source import reachable_from
from gdsim.simulation.scenario import validated
from gdsim.simulation.scenario_file import parse, to_toml
from gdsim.simulation.sweep import Progress, Shard, fill_somewhere
from gdsim.simulation.sweep_block import Columns, Computer, empty
from gdsim.simulation.sweep_plan import Numbered, Plan
from gdsim.simulation.sweep_store import data_digest, engine_digest, one_nan
from gdsim.version import __version__

TRIES = 5
"""How often a shard is handed out before the sweep stops. A scheduler that is started anew may cost a shard two tries."""
PAUSE = 0.2
"""Seconds before a third try, twice as long before the fourth, and so on: connections need their time to come back."""
AHEAD = 64
"""Shards under way at a time, unless told: enough that no worker waits for the next one."""
PROOF_RUNS = 64


class SweepWorkerError(RuntimeError):
    """Workers cannot compute a sweep; the message says which shard, and why. What is finished stays."""


@dataclass(frozen=True)
class Proof:
    """What a worker computes with: digests of code and data, and of the bits of some runs. ``where`` says in words who it is."""

    code: str
    data: str
    bits: str
    where: str

    def difference(self, other: "Proof") -> str | None:
        """What differs between two that should compute the same, in words."""
        if self.code != other.code:
            return "another version of gdsim, Python, NumPy or Numba"
        if self.data != other.data:
            return "other data"
        return "a processor or card that rounds otherwise" if self.bits != other.bits else None


@dataclass(frozen=True)
class Answer:
    """What a worker sends back: the ``columns`` of its range, and what it computed them with."""

    columns: Columns
    proof: Proof


def elsewhere(plan: Plan, todo: list[tuple[int, int]], executor: Executor, ahead: int | None = None) -> Iterator[Shard | Progress]:
    """The shards ``todo`` from ``executor``, as they are ready, with ``ahead`` of them under way at a time (None: 64).

    Raises SweepWorkerError where a shard has failed ``TRIES`` times, where a worker computes otherwise than this machine and where the
    executor takes no more work; DeviceError and ScenarioError at once, as they came. Closing the generator cancels what has not begun.
    """
    text, data = travelling(plan), data_digest(plan)
    mine = _proof(text, data, "cpu")
    wanted, done = sum(high - low for low, high in todo), 0
    waiting = deque((low, high, 1) for low, high in todo)
    under_way: dict[Future[Answer], tuple[int, int, int]] = {}
    ended: SimpleQueue[Future[Answer]] = SimpleQueue()
    try:
        while waiting or under_way:
            while waiting and len(under_way) < (ahead or AHEAD):
                low, high, attempt = waiting.popleft()
                try:
                    future = executor.submit(compute, text, data, low, high, plan.device, attempt)
                except RuntimeError as error:  # shut down, or broken, or its connection is
                    raise SweepWorkerError(f"the executor takes no more work: {_words(error)}; the sweep stopped") from error
                under_way[future] = (low, high, attempt)
                future.add_done_callback(ended.put)
            future = ended.get()
            low, high, attempt = under_way.pop(future)
            failure = CancelledError("it was cancelled") if future.cancelled() else future.exception()
            if failure is None:
                answer = future.result()
                if (difference := mine.difference(answer.proof)) is not None:
                    found = f"a worker has {difference}, so that its results would not be those of here"
                    raise SweepWorkerError(f"{found}: {answer.proof.where}, here {mine.where}")
                done += high - low
                yield Shard(low, high, answer.columns)
                yield Progress(done, wanted)
            elif isinstance(failure, DeviceError | ScenarioError):
                raise failure
            elif attempt >= TRIES:
                shard = f"shard {low // plan.shard} (runs {low:,} to {high - 1:,})"
                raise SweepWorkerError(
                    f"{shard} failed {attempt} times, the last time with {_words(failure)}; the sweep stopped"
                ) from failure
            else:
                time.sleep(PAUSE * (attempt - 1))
                waiting.appendleft((low, high, attempt + 1))
    finally:
        for future in under_way:
            future.cancel()


def travelling(plan: Plan) -> str:
    """The scenario as text that means the same in any folder."""
    return to_toml(reachable_from(plan.scenario, os.sep))


def compute(text: str, data: str, low: int, high: int, device: Wanted = "auto", attempt: int = 1) -> Answer:
    """The runs ``low`` to ``high`` of the sweep in the scenario ``text`` (TOML), on the thread that asks: what an executor is sent.

    ``data`` is the digest of the points that the text speaks of, lest a worker remembers others; ``attempt`` tells one try from the next to
    executors that remember what they were asked. Raises ScenarioError, and DeviceError for a card that is not there; with one that fails
    it is done on the processor.
    """
    return Answer(_columns(_computer(text, data, device), range(low, high)), _proof(text, data, device))


def _columns(computer: Computer, rows: Numbered) -> Columns:
    columns = empty(computer.plan, len(rows))
    fill_somewhere(computer, rows, columns, 1)
    return columns


@lru_cache(maxsize=8)
def _computer(text: str, data: str, device: Wanted) -> Computer:
    return Computer(Plan(validated(parse(text)), device))


@lru_cache(maxsize=8)
def _proof(text: str, data: str, device: Wanted) -> Proof:
    computer = _computer(text, data, device)
    plan = computer.plan
    rows = np.unique(np.linspace(0, plan.size - 1, min(PROOF_RUNS, plan.size)).astype(np.int64))
    state = hashlib.sha256()
    for name, values in _columns(computer, rows).items():
        state.update(name.encode() + one_nan(values).tobytes())
    versions = f"gdsim {__version__}, Python {platform.python_version()}, NumPy {np.__version__}"
    code = hashlib.sha256(f"{engine_digest(plan)} {np.__version__}".encode()).hexdigest()
    where = f"{socket.gethostname()} ({versions}, {platform.machine()}, process {os.getpid()})"
    return Proof(code, data_digest(plan), state.hexdigest(), where)


def _words(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:300]}" if text else type(error).__name__
