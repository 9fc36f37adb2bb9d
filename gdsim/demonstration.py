"""``make run``: the window with the demonstration; without a display the same demonstration, rendered into a folder."""

import subprocess
import sys
from pathlib import Path

from gdsim.app.document import DEMONSTRATION

FOLDER = Path("demo")


def main() -> int:
    from gdsim.gui.application import has_display

    if has_display():
        from gdsim.gui.main import main as window

        return window()
    sys.stdout.write(f"There is no display, so the demonstration is rendered into {FOLDER.resolve()}\n")
    sys.stdout.flush()
    animation = FOLDER / f"{DEMONSTRATION}.gif"
    for arguments in (["run", DEMONSTRATION, "--out", str(FOLDER)], ["render", DEMONSTRATION, "--to", str(animation)]):
        status = subprocess.run([sys.executable, "-m", "gdsim", *arguments], check=False).returncode
        if status:
            return status
    sys.stdout.write(f"See {FOLDER / 'picture.png'} and {animation}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
