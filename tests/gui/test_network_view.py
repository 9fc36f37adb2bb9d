"""The network's picture: weights and units where they belong, what the cursor is told, weights set by hand."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gdsim.app.changes import Undo
from gdsim.app.edit_weights import DrawWeights, SetWeight
from gdsim.app.messages import Message, Pause, Seek, ShowView
from gdsim.app.questions import UNITS_VIEW
from gdsim.gui.network_diagram import NEGATIVE, POSITIVE
from gdsim.gui.network_layout import Edge, Unit
from gdsim.gui.network_view import NetworkView
from gdsim.gui.numbers import number
from gdsim.gui.palette import DARK, LIGHT
from tests.gui.trainings import pixels, trained

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


class Scene:
    def __init__(self, qtbot: QtBot, kind: str = "plane") -> None:
        self.sent: list[Message] = []
        self.view = NetworkView(self.sent.append)
        qtbot.addWidget(self.view)
        self.view.resize(560, 520)
        self.view.show()
        self.state = trained(kind, view=UNITS_VIEW)
        self.view.render(self.state)
        self.diagram = self.view.diagram
        self.diagram.grab()

    def over(self, what: Unit | Edge) -> QPoint:
        layout = self.diagram.layout_
        if isinstance(what, Edge):
            return QPoint(*np.round(layout.curves[what.number, 6]).astype(int).tolist())
        left, top, side = layout.boxes[what.column][what.row]
        return QPoint(round(left + side / 2), round(top + side / 2))

    def hover(self, what: Unit | Edge) -> str:
        self.diagram._point(self.over(what).toPointF())
        readout = self.view.readout
        return readout.text() if readout.isVisible() else ""


@pytest.fixture
def moons(qtbot: QtBot) -> Scene:
    return Scene(qtbot)


def test_every_unit_and_weight_tells_its_numbers(moons: Scene) -> None:
    layout, weights = moons.diagram.layout_, moons.state.tracks[0].steps.snapshots.weights[-1]
    first, bias, second, last = weights[:6].reshape(3, 2), weights[6:9], weights[9:12], weights[12]
    for k in range(len(layout.places)):
        edge = layout.edge(k)
        value = first[edge.after, edge.before] if edge.layer == 0 else second[edge.before]
        assert f"weight = {number(value)}" in moons.hover(edge)
    for unit in range(3):
        assert f"unit {unit + 1} of hidden:  bias = {number(bias[unit])}" in moons.hover(Unit(1, unit, 1, unit))
    assert f"output class 1:  bias = {number(last)}" in moons.hover(Unit(2, 0, 2, 0))
    assert moons.hover(Unit(0, 1, 0, 1)).startswith("input y,  says")


def test_the_picture_is_that_of_the_playhead(moons: Scene) -> None:
    edge = moons.diagram.layout_.edge(0)
    snapshots = moons.state.tracks[0].steps.snapshots
    for step in (0, 11, 30):
        moons.view.render(replace(moons.state, playhead=float(step)))
        assert f"weight = {number(snapshots.weights[step][edge.place])}" in moons.hover(edge)
        assert f"step {step}" in moons.view.caption.toolTip()
        assert moons.diagram.maps is moons.state.unfoldings.maps[step]


def test_a_weight_is_typed(moons: Scene) -> None:
    edge = moons.diagram.layout_.edge(3)
    QTest.mouseClick(moons.diagram, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, moons.over(edge))
    assert isinstance(moons.sent.pop(), Pause)
    editor = moons.view.editor
    assert editor.isVisible()
    field = editor.field
    field.selectAll()
    QTest.keyClicks(field, "much")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert editor.isVisible()
    assert moons.sent == []
    field.selectAll()
    QTest.keyClicks(field, "-1.25")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert moons.sent == [SetWeight(0, edge.place, -1.25)]
    assert not editor.isVisible()


def test_a_bias_is_typed_and_given_up(moons: Scene) -> None:
    unit = Unit(1, 2, 1, 2)
    for key, kept in ((Qt.Key.Key_Escape, False), (Qt.Key.Key_Return, True)):
        moons.sent.clear()
        QTest.mouseClick(moons.diagram, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, moons.over(unit))
        moons.view.editor.field.selectAll()
        QTest.keyClicks(moons.view.editor.field, "3")
        QTest.keyClick(moons.view.editor.field, key)
        assert (SetWeight(0, 8, 3.0) in moons.sent) is kept
        assert not moons.view.editor.isVisible()


def test_an_input_has_nothing_to_be_changed(moons: Scene) -> None:
    QTest.mouseClick(moons.diagram, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, moons.over(Unit(0, 0, 0, 0)))
    assert moons.sent == []
    assert not moons.view.editor.isVisible()


def test_weights_of_ones_own_can_be_given_up(moons: Scene) -> None:
    assert not moons.view.again.isVisible()
    run = moons.state.scenario.runs[0].changed(start=(0.5,) * 13)
    moons.view.render(replace(moons.state, scenario=moons.state.scenario.with_run(0, run)))
    assert moons.view.again.isVisible()
    moons.view.again.click()
    assert moons.sent == [DrawWeights(0)]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
@pytest.mark.parametrize("kind", ["plane", "curve"])
def test_signs_have_their_colours(qtbot: QtBot, kind: str, theme) -> None:
    scene = Scene(qtbot, kind)
    scene.view.apply_theme(theme)
    count = scene.state.scenario.problem.shape.weights
    shown = {}
    for colour, value in ((POSITIVE, 2.0), (NEGATIVE, -2.0)):
        scene.diagram.show_network(scene.state.scenario.problem, np.full(count, value), scene.diagram.maps)
        painted = pixels(scene.diagram)[..., :3].astype(int)
        wanted = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)])
        shown[colour] = int((np.abs(painted - wanted).max(axis=2) < 24).sum())
        other = NEGATIVE if colour == POSITIVE else POSITIVE
        unwanted = np.array([int(other[k : k + 2], 16) for k in (1, 3, 5)])
        assert shown[colour] > 4 * int((np.abs(painted - unwanted).max(axis=2) < 24).sum())
    assert min(shown.values()) > 200


def test_weights_that_diverged_and_other_networks_are_no_trouble(moons: Scene) -> None:
    problem = moons.state.scenario.problem
    for value in (np.nan, np.inf, 0.0):
        moons.diagram.show_network(problem, np.full(13, value), None)
        moons.diagram.grab()
        moons.hover(moons.diagram.layout_.edge(0))
    changed = moons.state.scenario.changed(problem={"dataset": "moons", "network": {"layers": [5, 2]}})
    moons.view.render(replace(moons.state, scenario=changed))  # the tracks are still those of before
    moons.diagram.grab()


def test_in_the_window_an_edit_trains_anew_and_is_undone(open_window) -> None:
    bench = open_window(trained().scenario)
    bench.session.send(ShowView(UNITS_VIEW), Seek(30.0))
    bench.session.work()
    view = bench.window.stage.current
    assert isinstance(view, NetworkView)
    assert view.diagram.maps is bench.state.unfoldings.maps[30]
    before = view.diagram.weights.copy()
    view.editor.ask(12, "bias", float(before[12]), QPoint(10, 10))
    view.editor.field.selectAll()
    QTest.keyClicks(view.editor.field, "1.5")
    QTest.keyClick(view.editor.field, Qt.Key.Key_Return)
    bench.session.work()
    assert view.diagram.weights[12] == 1.5
    assert view.diagram.weights[:12] == pytest.approx(before[:12], abs=0.0)
    assert view.again.isVisible()
    assert "begun by hand" in view.caption.toolTip()
    bench.session.send(Undo())
    bench.session.work()
    bench.session.send(Seek(30.0))
    assert view.diagram.weights == pytest.approx(before, abs=0.0)
