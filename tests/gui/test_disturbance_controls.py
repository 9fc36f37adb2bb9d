"""Noise, motion, prototypes, limits and Lookahead on the window's controls."""

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest

from gdsim.app.changes import SetLandscape, SetNoise, SetOptimizer, SetParam, SetPrototype
from gdsim.app.edit_prototype import FIRST, choices
from gdsim.gui.param_row import NumberRow, SwitchRow
from gdsim.gui.prototype_editor import REMOVE
from gdsim.landscapes.motion import MOTIONS
from gdsim.landscapes.noise import NOISES
from gdsim.simulation.disturbed import MOST_NOISES
from tests.gui.conftest import Bench

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform says so of small things


def pick(box, data) -> None:
    index = box.findData(data)
    assert index >= 0
    box.setCurrentIndex(index)
    box.activated.emit(index)
    QCoreApplication.processEvents()


def retype(row: NumberRow, text: str) -> None:
    row.number.setFocus()
    row.number.selectAll()
    QTest.keyClicks(row.number, text)
    QTest.keyClick(row.number, Qt.Key.Key_Return)


def open_disturbances(bench: Bench):
    bench.window.problem.besides.setChecked(True)
    return bench.window.problem.disturbances


def problem(bench: Bench):
    return bench.state.scenario.problem


def assert_explained(editor) -> None:
    """Every control that can be reached has a name to be spoken and says what it does."""
    for row in editor.rows.values():
        for part in (row,) if isinstance(row, SwitchRow) else (row.slider, row.number):
            assert part.accessibleName()
            assert len(part.toolTip()) > 10
            assert part.focusPolicy() & Qt.FocusPolicy.TabFocus


def test_the_section_is_closed_until_it_is_opened(bench: Bench) -> None:
    bar = bench.window.problem
    assert bar.besides.isVisible()
    assert not bar.disturbances.isVisible()
    assert bar.besides.accessibleName() == "noise and motion: none"
    bar.besides.setFocus()
    QTest.keyClick(bar.besides, Qt.Key.Key_Space)
    assert bar.disturbances.isVisible()
    bench.session.send(SetNoise(({"kind": "cauchy"},)))
    assert "Cauchy noise" in bar.besides.accessibleName()
    assert "Cauchy noise" in bar.besides.toolTip()


@pytest.mark.parametrize("kind", NOISES)
def test_every_noise_is_chosen_and_its_parameters_set(kind: str, bench: Bench) -> None:
    editor = open_disturbances(bench)
    QTest.mouseClick(editor.add, Qt.MouseButton.LeftButton)
    (row,) = editor.noises
    pick(row.box, kind)
    assert problem(bench).noise[0].kind == kind
    assert NOISES[kind].doc in row.box.toolTip()
    assert_explained(row)
    for param in NOISES[kind].parameters:
        control = row.rows[param.name]
        if isinstance(control, SwitchRow):
            control.click()
            assert getattr(problem(bench).noise[0], param.name) is not param.default
            continue
        retype(control, "0.375")
        assert getattr(problem(bench).noise[0], param.name) == 0.375
    QTest.mouseClick(row.remove, Qt.MouseButton.LeftButton)
    assert problem(bench).noise == ()
    assert editor.noises == []


@pytest.mark.parametrize("kind", MOTIONS)
def test_every_motion_is_chosen_and_its_parameters_set(kind: str, bench: Bench) -> None:
    row = open_disturbances(bench).motion
    pick(row.box, kind)
    assert MOTIONS[kind].doc in row.box.toolTip()
    assert_explained(row)
    for param in MOTIONS[kind].parameters:
        value = 2.0 * param.default + 0.25
        retype(row.rows[param.name], f"{min(value, param.high):g}")
        assert getattr(problem(bench).motion, param.name) == min(value, param.high)
    pick(row.box, "")
    assert problem(bench).motion is None
    assert row.rows == {}


def test_several_noises_stand_below_each_other_and_each_is_its_own(bench: Bench) -> None:
    editor = open_disturbances(bench)
    while editor.add.isEnabled():
        QTest.mouseClick(editor.add, Qt.MouseButton.LeftButton)
    assert len(editor.noises) == MOST_NOISES
    kinds = [noise.kind for noise in problem(bench).noise]
    retype(editor.noises[2].rows["scale"], "0.5")
    assert [noise.kind for noise in problem(bench).noise] == kinds
    assert problem(bench).noise[2].scale == 0.5
    QTest.mouseClick(editor.noises[1].remove, Qt.MouseButton.LeftButton)
    assert [noise.kind for noise in problem(bench).noise] == [kinds[0], *kinds[2:]]
    bench.window.actions_by_name["undo"].trigger()
    assert [noise.kind for noise in problem(bench).noise] == kinds
    assert [row.box.currentData() for row in editor.noises] == kinds


def test_a_slider_moves_noise_live_and_is_one_step_of_undo(bench: Bench) -> None:
    bench.session.send(SetNoise(({"kind": "gaussian"},)))
    before, slider = bench.state.scenario, open_disturbances(bench).noises[0].rows["scale"].slider
    slider.setSliderDown(True)
    for notch in (200, 300, 400):
        slider.setValue(notch)
    slider.setSliderDown(False)
    assert problem(bench).noise[0].scale == slider.value_at(400)
    bench.window.actions_by_name["undo"].trigger()
    assert bench.state.scenario == before


def test_a_curve_is_not_offered_noise_that_needs_two_weights(bench: Bench) -> None:
    bench.session.send(SetLandscape("double_well"), SetNoise(({"kind": "gaussian"},)))
    (row,) = open_disturbances(bench).noises
    assert row.box.findData("curl") == -1
    bench.session.send(SetLandscape("booth"), SetNoise(({"kind": "gaussian"},)))
    (row,) = bench.window.problem.disturbances.noises
    assert row.box.findData("curl") >= 0


def prototype(bench: Bench):
    bench.window.problem.picker._picked("prototype")
    QCoreApplication.processEvents()
    return bench.window.problem.prototype


def test_a_prototype_is_picked_and_its_pieces_chosen(bench: Bench) -> None:
    editor = prototype(bench)
    assert editor.isVisible()
    assert problem(bench).prototype == FIRST
    pieces = editor.pieces[0][:-1]
    assert [box.currentData() for box in pieces] == FIRST.split("-")
    pick(pieces[1], "ridge:up")
    assert problem(bench).prototype == "quad_convex-ridge:up"
    pick(editor.pieces[0][-1], "line")
    assert problem(bench).prototype == "quad_convex-ridge:up-line"
    pick(editor.pieces[0][0], REMOVE)
    assert problem(bench).prototype == "ridge:up-line"
    for box in editor.pieces[0]:
        assert box.accessibleName().startswith(("piece ", "add a piece"))
        assert len(box.toolTip()) > 10
        assert box.isVisible()
    bench.window.actions_by_name["undo"].trigger()
    assert [box.currentData() for box in editor.pieces[0][:-1]] == ["quad_convex", "ridge:up", "line"]
    bench.session.send(SetLandscape("booth"))
    assert not editor.isVisible()


def test_two_curves_are_combined_and_scaled(bench: Bench) -> None:
    editor = prototype(bench)
    assert not editor.own.isVisible()
    pick(editor.combine, "l2")
    assert (problem(bench).combine, problem(bench).dim) == ("l2", 2)
    editor.own.click()
    assert editor.rows[1].isVisible()
    pick(editor.pieces[1][0], "abs")
    assert problem(bench).prototype == f"{FIRST}|abs-cliff"
    pick(editor.scale, "steep")
    assert problem(bench).scale == "steep"
    editor.own.click()
    assert problem(bench).prototype == FIRST
    pick(editor.combine, "")
    assert problem(bench).dim == 1


def test_a_piece_that_cannot_follow_is_refused_and_stays_as_it_was(bench: Bench) -> None:
    editor = prototype(bench)
    pick(editor.pieces[0][1], "bend")
    assert problem(bench).prototype == FIRST
    assert bench.state.notice.is_error
    assert editor.pieces[0][1].currentData() == "cliff"
    assert set(choices()) <= {editor.pieces[0][0].itemData(i) for i in range(editor.pieces[0][0].count())}


def options(bench: Bench):
    card = bench.window.panel.cards[0]
    card.tune.setChecked(True)
    card.besides.button.setChecked(True)
    QCoreApplication.processEvents()
    return card.options


def run(bench: Bench):
    return bench.state.scenario.runs[0]


@pytest.mark.parametrize("name", ["clip_value", "clip_norm"])
def test_limits_are_turned_on_set_and_turned_off(name: str, bench: Bench) -> None:
    row = options(bench).limits[name]
    assert not row.row.isVisible()
    row.switch.click()
    assert getattr(run(bench), name) == 1.0
    assert row.row.isVisible()
    retype(row.row, "0.25")
    assert getattr(run(bench), name) == 0.25
    assert "0.25" in bench.window.panel.cards[0].besides.told.toolTip()
    retype(row.row, "-1")
    assert getattr(run(bench), name) == 0.25
    assert row.row.complaint.isVisible()
    row.switch.click()
    assert getattr(run(bench), name) is None
    assert not row.row.number.isVisible()


def test_lookahead_is_turned_on_set_and_turned_off(bench: Bench) -> None:
    editor = options(bench)
    editor.lookahead.click()
    assert (run(bench).lookahead.k, run(bench).lookahead.alpha) == (5, 0.5)
    assert_explained(editor)
    retype(editor.rows["k"], "7")
    retype(editor.rows["alpha"], "0.8")
    assert (run(bench).lookahead.k, run(bench).lookahead.alpha) == (7, 0.8)
    assert bench.window.panel.cards[0].besides.told.toolTip() == "Lookahead"
    editor.lookahead.click()
    assert run(bench).lookahead is None
    bench.session.send(SetOptimizer(0, "newton"))
    assert not editor.lookahead.isEnabled()


def test_options_stay_out_of_the_way_until_they_are_asked_for(bench: Bench) -> None:
    card = bench.window.panel.cards[0]
    assert not card.besides.isVisible()
    card.tune.setChecked(True)
    QCoreApplication.processEvents()
    assert card.besides.isVisible()
    card.besides.button.setChecked(False)
    assert not card.options.isVisible()
    card.besides.button.setFocus()
    QTest.keyClick(card.besides.button, Qt.Key.Key_Space)
    assert card.options.isVisible()


def test_small_losses_stand_at_the_axis_as_they_are(bench: Bench) -> None:
    bench.session.send(SetPrototype("laplace_bowl", "l2"), SetParam(0, "learning_rate", 0.001))
    bench.session.work()
    QCoreApplication.processEvents()
    for plot in (bench.window.progress.loss, bench.window.progress.gradient):
        plot.grab()
        assert "(x" not in plot.axes[0].labelString()
