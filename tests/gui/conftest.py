"""What the tests of the window share: an application, a window over a session without threads, and a watch for what is left behind."""

import gc
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

from gdsim.app.effects import Effect, Stop
from gdsim.app.messages import DismissNotice, Opened, SetSpeed, SetTheme
from gdsim.app.session import Session
from gdsim.app.work import Work
from gdsim.app.worker import failure
from gdsim.gui.application import application
from gdsim.gui.dialogs import Answer, Dialogs
from gdsim.gui.settings import Settings
from gdsim.gui.window import Window
from gdsim.simulation.scenario import Scenario


@pytest.fixture(autouse=True)
def _app(qapp: QApplication) -> QApplication:
    return application()


def address(thing: QObject) -> int:
    return shiboken6.getCppPointer(thing)[0]


def root(thing: QObject) -> int:
    """The address of what ``thing`` belongs to in the end."""
    while (parent := thing.parent()) is not None:
        thing = parent
    return address(thing)


def running_timers() -> list[QTimer]:
    return [thing for thing in shiboken6.getAllValidWrappers() if isinstance(thing, QTimer) and thing.isActive()]


def flush() -> None:
    for _ in range(2):
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture(autouse=True)
def nothing_left_behind(_app: QApplication) -> Iterator[None]:
    """A test that leaves a thread, a running timer or a window behind fails."""
    before = (set(threading.enumerate()), {root(w) for w in QApplication.topLevelWidgets()}, {address(t) for t in running_timers()})
    yield
    flush()
    if left_since(*before):
        gc.collect()  # only what nothing refers to but a cycle of references may still be there
        flush()
    left = left_since(*before)
    assert not left, f"left behind: {left}"


def left_since(threads: set[threading.Thread], windows: set[int], timers: set[int]) -> list[object]:
    """What has come since then; what belongs to a window that was there before does not count."""
    return [
        *(set(threading.enumerate()) - threads),
        *(window for window in QApplication.topLevelWidgets() if root(window) not in windows),
        *(timer for timer in running_timers() if address(timer) not in timers and root(timer) not in windows),
    ]


class PatientSession(Session):
    """A session whose work is done when ``work`` is called, on the spot: the same answers, and no thread."""

    hands = Work()  # shared, as it remembers surfaces and trajectories by their content
    looks_around = False
    """Whether rulers and maps are computed, too: kernels that most tests have no use for."""

    def __init__(self, scenario: Scenario):
        self.pending: list[Effect] = []
        super().__init__(scenario)

    def _look_around(self) -> None:
        if self.looks_around:
            super()._look_around()

    def _perform(self, effects: object) -> None:
        self.pending.extend(effects)  # type: ignore[call-overload]

    def work(self) -> None:
        """Does all that is waiting, and what comes of it."""
        self.drain()
        while self.pending:
            effect = self.pending.pop(0)
            if isinstance(effect, Stop):
                self.pending.clear()
                continue
            try:
                answers = [answer for answer in self.hands.begin(effect) if answer is not None]
            except Exception as error:
                answers = [failure(effect, error)]
            self.send(*answers)


class ScriptedDialogs(Dialogs):
    """Answers at once: the file paths and answers that were put in."""

    def __init__(self) -> None:
        self.path: Path | None = None
        self.answer: Answer = "cancel"
        self.asked: list[str] = []

    def _give(self, kind: str, then: Callable[[Path], None]) -> None:
        self.asked.append(kind)
        if self.path is not None:
            then(self.path)

    def open_file(self, parent, folder, then):
        self._give("open", then)

    def save_file(self, parent, suggested, then):
        self.suggested = suggested
        self._give("save", then)

    def export_picture(self, parent, suggested, then):
        self.suggested = suggested
        self._give("export", then)

    def save_script(self, parent, suggested, then):
        self.suggested = suggested
        self._give("script", then)

    def save_map(self, parent, suggested, then):
        self.suggested = suggested
        self._give("map", then)

    def unsaved(self, parent, name, then):
        self.asked.append(f"unsaved {name}")
        QTimer.singleShot(0, lambda: then(self.answer))  # a window that is just closing cannot be closed again

    def shortcuts(self, parent):
        self.asked.append("shortcuts")


THREE = Scenario.model_validate(
    {
        "title": "Three",
        "steps": 60,
        "start": (0.5, -0.5),
        "problem": {"landscape": "himmelblau"},
        "runs": [
            {"label": "small", "optimizer": "sgd", "learning_rate": 0.0005},
            {"label": "right", "optimizer": "sgd", "learning_rate": 0.01},
            {"label": "large", "optimizer": "sgd", "learning_rate": 0.028},
        ],
    }
)


class Bench:
    """A window with all that a test wants to reach."""

    def __init__(self, scenario: Scenario, folder: Path):
        self.session = PatientSession(scenario)
        self.dialogs = ScriptedDialogs()
        self.settings = Settings(folder / "settings.ini")
        self.window = Window(self.session, self.settings, self.dialogs)
        self.window.frames.stop()

    @property
    def state(self):
        return self.session.state

    def show(self, width: int = 1280, height: int = 800) -> None:
        self.window.setWindowState(Qt.WindowState.WindowNoState)  # a virtual screen is small
        self.window.resize(width, height)
        self.window.show()
        self.window.frames.stop()  # time goes by when the test says so
        QCoreApplication.processEvents()

    def reset(self) -> None:
        self.window.activateWindow()
        self.window.centralWidget().setFocus()
        self.session.pending.clear()
        for card in self.window.panel.cards:
            card.tune.setChecked(False)
            card.besides.button.setChecked(False)
        self.window.problem.besides.setChecked(False)
        self.session.send(Opened(THREE, None), SetSpeed(1.0), SetTheme("system"), DismissNotice())
        self.dialogs.__init__()  # type: ignore[misc]
        self.session.work()

    def close(self) -> None:
        self.window.close_now()
        self.window.deleteLater()
        vars(self).clear()  # pytest holds this object for longer than the test


@pytest.fixture
def open_window(tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    """Opens windows that are closed at the end."""
    benches: list[Bench] = []

    def opened(scenario: Scenario = THREE, *, computed: bool = True) -> Bench:
        bench = Bench(scenario, tmp_path)
        benches.append(bench)
        bench.show()
        if computed:
            bench.session.work()
        return bench

    yield opened
    for bench in benches:
        bench.close()


@pytest.fixture(scope="module")
def long_lived(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    application()
    bench = Bench(THREE, tmp_path_factory.mktemp("window"))
    bench.show()
    yield bench
    bench.close()


@pytest.fixture
def bench(long_lived: Bench) -> Bench:
    """One window for all tests of a module, brought back to three computed runs: it has to take what the test before left."""
    long_lived.reset()
    return long_lived
