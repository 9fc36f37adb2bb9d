"""Files that a crash cannot leave half written, and lists that grow by whole lines."""

import hashlib
import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

NEW = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0)
MORE = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)


class TornError(ValueError):
    """A list of lines of which one in the middle is damaged."""


def write_whole(file: Path, content: bytes | memoryview) -> None:
    """Writes ``content`` as ``file``, whole or not at all, and waits until it is on the disk. Raises OSError; then nothing has changed."""
    waiting = file.with_name(f".{file.name}.new")
    try:
        _write(waiting, content, NEW)
        os.replace(waiting, file)
        sync_folder(file.parent)
    except BaseException:
        with suppress(OSError):
            waiting.unlink(missing_ok=True)
        raise


def append_line(file: Path, content: dict[str, Any]) -> None:
    """Adds one line with its checksum, and waits until it is on the disk. Raises OSError; then the line may be torn, and is not read."""
    _write(file, line(content), MORE)


def line(content: dict[str, Any]) -> bytes:
    """``content`` as a line of JSON that ends with its own checksum."""
    text = json.dumps(content, separators=(", ", ": "), ensure_ascii=True)
    return f'{text[:-1]}, "check": "{_checksum(text)}"}}\n'.encode()


def read_lines(file: Path) -> list[dict[str, Any]]:
    """The whole lines of a list; a torn last line is dropped. Raises TornError for any other, OSError."""
    found = []
    content = file.read_bytes()
    parts = content.split(b"\n")
    for number, part in enumerate(parts[:-1]):
        entry = _entry(part)
        if entry is None and number < len(parts) - 2:
            raise TornError(f"{file}: line {number + 1} is damaged, and it is not the last one")
        if entry is not None:
            found.append(entry)
    return found


def write_lines(file: Path, entries: Iterable[dict[str, Any]]) -> None:
    """The whole list anew, whole or not at all. Raises OSError."""
    write_whole(file, b"".join(map(line, entries)))


def _entry(part: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(part)
        check = entry.pop("check")
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError):
        return None
    return entry if check == _checksum(json.dumps(entry, separators=(", ", ": "), ensure_ascii=True)) else None


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _write(file: Path, content: bytes | memoryview, flags: int) -> None:
    handle = os.open(file, flags, 0o644)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(folder: Path) -> None:
    """Waits until the names in ``folder`` are on the disk. Only POSIX systems can do so."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
