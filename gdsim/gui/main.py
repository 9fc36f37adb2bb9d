"""Opens the window."""

import logging
import signal
import sys
from types import FrameType

from gdsim import shipped
from gdsim.app.document import DEMONSTRATION
from gdsim.app.session import Session
from gdsim.gui.application import BadPair, application, has_display
from gdsim.gui.picture import render_apart
from gdsim.gui.window import Window
from gdsim.simulation.scenario_file import load

SWITCH_SECONDS = 0.0005
"""How long the window waits for a thread that works in Python, each time that it needs the interpreter: many times a frame."""


def main(source: str | None = None) -> int:
    """Shows the window, playing the demonstration or ``source`` (a scenario's path, or a shipped one's name, or data), until it is closed.

    Returns the exit status: 0, or 1 with a line on standard error where no window can be shown.
    """
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
    if not has_display():
        sys.stderr.write("gdsim: there is no display to open a window on; try gdsim render three-learning-rates --to picture.png\n")
        return 1
    try:
        app = application()
    except BadPair as error:
        sys.stderr.write(f"gdsim: {error}\n")
        return 1
    session = Session(load(shipped.scenarios()[DEMONSTRATION]), paint=render_apart)
    window = Window(session)
    if source is not None:
        window.files.open_source(source)

    def interrupted(_signal: int, _frame: FrameType | None) -> None:
        window.close_now()

    before = signal.signal(signal.SIGINT, interrupted)
    sys.setswitchinterval(SWITCH_SECONDS)
    window.show()
    try:
        return app.exec()
    finally:
        signal.signal(signal.SIGINT, before)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
