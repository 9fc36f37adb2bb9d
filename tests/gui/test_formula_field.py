"""A formula typed in the window: checked and shown as it is typed, taken with Enter, given up with Escape."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from gdsim.app import messages as m
from gdsim.app.changes import SetFormula, SetLandscape
from gdsim.landscapes import LANDSCAPES
from gdsim.simulation.scenario import validated
from tests.gui.conftest import Bench

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform says so of small things


def begin(bench: Bench) -> None:
    picker = bench.window.problem.picker
    bench.window.activateWindow()
    picker.open()
    QTest.keyClicks(picker.popup.search, "your own")
    QTest.keyClick(picker.popup.search, Qt.Key.Key_Return)


def retype(bench: Bench, text: str) -> None:
    edit = bench.window.problem.edit
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, text)


def press(bench: Bench, key: Qt.Key) -> None:
    QTest.keyClick(bench.window.problem.edit, key)


def test_typing_begins_with_the_landscape_that_is_shown(bench: Bench) -> None:
    begin(bench)
    problem = bench.window.problem
    assert problem.edit.isVisible()
    assert problem.edit.hasFocus()
    assert problem.edit.text() == LANDSCAPES["himmelblau"].formula
    press(bench, Qt.Key.Key_Escape)
    assert not problem.edit.isVisible()
    assert bench.state.scenario.problem.landscape == "himmelblau"


def test_what_is_typed_is_shown_under_the_runs_before_it_is_taken(bench: Bench) -> None:
    begin(bench)
    before, view = bench.state, bench.window.stage.map
    retype(bench, "x^2 + 3y^2")
    assert bench.state.scenario is before.scenario
    assert bench.state.tracks is before.tracks
    assert view.ground.surface is bench.state.sketch is not None
    assert view.trails.trails
    here = view.canvas.mapToScene(view.canvas.rect().center())
    view._hovered(QPointF(here))
    assert not view.canvas.readout.isVisible(), "nothing is compiled for what is only typed"
    press(bench, Qt.Key.Key_Escape)
    assert bench.state.sketch is None
    assert view.ground.surface is before.surface


def test_enter_takes_the_formula_and_undo_takes_it_back(bench: Bench) -> None:
    begin(bench)
    retype(bench, "a x^2 + 3y^2")
    press(bench, Qt.Key.Key_Return)
    problem = bench.window.problem
    assert bench.state.scenario.problem.formula == "a x^2 + 3y^2"
    assert bench.window.stage.map.ground.surface is bench.state.sketch
    assert list(problem._rows) == ["a"]
    bench.session.work()
    assert bench.state.sketch is None
    assert not bench.window.stage.map.ground.surface.is_sketch
    assert all(track.verdict for track in bench.state.tracks)
    problem._rows["a"].number.setFocus()
    problem._rows["a"].number.selectAll()
    QTest.keyClicks(problem._rows["a"].number, "2.5")
    QTest.keyClick(problem._rows["a"].number, Qt.Key.Key_Return)
    assert bench.state.scenario.problem.parameters.a == 2.5
    bench.window.actions_by_name["undo"].trigger()
    bench.window.actions_by_name["undo"].trigger()
    assert bench.state.scenario.problem.landscape == "himmelblau"
    assert not problem.edit.isVisible()


def test_leaving_the_field_takes_what_is_right(bench: Bench) -> None:
    begin(bench)
    retype(bench, "x^2 + y^4")
    bench.window.problem.length.box.setFocus()
    assert bench.state.scenario.problem.formula == "x^2 + y^4"


@pytest.mark.parametrize(("text", "at"), [("x^2 + ", None), ("x^2 $ y", 4), ("x + 1..2", 6), ("x^2 + (y", None)])
def test_what_is_wrong_is_said_at_its_character(text: str, at: int | None, bench: Bench) -> None:
    begin(bench)
    problem, before = bench.window.problem, bench.state.scenario
    retype(bench, text)
    assert problem.edit.property("refused")
    assert problem.complaint.isVisible()
    assert problem.complaint.text() == problem.edit.accessibleDescription() != ""
    if at is not None:
        assert problem.edit.fault.at == at
        assert problem.complaint.text().startswith(f"Character {at + 1}: ")
    press(bench, Qt.Key.Key_Return)
    assert bench.state.scenario is before
    assert problem.edit.text() == text, "what was typed is kept to be mended"
    retype(bench, "x^2 + y^2")
    assert not problem.edit.property("refused")
    assert not problem.complaint.isVisible()
    press(bench, Qt.Key.Key_Escape)


def test_the_wrong_character_is_painted_in_the_colour_of_errors(bench: Bench) -> None:
    begin(bench)
    edit = bench.window.problem.edit
    retype(bench, "x^2 + y^2")
    bench.window.repaint()

    def reds() -> int:
        image = edit.grab().toImage()
        inside = [image.pixelColor(x, y) for x in range(6, image.width() - 6) for y in range(5, image.height() - 5)]
        return sum(c.red() > c.green() + 70 and c.red() > c.blue() + 70 for c in inside)

    bench.session.send(m.SetTheme("light"))
    assert reds() == 0
    retype(bench, "x^2 $ y^2")
    assert 3 < reds() < 200
    press(bench, Qt.Key.Key_Escape)


def test_a_scenario_with_a_formula_shows_it(open_window) -> None:
    runs = [{"optimizer": "sgd", "learning_rate": 0.01}]
    bench = open_window(validated({"problem": {"formula": "c x^2 + y^2", "parameters": {"c": 4.0}}, "runs": runs}))
    problem = bench.window.problem
    assert problem.edit.isVisible()
    assert problem.edit.text() == "c x^2 + y^2"
    assert (problem.edit.accessibleName(), bool(problem.edit.toolTip())) == ("formula", True)
    assert problem.picker.current == "formula"
    assert problem._rows["c"].number.text() == "4"
    bench.session.send(SetFormula("x^4 - x^2"))
    bench.session.work()
    assert bench.window.stage.current is bench.window.stage.curve
    bench.session.send(SetLandscape("rosenbrock"))
    assert not problem.edit.isVisible()
