"""``gdsim export``: a scenario as a script for another program, on standard output or in a file."""

import sys
from pathlib import Path

from gdsim.cli.bad_input import complain, file_problem, refuse
from gdsim.cli.sources import load_all
from gdsim.simulation.pytorch.exportable import ExportError
from gdsim.simulation.pytorch.script import export_pytorch


def export_one(source: str, changes: list[str], run: int, out: Path | None, *, exact: bool) -> int:
    """Writes the script of run number ``run`` into the file ``out``, or prints it. Returns the exit code."""
    scenarios, errors = load_all([source], changes)
    code = complain(errors) if errors else 0
    if out is not None:
        if out.suffix != ".py":
            code = refuse("--out", f"found {out.name!a}; allowed: a name ending in .py")
        elif problem := file_problem(out):
            code = refuse("--out", problem)
    if scenarios and run >= (count := len(scenarios[0].runs)):
        code = refuse("--run", f"found {run}; allowed: 0 to {count - 1}, the number of a run in the scenario")
    if code:
        return code
    try:
        script = export_pytorch(scenarios[0], run, exact=exact)
    except ExportError as error:
        return refuse(source, str(error))
    if out is None:
        if script.files:
            return refuse(
                "--out", f"missing; the script reads {len(script.files)} files; give a file name for the script, and they go beside it"
            )
        sys.stdout.write(script.text)
        return 0
    try:
        script.save(out)
    except OSError as error:
        return refuse("--out", f"nothing was written to {out.parent}: {error.strerror or error}")
    for file in (out, *(script.beside(out, suffix) for suffix in script.files)):
        sys.stdout.write(f"Written to {file}\n")
    return 0
