"""``gdsim render``: a picture of a scenario, written whole or not at all."""

import re
import sys
from pathlib import Path

from gdsim.cli.bad_input import complain, file_problem, refuse
from gdsim.cli.painting import CannotPaintError, paint, report
from gdsim.cli.sources import load_all
from gdsim.painting import LARGEST, SMALLEST
from gdsim.staged import staged

SUFFIXES = (".png", ".svg", ".pdf", ".gif")
NO_QT = 1


def render_one(source: str, changes: list[str], to: Path, theme: str, size: str) -> int:
    """Paints the scenario into the file ``to``. Returns the exit code."""
    scenarios, errors = load_all([source], changes)
    code = complain(errors) if errors else 0
    if to.suffix.lower() not in SUFFIXES:
        code = refuse("--to", f"found {to.name!a}; allowed: a name ending in {', '.join(SUFFIXES)}")
    elif problem := file_problem(to):
        code = refuse("--to", problem)
    pixels = pixels_of(size)
    if pixels is None:
        code = refuse("--size", size_problem(size))
    if code or pixels is None:
        return code
    try:
        with staged(to.parent) as stage:
            paint(scenarios[0], stage / to.name, theme=theme, size=pixels)
    except CannotPaintError as error:
        report(error)
        return NO_QT
    except OSError as error:
        return refuse("--to", f"nothing was written to {to}: {error.strerror or error}")
    sys.stdout.write(f"Written to {to}\n")
    return 0


def size_problem(size: str) -> str:
    return f"found {size!a}; allowed: WIDTHxHEIGHT, each from {SMALLEST} to {LARGEST} pixels"


def pixels_of(size: str) -> tuple[int, int] | None:
    """Width and height, or None for what is neither."""
    parts = re.fullmatch(r"([0-9]{1,5})x([0-9]{1,5})", size)
    if parts is None:
        return None
    width, height = int(parts[1]), int(parts[2])
    return (width, height) if min(width, height) >= SMALLEST and max(width, height) <= LARGEST else None
