"""Many seeds in the window and on paper: the cloud where they end, the band of their losses, what the cards say; names of weights."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

import gdsim
from gdsim.app import work
from gdsim.app.messages import Opened
from gdsim.app.state import AppState, ManySeeds, Track
from gdsim.gui import ends as ends_module
from gdsim.gui.band import Band
from gdsim.gui.ends import Ends, seeds_told
from gdsim.gui.landscape_view import LandscapeView
from gdsim.gui.numbers import weights
from gdsim.gui.palette import DARK, LIGHT, run_style
from gdsim.gui.picture import render
from gdsim.gui.progress_view import ProgressView
from gdsim.simulation.ensemble import Ensemble, ensemble
from gdsim.simulation.scenario import Scenario, validated
from gdsim.simulation.surface import survey
from gdsim.simulation.sweep_map import words_for
from tests.gui.trainings import pixels

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

LINE = {"dataset": "line", "data": {"count": 30}, "model": "line"}


def fit(*sizes: int | str, rate: float = 0.1, **others: object) -> Scenario:
    runs = [{"label": f"size {size}", "optimizer": "sgd", "learning_rate": rate, "batch_size": size} for size in sizes]
    return validated({"steps": 40, "start": [0.5, -1.0], "problem": LINE, "runs": runs} | others)


def shown(given: Scenario, found: Ensemble | None) -> AppState:
    tracks = tuple(Track(0, run, run.verdict) for run in gdsim.run(given).runs)
    state = AppState(
        given, given, surface=survey(given.landscape, 64), tracks=tracks, seeds=ManySeeds(on=found is not None, ensemble=found)
    )
    return replace(state, playhead=float(state.last_step))


def view_of(kind, qtbot: QtBot, width: int = 560):
    view = kind(lambda _message: None)
    qtbot.addWidget(view)
    view.resize(width, 520)
    view.show()
    return view


def test_the_window_shows_them_at_a_key_and_puts_them_away(bench, monkeypatch):
    monkeypatch.setattr(work, "SEEDS", 60)
    window, session = bench.window, bench.session
    action = window.actions_by_name["many_seeds"]
    assert not action.isEnabled()  # these runs are the same whatever the seed
    assert window.panel.seeds.isHidden()
    given = fit(2, "full")
    session.send(Opened(given, None))
    session.work()
    assert action.isEnabled()
    assert window.panel.seeds.isVisible()
    assert window.panel.seeds.accessibleName() == "Many seeds"
    assert "(M)" in window.panel.seeds.toolTip()
    QTest.keyClick(window, Qt.Key.Key_M)
    assert session.state.seeds.share == 0.0
    session.work()
    assert action.isChecked()
    expected = ensemble(given, 60)
    places = {ends.style: ends.places for ends in window.stage.map.ends.ends}
    for index, run in enumerate(expected.runs):
        assert np.array_equal(places[run_style(index)], run.positions)
        band = window.progress.loss.bands[index]
        assert np.array_equal(band.quantiles, run.band)
        assert window.panel.cards[index].seeds.text == seeds_told(run)
        assert not window.panel.cards[index].seeds.isHidden()
    assert window.stage.map.landmarks.seeds == "end of a seed, 60 a run"
    assert window.progress.key.isVisible()
    window.panel.seeds.click()
    assert not session.state.seeds.on
    assert not action.isChecked()
    assert window.stage.map.ends.ends == ()
    assert window.progress.loss.bands == ()
    assert window.panel.cards[0].seeds.isHidden()
    assert window.stage.map.landmarks.seeds == ""
    assert not window.progress.key.isVisible()


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("most", [3_000, 10], ids=["dots", "density"])
def test_the_cloud_is_painted_where_they_end(qtbot, monkeypatch, theme, most):
    monkeypatch.setattr(ends_module, "MOST_DOTS", most)
    found = ensemble(fit(2, rate=0.3), 300)
    view = view_of(LandscapeView, qtbot)
    view.apply_theme(theme)
    bare, state = shown(found.scenario, None), shown(found.scenario, found)
    view.render(bare)
    without = pixels(view.canvas)
    view.render(state)
    painted = (pixels(view.canvas) != without).any(axis=-1)
    visible = view.ends.visible(view.ends.ends[0])
    assert len(visible) > 250
    corner = view.canvas.mapFromScene(view.canvas.area.mapToScene(QPointF(0.0, 0.0)))
    columns, rows = (np.round(visible).astype(int) + np.array([corner.x(), corner.y()])).T
    scale = painted.shape[1] / view.canvas.width()
    places = [(int(x * scale), int(y * scale)) for x, y in zip(columns, rows, strict=True)]
    around = [painted[y - 2 : y + 3, x - 2 : x + 3].any() for x, y in places]
    assert np.mean(around) > 0.9  # heads and marks lie over some
    away = painted.copy()
    for x, y in places:
        away[max(y - 8, 0) : y + 9, max(x - 8, 0) : x + 9] = False
    legend = view.landmarks.legend.translated(QPointF(corner)).adjusted(-4, -4, 4, 4)
    away[int(legend.top()) : int(legend.bottom()), int(legend.left()) : int(legend.right())] = False
    assert not away.any()


def test_ends_out_of_sight_and_nowhere_are_left_out(qtbot):
    view = view_of(LandscapeView, qtbot)
    view.render(shown(fit("full"), None))
    view.grab()
    (west, east), (south, north) = view.canvas.area.viewRange()
    middle = [(west + east) / 2, (south + north) / 2]
    given = np.array([middle, [np.nan, 0.0], [np.inf, -np.inf], [east + 1.0, middle[1]], [1e300, -1e300]])
    view.ends.show_ends([Ends(given, run_style(0)), Ends(given[1:2], run_style(1))])
    assert len(view.ends.visible(Ends(given, run_style(0)))) == 1
    view.grab()


def test_the_closest_cloud_lies_on_top(qtbot):
    found = ensemble(fit("full", 1, 15), 80)
    view = view_of(LandscapeView, qtbot)
    view.render(shown(found.scenario, found))
    assert [ends.style for ends in view.ends.ends] == [run_style(1), run_style(2), run_style(0)]


def test_the_band_covers_its_quantiles_and_survives_infinity(qtbot):
    found = ensemble(fit(2, rate=0.2), 200)
    view = view_of(ProgressView, qtbot, 480)
    view.render(shown(found.scenario, None))
    view.render(shown(found.scenario, found))
    image, plot = view.loss.grab().toImage(), view.loss
    run, style = found.runs[0], QColor(run_style(0).colour)
    low, _, high = plot.scale_shown.place(run.band)
    look = 30
    inside = plot.area.to_pixels(np.array([[run.looks[look], 0.25 * low[look] + 0.75 * high[look]], [run.looks[look], high[look] + 1.0]]))
    tints = []
    for place in inside.tolist():
        at = plot.mapFromScene(plot.area.mapToScene(QPointF(*place))) * image.devicePixelRatio()
        seen = QColor(image.pixel(at))
        tints.append(abs(seen.red() - style.red()) + abs(seen.green() - style.green()) + abs(seen.blue() - style.blue()))
    assert tints[0] < tints[1] - 40
    wild = ensemble(fit(2, rate=5.0, steps=300), 20)
    view.render(shown(wild.scenario, wild))
    view.grab()
    told = Band("x", run_style(0), np.array([0.0, 10.0]), np.array([[1.0, 2.0], [3.0, 4.0], [5.0, np.inf]]))
    assert told.told(9) == "1 to 5, median 3"
    assert told.told(400) == "2 to ∞, median 4"


def test_what_became_of_them_is_told_with_shares():
    run = ensemble(fit(2), 40).runs[0]
    yes, no = np.ones(40, bool), np.zeros(40, bool)
    some = np.arange(40) < 10
    assert seeds_told(replace(run, converged=yes, hovering=no, diverged=no)) == "Of 40 seeds 100 % converged"
    mixed = replace(run, converged=no, hovering=~some, diverged=some)
    assert seeds_told(mixed) == "Of 40 seeds 75 % hover at a noise floor, 25 % diverged"
    assert seeds_told(replace(run, converged=no, hovering=no, diverged=no)) == "Of 40 seeds 100 % are still on their way"


@pytest.mark.parametrize("problem", [LINE, {"landscape": "double_well", "noise": {"kind": "gaussian"}}], ids=["map", "curve"])
def test_an_ensemble_is_painted_into_a_picture(tmp_path: Path, problem):
    runs = [{"optimizer": "sgd", "learning_rate": 0.05}]
    given = validated({"steps": 30, "problem": problem, "runs": [runs[0] | ({"batch_size": 2} if problem is LINE else {})]})
    found = ensemble(given, 50)
    render(given, tmp_path / "run.png", size=(800, 500))
    render(found, tmp_path / "seeds.png", size=(800, 500))
    render(found, tmp_path / "seeds.svg", size=(800, 500))
    one, other = (QImage(str(tmp_path / f"{name}.png")) for name in ("run", "seeds"))
    assert other.size() == one.size()
    assert other != one
    assert "50 seeds a run" in (tmp_path / "seeds.svg").read_text(encoding="utf-8")


def test_weights_have_the_names_of_their_landscape(qtbot):
    line, bowl = fit("full"), validated({"problem": {"landscape": "sphere"}, "runs": [{"optimizer": "sgd"}]})
    two = validated({"problem": {"dataset": "xor", "model": "logistic"}, "runs": [{"optimizer": "sgd"}]})
    assert line.landscape.axis_names == ("slope w", "intercept b")
    assert bowl.landscape.axis_names == two.landscape.axis_names == ("weight w₁", "weight w₂")
    assert weights((2.0, -1.0), line.landscape) == "w = 2,  b = −1"  # noqa: RUF001
    assert words_for("start.y", line.landscape) == "start, intercept b"
    assert words_for("start.x", two.landscape) == words_for("start.x", bowl.landscape) == "start, w₁"
    view = view_of(LandscapeView, qtbot)
    for given in (line, bowl, line):
        view.render(shown(given, None))
        names = tuple(view.canvas.axes[axis].labelText for axis in (1, 0))
        assert names == given.landscape.axis_names
    area = view.canvas.area
    view._hovered(area.mapToScene(QRectF(area.rect()).center() + QPointF(90.0, 90.0)))
    assert ",  b = " in view.canvas.readout.text()
