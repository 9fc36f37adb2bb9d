"""The loss plane in the window: the trail where the snapshots lie, the head at the playhead, what is told."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from gdsim.app.messages import Message
from gdsim.app.questions import PLANE_VIEW, ChooseDirections
from gdsim.gui.loss_plane_view import LossPlaneView
from gdsim.gui.numbers import number
from gdsim.gui.palette import DARK, LIGHT
from tests.gui.trainings import pixels, trained

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


class Scene:
    def __init__(self, qtbot: QtBot) -> None:
        self.sent: list[Message] = []
        self.view = LossPlaneView(self.sent.append)
        qtbot.addWidget(self.view)
        self.view.resize(560, 520)
        self.view.show()
        self.state = trained(view=PLANE_VIEW)
        self.view.render(self.state)
        self.view.grab()

    @property
    def plane(self):
        return self.state.planed.plane.plane

    def hover(self, u: float, v: float) -> str:
        area = self.view.canvas.area
        pixel = area.mapToScene(*area.to_pixels(np.array([[u, v]]))[0])
        self.view.canvas.scene().sigMouseMoved.emit(QPointF(pixel))
        return self.view.canvas.readout.text() if self.view.canvas.readout.isVisible() else ""


@pytest.fixture
def scene(qtbot: QtBot) -> Scene:
    return Scene(qtbot)


@pytest.mark.parametrize("playhead", [0.0, 7.0, 12.5, 30.0])
def test_the_head_is_where_the_weights_are_nearest_to(scene: Scene, playhead: float) -> None:
    scene.view.render(replace(scene.state, playhead=playhead))
    (trail,) = scene.view.trails.trails
    path = np.array([np.interp(playhead, scene.plane.steps, scene.plane.path[:, k]) for k in (0, 1)])
    assert trail.at(scene.view.trails.playhead) == pytest.approx(path)
    row = int(playhead)
    assert f"{number(scene.plane.away[row], 3)} from the plane at step {row}" in scene.view.caption.toolTip()


def test_the_cursor_is_told_the_loss(scene: Scene) -> None:
    surface = scene.state.planed.plane.surface
    assert f"loss on the plane = {number(surface.losses[50, 3])}" in scene.hover(surface.x[3], surface.y[50])
    u, v = scene.plane.path[-1]
    assert scene.hover(u, v).startswith("before step 30")
    assert scene.hover(surface.x[-1] + 10.0, 0.0) == ""


def test_all_that_was_surveyed_is_in_sight_again_after_zooming(scene: Scene) -> None:
    area, surface = scene.view.canvas.area, scene.state.planed.plane.surface
    whole = area.viewRange()
    assert whole == [pytest.approx([surface.x[0], surface.x[-1]]), pytest.approx([surface.y[0], surface.y[-1]])]
    area.scaleBy((0.2, 0.2))
    assert area.viewRange() != whole
    scene.view.fit()
    assert area.viewRange() == whole


def test_other_directions_are_chosen(scene: Scene) -> None:
    scene.view.choice.activated.emit(1)
    assert scene.sent == [ChooseDirections("random")]


def test_until_there_is_a_plane_none_is_shown(scene: Scene) -> None:
    scene.view.render(replace(scene.state, planed=None, computing=True))
    assert not scene.view.canvas.isVisible()
    changed = scene.state.scenario.changed(problem={"dataset": "moons", "network": {"layers": [5]}})
    scene.view.render(replace(scene.state, scenario=changed))
    assert not scene.view.canvas.isVisible()
    scene.view.render(scene.state)
    assert scene.view.canvas.isVisible()


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_it_is_painted(scene: Scene, theme) -> None:
    scene.view.apply_theme(theme)
    colours = {tuple(pixel) for pixel in pixels(scene.view.canvas)[::5, ::5].reshape(-1, 4).tolist()}
    assert len(colours) > 60
