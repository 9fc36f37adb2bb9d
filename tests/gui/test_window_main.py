"""The entry point: it opens, it ends, it says why it cannot."""

import signal
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QTimer
from pytestqt.qtbot import QtBot

from gdsim.app.changes import OpenCsv
from gdsim.app.messages import Message, OpenFile
from gdsim.app.session import Session
from gdsim.gui import main as entry
from gdsim.gui.settings import Settings
from gdsim.gui.window import Window
from tests.gui.conftest import ScriptedDialogs

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform says so of small things


def test_an_interrupt_closes_the_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: QtBot) -> None:
    monkeypatch.setattr(entry, "has_display", lambda: True)
    windows: list[Window] = []

    def opened(session: Session) -> Window:
        windows.append(Window(session, Settings(tmp_path / "s.ini"), ScriptedDialogs()))
        return windows[-1]

    monkeypatch.setattr(entry, "Window", opened)
    QTimer.singleShot(100, lambda: signal.raise_signal(signal.SIGINT))
    before = signal.getsignal(signal.SIGINT)
    assert entry.main() == 0
    assert signal.getsignal(signal.SIGINT) == before
    assert not windows[0].isVisible()
    windows.pop().deleteLater()
    QCoreApplication.processEvents()  # a quit that was left behind would take effect now, and end the event loops that come next
    fired: list[bool] = []
    QTimer.singleShot(1, lambda: fired.append(True))
    qtbot.waitUntil(lambda: bool(fired), timeout=2_000)


@pytest.mark.parametrize(("source", "asked"), [("stable", OpenFile("stable")), ("points.csv", OpenCsv("points.csv")), (None, None)])
def test_what_is_named_is_opened(
    source: str | None, asked: Message | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: QtBot
) -> None:
    monkeypatch.setattr(entry, "has_display", lambda: True)
    windows: list[Window] = []
    sent: list[Message] = []

    def opened(session: Session) -> Window:
        windows.append(Window(session, Settings(tmp_path / "s.ini"), ScriptedDialogs()))
        windows[-1].files._send = sent.append
        QTimer.singleShot(0, windows[-1].close_now)
        return windows[-1]

    monkeypatch.setattr(entry, "Window", opened)
    assert entry.main(source) == 0
    assert [message for message in sent if isinstance(message, OpenFile | OpenCsv)] == ([] if asked is None else [asked])
    windows.pop().deleteLater()


def test_without_a_display_main_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(entry, "has_display", lambda: False)
    assert entry.main() == 1
    assert "no display" in capsys.readouterr().err
