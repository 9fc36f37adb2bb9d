"""Files are written whole or not at all, whatever fails."""

# ruff: noqa: PT012 (what may fail is the leaving of the block)

import errno
import os

import pytest

from gdsim import staged as module
from gdsim.simulation.scenario_file import load, save
from gdsim.staged import staged


def content(folder):
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def write_two(folder):
    with staged(folder) as stage:
        (stage / "a").write_text("new a")
        (stage / "b").write_text("new b")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a").write_text("old a")
    (tmp_path / "mine").write_text("mine")
    return tmp_path


def test_files_appear_and_nothing_else(folder):
    write_two(folder)
    assert content(folder) == {"a": b"new a", "b": b"new b", "mine": b"mine"}
    assert sorted(os.listdir(folder)) == ["a", "b", "mine"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="POSIX has such files")
def test_what_is_no_regular_file_is_not_replaced(folder):
    os.mkfifo(folder / "b")
    with pytest.raises(OSError, match="is not a regular file"):
        write_two(folder)
    assert content(folder) == {"a": b"old a", "mine": b"mine"}
    assert (folder / "b").is_fifo()


def test_folders_are_made(folder):
    write_two(folder / "x" / "y")
    assert content(folder / "x") == {"y/a": b"new a", "y/b": b"new b"}


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), PermissionError(errno.EACCES, "Permission denied")])
@pytest.mark.parametrize("failing", ["write", "fsync of the first file", "fsync of the second file", "first replace", "mkdir"])
def test_a_failure_leaves_everything_as_it_was(failing, error, folder, monkeypatch):
    before = content(folder)
    calls = []

    def fail_at(call, function):
        def stand_in(*arguments, **options):
            calls.append(arguments)
            if len(calls) == call:
                raise error
            return function(*arguments, **options)

        return stand_in

    if failing.startswith("fsync"):
        monkeypatch.setattr(module.os, "fsync", fail_at(1 if "first" in failing else 2, os.fsync))
    if failing == "first replace":
        monkeypatch.setattr(module.os, "replace", fail_at(1, os.replace))
    if failing == "mkdir":
        monkeypatch.setattr(module.Path, "mkdir", fail_at(1, module.Path.mkdir))
    for target in (folder, folder / "new" / "deep"):
        calls.clear()
        with pytest.raises(OSError, match=error.strerror), staged(target) as stage:
            (stage / "a").write_text("half")
            (stage / "b").write_text("half")
            if failing == "write":
                raise error
        assert content(folder) == before
        assert sorted(os.listdir(folder)) == ["a", "mine"]


def test_a_full_disk(folder):
    """A real one: the device that is always full."""
    if not os.path.exists("/dev/full"):
        pytest.skip("no /dev/full")
    before = content(folder)
    with pytest.raises(OSError, match="No space left"), staged(folder) as stage:
        (stage / "a").write_text("half")
        with open("/dev/full", "w") as stream:
            stream.write("x" * 100_000)
    assert content(folder) == before


def test_an_interrupt_leaves_everything_as_it_was(folder):
    before = content(folder)
    with pytest.raises(KeyboardInterrupt), staged(folder) as stage:
        (stage / "a").write_text("half")
        raise KeyboardInterrupt
    assert content(folder) == before


def test_a_link_is_replaced_not_followed(folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "precious"
    outside.write_text("precious")
    (folder / "b").symlink_to(outside)
    write_two(folder)
    assert outside.read_text() == "precious"
    assert content(folder)["b"] == b"new b"
    assert not (folder / "b").is_symlink()


def test_a_folder_in_the_way_is_left_alone(folder):
    (folder / "b").mkdir()
    with pytest.raises(IsADirectoryError):
        write_two(folder)
    assert content(folder)["a"] == b"old a"


def test_a_file_in_place_of_the_folder(folder):
    with pytest.raises(OSError, match="a"):
        write_two(folder / "a" / "b")
    assert content(folder)["a"] == b"old a"


def test_a_scenario_that_cannot_be_saved_leaves_the_old_file(tmp_path, monkeypatch):
    file = tmp_path / "mine.toml"
    save(load("stable"), file)
    before = file.read_bytes()

    def full(_handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        save(load("ravine"), file)
    assert content(tmp_path) == {"mine.toml": before}
