"""Trails: painted where the runs went, added to and not painted again, the same however they came about."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from gdsim.app.state import AppState
from gdsim.gui import trails
from gdsim.gui.landscape_view import LandscapeView
from gdsim.gui.palette import DARK, LIGHT, run_style
from gdsim.gui.trails import Trail
from tests.gui.states import along, state

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def view(qtbot: QtBot) -> LandscapeView:
    made = LandscapeView(lambda message: None)
    qtbot.addWidget(made)
    made.resize(500, 420)
    made.show()
    return made


def pixels(view: LandscapeView) -> np.ndarray:
    """What the view shows once its trails have been painted whole."""
    shown = view.grab()
    while not view.trails.complete:
        shown = view.grab()
    image = shown.toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def near(image: np.ndarray, view: LandscapeView, point: np.ndarray, reach: int = 2) -> np.ndarray:
    """The colours round a point of the data."""
    place = view.canvas.area.mapToScene(*view.canvas.area.to_pixels(point[np.newaxis])[0])
    corner = view.canvas.mapTo(view, view.canvas.rect().topLeft())
    x, y = round(place.x()) + corner.x(), round(place.y()) + corner.y()
    return image[y - reach : y + reach + 1, x - reach : x + reach + 1].reshape(-1, 3)


def has_colour(colours: np.ndarray, colour: str) -> bool:
    wanted = QColor(colour)
    return bool((np.abs(colours - [wanted.red(), wanted.green(), wanted.blue()]).max(axis=1) <= 12).any())


def line(*corners: tuple[float, float], steps: int = 40) -> np.ndarray:
    """A path of ``steps`` equal steps through the corners."""
    at = np.linspace(0, len(corners) - 1, steps + 1)
    return np.column_stack([np.interp(at, range(len(corners)), values) for values in zip(*corners, strict=True)])


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_trails_are_where_the_runs_were_and_nowhere_ahead(view: LandscapeView, theme) -> None:
    paths = line((-4, -4), (0, 4)), line((-1, -5), (5, -1), (5, 4)), line((2, 3), (-5, 1))
    made = replace(along(state("himmelblau"), *paths), playhead=20.0)
    view.apply_theme(theme)
    view.render(made)
    image = pixels(view)
    for index, path in enumerate(paths):
        assert has_colour(near(image, view, path[7]), run_style(index).colour)
        assert has_colour(near(image, view, path[20], 6), run_style(index).colour)
        assert not has_colour(near(image, view, path[37]), run_style(index).colour)


@pytest.mark.parametrize("name", ["himmelblau", "rosenbrock", "saddle"])
def test_playing_paints_what_one_redraw_paints(view: LandscapeView, qtbot: QtBot, name: str) -> None:
    made = state(name)
    view.render(replace(made, playhead=0.0))
    view.grab()
    for playhead in np.linspace(0.0, made.last_step, 37):
        view.render(replace(made, playhead=float(playhead)))
        played = pixels(view)
    fresh = LandscapeView(lambda message: None)
    qtbot.addWidget(fresh)
    fresh.resize(view.size())
    fresh.show()
    fresh.render(made)
    difference = np.abs(played - pixels(fresh)).max(axis=2)
    # Where trails cross, the order of painting differs; elsewhere nothing does.
    assert (difference > 40).mean() < 2e-3


def test_a_frame_paints_new_segments_only(view: LandscapeView) -> None:
    made = along(state("himmelblau"), line((-4, -4), (4, 4), (-4, 3), steps=400), line((4, -4), (-4, 4), steps=400))
    view.render(replace(made, playhead=0.0))
    view.grab()
    layer = view.trails
    redraws, before = layer.cache.full_redraws, layer.segments_painted
    for playhead in (100.0, 100.4, 250.0, 400.0):
        view.render(replace(made, playhead=playhead))
        view.grab()
        view.grab()
    assert layer.cache.full_redraws == redraws
    assert layer.segments_painted - before == sum(len(trail.steps) - 1 for trail in layer.placed())


def test_scrubbing_back_and_resizing_redraw_once(view: LandscapeView) -> None:
    made = along(state("himmelblau"), line((-4, -4), (4, 4)))
    view.render(made)
    full = pixels(view)
    redraws = view.trails.cache.full_redraws
    view.render(replace(made, playhead=10.0))
    half = pixels(view)
    assert view.trails.cache.full_redraws == redraws + 1
    assert not has_colour(near(half, view, made.tracks[0].steps.positions[30]), run_style(0).colour)
    view.render(made)
    assert (pixels(view) == full).all()
    view.resize(600, 420)
    view.grab()
    assert view.trails.cache.full_redraws == redraws + 2


def test_long_trails_are_painted_over_several_frames(view: LandscapeView, monkeypatch: pytest.MonkeyPatch) -> None:
    corners = [(4.0 * (-1) ** k, -4.0 + 0.1 * k) for k in range(60)]
    made = along(state("himmelblau"), line(*corners, steps=600))
    view.render(made)
    at_once = pixels(view)
    monkeypatch.setattr(trails, "PATIENCE", 0.0)
    monkeypatch.setattr(trails, "SLICE", 100)
    view.render(replace(made, tracks=tuple(replace(track, generation=1) for track in made.tracks)))
    view.trails.set_trails(view.trails.trails)
    frames = 0
    view.trails.cache.forget()
    while frames == 0 or not view.trails.complete:
        view.grab()
        frames += 1
    assert frames >= 6
    assert (np.abs(pixels(view) - at_once).max(axis=2) > 40).mean() < 2e-3


def test_scrubbing_back_a_long_way_starts_from_a_copy(view: LandscapeView, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trails, "KEEP_EVERY", 50)
    monkeypatch.setattr(trails, "SLICE", 50)
    corners = [(4.0 * (-1) ** k, -4.0 + 0.1 * k) for k in range(60)]
    made = along(state("himmelblau"), line(*corners, steps=600), line(*corners[::-1], steps=600))
    at = {}
    for playhead in (0.0, 130.0, 333.0, 600.0):
        view.render(replace(made, playhead=playhead))
        at[playhead] = pixels(view)
    redraws, painted = view.trails.cache.full_redraws, view.trails.segments_painted
    for playhead in (333.0, 130.0, 600.0, 333.0):
        view.render(replace(made, playhead=playhead))
        assert (np.abs(pixels(view) - at[playhead]).max(axis=2) > 40).mean() < 2e-3
    assert view.trails.cache.full_redraws == redraws
    assert view.trails.segments_painted - painted < 2 * (130 + 600)
    view.render(replace(made, playhead=0.0))
    assert (pixels(view) == at[0.0]).all()


def test_nothing_changed_paints_nothing_anew(view: LandscapeView) -> None:
    made = state("himmelblau")
    view.render(made)
    view.grab()
    caches = (view.ground.cache, view.trails.cache, view.landmarks.cache)
    counts = [cache.full_redraws for cache in caches]
    view.render(replace(made, selected=1, speed=2.0))
    view.grab()
    assert [cache.full_redraws for cache in caches] == counts


BAD = [
    [(0, 0), (1, 1), (np.inf, 2), (np.inf, np.inf)],
    [(0, 0), (1e160, -1e160), (np.nan, np.nan)],
    [(np.nan, np.nan)],
    [(0, 0), (3, 0), (-np.inf, 1e308), (np.nan, 2)],
    [(1e300, 1e300), (0, 0)],
    [(0, 0)],
]


@pytest.mark.parametrize("path", BAD, ids=range(len(BAD)))
def test_infinite_and_missing_positions_are_survived(view: LandscapeView, path: list) -> None:
    made: AppState = along(state("himmelblau"), np.array(path, dtype=float), line((-4, -4), (4, 4), steps=len(path)))
    view.render(made)
    for playhead in np.linspace(0, made.last_step, 5):
        view.render(replace(made, playhead=float(playhead)))
        view.grab()


def test_where_a_run_left_is_marked_at_the_border(view: LandscapeView) -> None:
    made = along(state("himmelblau"), np.array([(0.0, 0.0), (2.0, 0.0), (90.0, 0.0), (1e9, 5.0)]))
    view.render(replace(made, playhead=1.0))
    before = pixels(view)
    view.render(made)
    image = pixels(view)
    (_, east), _ = view.canvas.area.viewRange()
    edge = np.array([east - 7 / view.canvas.area.pixels_per_unit[0], 0.0])
    assert has_colour(near(image, view, edge, 3), run_style(0).colour)
    assert not has_colour(near(before, view, edge, 3), run_style(0).colour)


@pytest.mark.parametrize(("playhead", "point"), [(-1, (0, 0)), (0.5, (1, 0.5)), (1, (2, 1)), (1.5, (4, 2)), (7, (6, 3))])
def test_a_head_is_between_its_steps(playhead: float, point: tuple[float, float]) -> None:
    trail = Trail(np.array([(0.0, 0.0), (2.0, 1.0), (6.0, 3.0)]), run_style(0))
    assert trail.at(playhead) == pytest.approx(point)


def test_sharp_on_a_dense_screen(view: LandscapeView) -> None:
    view.render(state("himmelblau"))
    dense = QImage(view.size() * 2, QImage.Format.Format_RGB32)
    dense.setDevicePixelRatio(2.0)
    view.canvas.grab()
    from PySide6.QtGui import QPainter

    painter = QPainter(dense)
    view.canvas.render(painter)
    painter.end()
    area = view.canvas.area
    assert view.trails.cache.image.width() >= 2 * area.width() - 2
