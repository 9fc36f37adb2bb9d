"""The window's life: by itself, closing while busy, and what it remembers from one time to the next."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from gdsim.app import messages as m
from gdsim.app.changes import SetParam, SetSteps
from gdsim.app.effects import Compute, Stop
from gdsim.app.session import Session
from gdsim.gui.run_card import outcome_line
from gdsim.gui.settings import MOST_RECENT, Settings
from gdsim.gui.window import FRAME_MS, Window
from gdsim.simulation.trajectory import Chunk
from tests.gui.conftest import THREE, Bench, PatientSession, ScriptedDialogs

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform says so of small things


@pytest.fixture
def live(tmp_path: Path, qtbot):
    """A window over a session with its worker, running by itself."""
    session = Session(THREE)
    window = Window(session, Settings(tmp_path / "settings.ini"), ScriptedDialogs())
    window.show()
    yield window, session
    window.close_now()
    window.deleteLater()


def test_a_shown_window_computes_and_plays_by_itself(live, qtbot) -> None:
    window, session = live
    qtbot.waitUntil(lambda: all(track is not None and track.verdict is not None for track in session.state.tracks), timeout=60_000)
    qtbot.waitUntil(lambda: session.state.playhead > 0, timeout=5_000)
    assert [card.chip.text for card in window.panel.cards] == [str(track.verdict) for track in session.state.tracks]


def test_closing_while_busy_is_quick_and_leaves_no_thread(tmp_path: Path, qtbot) -> None:
    scenario = THREE.changed(steps=5_000_000)
    session = Session(scenario)
    window = Window(session, Settings(tmp_path / "settings.ini"), ScriptedDialogs())
    window.show()
    qtbot.waitUntil(lambda: any(thread.name == "gdsim worker" for thread in threading.enumerate()), timeout=10_000)
    begun = time.monotonic()
    window.close()
    assert time.monotonic() - begun < 2.5
    assert not window.isVisible()
    qtbot.waitUntil(lambda: not any(thread.name == "gdsim worker" for thread in threading.enumerate()), timeout=20_000)
    window.deleteLater()


def test_busy_is_shown_only_when_it_lasts(bench: Bench, qtbot) -> None:
    bench.session.send(SetSteps(61))
    assert bench.state.computing
    bench.window._frame()
    assert not bench.window.transport.busy.isVisible()
    qtbot.waitUntil(lambda: (bench.window._frame(), bench.window.transport.busy.isVisible())[1], timeout=5_000)
    bench.session.work()
    assert not bench.window.transport.busy.isVisible()


class Clock:
    """Stands in for the sign's clock: ``now`` milliseconds after it was started."""

    def __init__(self) -> None:
        self.now: int | None = None

    def isValid(self) -> bool:
        return self.now is not None

    def start(self) -> None:
        self.now = 0

    def invalidate(self) -> None:
        self.now = None

    def hasExpired(self, milliseconds: int) -> bool:
        return self.now is not None and self.now > milliseconds


def test_compiling_is_told_within_a_tenth_of_a_second(bench: Bench, monkeypatch) -> None:
    """Counted in frames of the sign's own clock: two frames may pass until a compilation is noticed and the sign is painted."""
    busy, clock = bench.window.transport.busy, Clock()
    monkeypatch.setattr(busy, "_since", clock)
    bench.session.send(SetSteps(61), m.Compiling(True))
    state = bench.state
    for frame in range(6):
        busy.render(state)
        clock.now = FRAME_MS * (frame + 1)
    assert FRAME_MS * 6 <= 100
    assert busy.isVisible()
    assert busy.text.text() == "Compiling…"
    busy.render(replace(state, compiling=False))
    assert busy.isVisible()  # it is no flicker where the computation goes on
    assert busy.text.text() == "Computing  0 %"


def wait_for_sign(bench: Bench, qtbot) -> None:
    qtbot.waitUntil(lambda: (bench.window._frame(), bench.window.transport.busy.isVisible())[1], timeout=5_000)


@pytest.mark.parametrize("by", ["button", "key"])
def test_a_computation_shows_how_far_it_is_and_is_given_up(by: str, bench: Bench, qtbot) -> None:
    busy = bench.window.transport.busy
    bench.session.send(SetSteps(100))
    wait_for_sign(bench, qtbot)
    assert busy.text.text() == busy.accessibleName() == "Computing  0 %"
    part = next(PatientSession.hands.compute(Compute(bench.state.generation, bench.state.scenario, survey=False)))
    bench.session.send(replace(part, chunk=Chunk(0, 0, part.chunk.steps)))
    bench.window._frame()
    assert busy.text.text() == "Computing  33 %"
    assert busy.bar.value() == 33
    assert "Esc" in busy.cancel.toolTip()
    assert busy.cancel.accessibleName() == "Cancel"
    busy.cancel.click() if by == "button" else QTest.keyClick(bench.window, Qt.Key.Key_Escape)
    assert Stop() in bench.session.pending
    bench.session.work()
    assert not bench.state.computing
    assert not busy.isVisible()
    bench.session.send(SetSteps(50))
    bench.session.work()
    assert all(track.verdict is not None and track.last_step <= 50 for track in bench.state.tracks)


def test_a_run_that_was_given_up_says_so(bench: Bench) -> None:
    bench.session.send(SetSteps(100))
    part = next(PatientSession.hands.compute(Compute(bench.state.generation, bench.state.scenario, survey=False)))
    rows = replace(part.chunk.steps, **{name: column[:31] for name, column in vars(part.chunk.steps).items() if hasattr(column, "shape")})
    bench.session.send(m.Computed(part.generation, Chunk(0, 0, rows)), m.Cancel())
    first, second, _ = bench.window.panel.cards
    assert first.outcome.text() == "stopped at step 30"
    assert second.outcome.text() == ""
    assert [card.chip.text for card in (first, second)] == ["", ""]
    assert "not computed" in first.evidence.text


def test_painting_a_picture_is_shown_and_given_up(bench: Bench, tmp_path: Path, qtbot) -> None:
    busy, actions = bench.window.transport.busy, bench.window.actions_by_name
    bench.dialogs.path = tmp_path / "a.gif"
    actions["export"].trigger()
    wait_for_sign(bench, qtbot)
    assert busy.text.text() == "Painting picture…"
    assert (busy.bar.minimum(), busy.bar.maximum()) == (0, 0)
    bench.session.send(m.Painting(0.42), m.Told("meanwhile"))
    bench.window._frame()
    assert busy.text.text() == "Painting picture  42 %"
    QTest.keyClick(bench.window, Qt.Key.Key_Escape)
    assert Stop() in bench.session.pending
    bench.window._frame()
    assert not busy.isVisible()
    assert bench.window.banner.isVisible()
    QTest.keyClick(bench.window, Qt.Key.Key_Escape)
    assert not bench.window.banner.isVisible()


def test_time_moves_the_playhead_only_while_playing(bench: Bench, qtbot) -> None:
    bench.session.send(m.Seek(0.0), m.Play())
    bench.window._elapsed.start()
    qtbot.wait(30)
    bench.window._frame()
    moved = bench.state.playhead
    assert moved > 0
    bench.session.send(m.Pause())
    qtbot.wait(30)
    bench.window._frame()
    assert bench.state.playhead == moved


def test_the_window_comes_back_where_it_was(tmp_path: Path) -> None:
    sizes = []
    for height in (640, None):  # the offscreen platform's screen is 800 pixels high
        bench = Bench(THREE, tmp_path)
        bench.window.show()
        if height:
            bench.window.resize(1000, height)
            bench.window._send(m.SetTheme("dark"))
        sizes.append((bench.window.height(), bench.settings.theme, bench.state.theme))
        bench.close()
    assert sizes[0] == sizes[1]


def test_a_first_time_user_is_greeted_once(tmp_path: Path) -> None:
    shown = []
    for _ in range(2):
        bench = Bench(THREE, tmp_path)
        bench.show()
        shown.append(bench.window.banner.isVisible() and "drag in the picture" in bench.window.banner.text.text())
        bench.close()
    assert shown == [True, False]


def test_nonsense_in_the_settings_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "settings.ini"
    file.write_text("[General]\ntheme=purple\nrecent=@Variant(xx)\ngeometry=rubbish\n", encoding="utf-8")
    settings = Settings(file)
    assert settings.theme == "system"
    assert settings.geometry is None
    bench = Bench(THREE, tmp_path)
    bench.window.show()
    assert bench.window.isVisible()
    assert bench.window.width() >= bench.window.minimumWidth()
    bench.close()


@pytest.mark.parametrize(
    ("screen", "fills"),
    [((1920, 1080), False), ((1288, 836), False), ((1280, 800), True), ((1366, 728), True), ((1024, 768), True), ((1024, 700), True)],
)
def test_a_first_window_has_room_on_its_screen(open_window: Callable[..., Bench], screen: tuple[int, int], fills: bool) -> None:
    window = open_window().window
    window._take_size(QSize(*screen))
    assert window.isMaximized() == fills
    if not fills:
        assert (window.width(), window.height()) == (1280, 800)


def test_a_message_covers_nothing_that_is_clicked(bench: Bench) -> None:
    bench.show(1024, 700)
    bench.session.send(m.Told("One line of news, and so many words that they take two lines at the foot of the picture, as this one has."))
    assert bench.window.banner.isVisible()
    over = bench.window.banner.rect().translated(bench.window.banner.mapToGlobal(QPoint(0, 0)))
    clicked = [bench.window.stage.tabs, *bench.window.stage.findChildren(QAbstractButton)]
    for part in clicked:
        if part.isVisible():
            assert not over.intersects(part.rect().translated(part.mapToGlobal(QPoint(0, 0)))), part.accessibleName()


def test_recent_files_are_few_distinct_and_newest_first(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "s.ini")
    for k in (*range(12), 11, 10):
        settings.add_recent(tmp_path / f"{k}.toml")
    again = Settings(tmp_path / "s.ini")
    assert [path.stem for path in again.recent][:3] == ["10", "11", "9"]
    assert len(again.recent) == MOST_RECENT
    assert again.folder == tmp_path


def test_outcomes_in_one_line(bench: Bench) -> None:
    lines = [outcome_line(track) for track in bench.state.tracks if track]
    assert all(line.startswith("loss ") for line in lines)
    bench.session.send(SetParam(0, "learning_rate", 5.0))
    bench.session.work()
    track = bench.state.tracks[0]
    assert track is not None
    assert track.diverged_at is not None
    assert outcome_line(track) == f"lost at step {track.diverged_at}"
    assert bench.window.panel.cards[0].chip.text == "diverged"


def test_a_changed_state_is_painted(bench: Bench) -> None:
    before = bench.window.stage.grab().toImage()
    bench.session.send(m.Seek(50.0))
    assert bench.window.stage.grab().toImage() != before
