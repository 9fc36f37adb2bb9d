"""Backpropagation in the window: the numbers that are written are those of the chain, for a point and for the batch."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gdsim.gui.backprop_view import BackpropView
from gdsim.gui.backprop_words import products, shown, vector
from gdsim.gui.palette import DARK, LIGHT
from gdsim.networks.learn import loss_and_gradient, point_gradients
from gdsim.simulation.run_batches import batches_of
from tests.gui.trainings import pixels, trained

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


class Scene:
    def __init__(self, qtbot: QtBot) -> None:
        self.view = BackpropView(lambda _message: None)
        qtbot.addWidget(self.view)
        self.view.resize(560, 600)
        self.view.show()
        self.state = trained()
        self.at(12)

    def at(self, step: int) -> None:
        self.view.render(replace(self.state, playhead=float(step)))
        self.view.diagram.grab()

    def click(self, column: int, row: int) -> None:
        left, top, side = self.view.diagram.layout_.boxes[column][row]
        place = QPoint(round(left + side / 2), round(top + side / 2))
        QTest.mouseClick(self.view.diagram, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)

    def told(self, name: str) -> str:
        return self.view.lines[name].text()

    def last_numbers(self, name: str) -> list[float]:
        """The number after the last equals sign of each line."""
        found = []
        for line in self.told(name).split("\n"):
            text = line.rpartition("= ")[2].replace("−", "-")  # noqa: RUF001
            if re.fullmatch(r"-?[\d.]+", text):
                found.append(float(text))
        return found


@pytest.fixture
def scene(qtbot: QtBot) -> Scene:
    return Scene(qtbot)


def gradient(scene: Scene, step: int, place: int | None) -> tuple[float, np.ndarray]:
    """From the trainings' own backpropagation."""
    scenario = scene.state.scenario
    train, network = scenario.problem.parts.train, scenario.problem.shape
    weights = scene.state.tracks[0].steps.snapshots.weights[step]
    rows = batches_of(scenario.runs[0], len(train)).rows(step + 1, scenario.seed)
    if place is None:
        return loss_and_gradient(network, weights, train, rows)
    losses, gradients = point_gradients(network, weights, train, rows[[place]])
    return losses[0], gradients[0]


@pytest.mark.parametrize("step", [0, 12, 30])
@pytest.mark.parametrize("point", [0, 1, 5])
def test_what_is_written_is_the_gradient_of_the_step(scene: Scene, step: int, point: int) -> None:
    scene.view.point.setValue(point)
    scene.at(step)
    loss, flat = gradient(scene, step, point - 1 if point else None)
    assert scene.view.caption.toolTip().endswith(f"J = {shown(loss)}")
    assert vector(flat[9:12]) in scene.told("gradient")
    assert scene.told("gradient").endswith(f" = {shown(flat[12])}")
    for unit in range(3):
        scene.click(1, unit)
        assert vector(flat[2 * unit : 2 * unit + 2]) in scene.told("gradient")
        assert scene.told("gradient").endswith(f" = {shown(flat[6 + unit])}")


def test_a_point_s_sums_come_to_what_stands_behind_them(scene: Scene) -> None:
    """The written products, worked out again."""
    scene.click(1, 2)
    for name, pattern in (("forward", r"z = w·a \+ b = (.*) = (\S+)\n"), ("backward", r"Σ w δ = (.*) = (\S+)\n")):
        text = scene.told(name).replace("−", "-") + "\n"  # noqa: RUF001
        terms, total = re.search(pattern, text).groups()
        worked = sum(math.prod(float(each.strip("()")) for each in term.split("·")) for term in terms.split(" + "))
        assert worked == pytest.approx(float(total), rel=0.02, abs=0.01)


def test_weights_shown_are_those_before_the_step_and_inputs_cannot_be_chosen(scene: Scene) -> None:
    before = scene.told("forward")
    scene.click(0, 1)
    assert scene.told("forward") == before
    scene.at(13)
    assert scene.told("forward") != before


def test_the_point_is_one_of_the_batch(scene: Scene) -> None:
    assert scene.view.point.maximum() == 16
    assert scene.view.point.text() == "point 1"
    scene.view.point.setValue(0)
    assert scene.view.point.text() == "mean of the batch"
    assert "the mean of 16 points" in scene.view.caption.toolTip()


def test_long_sums_are_cut_short() -> None:
    assert products(np.array([1.0, -2.0]), np.array([-3.0, 4.0])) == "1·(−3) + (−2)·4"  # noqa: RUF001
    assert products(np.ones(7), np.ones(7)) == "1·1 + 1·1 + 1·1 + 1·1 + … (3 more)"
    assert vector(np.arange(6.0)) == "(0, 1, 2, 3, …)"


def test_a_network_without_a_chain_says_so(scene: Scene) -> None:
    problem = {"dataset": "moons", "network": {"layers": [3], "batch_norm": True}}
    scene.view.render(replace(scene.state, scenario=scene.state.scenario.changed(problem=problem)))
    assert "batch normalisation" in scene.view.caption.toolTip()
    assert not scene.view.diagram.isVisible()
    assert scene.told("forward") == ""


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
@pytest.mark.parametrize("size", [(560, 600), (300, 500), (900, 700)])
def test_it_is_painted_in_any_size(scene: Scene, size, theme) -> None:
    scene.view.resize(*size)
    scene.view.apply_theme(theme)
    colours = {tuple(pixel) for pixel in pixels(scene.view.diagram)[::3, ::3].reshape(-1, 4).tolist()}
    assert len(colours) > 30


def test_what_a_training_step_does_besides_is_said(scene: Scene) -> None:
    assert "dropped" not in scene.told("gradient")
    problem = scene.state.scenario.problem
    network = problem.network.model_dump() | {"dropout": 0.2, "l2": 0.1}
    changed = scene.state.scenario.changed(problem={"dataset": "moons", "data": {"count": 60}, "network": network})
    scene.view.render(replace(scene.state, scenario=changed))
    assert "no unit is dropped here" in scene.told("gradient")
    assert "penalties of l1 and l2" in scene.told("gradient")
