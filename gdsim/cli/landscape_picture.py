"""``gdsim show NAME --to PICTURE``: a landscape with its minima in a file."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gdsim.cli.bad_input import file_problem, refuse
from gdsim.cli.painting import CannotPaintError, painters, report
from gdsim.staged import staged

SUFFIXES = (".png", ".svg", ".pdf")
NO_QT = 1


def paint_landscape(problem: Mapping[str, Any], to: Path) -> int:
    """Paints the landscape of a table [problem] into the file ``to``, written whole or not at all. Returns the exit code."""
    if to.suffix.lower() not in SUFFIXES:
        return refuse("--to", f"found {to.name!a}; allowed: a name ending in {', '.join(SUFFIXES)}")
    if fault := file_problem(to):
        return refuse("--to", fault)
    try:
        with staged(to.parent) as stage, painters():
            from gdsim.gui.landscape_sheet import render_landscape

            render_landscape(problem, stage / to.name)
    except CannotPaintError as error:
        report(error)
        return NO_QT
    except OSError as error:
        return refuse("--to", f"nothing was written to {to}: {error.strerror or error}")
    sys.stdout.write(f"Written to {to}\n\n")
    return 0
