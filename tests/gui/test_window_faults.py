"""What nobody caught: logged, told once, and the window lives on."""

import sys
from collections.abc import Callable

import pytest
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from gdsim.app.changes import SetTitle
from gdsim.gui.faults import QUIET_SECONDS, Faults
from tests.gui.conftest import Bench

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform says so of small things


def test_an_exception_is_logged_and_told_once(caplog: pytest.LogCaptureFixture) -> None:
    now = 0.0
    told: list[str] = []
    before = sys.excepthook
    faults = Faults(told.append, clock=lambda: now)
    try:
        for second in (0.0, 0.1, 1.0, QUIET_SECONDS + 2.0, QUIET_SECONDS + 3.0):
            now = second
            sys.excepthook(ValueError, ValueError("broken"), None)
    finally:
        faults.release()
    assert sys.excepthook is before
    assert len(told) == 2
    assert "broken" in told[0]
    assert len([record for record in caplog.records if record.name == "gdsim"]) == 5


def test_hooks_of_two_windows_go_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    passed_on: list[str] = []
    monkeypatch.setattr(sys, "excepthook", lambda _kind, error, _trace: passed_on.append(str(error)))
    told: list[str] = []
    first, second = Faults(told.append), Faults(told.append)
    first.release()
    second.release()
    sys.excepthook(ValueError, ValueError("after both"), None)
    assert (told, passed_on) == ([], ["after both"])


def test_a_telling_that_fails_ends_there(caplog: pytest.LogCaptureFixture) -> None:
    def tell(_text: str) -> None:
        raise RuntimeError("and again")

    faults = Faults(tell)
    try:
        sys.excepthook(ValueError, ValueError("broken"), None)
    finally:
        faults.release()
    assert "and the user could not be told" in caplog.text


def test_a_view_that_cannot_paint_does_not_keep_the_others_from_it(
    open_window: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bench = open_window()

    def broken(_state: object) -> None:
        raise ZeroDivisionError("a broken view")

    monkeypatch.setattr(bench.window.problem, "render", broken)
    monkeypatch.setattr(sys, "excepthook", bench.window.faults._caught)
    bench.session.send(SetTitle("Still here"))
    assert bench.window.header.title.text() == "Still here"
    assert bench.window.banner.isVisible()
    assert "ZeroDivisionError" in bench.window.banner.text.text()
    assert "a broken view" in caplog.text


class Painting(QWidget):
    """Fails once in the middle of painting, with its painter open."""

    failed = 0
    painted = 0

    def paintEvent(self, _event: object) -> None:
        painter = QPainter(self)
        painter.drawLine(0, 0, 10, 10)
        if not self.failed:
            self.failed += 1
            raise ValueError("in the middle of painting")
        self.painted += painter.isActive()


@pytest.mark.qt_log_ignore("QBackingStore|QPainter|QPaintDevice|propagateSizeHints")
def test_an_exception_while_painting_does_not_end_painting(
    qtbot, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    faults = Faults(told.append)
    try:
        widget = Painting()
        qtbot.addWidget(widget)
        widget.show()
        qtbot.waitUntil(lambda: widget.failed == 1)
        widget.update()
        qtbot.waitUntil(lambda: widget.painted > 0)
    finally:
        faults.release()
    assert len(told) == 1
