"""The kernel cache: hit across processes, and whatever happens to it costs a compilation and never a number."""

import errno
import hashlib
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

from gdsim.engine import cache, specialise
from tests.draws import fresh

if os.environ.get("NUMBA_DISABLE_JIT", "0") != "0":
    pytest.skip("there is nothing to cache without compilation", allow_module_level=True)


def total(x, out):
    for i in range(x.size):
        out[0] += weighed(x[i])  # noqa: F821


def twice(x):
    return 2.0 * x


def thrice(x):
    return 3.0 * x


DATA = np.arange(5.0)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    where = tmp_path / "kernels"
    monkeypatch.setenv("GDSIM_CACHE", str(where))
    forget()
    yield where
    forget()


def forget():
    """What a new process would not know."""
    cache.folder.cache_clear()
    specialise._specialise.cache_clear()


def compute(leaf=twice):
    forget()
    kernel = specialise.specialise(total, weighed=leaf)
    out = np.zeros(1)
    kernel(DATA, out)
    return out[0], sum(kernel.stats.cache_hits.values())


def kernels(folder):
    return sorted(folder.glob("*.kernel"))


def test_a_second_process_finds_the_kernel(folder):
    assert compute() == (20.0, 0)
    assert compute() == (20.0, 1)
    assert len(kernels(folder)) == 1
    assert folder.stat().st_mode & 0o777 == 0o700


def test_another_leaf_is_another_kernel(folder):
    assert compute(twice) == (20.0, 0)
    assert compute(thrice) == (30.0, 0)
    assert compute(twice) == (20.0, 1)


@pytest.mark.parametrize("keep", [0, 10, 40, 1000, -1])
def test_truncated_file(folder, keep):
    compute()
    (file,) = kernels(folder)
    file.write_bytes(file.read_bytes()[:keep])
    assert compute() == (20.0, 0)
    assert compute() == (20.0, 1)


def test_any_flipped_bit_is_found(folder):
    compute()
    (file,) = kernels(folder)
    rng = fresh()
    for _ in range(8):
        content = bytearray(file.read_bytes())
        content[rng.integers(len(content))] ^= 1 << rng.integers(8)
        file.write_bytes(bytes(content))
        assert compute() == (20.0, 0)


def test_rubbish_with_a_right_checksum(folder):
    compute()
    (file,) = kernels(folder)
    body = b"not a pickle"
    file.write_bytes(hashlib.sha256(body).digest() + body)
    assert compute() == (20.0, 0)


def test_missing_folder_is_made(folder):
    compute()
    shutil.rmtree(folder)
    assert compute() == (20.0, 0)
    assert compute() == (20.0, 1)


def test_folder_deleted_while_in_use(folder):
    compute()
    shutil.rmtree(folder)
    specialise._specialise.cache_clear()  # but the process still believes in the folder
    out = np.zeros(1)
    specialise.specialise(total, weighed=twice)(DATA, out)
    assert out[0] == 20.0


def test_a_file_where_the_folder_should_be(folder):
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("in the way")
    assert compute() == (20.0, 0)
    assert cache.folder() != folder
    assert folder.read_text() == "in the way"


def test_a_folder_that_others_may_write_to_is_not_trusted(folder):
    folder.mkdir()
    folder.chmod(0o777)
    assert compute() == (20.0, 0)
    assert cache.folder() != folder
    assert not kernels(folder)


def test_a_link_is_not_followed(folder, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    folder.symlink_to(elsewhere)
    assert compute() == (20.0, 0)
    assert not list(elsewhere.iterdir())


@pytest.mark.parametrize("code", [errno.EACCES, errno.EROFS, errno.ENOSPC])
def test_unwritable_folder(folder, monkeypatch, code):
    def refuse(*_args, **_kwargs):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(cache.tempfile, "TemporaryFile", refuse)
    monkeypatch.setattr(cache.tempfile, "mkdtemp", refuse)
    assert compute() == (20.0, 0)
    assert cache.folder() is None


@pytest.mark.parametrize("step", ["mkstemp", "write", "replace"])
def test_disk_full_while_saving(folder, monkeypatch, step):
    def refuse(*_args, **_kwargs):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    forget()
    assert cache.folder() == folder
    with monkeypatch.context() as patch:
        if step == "mkstemp":
            patch.setattr(cache.tempfile, "mkstemp", refuse)
        elif step == "replace":
            patch.setattr(cache.os, "replace", refuse)
        else:
            real = cache.os.fdopen

            def full(handle, mode):
                stream = real(handle, mode)
                return Full(stream)

            patch.setattr(cache.os, "fdopen", full)
        specialise._specialise.cache_clear()
        out = np.zeros(1)
        specialise.specialise(total, weighed=twice)(DATA, out)
        assert out[0] == 20.0
    assert not list(folder.iterdir())  # nothing half-written is left
    assert compute() == (20.0, 0)


class Full:
    """A file on a disk that is full after a few bytes."""

    def __init__(self, stream):
        self.stream = stream

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stream.close()

    def write(self, content):
        self.stream.write(content[:100])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_old_kernels_are_pruned(folder, monkeypatch):
    monkeypatch.setattr(cache, "MOST_FILES", 3)
    folder.mkdir(mode=0o700)
    for age in range(5):
        old = folder / f"old{age}.kernel"
        old.write_bytes(b"x")
        os.utime(old, (age, age))
    compute()
    assert len(kernels(folder)) == 3
    assert {"old3.kernel", "old4.kernel"} < {file.name for file in kernels(folder)}


SCRIPT = """
import gdsim
run = gdsim.run(gdsim.Scenario.model_validate(
    {"steps": 20, "problem": {"landscape": "quadratic"}, "runs": [{"optimizer": "sgd", "learning_rate": 0.01}]})).runs[0]
print(run.positions[-1].tobytes().hex())
"""


def test_two_processes_give_the_same_bits(folder):
    answers = {subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True).stdout for _ in range(2)}
    assert len(answers) == 1
    assert kernels(folder)
