"""``python -m tests.screenshots [FOLDER]``: the real window in both themes and two sizes, on a virtual screen where there is no display."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LARGE, SMALL = (1280, 800), (1024, 700)
IN_BOTH_SIZES = {"three-learning-rates", "optimizer-race", "parameters"}
PATIENCE = 60.0


def virtual_screen() -> subprocess.Popen[bytes]:
    """Starts Xvfb on a free display and sets DISPLAY."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1400x900x24", "-nolisten", "tcp"]
    screen = subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        os.environ["DISPLAY"] = ":" + pipe.readline().strip()
    return screen


def take(folder: Path) -> None:
    from PySide6.QtGui import QImage
    from PySide6.QtWidgets import QApplication

    from gdsim.app import messages as m
    from gdsim.app.session import Session
    from gdsim.gui.application import application
    from gdsim.gui.settings import Settings
    from gdsim.gui.window import Window
    from gdsim.simulation.scenario_file import load

    app = application()

    def until(done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not done():
            if time.monotonic() > deadline:
                raise TimeoutError("the window did not come to the state that was waited for")
            app.processEvents()
            time.sleep(0.005)

    def rest(seconds: float = 0.25) -> None:
        end = time.monotonic() + seconds
        until(lambda: time.monotonic() > end)

    def picture(window: Window, name: str) -> None:
        rest()
        area = window.frameGeometry()
        grabbed = window.screen().grabWindow(0, area.x(), area.y(), area.width(), area.height()).toImage()
        grabbed.convertToFormat(QImage.Format.Format_RGB888).save(str(folder / f"{name}.png"), quality=0)

    scenes: dict[str, tuple[str, float, Callable[[Window, Session], None]]] = {
        "three-learning-rates": ("three-learning-rates", 34.0, lambda _window, _session: None),
        "ravine": ("ravine", 60.0, lambda _window, _session: None),
        "false-minimum": ("false-minimum", 40.0, lambda _window, _session: None),
        "optimizer-race": ("optimizer-race", 120.0, lambda _window, _session: None),
        "diverged": ("three-learning-rates", 9.0, lambda _window, session: session.send(m.SetParam(2, "learning_rate", 0.3))),
        "parameters": ("ravine", 45.0, lambda window, _session: window.panel.cards[0].tune.setChecked(True)),
        "picker": ("three-learning-rates", 34.0, lambda window, _session: window.problem.picker.open()),
    }
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        for width, height in (LARGE, SMALL):
            for name, (scenario, playhead, prepare) in scenes.items():
                if (width, height) == SMALL and name not in IN_BOTH_SIZES:
                    continue
                session = Session(load(scenario))
                settings = Settings(Path(place) / f"{name}{width}.ini")
                settings.greeted = True
                window = Window(session, settings)
                window.resize(width, height)
                window.show()
                until(lambda session=session: not session.state.computing and all(session.state.tracks))
                for theme in ("light", "dark"):
                    session.send(m.SetTheme(theme))
                    prepare(window, session)
                    until(lambda session=session: not session.state.computing and all(t and t.verdict for t in session.state.tracks))
                    session.send(m.Seek(playhead), m.Pause())
                    picture(window, f"{name}-{theme}-{width}x{height}")
                    window.problem.picker.popup.hide()
                window.close_now()
                window.deleteLater()
                QApplication.processEvents()


def main(folder: Path = ROOT / "assets" / "screenshots") -> None:
    os.environ["QT_QPA_PLATFORM"] = "xcb"
    screen = None if os.environ.get("DISPLAY") else virtual_screen()
    try:
        take(folder)
    finally:
        if screen is not None:
            screen.terminate()
            screen.wait()
    sys.stdout.write(f"{len(list(folder.glob('*.png')))} screenshots in {folder}\n")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
