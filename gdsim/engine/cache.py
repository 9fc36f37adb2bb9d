"""The disk cache of compiled kernels: a private folder, checksummed files, and no error that reaches a caller.

A kernel's file holds native code inside a pickle. So the folder must belong to the user and be writable by nobody else, and every
file starts with the SHA-256 of the rest: a damaged one is deleted and compiled again. Whatever goes wrong (no folder, no rights, a
full disk) costs a compilation, never a result.
"""

# mypy: disable-error-code="no-untyped-call"

import atexit
import hashlib
import os
import pickle
import shutil
import stat
import tempfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import platformdirs
from numba.core import compiler, serialize
from numba.core.caching import _Cache

MOST_FILES = 2000
CHECKSUM_BYTES = 32


def is_private(folder: Path) -> bool:
    """Whether ``folder`` is a real directory of this user, closed to writing by others."""
    try:
        status = folder.lstat()
    except OSError:
        return False
    if not stat.S_ISDIR(status.st_mode):
        return False
    return not hasattr(os, "getuid") or (status.st_uid == os.getuid() and not status.st_mode & 0o022)


def is_writable(folder: Path) -> bool:
    """Whether a file can really be made there (a mode bit does not tell of a read-only or full disk)."""
    try:
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"probe")
    except OSError:
        return False
    return True


def preferred_folder() -> Path:
    """``$GDSIM_CACHE`` if set, else the user's cache folder."""
    named = os.environ.get("GDSIM_CACHE")
    return Path(named) if named else Path(platformdirs.user_cache_dir("gdsim")) / "kernels"


@lru_cache(maxsize=1)
def folder() -> Path | None:
    """The folder in use: the preferred one, else a temporary one for this process, else None."""
    choice = preferred_folder()
    with suppress(OSError):
        choice.mkdir(mode=0o700, parents=True, exist_ok=True)
    if is_private(choice) and is_writable(choice):
        return choice
    try:
        temporary = Path(tempfile.mkdtemp(prefix="gdsim-kernels-"))
    except OSError:
        return None
    atexit.register(shutil.rmtree, temporary, ignore_errors=True)
    return temporary


class KernelCache(_Cache):
    """Numba's cache interface over one file a kernel, signature and processor. ``name`` must carry the digest of all sources."""

    def __init__(self, name: str, where: Path | None) -> None:
        self.name = name
        self.where = where

    @property
    def cache_path(self) -> str:
        return str(self.where)

    def enable(self) -> None:
        """Nothing to do: a cache without a folder is the disabled one."""

    def disable(self) -> None:
        self.where = None

    def flush(self) -> None:
        if self.where is not None:
            for file in self.where.glob(f"{self.name}-*.kernel"):
                file.unlink(missing_ok=True)

    def _file(self, signature: Any, codegen: Any) -> Path | None:
        if self.where is None:
            return None
        key = repr((signature, codegen.magic_tuple()))
        return self.where / f"{self.name}-{hashlib.sha256(key.encode()).hexdigest()[:20]}.kernel"

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        target_context.refresh()
        file = self._file(sig, target_context.codegen())
        if file is None:
            return None
        try:
            content = file.read_bytes()
        except OSError:
            return None
        checksum, body = content[:CHECKSUM_BYTES], content[CHECKSUM_BYTES:]
        try:
            if hashlib.sha256(body).digest() != checksum:
                raise ValueError("damaged")
            compiled = self._unpacked(target_context, pickle.loads(body))  # noqa: S301 (only from a private folder)
            os.utime(file)
        except Exception:  # whatever a foreign or damaged file makes of it: compile again
            _remove(file)
            return None
        return compiled

    def _packed(self, compiled: Any) -> bytes:
        return bytes(serialize.dumps(compiled._reduce()))

    def _unpacked(self, target_context: Any, state: Any) -> Any:
        return compiler.CompileResult._rebuild(target_context, *state)

    def save_overload(self, sig: Any, data: Any) -> None:
        file = self._file(sig, data.codegen)
        if file is None:
            return
        body = self._packed(data)
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, partial = tempfile.mkstemp(dir=file.parent, suffix=".partial")
        except OSError:
            return
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(hashlib.sha256(body).digest() + body)
            os.replace(partial, file)
            prune(file.parent)
        except OSError:
            _remove(Path(partial))


def prune(where: Path) -> None:
    """Deletes the files that were used longest ago once there are more than ``MOST_FILES``."""
    files = []
    with os.scandir(where) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):  # another process prunes too
                files.append((entry.stat().st_mtime, entry.path))
    for _, path in sorted(files)[: max(0, len(files) - MOST_FILES)]:
        _remove(Path(path))


def _remove(file: Path) -> None:
    with suppress(OSError):
        file.unlink(missing_ok=True)
