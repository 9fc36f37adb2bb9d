"""Fields keep the keys that they need, and give the window those that they do not."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QSpinBox, QWidget

from gdsim.gui.param_row import NumberRow
from tests.gui.conftest import Bench

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform says so of small things


def rate_of(bench: Bench) -> QLineEdit:
    row = bench.window.panel.cards[0]._rows["learning_rate"]
    assert isinstance(row, NumberRow)
    return row.number


def focus(bench: Bench, field: QWidget) -> None:
    bench.window.activateWindow()
    field.setFocus()
    assert bench.window.focusWidget() is field


def type_number(bench: Bench, field: QWidget, text: str) -> None:
    focus(bench, field)
    (field.lineEdit() if isinstance(field, QSpinBox) else field).selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


NUMBERS: dict[str, tuple[Callable[[Bench], QWidget], Callable[[Bench], float]]] = {
    "rate": (rate_of, lambda bench: bench.state.scenario.runs[0].learning_rate),
    "steps": (lambda bench: bench.window.problem.length.box, lambda bench: bench.state.scenario.steps),
}


@pytest.mark.parametrize("which", NUMBERS)
def test_after_a_number_the_space_bar_plays_and_undo_takes_it_back(which: str, bench: Bench) -> None:
    field, value = NUMBERS[which][0](bench), NUMBERS[which][1]
    before = value(bench)
    type_number(bench, field, "7")
    assert value(bench) == 7.0
    playing = bench.state.playing
    QTest.keyClick(field, Qt.Key.Key_Space)
    assert bench.state.playing != playing
    assert bench.window.focusWidget() is field
    QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert value(bench) == before
    QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert value(bench) == 7.0


def test_while_a_number_is_typed_undo_is_the_field_s_own(bench: Bench) -> None:
    field = rate_of(bench)
    focus(bench, field)
    field.selectAll()
    QTest.keyClicks(field, "12")
    before = bench.state.scenario
    QTest.keyClick(field, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert field.text() != "12"
    assert bench.state.scenario is before


@pytest.mark.parametrize("which", ["title", "label"])
@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_a_name_is_taken_or_given_up_and_the_keyboard_is_the_window_s(which: str, key: Qt.Key, bench: Bench) -> None:
    field = bench.window.header.title if which == "title" else bench.window.panel.cards[0].label
    before = field.text()
    focus(bench, field)
    field.selectAll()
    QTest.keyClicks(field, "a new name")
    QTest.keyClick(field, key)
    assert not field.hasFocus()
    meant = "a new name" if key == Qt.Key.Key_Return else before
    assert field.text() == meant
    scenario = bench.state.scenario
    assert (scenario.title if which == "title" else scenario.runs[0].label) == meant
    playing = bench.state.playing
    QTest.keyClick(bench.window, Qt.Key.Key_Space)
    assert bench.state.playing != playing


def test_a_text_keeps_its_blanks(bench: Bench) -> None:
    title, rate = bench.window.header.title, rate_of(bench)
    focus(bench, rate)
    focus(bench, title)
    playing = bench.state.playing
    QTest.keyClicks(title, " x ")
    assert title.text().startswith(" x ")
    assert bench.state.playing == playing
    QTest.keyClick(title, Qt.Key.Key_Escape)
