"""The command line. It reads, runs, prints and writes; whatever takes long to load is loaded by the command that needs it."""

import os
import sys


def main() -> None:
    """The command ``gdsim``. Ends the process: 0 done, 1 something is wrong with this computer, 2 bad input, 130 Ctrl-C."""
    from gdsim.cli.commands import app

    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # whoever closes it wants to hear nothing
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115
        stream = getattr(sys, name)
        if hasattr(stream, "reconfigure"):
            # A terminal that cannot show a letter gets a question mark, not a traceback.
            stream.reconfigure(errors="replace")
    try:
        try:
            app(prog_name="gdsim")
        except SystemExit as end:
            if end.__context__ is not None and isinstance(end.__context__.__cause__, KeyboardInterrupt):
                sys.stderr.write("Interrupted; nothing is left half written\n")
            raise
        finally:
            sys.stdout.flush()
    except OSError as error:
        if error.filename is not None:
            raise
        _forget_output()
        if not isinstance(error, BrokenPipeError):  # else whoever reads it has seen enough
            sys.stderr.write(f"gdsim: the output cannot be written: {error.strerror or error}\n")
        sys.exit(1)


def _forget_output() -> None:
    """What is still to be written goes nowhere; Python would try once more at its end, and complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
