"""Map and curve: the right one is shown, clicks and drags become messages, what is under the cursor is told."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gdsim.app.changes import SetStart
from gdsim.app.messages import Message, ShowView
from gdsim.gui.curve_view import CurveView
from gdsim.gui.landscape_view import LandscapeView
from gdsim.gui.numbers import number
from gdsim.gui.palette import DARK, LIGHT
from gdsim.gui.stage import Stage
from gdsim.landscapes import LANDSCAPES
from tests.draws import some
from tests.gui.states import along, state

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


class Scene:
    """A stage and what it sent."""

    def __init__(self, qtbot: QtBot, name: str) -> None:
        self.sent: list[Message] = []
        self.stage = Stage(self.sent.append)
        qtbot.addWidget(self.stage)
        self.stage.resize(640, 520)
        self.stage.show()
        self.state = state(name)
        self.stage.render(self.state)
        self.stage.grab()

    @property
    def view(self) -> LandscapeView | CurveView:
        return self.stage.current

    def at(self, x: float, y: float) -> QPoint:
        area = self.view.canvas.area
        pixel = area.mapToScene(*area.to_pixels(np.array([[x, y]]))[0])
        return QPoint(round(pixel.x()), round(pixel.y()))

    def mouse(self, kind: QEvent.Type, place: QPoint, button: Qt.MouseButton, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
        viewport = self.view.canvas.viewport()
        held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else button
        pressed = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else button
        where = QPointF(place)
        event = QMouseEvent(kind, where, QPointF(viewport.mapToGlobal(place)), pressed, held, modifiers)
        QApplication.sendEvent(viewport, event)

    def drag(self, *places: QPoint, button: Qt.MouseButton = Qt.MouseButton.LeftButton, modifiers=Qt.KeyboardModifier.NoModifier) -> None:
        self.mouse(QEvent.Type.MouseButtonPress, places[0], button, modifiers)
        for place in places[1:]:
            QTest.qWait(12)  # moves that come faster are put together
            self.mouse(QEvent.Type.MouseMove, place, button, modifiers)
        self.mouse(QEvent.Type.MouseButtonRelease, places[-1], button, modifiers)


@pytest.fixture
def himmelblau(qtbot: QtBot) -> Scene:
    return Scene(qtbot, "himmelblau")


@pytest.fixture
def double_well(qtbot: QtBot) -> Scene:
    return Scene(qtbot, "double_well")


def test_the_dimension_picks_the_view(himmelblau: Scene) -> None:
    stage = himmelblau.stage
    assert stage.current is stage.map
    stage.render(state("double_well"))
    assert stage.current is stage.curve
    stage.grab()
    stage.render(state("rosenbrock"))
    assert stage.current is stage.map
    stage.grab()


def test_tracks_and_surface_of_the_landscape_before_are_not_shown_wrongly(himmelblau: Scene) -> None:
    """Between the choice of another landscape and its first numbers."""
    stage, old, new = himmelblau.stage, himmelblau.state, state("double_well")
    stage.render(replace(new, surface=old.surface, tracks=old.tracks))
    stage.grab()
    assert stage.curve.tails.trails == ()
    stage.render(new)
    stage.render(replace(old, surface=new.surface, tracks=new.tracks))
    stage.grab()
    assert stage.map.trails.trails == ()


def test_a_click_starts_all_runs_there(himmelblau: Scene) -> None:
    place = himmelblau.at(-2.0, 1.5)
    QTest.mouseClick(himmelblau.view.canvas.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    (message,) = himmelblau.sent
    assert isinstance(message, SetStart)
    assert message.position == pytest.approx((-2.0, 1.5), abs=0.05)
    assert message.run is None
    assert not message.live
    assert all(value == round(value, 3) for value in message.position)


def test_with_control_only_the_selected_run(himmelblau: Scene) -> None:
    himmelblau.stage.render(replace(himmelblau.state, selected=2))
    place = himmelblau.at(-2.0, 1.5)
    QTest.mouseClick(himmelblau.view.canvas.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, place)
    assert himmelblau.sent[0].run == 2
    himmelblau.drag(place, himmelblau.at(0, 0), himmelblau.at(1, 1), modifiers=Qt.KeyboardModifier.ControlModifier)
    assert {message.run for message in himmelblau.sent} == {2}


def test_a_drag_is_live_until_it_ends(himmelblau: Scene) -> None:
    himmelblau.drag(*(himmelblau.at(x, 1.0) for x in (-3.0, -2.0, 0.0, 2.5)))
    live = [message.live for message in himmelblau.sent]
    assert live[-1] is False
    assert len(live) >= 3
    assert all(live[:-1])
    assert himmelblau.sent[-1].position == pytest.approx((2.5, 1.0), abs=0.05)


def test_other_buttons_pan_and_the_wheel_zooms_and_fit_goes_back(himmelblau: Scene) -> None:
    area = himmelblau.view.canvas.area
    whole = area.viewRange()
    area.scaleBy((0.25, 0.25))
    zoomed = area.viewRange()
    himmelblau.drag(himmelblau.at(0, 0), himmelblau.at(0.3, 0.3), himmelblau.at(0.5, 0.2), button=Qt.MouseButton.RightButton)
    panned = area.viewRange()
    assert not himmelblau.sent
    assert panned != zoomed
    assert panned[0][1] - panned[0][0] == pytest.approx(zoomed[0][1] - zoomed[0][0])
    himmelblau.stage.fit()
    assert area.viewRange() == whole


@pytest.mark.parametrize("size", [(640, 520), (1000, 420), (420, 700)])
@pytest.mark.parametrize("name", ["himmelblau", "rosenbrock", "beale"])
def test_the_whole_domain_is_in_sight_to_one_scale(qtbot: QtBot, name: str, size: tuple[int, int]) -> None:
    scene = Scene(qtbot, name)
    scene.stage.resize(*size)
    scene.stage.grab()
    area = scene.view.canvas.area
    for (low, high), (first, last) in zip(LANDSCAPES[name].domain, area.viewRange(), strict=True):
        assert first <= low + 1e-9
        assert last >= high - 1e-9
    across, down = area.pixels_per_unit
    if 0.8 < area.width() / area.height() < 1.9:
        assert across == pytest.approx(down, rel=0.01)


def test_the_curve_takes_a_start_along_w(double_well: Scene) -> None:
    double_well.drag(*(double_well.at(w, 3.0) for w in (-1.0, -0.5, 0.0, 0.7)))
    assert [len(message.position) for message in double_well.sent] == [1] * len(double_well.sent)
    assert double_well.sent[-1].position == pytest.approx((0.7,), abs=0.02)
    assert not double_well.sent[-1].live


def hover(scene: Scene, place: QPoint) -> str:
    scene.view.canvas.scene().sigMouseMoved.emit(QPointF(place))
    readout = scene.view.canvas.readout
    return readout.text() if readout.isVisible() else ""


def test_the_cursor_is_told_where_it_is(himmelblau: Scene) -> None:
    assert hover(himmelblau, himmelblau.at(1.0, -4.0)).startswith("w₁ = ")
    assert hover(himmelblau, himmelblau.at(3.58442834, -1.84812653)).startswith("global minimum")
    head = himmelblau.state.tracks[0].steps.positions[-1]
    assert hover(himmelblau, himmelblau.at(*head)).startswith("run 0, step 120")
    assert hover(himmelblau, QPoint(2, 2)) == ""


def test_the_curve_tells_the_slope(double_well: Scene) -> None:
    assert "slope = " in hover(double_well, double_well.at(0.5, 5.0))


def test_what_is_under_a_cursor_that_rests_is_told_anew(himmelblau: Scene) -> None:
    place = himmelblau.at(1.0, -4.0)
    before = hover(himmelblau, place)
    himmelblau.stage.render(state("rosenbrock"))
    readout = himmelblau.view.canvas.readout
    assert readout.isVisible()
    assert readout.text() != before
    here = himmelblau.view.canvas.area.mapToView(himmelblau.view.canvas.area.mapFromScene(QPointF(place)))
    assert number(float(LANDSCAPES["rosenbrock"].loss(here.x(), here.y()))) in readout.text()
    himmelblau.stage.render(state("double_well"))
    assert not readout.isVisible()
    himmelblau.stage.render(state("rosenbrock"))
    assert not readout.isVisible()


def test_a_cursor_that_leaves_takes_the_readout_along(himmelblau: Scene) -> None:
    assert hover(himmelblau, himmelblau.at(1.0, -4.0))
    QCoreApplication.sendEvent(himmelblau.view.canvas, QEvent(QEvent.Type.Leave))
    assert not himmelblau.view.canvas.readout.isVisible()


@pytest.mark.parametrize("name", some(LANDSCAPES, 16))
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_every_landscape_is_painted(qtbot: QtBot, name: str, theme) -> None:
    scene = Scene(qtbot, name)
    scene.stage.apply_theme(theme)
    image = scene.stage.grab().toImage()
    colours = {image.pixel(x, y) for x in range(60, 630, 7) for y in range(10, 460, 7)}
    assert len(colours) > 60
    assert scene.view.canvas.accessibleName()
    assert LANDSCAPES[name].title in scene.view.canvas.accessibleDescription()


@pytest.mark.parametrize("path", [[1.0, np.inf], [1.0, -1e200, np.nan], [np.nan], [0.1, 1e5, -1e9, 1e17]])
def test_a_run_that_diverges_on_a_curve(double_well: Scene, path: list) -> None:
    made = along(double_well.state, np.array(path)[:, np.newaxis])
    for playhead in np.linspace(0, made.last_step, 4):
        double_well.stage.render(replace(made, playhead=float(playhead)))
        double_well.stage.grab()


def test_one_view_alone_has_no_tabs(himmelblau: Scene) -> None:
    tabs = himmelblau.stage.tabs
    assert tabs.isVisibleTo(himmelblau.stage)
    tabs.show_tabs([("Loss surface", "the only one")], "Loss surface")
    assert not tabs.isVisibleTo(himmelblau.stage)
    himmelblau.stage.next()
    assert himmelblau.sent == []


def test_a_view_that_was_chosen_on_another_problem_is_of_no_use_on_this_one(himmelblau: Scene) -> None:
    himmelblau.stage.render(replace(himmelblau.state, view="Data"))
    assert himmelblau.stage.current is himmelblau.stage.map
    himmelblau.stage.next()
    assert himmelblau.sent == [ShowView("Map")]
