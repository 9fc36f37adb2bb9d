"""The command line. It reads, runs, prints and writes; whatever takes long to load is loaded by the command that needs it."""

import sys


def main() -> None:
    """The command ``gdsim``. Ends the process: 0 done, 1 something is wrong with this computer, 2 bad input."""
    from gdsim.cli.commands import app

    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # A terminal that cannot show a letter gets a question mark, not a traceback.
            stream.reconfigure(errors="replace")
    app(prog_name="gdsim")
