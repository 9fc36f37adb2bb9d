"""The command line. It reads, runs, prints and writes; whatever takes long to load is loaded by the command that needs it."""

import sys


def main() -> None:
    """The command ``gdsim``. Ends the process: 0 done, 1 something is wrong with this computer or a trial failed, 2 bad input, 130 Ctrl-C,
    143 SIGTERM.
    """
    from gdsim.cli import endings, output

    output.prepare()
    endings.prepare()
    try:
        try:
            from gdsim.cli.commands import app

            app(prog_name="gdsim")
        except SystemExit as end:
            if end.__context__ is not None and isinstance(end.__context__.__cause__, KeyboardInterrupt):
                _say_interrupted()
            raise
        except KeyboardInterrupt:
            _say_interrupted()
            sys.exit(endings.INTERRUPTED)
        finally:
            sys.stdout.flush()
    except output.OutputError as error:
        sys.stderr.write(f"gdsim: the output cannot be written: {error}\n")
        sys.exit(1)


def _say_interrupted() -> None:
    sys.stderr.write("Interrupted; nothing is left half written\n")
