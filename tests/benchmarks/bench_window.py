"""Rulers and maps in the window: how soon after an edit they are there, and the longest frame while they are computed.

    python -m tests.benchmarks.bench_window [--seconds S]

A frame of the window is 16 ms. The longest frame is what one turn of the event loop took while a start was dragged, once a frame; on a
machine that does other things besides, look at the window's own work.
"""

import argparse
import math
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from gdsim.app import messages as m
from gdsim.app.changes import SetStart
from gdsim.app.mapping import ShowBasins
from gdsim.app.session import Session
from gdsim.gui.application import application
from gdsim.gui.settings import Settings
from gdsim.gui.window import Window
from gdsim.simulation.ruler import rulers, subject_of
from gdsim.simulation.scenario_file import load

FRAME_MS = 16.0
REPEATS = 50


def milliseconds(work: Callable[[], object], repeats: int = REPEATS) -> float:
    work()
    times = []
    for _ in range(repeats):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return 1e3 * float(np.median(times))


def ruler_rows() -> list[str]:
    rows = []
    for name in ("three-learning-rates", "ravine", "optimizer-race"):
        scenario = load(name)
        for index, run in enumerate(scenario.runs):
            subject = subject_of(scenario, index)
            assert subject is not None
            took = milliseconds(lambda subject=subject: list(rulers(subject)))
            rows.append(f"  {name:22} {run.optimizer:9} {scenario.steps:5,} steps  {took:6.2f} ms")
    return rows


def latency(session: Session) -> np.ndarray:
    """Milliseconds from an edit to the whole ruler of it in the state, with a drain every millisecond."""
    times = []
    for x in np.linspace(-2.0, 2.0, REPEATS):
        session.send(SetStart((float(x), 0.3), live=True))
        began = time.perf_counter()
        while True:
            session.drain()
            ruler = session.state.rulers[0]
            if ruler is not None and ruler.whole and ruler.subject == subject_of(session.state.scenario, 0):
                break
            time.sleep(0.0005)
        times.append(1e3 * (time.perf_counter() - began))
        session.settle()
    return np.array(times)


def turns(seconds: float, session: Session, drag: bool) -> np.ndarray:
    """Milliseconds of every turn of the event loop, with an edit a frame: (2, n), by the clock and of the window's own thread."""
    began, edited, times = time.perf_counter(), 0.0, []
    while (now := time.perf_counter()) - began < seconds:
        worked = time.thread_time()
        if drag and now - edited > FRAME_MS * 1e-3:
            edited = now
            session.send(SetStart((0.5 + 0.3 * math.sin(3.0 * now), -0.5), live=True))
        QApplication.processEvents()
        times.append((1e3 * (time.perf_counter() - now), 1e3 * (time.thread_time() - worked)))
        time.sleep(0.001)
    return np.array(times).T


def rest(seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        time.sleep(0.002)


def main(arguments: list[str]) -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--seconds", type=float, default=3.0)
    seconds = options.parse_args(arguments).seconds
    application()
    print("A ruler of 512 learning rates, one thread, medians (a frame is 16 ms)")  # noqa: T201
    print("\n".join(ruler_rows()))  # noqa: T201
    with Session(load("three-learning-rates")) as session:
        session.settle()
        took = latency(session)
    print(f"From an edit to the ruler of it: median {np.median(took):.1f} ms, p95 {np.percentile(took, 95):.1f} ms")  # noqa: T201
    with tempfile.TemporaryDirectory() as folder:
        session = Session(load("three-learning-rates"))
        settings = Settings(Path(folder) / "settings.ini")
        settings.greeted = True
        window = Window(session, settings)
        window.resize(1280, 800)
        window.show()
        rest(4.0)
        for text, prepare, drag in (
            ("playing", (), False),
            ("dragging, rulers", (), True),
            ("dragging, map", (m.ShowView("Map"),), True),
            ("dragging, basins", (m.ShowView("Loss surface"), ShowBasins(True)), True),
        ):
            session.send(*prepare)
            rest(1.5)
            for found, whose in zip(turns(seconds, session, drag), ("by the clock", "own work"), strict=True):
                told = f"median {np.median(found):5.1f}  p95 {np.percentile(found, 95):5.1f}  longest {found.max():5.1f} ms"
                print(f"{text:18} {whose:12} {told}")  # noqa: T201
        window.close_now()
        rest(0.1)


if __name__ == "__main__":
    main(sys.argv[1:])
