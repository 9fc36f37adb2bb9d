"""The way from the command line to the painters of pictures, which need Qt."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gdsim.cli.endings import held


class CannotPaintError(Exception):
    """Qt does not load here, or does not work with this Python. The message says why."""


@contextmanager
def painters() -> Iterator[None]:
    """The body may import painters and call them. Raises CannotPaintError, and what the body raises besides."""
    try:
        with held():
            from gdsim.gui.application import BadPair
    except ImportError as error:
        raise CannotPaintError(str(error)) from None
    try:
        yield
    except (ImportError, BadPair) as error:
        raise CannotPaintError(str(error)) from None


def paint(subject: Any, path: Path, **options: Any) -> None:
    """Paints a scenario or a result into ``path``. Raises CannotPaintError and OSError."""
    with painters():
        from gdsim.gui.picture import render

        render(subject, path, **options)


def report(error: CannotPaintError) -> None:
    sys.stderr.write(f"gdsim: no picture was painted: {error}\nFind out more with: gdsim doctor\n")
