"""A run's schedule on its card: chosen, its parameters set, its curve drawn by hand."""

import pytest
from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtTest import QTest

from gdsim.app import messages as m
from gdsim.app.changes import SetSchedule
from gdsim.app.edit_schedule import suited
from gdsim.gui.param_row import NumberRow
from gdsim.schedules import SCHEDULES
from gdsim.simulation.scenario import Run
from tests.gui.conftest import Bench

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform says so of small things

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton


def card(bench: Bench):
    return bench.window.panel.cards[0]


def run(bench: Bench) -> Run:
    return bench.state.scenario.runs[0]


def choose(bench: Bench, name: str) -> None:
    card(bench).tune.setChecked(True)
    box = card(bench).schedule.box
    index = box.findData(name)
    box.setCurrentIndex(index)
    box.activated.emit(index)
    QCoreApplication.processEvents()


def at(curve, index: int) -> QPoint:
    return curve.place(*curve.points[index]).toPoint()


def drag(curve, index: int, by: QPoint) -> None:
    begin = at(curve, index)
    QTest.mousePress(curve, LEFT, pos=begin)
    QTest.mouseMove(curve, begin + by / 2)
    QTest.mouseMove(curve, begin + by)
    QTest.mouseRelease(curve, LEFT, pos=begin + by)


@pytest.mark.parametrize("name", SCHEDULES)
def test_every_schedule_is_chosen_explained_and_has_its_parameters(name: str, bench: Bench) -> None:
    choose(bench, name)
    editor = card(bench).schedule
    assert run(bench).schedule.name == name
    record = SCHEDULES[name]
    assert record.notes in editor.box.toolTip()
    assert record.notes in editor.box.itemData(editor.box.currentIndex(), Qt.ItemDataRole.ToolTipRole)
    assert editor.box.accessibleName() == "schedule of run 1"
    drawn = {"steps", "rates"} if name == "points" else set()
    assert set(editor.rows) == {param.name for param in record.parameters} - drawn
    for param in record.parameters:
        row = editor.rows.get(param.name)
        if isinstance(row, NumberRow):
            assert row.number.isVisible()
            assert param.doc.lower() in row.number.toolTip().lower()
            value = float(row.number.text())
            wanted = value + 1 if param.whole else 0.5 * value + 0.1
            row.number.setFocus()
            row.number.selectAll()
            QTest.keyClicks(row.number, f"{wanted:.12g}")
            QTest.keyClick(row.number, Qt.Key.Key_Return)
            assert getattr(run(bench).schedule, param.name) == pytest.approx(wanted), param.name
    curve = card(bench).curve
    assert curve.isVisible()
    assert curve.accessibleName()
    assert curve.toolTip()
    assert curve.accessibleDescription()
    assert not curve.grab().isNull()
    choose(bench, "")
    assert run(bench).schedule is None
    assert not editor.rows


def test_words_and_lists_are_set_too(bench: Bench) -> None:
    choose(bench, "cyclic")
    mode = card(bench).schedule.rows["mode"].box
    mode.setCurrentText("triangular2")
    mode.textActivated.emit("triangular2")
    assert run(bench).schedule.mode == "triangular2"
    choose(bench, "multi_step")
    edit = card(bench).schedule.rows["milestones"].edit
    for typed, milestones in (("7, 19", (7, 19)), ("7, x", (7, 19)), ("", (7, 19)), ("30", (30,))):
        edit.setFocus()
        edit.selectAll()
        QTest.keyClick(edit, Qt.Key.Key_Delete)
        QTest.keyClicks(edit, typed)
        QTest.keyClick(edit, Qt.Key.Key_Return)
        assert run(bench).schedule.milestones == milestones
        assert edit.text() == ", ".join(map(str, milestones))


def test_a_slider_of_steps_moves_in_whole_steps(bench: Bench) -> None:
    choose(bench, "step")
    slider = card(bench).schedule.rows["step_size"].slider
    for notch in (0, 333, 777, slider.maximum()):
        slider.setValue(notch)
        assert run(bench).schedule.step_size == round(slider.value_at(notch)) >= 1


def test_the_curve_is_there_for_the_selected_run_with_a_schedule(bench: Bench) -> None:
    assert not card(bench).curve.isVisible()
    bench.session.send(SetSchedule(0, {"name": "cosine"}))
    assert card(bench).curve.isVisible()
    bench.session.send(m.SelectRun(1))
    assert not card(bench).curve.isVisible()
    card(bench).tune.setChecked(True)
    assert card(bench).curve.isVisible()


@pytest.mark.parametrize("name", ["", "cosine", "warm_restarts", "reduce_on_plateau", "points"])
def test_dragging_a_point_draws_the_schedule_and_is_one_step_of_undo(name: str, bench: Bench) -> None:
    if name:
        bench.session.send(SetSchedule(0, suited(name, run(bench), 60)))
        bench.session.work()
    card(bench).tune.setChecked(True)
    QCoreApplication.processEvents()
    curve, before = card(bench).curve, bench.state.scenario
    step, rate = curve.points[0]
    drag(curve, 0, QPoint(0, 12))
    assert run(bench).schedule.name == "points"
    assert run(bench).schedule.steps[0] == step == 0
    assert 0.0 < run(bench).schedule.rates[0] < rate
    assert curve.points[0][1] == run(bench).schedule.rates[0]
    bench.session.work()
    assert bench.state.tracks[0].steps.learning_rates[0] == pytest.approx(run(bench).schedule.rates[0])
    bench.window.actions_by_name["undo"].trigger()
    assert bench.state.scenario == before


def test_points_are_added_by_double_click_and_removed_by_right_click(bench: Bench) -> None:
    choose(bench, "points")
    curve = card(bench).curve
    assert [step for step, _ in curve.points] == [0, 59]
    QTest.mouseDClick(curve, LEFT, pos=curve._inside().center().toPoint())
    assert len(curve.points) == 3
    assert run(bench).schedule.steps[1] in range(25, 35)
    drag(curve, 1, QPoint(2000, 0))
    assert run(bench).schedule.steps == (0, 58, 59), "a point stays between its neighbours"
    drag(curve, 1, QPoint(-60, 0))
    QTest.mouseClick(curve, RIGHT, pos=at(curve, 1))
    assert run(bench).schedule.steps == (0, 59)
    for _ in range(3):
        QTest.mouseClick(curve, RIGHT, pos=at(curve, 0))
    assert len(curve.points) == 1


def test_a_click_on_a_point_changes_nothing(bench: Bench) -> None:
    bench.session.send(SetSchedule(0, {"name": "cosine"}))
    QCoreApplication.processEvents()
    before = bench.state.scenario
    QTest.mouseClick(card(bench).curve, LEFT, pos=at(card(bench).curve, 0))
    assert bench.state.scenario is before


def test_points_are_moved_by_keys_and_the_window_s_keys_keep_away(bench: Bench) -> None:
    choose(bench, "points")
    curve = card(bench).curve
    bench.window.activateWindow()
    curve.setFocus()
    playhead = bench.state.playhead

    def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(curve, key, modifier)

    press(Qt.Key.Key_Insert)
    assert len(curve.points) == 3
    rate = curve.points[curve.chosen][1]
    press(Qt.Key.Key_Up)
    assert curve.points[1][1] == pytest.approx(1.1 * rate, rel=0.01)
    step = curve.points[1][0]
    press(Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert curve.points[1][0] == step + 1
    press(Qt.Key.Key_Right)
    assert curve.chosen == 2
    assert "point 3 of 3" in curve.accessibleDescription()
    press(Qt.Key.Key_Delete)
    assert run(bench).schedule.steps == (0, step + 1)
    assert len(bench.state.scenario.runs) == 3
    assert bench.state.playhead == playhead


@pytest.mark.parametrize("name", ["chained", "sequential"])
def test_parts_have_controls_of_their_own(name: str, bench: Bench) -> None:
    choose(bench, name)
    editor = card(bench).schedule
    assert [part.box.currentData() for part in editor.parts] == ["warmup", "cosine"]
    box = editor.parts[1].box
    box.activated.emit(box.findData("exponential"))
    assert [part.name for part in run(bench).schedule.made_of] == ["warmup", "exponential"]
    row = editor.parts[1].rows["gamma"]
    row.number.setFocus()
    row.number.selectAll()
    QTest.keyClicks(row.number, "0.75")
    QTest.keyClick(row.number, Qt.Key.Key_Return)
    assert run(bench).schedule.made_of[1].gamma == 0.75
    QTest.mouseClick(editor.parts_editor.add, LEFT)
    assert [part.box.currentData() for part in editor.parts] == ["warmup", "exponential", "constant"]
    QTest.mouseClick(editor.parts_editor.removers[0], LEFT)
    assert [part.name for part in run(bench).schedule.made_of] == ["exponential", "constant"]
    assert editor.parts[0].box.accessibleName() == "part 1 of run 1"
    assert editor.parts_editor.removers[1].accessibleName() == "remove part 2"
    bench.window.actions_by_name["undo"].trigger()
    assert [part.box.currentData() for part in editor.parts] == ["warmup", "exponential", "constant"]
    choose(bench, "")
    assert editor.parts == ()
