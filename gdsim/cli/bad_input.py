"""What is said about bad input: every complaint, on standard error, and exit code 2."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

from gdsim.simulation.complaints import MOST_COMPLAINTS, ScenarioError
from gdsim.staged import replacement_problem

BAD_INPUT = 2


def complain(errors: Iterable[ScenarioError]) -> int:
    """Prints every complaint of every error, one a line, and returns the exit code."""
    lines = [line for error in errors for line in str(error).splitlines()]
    for line in lines[:MOST_COMPLAINTS]:
        sys.stderr.write(f"{line}\n")
    if len(lines) > MOST_COMPLAINTS:
        sys.stderr.write(f"and {len(lines) - MOST_COMPLAINTS} more\n")
    return BAD_INPUT


def refuse(option: str, text: str) -> int:
    """Says what is wrong with an option, and returns the exit code."""
    sys.stderr.write(f"{option}: {text}\n")
    return BAD_INPUT


def workers_problem(workers: int | None) -> str | None:
    """Why so many cannot work, or None."""
    return None if workers is None or workers >= 1 else f"found {workers}; allowed: a whole number >= 1"


def file_problem(file: Path) -> str | None:
    """Why no file of this name can be written, or None. Nothing is written to find out."""
    try:
        problem = replacement_problem(file)
    except OSError as error:
        return f"found {ascii(str(file))[:60]}...; allowed: a file ({error.strerror})"
    if problem is not None:
        return f"found {file}, which {problem}; allowed: a file name"
    return folder_problem(file.parent)


def folder_problem(folder: Path) -> str | None:
    """Why files cannot be written into ``folder`` (which need not exist yet), or None. Nothing is written to find out."""
    try:
        there = next(step for step in (folder.absolute(), *folder.absolute().parents) if step.exists())
    except OSError as error:
        return f"found {ascii(str(folder))[:60]}...; allowed: a folder ({error.strerror})"
    if not there.is_dir():
        return f"found {there}, which is not a folder; allowed: a folder, or a new name"
    if not os.access(there, os.W_OK | os.X_OK):
        return f"found {there}, where you may not write; allowed: a folder that you may write to"
    return None
