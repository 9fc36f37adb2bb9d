"""A sweep on the disk: the same bytes whatever happened on the way, and never anything that cannot be read."""

import errno
import json
import os
import subprocess
import sys
import threading

import numpy as np
import pytest

import gdsim
from gdsim.simulation import durable
from gdsim.simulation.durable import TornError, append_line, line, read_lines, write_lines, write_whole
from gdsim.simulation.scenario import validated
from gdsim.simulation.sweep import Progress, sweep
from gdsim.simulation.sweep_plan import Plan
from gdsim.simulation.sweep_store import MANIFEST, SUMMARY, SweepStoreError, one_nan, read, write
from tests.simulation.killing import TABLES, contents, finish, intact, quick_folder, small_plan

KILLS = int(os.environ.get("GDSIM_TEST_KILLS", "100"))


@pytest.fixture
def tmp_path():
    with quick_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The folder of a sweep that nothing interrupted."""
    folder = tmp_path_factory.mktemp("sweep") / "whole"
    finish(small_plan(), folder, 1)
    return folder


def test_what_is_read_is_what_was_computed(whole):
    stored, computed = read(whole), sweep(small_plan().scenario)
    assert stored.scenario == computed.scenario
    for name, values in computed.columns.items():
        np.testing.assert_array_equal(stored.columns[name], values, strict=True)
    summary = json.loads((whole / SUMMARY).read_text())
    best = computed.best()
    assert summary["best"]["run"] == best.index
    assert summary["best"]["values"] == dict(best.values)
    assert summary["verdicts"] == {str(outcome): round(share * 512) for outcome, share in computed.shares().items()}


def test_the_table_is_one_that_others_read(whole):
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(whole / "table")
    computed = sweep(small_plan().scenario)
    assert table.column_names[:3] == ["start.x", "learning_rate", "verdict"]
    x, rate = np.meshgrid(computed.axes["start.x"], computed.axes["learning_rate"], indexing="ij")
    np.testing.assert_array_equal(table["start.x"].to_numpy(), x.ravel())
    np.testing.assert_array_equal(table["learning_rate"].to_numpy(), rate.ravel())
    assert table["verdict"][5].as_py() == str(computed.row(5).verdict)


def test_several_runs_have_their_labels(tmp_path):
    import pyarrow.parquet

    runs = [{"optimizer": "sgd", "label": "plain"}, {"optimizer": "adam"}]
    plan = Plan(validated({**TABLES, "runs": runs}), shard=300)
    finish(plan, tmp_path, 2)
    table = pyarrow.parquet.read_table(tmp_path / "table")
    assert table["run"].to_pylist() == ["plain"] * 512 + ["adam"] * 512
    assert read(tmp_path).shape == (2, 32, 16)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_threads_and_interruptions_change_no_byte(whole, tmp_path, workers):
    plan = small_plan()
    told = write(plan, tmp_path, workers=workers)
    for progress in told:
        if progress.done > 200:
            told.close()
    left = intact(tmp_path)
    assert 0 < left < 16
    with pytest.raises(SweepStoreError, match="of 16 shards are there; the sweep goes on with resume"):
        read(tmp_path)
    with pytest.raises(SweepStoreError, match="there is a sweep here already"):
        list(write(plan, tmp_path))
    *_, last = write(plan, tmp_path, workers=workers, resume=True)
    assert last == Progress(512, 512)
    assert contents(tmp_path) == contents(whole)
    assert list(write(plan, tmp_path, resume=True)) == [Progress(512, 512)]
    assert contents(tmp_path) == contents(whole)


def test_through_python(whole, tmp_path):
    heard = []
    result = gdsim.sweep(small_plan().scenario, out=tmp_path, progress=heard.append)
    assert heard[-1] == 1.0
    assert heard == sorted(heard)
    np.testing.assert_array_equal(result.columns["x"], read(whole).columns["x"])


def test_one_sweep_writes_to_a_folder_at_a_time(whole, tmp_path):
    told = write(small_plan(), tmp_path)
    next(told)
    for resume in (False, True):
        with pytest.raises(SweepStoreError, match="another sweep is being written here at this moment; allowed: to wait"):
            next(write(small_plan(), tmp_path, resume=resume))
    closing = threading.Thread(target=told.close)  # as a window's worker does
    closing.start()
    closing.join()
    finish(small_plan(), tmp_path, 1)
    assert contents(tmp_path) == contents(whole)


HOLD = """
import sys, time
from pathlib import Path
from gdsim.simulation.sweep_store import write
from tests.simulation.killing import small_plan
told = write(small_plan(), Path(sys.argv[1]), workers=1)
next(told)
print("begun", flush=True)
time.sleep(60)
"""


def test_a_writer_that_is_killed_keeps_nobody_out(whole, tmp_path):
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE) as child:
        try:
            assert child.stdout.readline() == b"begun\n"
            with pytest.raises(SweepStoreError, match="another sweep is being written"):
                finish(small_plan(), tmp_path, 1)
        finally:
            child.kill()
    finish(small_plan(), tmp_path, 1)
    assert contents(tmp_path) == contents(whole)


@pytest.mark.parametrize("damage", ["missing", "cut", "changed"])
def test_a_damaged_shard_is_computed_again(whole, tmp_path, damage):
    finish(small_plan(), tmp_path, 1)
    part = tmp_path / "table" / "part-00003.parquet"
    content = part.read_bytes()
    if damage == "missing":
        part.unlink()
    else:
        part.write_bytes(content[:-7] if damage == "cut" else content[:100] + bytes([content[100] ^ 1]) + content[101:])
    with pytest.raises(SweepStoreError, match="15 of 16 shards"):
        read(tmp_path)
    finish(small_plan(), tmp_path, 1)
    assert contents(tmp_path) == contents(whole)


def test_another_sweep_is_not_gone_on_with(tmp_path, monkeypatch):
    finish(small_plan(), tmp_path, 1)
    before = contents(tmp_path)
    other = Plan(validated({**TABLES, "seed": 1}), shard=32)
    for plan, word in ((other, "scenario"), (Plan(small_plan().scenario, shard=64), "cut into shards")):
        with pytest.raises(SweepStoreError, match=f"another {word}"):
            list(write(plan, tmp_path, resume=True))
    monkeypatch.setattr("gdsim.simulation.sweep_store.engine_digest", lambda plan: "another")
    with pytest.raises(SweepStoreError, match="another version of gdsim"):
        list(write(small_plan(), tmp_path, resume=True))
    assert contents(tmp_path) == before


def test_lines_are_whole_or_not_there(tmp_path):
    file = tmp_path / "list.jsonl"
    entries = [{"k": k, "text": 'ä\n"', "value": 1e-300 * k} for k in range(4)]
    write_lines(file, entries[:2])
    for entry in entries[2:]:
        append_line(file, entry)
    content = file.read_bytes()
    assert read_lines(file) == entries
    ends = [sum(len(line(entry)) for entry in entries[:k]) for k in range(5)]
    for length in range(len(content)):
        file.write_bytes(content[:length])
        assert read_lines(file) == entries[: sum(length >= end for end in ends) - 1], length
    for place in range(0, ends[3], 7):
        file.write_bytes(content[:place] + bytes([content[place] ^ 2]) + content[place + 1 :])
        with pytest.raises(TornError, match="damaged"):
            read_lines(file)


def test_a_torn_end_is_dropped_and_a_torn_middle_refused(whole, tmp_path):
    finish(small_plan(), tmp_path, 1)
    manifest = tmp_path / MANIFEST
    content = manifest.read_bytes()
    manifest.write_bytes(content[:-40])
    finish(small_plan(), tmp_path, 1)
    assert contents(tmp_path) == contents(whole)
    before, fourth = (b"".join(content.splitlines(keepends=True)[:lines]) for lines in (3, 4))
    middle = (len(before) + len(fourth)) // 2
    manifest.write_bytes(content[:middle] + b"#" + content[middle + 1 :])
    with pytest.raises(SweepStoreError, match=r"line 4 is damaged.*allowed: another folder"):
        finish(small_plan(), tmp_path, 1)
    with pytest.raises(SweepStoreError, match="damaged"):
        read(tmp_path)


def test_one_bit_pattern_stands_for_every_nan():
    values = np.array([0x7FF8000000000000, 0xFFF8000000000000, 0x7FF8000000000001, 0x3FF0000000000000], np.uint64).view(np.float64)
    np.testing.assert_array_equal(one_nan(values).view(np.uint64), [0x7FF8000000000000] * 3 + [0x3FF0000000000000])
    codes = np.array([1, 2], np.int8)
    assert one_nan(codes) is codes


CALLS = ("write", "fsync", "replace", "open")


def count_calls(monkeypatch, name, plan, folder):
    """How often a whole sweep calls this function of the system."""
    calls, real = [], getattr(os, name)
    with monkeypatch.context() as patch:
        patch.setattr(durable.os, name, lambda *given, **more: calls.append(1) or real(*given, **more))
        finish(plan, folder, 1)
    return len(calls)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO, errno.EACCES], ids=errno.errorcode.get)
def test_every_call_of_the_system_may_fail_once(name, code, tmp_path, monkeypatch):
    plan = Plan(validated({**TABLES, "steps": 3}), shard=200)
    total = count_calls(monkeypatch, name, plan, tmp_path / "whole")
    expected, real = contents(tmp_path / "whole"), getattr(os, name)
    assert total >= 5
    for failing in range(total):
        folder, calls = tmp_path / f"{failing}", []

        def once(*given, calls=calls, failing=failing, **more):
            calls.append(1)
            if len(calls) == failing + 1:
                if name == "write":  # a disk that fills up takes a part
                    real(given[0], bytes(given[1])[: len(given[1]) // 2])
                raise OSError(code, os.strerror(code))
            return real(*given, **more)

        with monkeypatch.context() as patch:
            patch.setattr(durable.os, name, once)
            with pytest.raises(OSError, match=os.strerror(code)):
                finish(plan, folder, 1)
        there = intact(folder)
        assert not list(folder.rglob("*.new"))
        finish(plan, folder, 1)
        assert there <= 3
        assert contents(folder) == expected


def test_nothing_changes_where_a_file_cannot_be_replaced(tmp_path, monkeypatch):
    file = tmp_path / "file"
    write_whole(file, b"old")
    monkeypatch.setattr(durable.os, "replace", lambda *_: (_ for _ in ()).throw(OSError(errno.EIO, "broken")))
    with pytest.raises(OSError, match="broken"):
        write_whole(file, b"new")
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="children are forked")
@pytest.mark.timeout(1200)
def test_killed_at_any_moment_nothing_is_lost(tmp_path):
    """100 kills by default; ``make soak`` asks for 1,000."""
    command = [sys.executable, "-m", "tests.simulation.killing", str(tmp_path), str(KILLS), "7"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1100, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["kills"] >= KILLS
    assert told["under way"] >= KILLS // 4
    assert told["finished"] >= 1
