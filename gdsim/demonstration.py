"""``make run``: the window with the demonstration; without a display the same demonstration, rendered into a folder."""

import sys
from pathlib import Path

from gdsim.app.document import DEMONSTRATION

FOLDER = Path("demo")


def main() -> int:
    from gdsim.gui.application import has_display

    if has_display():
        from gdsim.gui.main import main as window

        return window()
    from gdsim.cli import main as command

    sys.stdout.write(f"There is no display, so the demonstration is rendered into {FOLDER.resolve()}\n")
    for arguments in (
        ["run", DEMONSTRATION, "--out", str(FOLDER)],
        ["render", DEMONSTRATION, "--to", str(FOLDER / f"{DEMONSTRATION}.gif")],
    ):
        status = command(arguments)
        if status:
            return status
    sys.stdout.write(f"See {FOLDER / 'picture.png'} and {FOLDER / f'{DEMONSTRATION}.gif'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
