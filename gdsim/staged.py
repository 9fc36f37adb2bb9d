"""Files written whole or not at all: first into a hidden folder beside their places, moved there only when all are complete."""

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """Gives a temporary folder inside ``folder``; at the end every file written there, or in folders made there, moves to the same place
    in ``folder``.

    ``folder`` is made where it is missing. If the body raises, or a file cannot be made durable, nothing in ``folder`` has changed, and
    folders made here are gone again. Each file replaces its predecessor at once. Raises OSError.
    """
    made = _missing(folder)
    stage = folder / f".gdsim-{secrets.token_hex(6)}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stage.mkdir(mode=0o700)
        yield stage
        files = {file: folder / file.relative_to(stage) for file in sorted(stage.rglob("*")) if not file.is_dir()}
        for file, place in files.items():
            _take_mode(file, place)
            _sync(file)
        for inner in {place.parent for place in files.values()}:
            made += _missing(inner)
            inner.mkdir(parents=True, exist_ok=True)
        for file, place in files.items():
            os.replace(file, place)
        for inner in {folder, *(place.parent for place in files.values())}:
            _sync(inner)
    except BaseException:
        shutil.rmtree(stage, ignore_errors=True)
        for empty in made:
            _remove_if_empty(empty)
        raise
    shutil.rmtree(stage, ignore_errors=True)


def _missing(folder: Path) -> list[Path]:
    """``folder`` and those above it that do not exist yet, innermost first."""
    return [step for step in (folder, *folder.parents) if not step.exists()]


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def _take_mode(file: Path, predecessor: Path) -> None:
    if (problem := replacement_problem(predecessor)) is not None:
        raise OSError(errno.EISDIR if predecessor.is_dir() else errno.EINVAL, problem, str(predecessor))
    if predecessor.is_file() and not predecessor.is_symlink():
        shutil.copymode(predecessor, file)


def replacement_problem(file: Path) -> str | None:
    """Why a file cannot take this place, or None. A device or a pipe would be gone if one did."""
    if file.is_dir():
        return "is a folder"
    return "is not a regular file" if file.exists() and not file.is_file() else None


def _sync(path: Path) -> None:
    """Waits until the file or folder is on the disk. Only POSIX systems can do so for a folder."""
    if path.is_dir() and os.name != "posix":
        return
    handle = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
