"""The data and what was learnt from them: every kind of data paints, points are lit, edited and told."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

import gdsim
from gdsim.app.changes import AddPoint, EditPoints, MovePoint, RemovePoint
from gdsim.app.messages import Message, ShowView
from gdsim.app.state import AppState, Said, Track
from gdsim.gui.confusion import confusion
from gdsim.gui.data_view import DataView
from gdsim.gui.landscape_view import LandscapeView
from gdsim.gui.palette import DARK, LIGHT
from gdsim.gui.stage import Stage, views_of
from gdsim.simulation.answers import answers, places
from gdsim.simulation.run_batches import batches_of
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.training_record import Snapshots
from tests.app.test_predicting import recording
from tests.gui.states import scenario

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

RUNS = [{"label": "all", "optimizer": "sgd", "learning_rate": 0.1}, {"label": "few", "optimizer": "sgd", "learning_rate": 0.05}]


def of(problem, *, batch: int | str = "full") -> Scenario:
    return Scenario.model_validate({"steps": 20, "problem": problem, "runs": [run | {"batch_size": batch} for run in RUNS]})


def fitted(problem, **more) -> AppState:
    """Two weights, fitted to data."""
    wanted = of(problem, **more)
    tracks = tuple(Track(0, run, run.verdict) for run in gdsim.run(wanted).runs)
    return AppState(wanted, wanted, tracks=tracks, playhead=10.0)


def trained(problem, **more) -> AppState:
    """Networks with weights that were never trained, and what they say."""
    wanted = of(problem, **more)
    weights = np.random.default_rng(2).normal(size=(3, wanted.problem.shape.weights))
    kept = Snapshots(np.array([0, 10, 20]), weights, np.empty((3, 0)))
    track = Track(0, recording(kept))
    where = places(wanted.problem)
    said = Said(0, {int(step): answers(wanted.problem, weights[k], np.empty(0), where) for k, step in enumerate(kept.steps)})
    return AppState(wanted, wanted, tracks=(track, track), said=(said, said), playhead=10.0)


def csv(folder, classes: bool) -> str:
    rows = np.random.default_rng(1).normal(size=(60, 4)).round(3)
    target = [("high" if row[0] > 0.5 else "low" if row[0] < -0.5 else "mid") if classes else str(row.sum().round(3)) for row in rows]
    path = folder / ("kinds.csv" if classes else "sums.csv")
    path.write_text("a,b,c,d,y\n" + "".join(",".join(map(str, row)) + f",{end}\n" for row, end in zip(rows, target, strict=True)))
    return str(path)


PROBLEMS = {
    "line": lambda _: {"dataset": "line", "model": "line", "split": [0.7, 0.2, 0.1]},
    "logistic": lambda _: {"dataset": "gaussians", "model": "logistic"},
    "neuron": lambda _: {"dataset": "plane", "data": {"count": 80}, "model": "neuron"},
    "sine": lambda _: {"dataset": "sine", "network": {"layers": [3]}},
    "spiral": lambda _: {"dataset": "spiral", "network": {"layers": [3]}},
    "clusters": lambda _: {"dataset": "clusters", "data": {"classes": 4}, "network": {"layers": [3]}},
    "bumps": lambda _: {"dataset": "bumps", "data": {"count": 90}, "network": {"layers": [3]}},
    "kinds": lambda folder: {"csv": csv(folder, True), "network": {"layers": [3]}},
    "sums": lambda folder: {"csv": csv(folder, False), "network": {"layers": [3]}},
}


class Scene:
    def __init__(self, qtbot: QtBot, state: AppState) -> None:
        self.sent: list[Message] = []
        self.view = DataView(self.sent.append)
        qtbot.addWidget(self.view)
        self.view.resize(640, 560)
        self.view.show()
        self.show(state)
        QApplication.processEvents()  # the axes take their room
        self.view.grab()

    def show(self, state: AppState) -> None:
        self.state = state
        self.view.render(state)
        self.view.grab()

    def at(self, x: float, y: float) -> QPoint:
        area = self.view.canvas.area
        pixel = area.mapToScene(*area.to_pixels(np.array([[x, y]]))[0])
        return QPoint(round(pixel.x()), round(pixel.y()))

    def mouse(self, kind: QEvent.Type, place: QPoint, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
        viewport = self.view.canvas.viewport()
        held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else button
        pressed = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else button
        where = QPointF(viewport.mapToGlobal(place))
        QApplication.sendEvent(viewport, QMouseEvent(kind, QPointF(place), where, pressed, held, Qt.KeyboardModifier.NoModifier))

    def click(self, place: QPoint, button: Qt.MouseButton = Qt.MouseButton.LeftButton) -> None:
        self.mouse(QEvent.Type.MouseButtonPress, place, button)
        self.mouse(QEvent.Type.MouseButtonRelease, place, button)

    def point(self, number: int) -> QPoint:
        return self.at(*self.view.points.cloud.positions[number])


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("name", PROBLEMS)
def test_every_kind_of_data_is_painted_with_what_was_learnt(name, theme, qtbot, tmp_path):
    problem = PROBLEMS[name](tmp_path)
    state = (trained if "network" in problem else fitted)(problem)
    scene = Scene(qtbot, state)
    scene.view.apply_theme(theme)
    learnt = scene.view.grab().toImage()
    scene.show(replace(state, tracks=(None, None), said=()))
    assert learnt != scene.view.grab().toImage()  # without runs there are the points alone
    words = scene.view.canvas.accessibleDescription()
    assert state.scenario.problem.loaded.name in words
    assert "training" in words


def test_a_view_fits_what_it_can_show():
    names = [kind.name for kind in views_of(scenario("himmelblau"))]
    assert names[0] == "Loss surface"
    assert "Data" not in names
    assert [kind.name for kind in views_of(of(PROBLEMS["line"](None)))][:2] == ["Loss surface", "Data"]
    names = [kind.name for kind in views_of(of(PROBLEMS["spiral"](None)))]
    assert names[0] == "Data"
    assert "Loss surface" not in names


def test_the_tabs_choose_a_view(qtbot: QtBot) -> None:
    sent: list[Message] = []
    stage = Stage(sent.append)
    qtbot.addWidget(stage)
    stage.resize(640, 560)
    stage.show()
    state = fitted(PROBLEMS["line"](None))
    stage.render(state)
    assert isinstance(stage.current, LandscapeView)
    assert stage.tabs.isVisible()
    stage.activateWindow()
    qtbot.waitUntil(stage.isActiveWindow)
    QTest.keyClick(stage, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert sent == [ShowView("Data")]
    stage.render(replace(state, view="Data"))
    assert isinstance(stage.current, DataView)
    stage.next()
    QTest.mouseClick(stage.tabs, Qt.MouseButton.LeftButton, pos=stage.tabs.tabRect(0).center())
    assert sent[1] != ShowView("Data")
    assert ShowView("Loss surface") in sent


def test_the_batch_of_the_step_is_lit(qtbot: QtBot) -> None:
    state = fitted(PROBLEMS["line"](None), batch=8)
    scene = Scene(qtbot, state)
    batches = batches_of(state.scenario.runs[0], 70)
    for playhead in (0.0, 3.4, 19.0):
        scene.show(replace(state, playhead=playhead))
        np.testing.assert_array_equal(scene.view.points.lit, np.sort(batches.rows(int(playhead) + 1, state.scenario.seed)))
    assert (scene.view._scene.parts[scene.view.points.lit] == 0).all()
    scene.show(fitted(PROBLEMS["line"](None)))
    assert not len(scene.view.points.lit)  # of a full batch it would say nothing


def test_playing_paints_no_point_again(qtbot: QtBot) -> None:
    state = fitted(PROBLEMS["line"](None), batch=8)
    scene = Scene(qtbot, state)
    before = scene.view.points.cache.full_redraws
    for step in range(8):
        scene.show(replace(state, playhead=float(step)))
    assert scene.view.points.cache.full_redraws == before


def test_the_plane_is_what_the_selected_run_says_at_the_playhead(qtbot: QtBot) -> None:
    state = trained(PROBLEMS["spiral"](None))
    scene = Scene(qtbot, state)
    for playhead, step in ((0.0, 0), (4.0, 0), (6.0, 10), (20.0, 20)):
        scene.show(replace(state, playhead=playhead))
        assert scene.view.field.answers is state.said[0].answers[step]
    assert [each.chosen for each in scene.view.learnt.learnt] == [True, False]
    assert scene.view.learnt.learnt[0].lines == state.said[0].answers[20].lines


def test_the_confusion_matrix_counts_what_was_not_trained_on(qtbot: QtBot, tmp_path) -> None:
    state = trained(PROBLEMS["kinds"](tmp_path))
    scene = Scene(qtbot, state)
    shown, scenery = scene.view.confusion, scene.view._scene
    held = scenery.parts > 0
    said = state.said[0].answers[10].classes
    expected = np.zeros((3, 3), dtype=int)
    for true, taken in zip(scenery.data.targets[held], said[held], strict=True):
        expected[true, taken] += 1
    np.testing.assert_array_equal(shown.counts, expected)
    np.testing.assert_array_equal(confusion(np.array([0, 2, 2]), np.array([0, 1, 1]), 3), [[1, 0, 0], [0, 0, 0], [0, 2, 0]])


def test_the_pointer_is_told_what_is_there(qtbot: QtBot, tmp_path) -> None:
    for name, words in (("spiral", "with probability"), ("line", "predicted"), ("bumps", "predicted"), ("sums", "predicted")):
        problem = PROBLEMS[name](tmp_path)
        scene = Scene(qtbot, (trained if "network" in problem else fitted)(problem))
        scene.mouse(QEvent.Type.MouseMove, scene.point(5), Qt.MouseButton.NoButton)
        QTest.qWait(30)
        assert words in scene.view.canvas.readout.text()
        assert " point:" in scene.view.canvas.readout.text()


# Points of one's own


def own(name: str) -> AppState:
    from gdsim.app.update import update

    made = AppState(of(PROBLEMS[name](None)), of(PROBLEMS[name](None)))
    return update(made, EditPoints())[0]


def test_made_points_offer_to_become_ones_own(qtbot: QtBot) -> None:
    scene = Scene(qtbot, fitted(PROBLEMS["line"](None)))
    scene.click(scene.at(0.0, 0.0))
    assert scene.sent == []
    assert scene.view.canvas.area.left_pans
    QTest.mouseClick(scene.view.bar.edit, Qt.MouseButton.LeftButton)
    assert scene.sent == [EditPoints()]


def test_a_click_adds_and_a_right_click_or_delete_removes(qtbot: QtBot) -> None:
    scene = Scene(qtbot, own("line"))
    assert not scene.view.bar.edit.isVisible()
    scene.click(scene.at(-1.9, 4.0))
    (added,) = scene.sent
    assert isinstance(added, AddPoint)
    assert added.point == pytest.approx((-1.9, 4.0), abs=0.05)
    first = scene.view._as_listed(0)
    scene.click(scene.point(0), Qt.MouseButton.RightButton)
    assert scene.sent[1:] == [RemovePoint(first)]
    scene.mouse(QEvent.Type.MouseMove, scene.point(0), Qt.MouseButton.NoButton)
    QTest.qWait(30)
    press = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(scene.view.canvas, press)
    assert scene.sent[2:] == [RemovePoint(first)]
    assert first in scene.state.scenario.problem.points
    scene.click(scene.at(-1.9, 4.0), Qt.MouseButton.RightButton)
    assert len(scene.sent) == 3  # there is no point


def test_the_brush_says_which_class_is_added(qtbot: QtBot) -> None:
    scene = Scene(qtbot, own("clusters"))
    assert list(scene.view.bar.brushes.values()) == [0, 1, 2, 3]
    QTest.mouseClick(list(scene.view.bar.brushes)[2], Qt.MouseButton.LeftButton)
    scene.click(scene.at(0.0, 0.0))
    (added,) = scene.sent
    assert added.point[2] == 2
    assert added.point[:2] == pytest.approx((0.0, 0.0), abs=0.1)


def test_a_point_is_dragged(qtbot: QtBot) -> None:
    scene = Scene(qtbot, own("line"))
    assert not scene.view.canvas.area.left_pans
    first = scene.view._as_listed(0)
    begin, end = scene.point(0), scene.at(0.0, 0.0)
    scene.mouse(QEvent.Type.MouseButtonPress, begin)
    for share in (0.3, 0.6, 1.0):
        QTest.qWait(12)
        scene.mouse(QEvent.Type.MouseMove, begin + (end - begin) * share)
    scene.mouse(QEvent.Type.MouseButtonRelease, end)
    moves = [message for message in scene.sent if isinstance(message, MovePoint)]
    assert moves[0].point == first
    assert [later.point for later in moves[1:]] == [before.to for before in moves[:-1]]
    assert [move.live for move in moves] == [True] * (len(moves) - 1) + [False]
    assert moves[-1].to == pytest.approx((0.0, 0.0), abs=0.05)
