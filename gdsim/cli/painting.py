"""The way from the command line to the painter of pictures, which needs Qt."""

import sys
from pathlib import Path
from typing import Any


class CannotPaintError(Exception):
    """Qt does not load here, or does not work with this Python. The message says why."""


def paint(subject: Any, path: Path, **options: Any) -> None:
    """Paints a scenario or a result into ``path``. Raises CannotPaintError and OSError."""
    try:
        from gdsim.gui.application import BadPair
        from gdsim.gui.picture import render
    except ImportError as error:
        raise CannotPaintError(str(error)) from None
    try:
        render(subject, path, **options)
    except BadPair as error:
        raise CannotPaintError(str(error)) from None


def report(error: CannotPaintError) -> None:
    sys.stderr.write(f"gdsim: no picture was painted: {error}\nFind out more with: gdsim doctor\n")
