"""``python -m tests.benchmarks.bench_startup``: from the start of the process to the first paint and to the first tracks, on a warm cache.

Each start is a process of its own, on the real platform if there is a display, else offscreen. The limits are 1.5 s and 3 s.
"""

import os
import statistics
import subprocess
import sys
import time

STARTS = 5
PROBE = """
import sys, time
from PySide6.QtCore import QTimer
from gdsim.gui import main as entry
from gdsim.gui.window import Window

begun = float(sys.argv[1])
seen = {}

def note(what):
    if what not in seen:
        seen[what] = time.time() - begun

class Watched(Window):
    def __init__(self, session):
        import tempfile
        from pathlib import Path
        from gdsim.gui.settings import Settings
        super().__init__(session, Settings(Path(tempfile.mkdtemp()) / "settings.ini"))

    def paintEvent(self, event):
        super().paintEvent(event)
        note("painted")

    def _frame(self):
        super()._frame()
        state = self._session.state
        if any(state.tracks):
            note("tracks")
        if state.playhead > 0:
            note("moving")
            print(seen["painted"], seen["tracks"], seen["moving"])
            self.close_now()

entry.has_display = lambda: True
entry.Window = Watched
entry.main()
"""


def start() -> list[float]:
    environment = os.environ.copy()
    if not environment.get("DISPLAY"):
        environment["QT_QPA_PLATFORM"] = "offscreen"
    done = subprocess.run([sys.executable, "-c", PROBE, repr(time.time())], env=environment, capture_output=True, text=True, timeout=120)
    if done.returncode or not done.stdout.strip():
        raise RuntimeError(done.stderr)
    return [float(number) for number in done.stdout.split()]


def main() -> None:
    start()  # fills the cache of kernels
    starts = [start() for _ in range(STARTS)]
    for name, limit, seconds in zip(
        ("first paint", "first tracks", "first movement"), (1.5, 3.0, 3.0), zip(*starts, strict=True), strict=True
    ):
        sys.stdout.write(f"{name:15s} median {statistics.median(seconds):.2f} s  worst {max(seconds):.2f} s  (limit {limit} s)\n")


if __name__ == "__main__":
    main()
