"""Tab goes through the controls as they stand, and shows where it is."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from gdsim.app import messages as m
from gdsim.app.changes import SetLandscape, SetOptimizer
from gdsim.gui.tab_order import tab_stops
from tests.gui.conftest import Bench

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform says so of small things


def walked(bench: Bench, key: Qt.Key) -> list[QWidget]:
    """Where the key goes until it comes back to where it was first."""
    window = bench.window
    window.activateWindow()
    window.centralWidget().setFocus()
    found: list[QWidget] = []
    for _ in range(300):
        QTest.keyClick(window.focusWidget() or window, key)
        if found and window.focusWidget() is found[0]:
            return found
        found.append(window.focusWidget())
    raise AssertionError("it never comes back")


@pytest.mark.parametrize("view", ["Loss surface", "Map", "PyTorch", "Trials"])
def test_it_goes_through_the_parts_of_the_window_in_turn(view: str, bench: Bench) -> None:
    """Views are made when they are first shown, and cards when there are runs, yet they have their place."""
    window = bench.window
    bench.session.send(m.ShowView(view))
    QApplication.processEvents()
    found = walked(bench, Qt.Key.Key_Tab)
    parts = (window.header, window.problem, window.stage, window.progress, window.panel, window.transport)
    order = [next(place for place, part in enumerate(parts) if part.isAncestorOf(stop)) for stop in found]
    assert order == sorted(order)
    assert set(order) == set(range(len(parts)))
    assert len(set(found)) == len(found)
    assert found == list(tab_stops(window))
    back = walked(bench, Qt.Key.Key_Backtab)
    assert back == found[::-1]


def test_on_a_card_it_goes_from_line_to_line(bench: Bench) -> None:
    """Also once its rows were made anew."""
    bench.session.send(SetLandscape("rosenbrock"), SetOptimizer(0, "adam"), m.SelectRun(0))
    card = bench.window.panel.cards[0]
    card.tune.setChecked(True)
    QApplication.processEvents()
    stops = list(tab_stops(card))
    assert len(stops) > 12
    tops = [stop.mapTo(card, QPoint(0, stop.height() // 2)).y() for stop in stops]
    assert all(after >= before - 14 for before, after in pairwise(tops)), [
        (s.accessibleName(), y) for s, y in zip(stops, tops, strict=True)
    ]
    assert {card.label, card.optimizer, *card.presets.values()} <= set(stops)


def test_what_cannot_be_used_is_passed_over(bench: Bench) -> None:
    found = set(tab_stops(bench.window))
    assert all(stop.isEnabled() and stop.isVisible() for stop in found)
    undo = bench.window.actions_by_name["undo"]
    assert not undo.isEnabled()
    bench.session.send(SetOptimizer(0, "adam"))
    assert len(set(tab_stops(bench.window)) - found) >= 1  # undo can be reached now


@pytest.mark.parametrize(("reason", "seen"), [(Qt.FocusReason.TabFocusReason, True), (Qt.FocusReason.MouseFocusReason, False)])
def test_a_picture_shows_that_it_has_the_keyboard(reason: Qt.FocusReason, seen: bool, bench: Bench) -> None:
    canvas = bench.window.stage.map.canvas
    bench.window.activateWindow()
    bench.window.centralWidget().setFocus()
    canvas.setFocus(reason)
    QApplication.processEvents()
    accent = bench.window._theme.accent
    assert (canvas.area.borderRect.pen().color().name() == accent) == seen
    bench.window.centralWidget().setFocus()
    assert canvas.area.borderRect.pen().color().name() != accent
