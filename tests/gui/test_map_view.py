"""The map in the window: what it paints, what the mouse does, its controls, and the basins under the trails."""

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit

from gdsim.app import messages as m
from gdsim.app.changes import SetLandscape, Undo
from gdsim.app.map_choices import Side
from gdsim.app.mapping import ChooseSides, ColourMap, LookAt, Sharpen, ShowBasins
from gdsim.app.work import Work
from gdsim.gui.map_bar import COLOURS
from gdsim.gui.map_colours import class_colour, pixels, side_ramp
from gdsim.gui.map_legend import entries
from gdsim.gui.map_view import MapView
from gdsim.gui.palette import DARK, LIGHT
from gdsim.simulation.scenario import validated
from tests.gui.conftest import THREE, Bench
from tests.simulation import test_sweep_networks as networks

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

NETWORK = validated({"steps": 60, "problem": networks.SINE, "runs": [networks.SGD | {"learning_rate": 0.3, "label": "one"}, networks.SGD]})
STARTS = Side("start.x", -6.0, 6.0), Side("start.y", -6.0, 6.0)
RATE, MOMENTUM = Side("learning_rate", 1e-4, 1e-1, log=True), Side("momentum", 0.0, 0.99)


@pytest.fixture
def shown(bench: Bench) -> Iterator[Bench]:
    bench.session.looks_around = True
    bench.session.send(m.ShowView("Map"), m.SelectRun(1), ColourMap("auto"))
    bench.session.send(ChooseSides(*STARTS))
    bench.session.work()
    yield bench
    bench.session.looks_around = False
    bench.session.send(m.ShowView("Loss surface"), ShowBasins(False))


def view(bench: Bench) -> MapView:
    found = bench.window.stage.current
    assert isinstance(found, MapView)
    return found


def pixel(bench: Bench, x: float, y: float) -> QPoint:
    """Where these places are on the canvas's viewport."""
    area, canvas = view(bench).canvas.area, view(bench).canvas
    return canvas.mapFromScene(area.mapToScene(area.mapFromView(QPointF(x, y))))


def test_it_shows_the_picture_where_its_places_are(shown: Bench) -> None:
    picture = shown.state.map.picture
    assert picture.share == 1.0
    (west, east), (south, north) = view(shown).canvas.area.viewRange()
    assert (west, east, south, north) == pytest.approx((-6.0, 6.0, -6.0, 6.0))
    image = view(shown).canvas.grab().toImage()
    ratio = image.devicePixelRatio()
    colours = pixels(picture.chart, view(shown)._theme)[::-1]
    for x, y in ((-4.0, -4.0), (3.0, 2.0), (-3.0, 3.0), (3.5, -2.0)):
        at = picture.at(x, y)
        where = pixel(shown, *(math.ldexp(k + f, level) for k, f, level in zip(at, picture.firsts, picture.levels, strict=True)))
        expected = tuple(int(c) for c in colours[at[1], at[0]][:3])
        assert image.pixelColor(int(where.x() * ratio), int(where.y() * ratio)).getRgb()[:3] == expected


def test_zooming_and_panning_ask_for_what_is_in_view(shown: Bench) -> None:
    area = view(shown).canvas.area
    assert area.left_pans
    before = shown.state.map.number
    area.scaleBy((0.5, 0.5), center=QPointF(3.0, 2.0))
    area.sigRangeChangedManually.emit([True, True])
    assert shown.state.map.number == before + 1
    assert shown.state.map.window[0] == pytest.approx((-1.5, 4.5))
    shown.session.work()
    (west, east), _ = shown.state.map.picture.extent
    assert west <= -1.5 < 4.5 <= east
    assert math.ldexp(1.0, shown.state.map.picture.levels[0]) < 6.0 / 128
    bar = view(shown).bar
    assert [edit.text() for edit in bar.across.ends] == ["-1.5", "4.5"]
    shown.window.stage.fit()
    assert shown.state.map.window[0] == (-6.0, 6.0)
    assert area.viewRange()[0] == pytest.approx([-6.0, 6.0])
    shown.session.work()


def test_hovering_tells_the_run(shown: Bench) -> None:
    picture, canvas = shown.state.map.picture, view(shown).canvas
    where = pixel(shown, 3.0, 2.0)
    view(shown)._hovered(canvas.mapToScene(where))
    here = canvas.area.mapToView(canvas.area.mapFromScene(canvas.mapToScene(where)))
    run = picture.result.row(picture.at(here.x(), here.y()))
    text = canvas.readout.text()
    assert str(run.verdict) in text
    assert f"{int(run.numbers['steps'])} steps" in text
    assert "minimum at (3, 2)" in text
    assert canvas.readout.width() <= canvas.width() - 60
    view(shown)._hovered(QPointF(-5.0, -5.0))
    assert not canvas.readout.isVisible()


def test_a_click_plays_the_run_in_the_main_view(shown: Bench) -> None:
    picture = shown.state.map.picture
    where = pixel(shown, -2.0, 4.0)
    here = view(shown).canvas.area.mapToView(view(shown).canvas.area.mapFromScene(view(shown).canvas.mapToScene(where)))
    run = picture.result.row(picture.at(here.x(), here.y()))
    QTest.mouseClick(view(shown).canvas.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert shown.state.scenario.start == tuple(run.values.values())
    assert shown.window.stage.current is shown.window.stage.map
    assert (shown.state.playhead, shown.state.playing) == (0.0, True)
    shown.session.work()
    assert tuple(shown.state.tracks[1].steps.positions[-1]) == (run.numbers["x"], run.numbers["y"])
    shown.session.send(Undo())
    assert shown.state.scenario == THREE


def test_a_click_with_ctrl_stays_and_the_ring_moves_there(shown: Bench) -> None:
    where = pixel(shown, -2.0, 4.0)
    QTest.mouseClick(view(shown).canvas.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, where)
    assert shown.window.stage.current is view(shown)
    assert view(shown).layer.here == pytest.approx((-2.0, 4.0), abs=0.1)


def test_axes_are_chosen_by_name_range_and_scale(shown: Bench) -> None:
    bar = view(shown).bar
    names = list(bar._words)
    bar.across.axis.setCurrentIndex(names.index("learning_rate"))
    bar.across.axis.activated.emit(names.index("learning_rate"))
    assert shown.state.map.sides[0].over == "learning_rate"
    assert shown.state.map.sides[0].log
    assert bar.across.log.isChecked()
    assert bar.up.axis.currentText().startswith("Start")
    for end, text in ((0, "0.001"), (1, "0.1")):
        edit = bar.across.ends[end]
        edit.setFocus()
        edit.selectAll()
        QTest.keyClicks(edit, text)
        QTest.keyClick(edit, Qt.Key.Key_Return)
    assert shown.state.map.window[0] == pytest.approx((-3.0, -1.0))
    bar.across.log.click()
    assert shown.state.map.sides[0] == Side("learning_rate", pytest.approx(0.001), pytest.approx(0.1), log=False)
    shown.session.work()
    assert shown.state.map.picture.plane.x.log is False


@pytest.mark.parametrize(("end", "text", "told"), [(0, "7", "smaller"), (1, "-7", "smaller"), (0, "abc", "not a number")])
def test_ends_that_make_no_axis_are_refused_in_words(end: int, text: str, told: str, shown: Bench) -> None:
    bar = view(shown).bar
    edit = bar.across.ends[end]
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, text)
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert told in bar.complaint.text()
    assert shown.state.map.sides[0] == STARTS[0]
    QTest.keyClick(edit, Qt.Key.Key_Escape)
    shown.window.centralWidget().setFocus()
    shown.session.send(ChooseSides(*STARTS))


def test_the_same_number_on_both_axes_changes_them_about(shown: Bench) -> None:
    bar = view(shown).bar
    place = list(bar._words).index("start.y")
    bar.across.axis.activated.emit(place)
    assert [side.over for side in shown.state.map.sides] == ["start.y", "start.x"]


def test_presets_are_chosen_by_name(shown: Bench) -> None:
    bar = view(shown).bar
    assert bar.preset.currentText() == "Basin map"
    place = bar.preset.findText("Stability map")
    bar.preset.activated.emit(place)
    assert [side.over for side in shown.state.map.sides] == ["learning_rate", "momentum"]
    assert bar.preset.currentText() == "Stability map"
    shown.session.work()
    assert shown.state.map.picture.chart.borders
    assert any("theory" in entry.text for entry in view(shown).legend.entries)


@pytest.mark.parametrize("colour", [name for name, _, _ in COLOURS if name != "trainability"])
@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_legend_names_every_class_with_its_colour_and_share(colour: str, theme, shown: Bench) -> None:
    shown.session.send(ColourMap(colour))
    shown.session.work()
    chart = shown.state.map.picture.chart
    found = entries(chart, theme)
    for kind in chart.classes:
        if chart.painted == "classes":
            (entry,) = [one for one in found if one.colours == (class_colour(kind, theme),) and one.kind == "class"]
            assert f"{kind.share:.1%}" in entry.text or "<" in entry.text
    assert (bool(chart.measure) and chart.ends[0] < chart.ends[1]) == any(entry.kind == "ramp" for entry in found)
    assert view(shown).legend.toolTip()


@pytest.mark.parametrize("size", [(1024, 700), (1280, 800)])
def test_every_control_has_a_name_a_tooltip_and_room(size: tuple[int, int], shown: Bench) -> None:
    shown.show(*size)
    shown.session.work()
    bar = view(shown).bar
    controls = [w for kind in (QAbstractButton, QComboBox, QLineEdit) for w in bar.findChildren(kind) if w.isVisible()]
    assert len(controls) == 11
    for control in controls:
        assert control.accessibleName(), control
        assert control.toolTip(), control.accessibleName()
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control.accessibleName()
        assert control.width() >= control.minimumSizeHint().width(), control.accessibleName()
        assert control.visibleRegion().boundingRect() == control.rect(), control.accessibleName()
        if isinstance(control, QComboBox):
            shown_text = control.fontMetrics().horizontalAdvance(control.currentText())
            assert shown_text <= control.width() - 30, control.currentText()
    legend = view(shown).legend
    assert [entry for entry, _ in legend.placed()] == legend.entries
    for _, place in legend.placed():
        assert legend.rect().adjusted(0, 0, 1, 1).contains(place.toAlignedRect())
    shown.show()


def test_the_map_is_told_to_those_who_cannot_see_it(shown: Bench) -> None:
    canvas = view(shown).canvas
    assert canvas.accessibleName() == "Map of runs"
    assert "minimum at (3, 2)" in canvas.accessibleDescription()
    assert "%" in canvas.accessibleDescription()


@pytest.mark.parametrize("suffix", [".png", ".svg", ".csv"])
def test_it_is_saved_from_its_button(suffix: str, shown: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shown.session, "hands", Work(lambda *_: None))
    shown.dialogs.path = tmp_path / f"map{suffix}"
    view(shown).bar.save.click()
    assert shown.dialogs.asked == ["map"]
    assert shown.dialogs.suggested.name.endswith("-map.png")
    shown.session.work()
    assert shown.dialogs.path.stat().st_size > 1000
    assert str(shown.dialogs.path) in shown.state.notice.text
    assert [file.name for file in tmp_path.iterdir() if file.name.startswith(("map", "."))] == [f"map{suffix}"]


def test_a_folder_that_cannot_be_written_is_told(shown: Bench, tmp_path: Path) -> None:
    shown.dialogs.path = tmp_path / "missing" / "map.csv"
    view(shown).bar.save.click()
    shown.session.work()
    assert shown.state.notice.is_error
    assert "missing" in shown.state.notice.text


def test_curves_have_a_map_without_a_second_weight(shown: Bench) -> None:
    shown.session.send(SetLandscape("double_well"))
    assert {side.over for side in shown.state.map.sides} == {"learning_rate", "momentum"}
    assert "start.y" not in view(shown).bar._words


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_basins_lie_under_the_trails(theme: str, shown: Bench) -> None:
    shown.session.send(m.SetTheme(theme), m.ShowView("Loss surface"))
    shown.session.work()
    landscape = shown.window.stage.map
    QApplication.processEvents()
    plain = landscape.canvas.grab().toImage()
    landscape.cloud_bar.basins.click()
    shown.session.work()
    QApplication.processEvents()
    picture = shown.state.under.picture
    assert picture.share == 1.0
    assert landscape.basins.zValue() < landscape.trails.zValue()
    assert landscape.basins.zValue() > landscape.ground.zValue()
    (west, east), (south, north) = landscape.canvas.area.viewRange()
    (left, right), (bottom, top) = picture.extent
    assert left <= west < east <= right
    assert bottom <= south < north <= top
    assert {kind.minimum for kind in picture.chart.classes} >= {0, 1, 2, 3}
    tinted = landscape.canvas.grab().toImage()
    changed = [tinted.pixelColor(x, 300) != plain.pixelColor(x, 300) for x in range(120, tinted.width() - 60, 7)]
    assert np.mean(changed) > 0.8
    landscape.cloud_bar.basins.click()
    QApplication.processEvents()
    again = landscape.canvas.grab().toImage()
    assert [again.pixelColor(x, 300) for x in range(120, 400, 7)] == [plain.pixelColor(x, 300) for x in range(120, 400, 7)]


def test_basins_follow_the_zoom_and_are_not_computed_elsewhere(shown: Bench) -> None:
    shown.session.send(m.ShowView("Loss surface"), ShowBasins(True))
    shown.session.work()
    landscape, number = shown.window.stage.map, shown.state.under.number
    landscape.canvas.area.scaleBy((0.25, 0.25), center=QPointF(0.0, 0.0))
    landscape.canvas.area.sigRangeChangedManually.emit([True, True])
    assert shown.state.under.number == number + 1
    shown.session.work()
    assert shown.state.under.picture.levels[0] <= -5
    shown.session.send(m.ShowView("PyTorch"), SetLandscape("booth"))
    assert shown.state.under.number == number + 1
    landscape.fit()


# Networks


@pytest.fixture
def trained(open_window: Callable[..., Bench]) -> Bench:
    """A window that shows the map of a network, of few pixels."""
    bench = open_window(NETWORK)
    bench.session.send(m.ShowView("Map"))
    look(bench, 24)
    return bench


def look(bench: Bench, pixels: int) -> None:
    """Has the map computed with so many pixels, fewer than the view would ask for."""
    bench.session.looks_around = True
    bench.session.send(LookAt("map", ((-2.0, 2.0), (-2.0, 2.0)), (pixels, pixels)))
    (asked,) = [effect for effect in bench.session.pending if isinstance(effect, Sharpen) and effect.most == (pixels, pixels)]
    bench.session.looks_around = False
    bench.session.send(*(found for found in bench.session.hands.begin(asked) if found is not None))
    bench.session.pending.clear()


def test_the_map_of_a_network_is_told_in_colours_legend_readout_and_words(trained: Bench) -> None:
    picture, canvas = trained.state.map.picture, view(trained).canvas
    assert (picture.share, picture.chart.painted) == (1.0, "trainability")
    share = float(np.mean(picture.result["trainability"] < 0.0))
    assert 0.0 < share < 1.0
    texts = [entry.text for entry in view(trained).legend.entries]
    assert sorted(texts[:2]) == [f"not trained  {1 - share:.1%}", f"trained  {share:.1%}"]
    for entry in view(trained).legend.entries[:2]:
        code = int(entry.text.startswith("not"))
        assert entry.kind == "ramp"
        assert entry.colours[0] == QColor(*side_ramp(code)[0].tolist()).name()
    assert "trained" in canvas.accessibleDescription()
    assert "times the run's, run “one”" in canvas.axes[1].labelText
    where = canvas.mapToScene(pixel(trained, 0.5, -0.5))
    view(trained)._hovered(where)
    here = canvas.area.mapToView(canvas.area.mapFromScene(where))
    run = picture.result.row(picture.at(here.x(), here.y()))
    for word in (str(run.verdict), f"{int(run.numbers['steps'])} steps", "R²", "trained", "rate of layer 1 = "):
        assert word in canvas.readout.text()


def test_a_click_on_the_map_of_a_network_plays_that_training(trained: Bench) -> None:
    picture, canvas = trained.state.map.picture, view(trained).canvas
    where = pixel(trained, -0.7, 0.4)
    here = canvas.area.mapToView(canvas.area.mapFromScene(canvas.mapToScene(where)))
    run = picture.result.row(picture.at(here.x(), here.y()))
    QTest.mouseClick(canvas.viewport(), Qt.MouseButton.LeftButton, pos=where)
    trained.session.work()
    assert trained.state.scenario.runs[0].layer_rates == tuple(run.values.values())
    assert trained.window.stage.current.name == "Data"
    assert trained.state.tracks[0].steps.losses[-1] == run.numbers["final_loss"]
    trained.session.send(Undo())
    assert trained.state.scenario == NETWORK


def test_a_finer_map_of_a_network_computes_only_what_is_new(trained: Bench) -> None:
    atlas = trained.session.hands._atlases["map"]
    known = sum(int(np.sum(tile[0] > 0.0)) for tile in atlas.tiles.values())
    before = trained.state.map.picture
    look(trained, 40)
    nearer = trained.state.map.picture
    assert nearer.levels[0] == before.levels[0] - 1
    there = sum(int(np.sum(tile[0] > 0.0)) for tile in atlas.tiles.values())
    assert there == known + nearer.result.size  # those of before lie on both lattices
    at = nearer.at(0.0, 0.0)
    assert nearer.result["final_loss"][at] == before.result["final_loss"][before.at(0.0, 0.0)]


def test_colours_that_there_are_not_cannot_be_chosen(trained: Bench, bench: Bench) -> None:
    names = [name for name, _, _ in COLOURS]
    colour = view(trained).bar.colour
    assert not colour.model().item(names.index("minimum")).isEnabled()
    assert colour.model().item(names.index("trainability")).isEnabled()
    bench.session.looks_around = True
    bench.session.send(m.ShowView("Map"))
    colour = view(bench).bar.colour
    assert colour.model().item(names.index("minimum")).isEnabled()
    assert not colour.model().item(names.index("trainability")).isEnabled()
    bench.session.looks_around = False
    bench.session.send(m.ShowView("Loss surface"))


@pytest.mark.parametrize("size", [(1024, 700), (1280, 800)])
@pytest.mark.parametrize("begun", [True, False])
def test_a_finer_map_is_offered_with_its_price(begun: bool, size: tuple[int, int], trained: Bench) -> None:
    trained.show(*size)
    finer, room = view(trained).bar.finer, view(trained).canvas.size()
    assert not finer.isVisible()
    state = trained.state
    chart = replace(state.map, withheld=400.0, picture=state.map.picture if begun else None)
    trained.session._state = replace(state, map=chart)
    trained.window._render(trained.session.state)
    QApplication.processEvents()
    assert finer.isVisible()
    assert "7 min" in finer.text()
    assert "finer" in finer.toolTip() or not begun
    assert begun or "7 min" in view(trained).legend.toolTip()
    assert finer.width() >= finer.fontMetrics().horizontalAdvance(finer.text())
    assert view(trained).canvas.size() == room  # or it would be asked for anew
    trained.session.pending.clear()
    trained.session.looks_around = True
    finer.click()
    (asked,) = [effect for effect in trained.session.pending if isinstance(effect, Sharpen)]
    assert asked.patience > 400.0
    trained.session.pending.clear()


@pytest.mark.parametrize("suffix", [".png", ".csv", ".parquet"])
def test_the_map_of_a_network_is_saved(suffix: str, trained: Bench, tmp_path: Path) -> None:
    trained.dialogs.path = tmp_path / f"map{suffix}"
    trained.session.hands = Work(lambda *_: None)
    view(trained).bar.save.click()
    trained.session.work()
    assert trained.dialogs.path.stat().st_size > 1000
