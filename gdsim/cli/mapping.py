"""``gdsim map``: a sweep painted as a map of two axes, or one as a strip."""

import sys
from pathlib import Path

from gdsim.cli.bad_input import file_problem, refuse, workers_problem
from gdsim.cli.painting import CannotPaintError, painters, report
from gdsim.cli.rendering import pixels_of, size_problem
from gdsim.cli.sweeping import planned, print_shares
from gdsim.cli.waiting import told_of_compiling
from gdsim.simulation.sweep import sweep
from gdsim.simulation.sweep_estimate import LIMITS, SweepTooLargeError
from gdsim.simulation.sweep_map import colour_problem
from gdsim.simulation.sweep_result import SweepResult
from gdsim.simulation.sweep_store import SweepStoreError, read

SUFFIXES = (".png", ".svg", ".pdf")
NO_QT = 1


def map_one(source: str, changes: list[str], to: Path, *, colour: str, theme: str, size: str | None, workers: int | None, yes: bool) -> int:
    """Paints the sweep of a scenario, or a finished one in a folder, into the file ``to``. Returns the exit code."""
    finished = source != "" and Path(source).is_dir() and not changes
    plan, code = (None, 0) if finished else planned(source, changes)
    if to.suffix.lower() not in SUFFIXES:
        code = refuse("--to", f"found {to.name!a}; allowed: a name ending in {', '.join(SUFFIXES)}")
    elif problem := file_problem(to):
        code = refuse("--to", problem)
    elif plan is not None and (problem := colour_problem(plan.scenario, colour)):
        code = refuse("--colour", problem)
    pixels = pixels_of(size) if size is not None else None
    if size is not None and pixels is None:
        code = refuse("--size", size_problem(size))
    if problem := workers_problem(workers):
        code = refuse("--workers", problem)
    if code:
        return code
    try:
        with told_of_compiling():
            result = read(source) if plan is None else sweep(plan.scenario, workers=workers, limit=None if yes else LIMITS)
        print_shares(result)
        _paint(result, to, colour, theme, pixels)
    except SweepTooLargeError as error:
        return refuse("--yes", f"{error}; allowed: --yes to do so all the same")
    except SweepStoreError as error:
        return refuse("FILE", str(error))
    except ValueError as error:
        return refuse("--colour", str(error))
    except CannotPaintError as error:
        report(error)
        return NO_QT
    except OSError as error:
        return refuse("--to", f"nothing was written to {to}: {error.strerror or error}")
    sys.stdout.write(f"Written to {to}\n")
    return 0


def _paint(result: SweepResult, to: Path, colour: str, theme: str, pixels: tuple[int, int] | None) -> None:
    with painters():
        from gdsim.gui.map_picture import paint_map

        to.parent.mkdir(parents=True, exist_ok=True)
        paint_map(result, to, colour=colour, theme="dark" if theme == "dark" else "light", size=pixels)
