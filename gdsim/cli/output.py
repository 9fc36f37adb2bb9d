"""Standard output and error as the command line writes to them.

Whoever reads may stop reading (``gdsim list landscapes | head``): the rest is then written nowhere, and work that writes files goes on to
its end. That a disk is full is told in a sentence.
"""

import errno
import io
import os
import sys
from typing import Any


class OutputError(Exception):
    """Standard output cannot be written, and why. No OSError, so that nobody takes it for trouble with a file of their own."""


class _Stream(io.FileIO):
    """A file descriptor that swallows everything from the first failure on, which it tells if ``told``."""

    def __init__(self, descriptor: int, *, told: bool) -> None:
        super().__init__(descriptor, "wb", closefd=False)
        self._told = told

    def write(self, data: Any) -> int:
        try:
            return super().write(data)
        except OSError as error:
            # Python writes what is left once more at its end, and would complain again.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self.fileno())
            os.close(nowhere)
            # EINVAL is how Windows says that nobody reads a pipe.
            if self._told and error.errno not in (errno.EPIPE, errno.EINVAL):
                raise OutputError(error.strerror or str(error)) from None
            return len(memoryview(data).cast("B"))


def prepare() -> None:
    """Replaces the streams by such ones, and what a stream cannot show by question marks. One that is closed wants to hear nothing."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115
        elif stream.isatty() or not _is_descriptor(stream):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="replace")
        else:
            stream.flush()
            raw = _Stream(stream.fileno(), told=name == "stdout")
            setattr(sys, name, io.TextIOWrapper(io.BufferedWriter(raw), stream.encoding, "replace", line_buffering=name == "stderr"))


def _is_descriptor(stream: Any) -> bool:
    try:
        return bool(stream.fileno() >= 0)
    except (AttributeError, OSError, ValueError):
        return False
