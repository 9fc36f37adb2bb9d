"""The gradient cloud over a loss made of data: arrows to scale, its switch, what it tells."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from pytestqt.qtbot import QtBot

import gdsim
from gdsim.app.messages import ShowCloud
from gdsim.app.state import AppState, Track
from gdsim.app.update import update
from gdsim.gui.commands import COMMANDS
from gdsim.gui.gradient_cloud import ellipse_points, noise_told
from gdsim.gui.landscape_view import LandscapeView
from gdsim.gui.palette import DARK, LIGHT
from gdsim.simulation.scenario import validated
from gdsim.simulation.step_noise import noise_of_step
from gdsim.simulation.surface import survey
from tests.gui.states import state as closed_form
from tests.gui.trainings import pixels

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


def state(batch_size=4, rate=0.05) -> AppState:
    runs = [{"optimizer": "sgd", "learning_rate": rate, "batch_size": batch_size}]
    problem = {"dataset": "line", "data": {"count": 50}, "model": "line"}
    wanted = validated({"steps": 20, "start": [0.5, -1.0], "problem": problem, "runs": runs})
    tracks = tuple(Track(0, run, run.verdict) for run in gdsim.run(wanted).runs)
    return AppState(wanted, wanted, surface=survey(wanted.landscape, 64), tracks=tracks, cloud=True, playhead=3.0)


@pytest.fixture
def view(qtbot: QtBot) -> LandscapeView:
    made = LandscapeView(lambda message: made.sent.append(message))
    made.sent = []
    qtbot.addWidget(made)
    made.resize(560, 520)
    made.show()
    return made


def test_arrows_begin_at_the_run_and_point_downhill_to_one_scale(view: LandscapeView) -> None:
    shown = state()
    view.render(shown)
    view.grab()
    area, noise = view.canvas.area, view.cloud.noise
    position = shown.tracks[0].steps.positions[3]
    assert noise.position == pytest.approx(tuple(position))
    start = area.to_pixels(position[np.newaxis])[0]
    arrows = (view.cloud.tips(noise.noise.gradients) - start) / (np.array(area.pixels_per_unit) * (1.0, -1.0))
    ratios = arrows / noise.noise.gradients
    assert ratios.max() < 0.0
    assert ratios == pytest.approx(ratios[0, 0])
    assert QRectF(area.rect()).contains(view.cloud.legend)


def test_the_ellipse_is_where_the_covariance_says() -> None:
    shown = state()
    noise = noise_of_step(shown.scenario, 0, 3, shown.tracks[0].steps.positions[3])
    covariance = noise.noise.covariance * noise.noise.share(4)
    away = ellipse_points(noise) - noise.noise.mean
    assert np.einsum("ij,jk,ik->i", away, np.linalg.inv(covariance), away) == pytest.approx(1.0)


def test_the_box_and_the_key_switch_it(view: LandscapeView) -> None:
    shown = state()
    view.render(replace(shown, cloud=False))
    view.grab()
    assert view.cloud_bar.box.isVisible()
    assert view.cloud.noise is None
    view.cloud_bar.box.click()
    assert view.sent == [ShowCloud(True)]
    (command,) = [each for each in COMMANDS if each.name == "cloud"]
    assert command.message(shown) == ShowCloud(False)
    assert command.enabled(shown)
    assert not command.enabled(closed_form("himmelblau"))
    assert not update(shown, ShowCloud(False))[0].cloud
    assert update(shown, ShowCloud(False))[1] == ()


def test_what_it_tells(view: LandscapeView) -> None:
    view.render(state())
    assert view.cloud_bar.caption.toolTip() == noise_told(view.cloud.noise)
    assert "for batches of 4;  critical batch size" in noise_told(view.cloud.noise)
    view.render(state("full"))
    assert "for single points" in view.cloud_bar.caption.toolTip()


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
@pytest.mark.parametrize("batch_size", [1, 4, "full"])
def test_it_is_painted(view: LandscapeView, batch_size, theme) -> None:
    shown = state(batch_size)
    view.apply_theme(theme)
    view.render(replace(shown, cloud=False))
    without = pixels(view.canvas).astype(int)
    view.render(shown)
    with_it = pixels(view.canvas).astype(int)
    assert (np.abs(with_it - without).max(axis=2) > 40).sum() > 300


def test_closed_forms_and_runs_that_diverged_have_none(view: LandscapeView) -> None:
    diverged = state(rate=50.0)
    for playhead in np.linspace(0, diverged.last_step, 5):
        view.render(replace(diverged, playhead=float(playhead)))
        view.grab()
    view.render(replace(closed_form("himmelblau"), cloud=True))
    assert view.cloud.noise is None
    assert not view.cloud_bar.box.isVisible()
