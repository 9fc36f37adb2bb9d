"""``python -m tests.screenshots [FOLDER]``: the real window in both themes and two sizes, on a virtual screen where there is no display."""

import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LARGE, SMALL = (1280, 800), (1024, 700)
IN_BOTH_SIZES = {
    "three-learning-rates",
    "map",
    "trainability",
    "basin-map",
    "basins",
    "optimizer-race",
    "parameters",
    "spiral",
    "network",
    "trials",
}
PATIENCE = 600.0


def scenario_of_data(title: str, steps: int, problem: dict[str, object], *rates: tuple[str, float, object]) -> dict[str, object]:
    """Tables of a scenario: ``rates`` are the optimizer, learning rate and batch size of each run."""
    runs = [{"optimizer": name, "learning_rate": rate, "batch_size": size, "label": f"{name}, batch {size}"} for name, rate, size in rates]
    return {"title": title, "steps": steps, "problem": problem, "runs": runs}


LINE = {"dataset": "line", "model": "line", "split": [0.8, 0.2, 0.0]}
OF_DATA: dict[str, dict[str, object]] = {
    "line-fit": scenario_of_data("One point, a batch, all points", 60, LINE, ("sgd", 0.1, "full"), ("sgd", 0.1, 8), ("sgd", 0.1, 1)),
    "spiral": scenario_of_data(
        "Two spirals", 3000, {"dataset": "spiral", "network": {"layers": [16, 16]}}, ("adam", 0.02, 32), ("sgd", 0.3, 32)
    ),
    "sine": scenario_of_data("A noisy sine", 2000, {"dataset": "sine", "network": {"layers": [16]}}, ("adam", 0.02, 32), ("sgd", 0.05, 32)),
    "houses": scenario_of_data(
        "Houses",
        600,
        {"csv": "houses.csv", "standardise": True, "standardise_target": True, "network": {"layers": [16]}},
        ("adam", 0.01, 32),
        ("sgd", 0.05, 32),
    ),
}


def write_houses(path: Path) -> None:
    """A file of 300 made-up houses: what they cost follows from the other four columns, not quite."""
    lines = ["rooms,age,distance,garden,price"]
    for k in range(300):
        rooms, age, distance, garden = 1 + k % 7, (37 * k) % 90, (53 * k) % 30 / 2, (29 * k) % 11 * 40
        price = 60 * rooms - 0.8 * age - 6 * distance + 0.1 * garden + 25 * math.sin(k) + 120
        lines.append(f"{rooms},{age},{distance},{garden},{price:.2f}")
    path.write_text("\n".join(lines) + "\n")


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
    from gdsim.app.changes import SetFormula, SetNetwork, SetNoise, SetParam
    from gdsim.app.many_seeds import ShowManySeeds
    from gdsim.app.mapping import ShowBasins, share_under_way
    from gdsim.app.questions import questions
    from gdsim.app.session import Session
    from gdsim.app.trials import TRIALS_VIEW, BeginTrials, ChooseSubject
    from gdsim.gui.application import application
    from gdsim.gui.settings import Settings
    from gdsim.gui.trials_view import TrialsView
    from gdsim.gui.window import Window
    from gdsim.harness.trial import Verdict
    from gdsim.landscapes import LANDSCAPES
    from gdsim.simulation.data_source import located
    from gdsim.simulation.scenario import validated
    from gdsim.simulation.scenario_file import load

    app = application()

    def until(done: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not done():
            if time.monotonic() > deadline:
                raise TimeoutError("the window did not come to the state that was waited for")
            app.processEvents()
            time.sleep(0.005)

    def said_all(session: Session) -> bool:
        """Whether it is known what networks say on their way, and what becomes of the runs of rulers and maps."""
        rulers = session.state.rulers
        ruled = len(rulers) == len(session.state.scenario.runs) and all(ruler is not None and ruler.whole for ruler in rulers)
        return not questions(session.state) and share_under_way(session.state) is None and ruled

    def put_to_trials(window: Window, session: Session) -> None:
        """The third run's optimizer, whose rate is too large for much of what it meets; and the first where it diverged."""
        session.send(m.ShowView(TRIALS_VIEW), ChooseSubject(2))
        if session.state.trying.report is None:
            session.send(BeginTrials())
            until(lambda: session.state.trying.share is None)
            window.stage.view(TrialsView).legend.counts[Verdict.DIVERGED].click()

    def open_picker(window: Window, _session: Session) -> None:
        """With the small pictures of what is in sight."""
        window.problem.picker.open()
        until(lambda: all(window.problem.picker.thumbnails.image(name) for name in LANDSCAPES))

    def type_formula(window: Window, session: Session) -> None:
        session.send(SetFormula("sin(3x) + y^2/4 + x^4/50"))
        for run, rate in enumerate((0.005, 0.1, 0.3)):
            session.send(SetParam(run, "learning_rate", rate))
        window.centralWidget().setFocus()

    def add_noise(window: Window, session: Session) -> None:
        window.problem.besides.setChecked(True)
        session.send(SetNoise(({"kind": "gaussian", "scale": 6.0},)))

    def run_many_seeds(_window: Window, session: Session) -> None:
        session.send(ShowManySeeds(True))
        until(lambda: session.state.seeds.share is None)

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
        "diverged": ("three-learning-rates", 9.0, lambda _window, session: session.send(SetParam(2, "learning_rate", 0.3))),
        "parameters": ("ravine", 45.0, lambda window, _session: window.panel.cards[0].tune.setChecked(True)),
        "line-fit": ("line-fit", 30.0, lambda _window, session: session.send(m.ShowView("Data"))),
        "spiral": ("spiral", 1500.0, lambda _window, _session: None),
        "sine": ("sine", 600.0, lambda _window, _session: None),
        "houses": ("houses", 200.0, lambda _window, _session: None),
        "network": ("spiral", 1500.0, lambda _window, session: session.send(m.SelectRun(1), m.ShowView("Network"))),
        "backprop": (
            "spiral",
            20.0,
            lambda _window, session: session.send(SetNetwork("layers", (3,)), m.SelectRun(1), m.ShowView("Backprop")),
        ),
        "loss-plane": ("spiral", 2000.0, lambda _window, session: session.send(m.SelectRun(1), m.ShowView("Loss plane"))),
        "gradient-cloud": ("stochastic-vs-mini-batch", 6.0, lambda _window, session: session.send(m.SelectRun(1), m.ShowCloud(True))),
        "pytorch": ("spiral", 0.0, lambda _window, session: session.send(m.SelectRun(1), m.ShowView("PyTorch"))),
        "trials": ("three-learning-rates", 34.0, put_to_trials),
        "map": ("stability-map", 300.0, lambda _window, session: session.send(m.ShowView("Map"))),
        "trainability": ("trainability-map", 300.0, lambda _window, session: session.send(m.ShowView("Map"))),
        "basin-map": ("basin-map", 60.0, lambda _window, session: session.send(m.ShowView("Map"))),
        "basins": ("three-learning-rates", 34.0, lambda _window, session: session.send(m.SelectRun(1), ShowBasins(True))),
        "picker": ("three-learning-rates", 34.0, open_picker),
        "formula": ("three-learning-rates", 34.0, type_formula),
        "noise": ("three-learning-rates", 60.0, add_noise),
        "many-seeds": ("stochastic-vs-mini-batch", 200.0, run_many_seeds),
    }
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        write_houses(Path(place) / "houses.csv")
        for width, height in (LARGE, SMALL):
            for name, (scenario, playhead, prepare) in scenes.items():
                if (width, height) == SMALL and name not in IN_BOTH_SIZES:
                    continue
                session = Session(validated(located(OF_DATA[scenario], place)) if scenario in OF_DATA else load(scenario))
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
                    until(lambda session=session: said_all(session))
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
