"""``gdsim sweep`` and ``gdsim map``: what is printed, what is written, and how it ends."""

import json
import os
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext

import pytest
from filelock import FileLock

from gdsim.cli import sweeping
from gdsim.simulation import sweep_elsewhere
from gdsim.simulation.cluster import Cluster
from gdsim.simulation.sweep_estimate import Limits
from gdsim.simulation.sweep_store import read
from tests.simulation.killing import contents

SWEEP = """\
title = "A small sweep"
steps = 20

[problem]
landscape = "rosenbrock"

[sweep]
axes = [
    {over = "learning_rate", low = 1e-5, high = 1.0, count = 30, scale = "log"},
    {over = "start.x", low = -1.0, high = 1.0, count = 5},
]

[[runs]]
label = "plain"
optimizer = "sgd"
learning_rate = 0.001
"""


@pytest.fixture
def small(tmp_path):
    file = tmp_path / "small.toml"
    file.write_text(SWEEP)
    return file


def test_a_sweep_is_estimated_run_told_and_written(gdsim, small, tmp_path):
    out = tmp_path / "out"
    done = gdsim("sweep", small, "--out", out, "--workers", "2")
    assert done.exit_code == 0, done.stderr
    assert "150 runs: 30 of learning_rate x 5 of start.x" in done.stdout
    assert "at most 3,000 steps at" in done.stdout
    assert "diverged" in done.stdout
    assert "best: plain, learning_rate = " in done.stdout
    assert f"Written to {out}" in done.stdout
    result = read(out)
    assert result.shape == (30, 5)
    for outcome, share in result.shares().items():
        assert f"{outcome}" in done.stdout
        assert f"{share:.1%}" in done.stdout
    assert json.loads((out / "summary.json").read_text())["runs"] == 150
    again = gdsim("sweep", small, "--out", out)
    assert again.exit_code == 2
    assert "--out: found a sweep in" in again.stderr
    assert "--resume" in again.stderr
    assert gdsim("sweep", small, "--out", out, "--resume").exit_code == 0
    other = gdsim("sweep", small, "--out", out, "--resume", "--set", "steps=21")
    assert other.exit_code == 2
    assert "--resume:" in other.stderr
    assert "another scenario" in other.stderr


def test_precision_and_fast_are_said_by_options(gdsim, small, tmp_path):
    out = tmp_path / "out"
    done = gdsim("sweep", small, "--out", out, "--precision", "float32", "--fast", "--device", "cpu")
    assert done.exit_code == 0, done.stderr
    assert "float32: a run that is played alone is in float64, and ends near what stands here" in done.stdout
    assert "fast: no effect on the processor" in done.stdout
    table = read(out).scenario.sweep
    assert (table.precision, table.fast) == ("float32", True)
    other = gdsim("sweep", small, "--out", out, "--resume", "--precision", "float64", "--fast")
    assert other.exit_code == 2
    assert "another scenario" in other.stderr
    plain = gdsim("sweep", small, "--out", tmp_path / "plain", "--estimate")
    assert "float32" not in plain.stdout
    assert "fast" not in plain.stdout
    wrong = gdsim("sweep", small, "--out", out, "--resume", "--precision", "float16")
    assert wrong.exit_code == 2
    assert "'float64', 'float32'" in " ".join(wrong.stderr.split())


def test_an_estimate_writes_nothing(gdsim, small, tmp_path):
    done = gdsim("sweep", small, "--out", tmp_path / "out", "--estimate")
    assert done.exit_code == 0
    assert "150 runs" in done.stdout
    assert not (tmp_path / "out").exists()


def test_what_is_too_large_is_refused_unless_told(gdsim, small, tmp_path, monkeypatch):
    monkeypatch.setattr(sweeping, "LIMITS", Limits(runs=100))
    done = gdsim("sweep", small, "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert "--yes: this sweep would take 150 runs (at most 100); allowed: --yes to do so all the same" in done.stderr
    assert not (tmp_path / "out").exists()
    assert gdsim("sweep", small, "--out", tmp_path / "out", "--yes").exit_code == 0


class Here:
    """A cluster's stand-in: three threads of this process, or workers that always fail."""

    def __init__(self, workers=3, fails=False):
        self.pool, self.given, self.fails = ThreadPoolExecutor(3), (workers, workers), fails

    def __call__(self, address):
        self.address = address
        if self.fails:
            self.pool.submit = self.fail
        return nullcontext(Cluster(self.pool, *self.given))

    def fail(self, *given):
        future = Future()
        future.set_exception(ConnectionError("worker lost"))
        return future


def test_an_executor_computes_it_and_its_failure_is_told(gdsim, small, tmp_path, monkeypatch):
    alone, there, never = tmp_path / "alone", tmp_path / "there", tmp_path / "never"
    assert gdsim("sweep", small, "--out", alone).exit_code == 0
    cluster = Here()
    with monkeypatch.context() as patch:
        patch.setattr(sweeping, "connected", cluster)
        done = gdsim("sweep", small, "--out", there, "--executor", "dask://there:1", "--device", "cuda", "--estimate")
        assert (done.exit_code, there.exists()) == (0, False)
        done = gdsim("sweep", small, "--out", there, "--executor", "dask://there:1")
        assert done.exit_code == 0, done.stderr
        assert cluster.address == "dask://there:1"
        assert "on 3 threads of 3 workers, were each as fast as one of here" in done.stdout
        assert contents(there) == contents(alone)
        patch.setattr(sweeping, "connected", Here(0))
        assert "No worker is there yet" in gdsim("sweep", small, "--out", tmp_path / "none", "--executor", "dask://there:1").stderr
        patch.setattr(sweeping, "connected", Here(fails=True))
        patch.setattr(sweep_elsewhere, "PAUSE", 0.0)
        done = gdsim("sweep", small, "--out", never, "--executor", "dask://there:1")
    assert done.exit_code == 2
    assert "--executor: shard 0 (runs 0 to 149) failed 5 times, the last time with ConnectionError: worker lost" in done.stderr
    assert "--resume goes on" in done.stderr
    assert gdsim("sweep", small, "--out", never, "--resume").exit_code == 0
    assert contents(never) == contents(alone)


def test_a_folder_that_another_sweep_writes_to_is_left_alone(gdsim, small, tmp_path):
    with FileLock(tmp_path / ".lock"):
        for more in ((), ("--resume",)):
            done = gdsim("sweep", small, "--out", tmp_path, *more)
            assert done.exit_code == 2
            assert f"{more[0] if more else '--out'}: {tmp_path}: another sweep is being written here at this moment" in done.stderr
    assert gdsim("sweep", small, "--out", tmp_path).exit_code == 0


def test_a_disk_that_fails_and_an_interruption_are_told(gdsim, small, tmp_path, monkeypatch):
    for error, code, words in ((OSError(28, "no space left on device"), 2, "no space left"), (KeyboardInterrupt(), 130, "--resume")):

        def fail(*given, error=error, **more):
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(sweeping, "write", fail)
            done = gdsim("sweep", small, "--out", tmp_path / "out")
        assert done.exit_code == code
        assert words in done.stderr
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("sweep", "stable", "--out", "x"), "stable: sweep: this table is missing; needed: [sweep] with axes = [...]"),
        (("sweep", "nothing", "--out", "x"), "nothing: there is no such file"),
        (("sweep", "stability-map", "--out", "x", "--workers", "0"), "--workers: found 0; allowed: a whole number >= 1"),
        (
            ("sweep", "stability-map", "--out", "x", "--executor", "ray://host:1"),
            "--executor: found 'ray://host:1'; allowed: dask://HOST:PORT",
        ),
        (("map", "stability-map", "--to", "x.png", "--workers", "0"), "--workers: found 0; allowed: a whole number >= 1"),
        (("map", "", "--to", "x.png"), "'': there is no such file"),
        (("ensemble", "stochastic-vs-mini-batch", "--workers", "-5"), "--workers: found -5; allowed: a whole number >= 1"),
        (("race", "--workers", "0"), "--workers: found 0; allowed: a whole number >= 1"),
        (("map", "stable", "--to", "x.png"), "stable: sweep: this table is missing"),
        (("map", "stability-map", "--to", "x.bmp"), "--to: found 'x.bmp'; allowed: a name ending in .png, .svg, .pdf"),
        (("map", "stability-map", "--to", "x.png", "--size", "7"), "--size: found '7'; allowed: WIDTHxHEIGHT"),
        (("map", ".", "--to", "x.png"), "FILE: .: there is no sweep here"),
    ],
)
def test_bad_input(gdsim, arguments, words):
    done = gdsim(*arguments)
    assert done.exit_code == 2
    assert words in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="only there a name may be any bytes")
def test_folders_whose_names_are_not_utf_8(process, small, tmp_path):
    folder = tmp_path / os.fsdecode(b"\xff")
    for arguments in (
        ("sweep", small, "--out", folder / "sweep"),
        ("map", folder / "sweep", "--to", folder / "map.png"),
        ("ensemble", "stochastic-vs-mini-batch", "--seeds", 2, "--out", folder / "ensemble"),
    ):
        done = process(*arguments)
        assert (done.returncode, done.stderr) == (0, "")
    assert {"map.png", "sweep", "ensemble"} == set(os.listdir(folder))
    assert {"members.parquet", "bands.parquet"} < set(os.listdir(folder / "ensemble"))


def test_maps_from_a_file_and_from_a_folder(gdsim, small, tmp_path):
    assert gdsim("sweep", small, "--out", tmp_path / "out").exit_code == 0
    direct, stored = tmp_path / "a.png", tmp_path / "b.png"
    done = gdsim("map", small, "--to", direct, "--size", "500x400")
    assert done.exit_code == 0, done.stderr
    assert gdsim("map", tmp_path / "out", "--to", stored, "--size", "500x400").exit_code == 0
    assert direct.read_bytes() == stored.read_bytes()
    wrong = gdsim("map", small, "--to", direct, "--set", "sweep.axes.0.values=[1.0]")
    assert wrong.exit_code == 2
    assert "found values as well" in wrong.stderr
