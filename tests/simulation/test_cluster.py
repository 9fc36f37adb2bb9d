"""A real cluster of Dask: a scheduler and workers as processes of their own, some of which are killed, held up or started anew."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

pytest.importorskip("distributed", reason="dask.distributed comes with: pip install 'gdsim[cluster]'")

from gdsim.cli.sweeping import SweepOptions, sweep_one
from gdsim.simulation.cluster import ClusterError, connected, dask_address
from gdsim.simulation.scenario import validated
from gdsim.simulation.scenario_file import to_toml
from gdsim.simulation.sweep import Progress
from gdsim.simulation.sweep_plan import Plan
from gdsim.simulation.sweep_store import write
from tests.simulation.killing import TABLES, contents, finish, quick_folder

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="workers are stopped by signals"),
    pytest.mark.timeout(600),  # processes that take 2 seconds to start take 20 where ten others start
]

PATIENCE = 120.0
"""Seconds that a process may take to start."""


def plan(steps=20):
    """512 runs in 64 shards."""
    return Plan(validated(TABLES | {"steps": steps}), "cpu", shard=8)


class Cluster:
    """A scheduler and workers of one thread each, on this machine."""

    def __init__(self, folder):
        self.folder, self.port, self.workers, self.scheduler = folder, free_port(), [], None
        self.start_scheduler()

    @property
    def address(self):
        return f"dask://127.0.0.1:{self.port}"

    def start_scheduler(self):
        self.scheduler = self._start("dask_scheduler", "--host", "127.0.0.1", "--port", str(self.port), "--no-dashboard")

    def start_worker(self, name):
        given = (f"tcp://127.0.0.1:{self.port}", "--nthreads", "1", "--no-nanny", "--no-dashboard", "--name", name)
        self.workers.append(self._start("dask_worker", *given, "--local-directory", str(self.folder)))

    def wait_for_workers(self, count):
        """What a test does to a worker means something only once it works."""
        from distributed import Client

        with Client(f"tcp://127.0.0.1:{self.port}", timeout=PATIENCE, set_as_default=False) as client:
            client.wait_for_workers(count, timeout=PATIENCE)

    def _start(self, what, *given):
        command = [sys.executable, "-m", f"distributed.cli.{what}", *given]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self):
        for process in (self.scheduler, *self.workers):
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            process.wait()


def free_port():
    """One that the system gives to nobody meanwhile, as it may those that it chooses itself (32768 and above, or 49152)."""
    while True:
        port = random.randint(20_000, 32_000)
        with socket.socket() as one, contextlib.suppress(OSError):
            one.bind(("127.0.0.1", port))
            return port


@pytest.fixture
def tmp_path():
    with quick_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    found = Cluster(tmp_path_factory.mktemp("dask"))
    try:
        found.start_worker("first")
        found.start_worker("second")
        found.wait_for_workers(2)
        yield found
    finally:
        found.stop()


@pytest.fixture(scope="module")
def whole():
    """What one machine writes."""
    with quick_folder() as folder:
        finish(plan(), folder, 1)
        return contents(folder)


def swept(cluster, folder, disturb, after=64):
    """A sweep on the cluster, which ``disturb`` disturbs when so many runs are done."""
    with connected(cluster.address) as found:
        disturbed = False
        for told in write(plan(), folder, executor=found.executor, workers=8):
            if told.done >= after and not disturbed:
                disturbed = True
                disturb()
        assert disturbed
        assert told == Progress(512, 512)


def test_killed_held_up_and_started_anew_it_writes_what_one_machine_writes(cluster, whole, tmp_path):
    first, second = cluster.workers

    # A worker that is held up keeps its shard for a second; the other does the rest meanwhile.
    def hold_up():
        first.send_signal(signal.SIGSTOP)
        threading.Timer(1.0, first.send_signal, [signal.SIGCONT]).start()

    began = time.perf_counter()
    swept(cluster, tmp_path / "slow", hold_up)
    assert time.perf_counter() - began >= 1.0
    assert contents(tmp_path / "slow") == whole

    # One that is killed loses its shard, which another computes again.
    swept(cluster, tmp_path / "killed", second.kill)
    assert second.wait() == -signal.SIGKILL
    assert contents(tmp_path / "killed") == whole

    # With the scheduler go its workers and all that it knew.
    def start_anew():
        cluster.scheduler.kill()
        cluster.scheduler.wait()
        cluster.start_scheduler()
        cluster.start_worker("third")

    swept(cluster, tmp_path / "anew", start_anew)
    assert contents(tmp_path / "anew") == whole


def test_from_the_command_line(cluster, tmp_path, capsys):
    (tmp_path / "small.toml").write_text(to_toml(plan().scenario))
    assert sweep_one(str(tmp_path / "small.toml"), [], tmp_path / "there", SweepOptions(executor=cluster.address)) == 0
    assert "worker" in capsys.readouterr().out
    finish(Plan(plan().scenario), tmp_path / "here", 1)
    assert contents(tmp_path / "there") == contents(tmp_path / "here")


def test_a_scheduler_that_does_not_answer_is_told():
    with (
        pytest.raises(ClusterError, match=r"no scheduler can be talked to at dask://127.0.0.1:"),
        connected(f"dask://127.0.0.1:{free_port()}", 0.2),
    ):
        pass


@pytest.mark.parametrize(
    "address", ["", "dask", "dask://", "dask://host", "tcp://host:1", "dask://host:port", "dask://a b:1", "ray://host:1", "dask://u@h:1"]
)
def test_addresses_that_mean_nothing(address):
    with pytest.raises(ClusterError, match="allowed: dask://HOST:PORT"):
        dask_address(address)


def test_addresses():
    assert dask_address("dask://node-1.example:8786") == "tcp://node-1.example:8786"
    assert dask_address("dask+tls://[::1]:8786") == "tls://[::1]:8786"


def test_without_dask_it_is_said_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"pip install 'gdsim\[cluster\]'"), connected("dask://127.0.0.1:1"):
        pass
