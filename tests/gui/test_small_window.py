"""A window on a projector: nothing that is needed is cut off or gives way to what is not."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QWidget

from gdsim.app import messages as m
from gdsim.app.changes import SetLandscape, SetNetwork, SetPrototype
from gdsim.app.edit_prototype import FIRST
from gdsim.gui.controls import QuietComboBox, TickBox
from gdsim.gui.dialogs import ShortcutsDialog
from gdsim.simulation.scenario import Scenario, validated
from tests.gui.conftest import THREE, Bench

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform says so of small things

PROJECTOR = (1024, 700)
BESIDE, ALONE = Qt.ToolButtonStyle.ToolButtonTextBesideIcon, Qt.ToolButtonStyle.ToolButtonIconOnly


@pytest.fixture(scope="module")
def csv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("data") / "sixteen-points.csv"
    file.write_text("a,b,target\n" + "".join(f"{k},{k * k % 7},{3 * k + 1}\n" for k in range(16)))
    return file


def of_file(file: Path) -> Scenario:
    network = {"layers": [16], "initialisation": "he"}
    problem = {"csv": str(file), "network": network}
    return validated({"steps": 5, "problem": problem, "runs": [{"optimizer": "sgd", "learning_rate": 0.01}]})


def overlaps(parts: list[QWidget]) -> list[tuple[str, str]]:
    """Pairs of visible widgets of one window that lie over each other."""
    shown = [part for part in parts if part.isVisible()]
    places = [part.rect().translated(part.mapTo(part.window(), part.rect().topLeft())) for part in shown]
    pairs = [(a, b) for a in range(len(shown)) for b in range(a)]
    return [(shown[a].accessibleName(), shown[b].accessibleName()) for a, b in pairs if places[a].intersects(places[b])]


@pytest.mark.parametrize("width", [1024, 1280, 1600])
def test_data_of_a_file_have_room_for_all_their_controls(width: int, csv: Path, open_window: Callable[..., Bench]) -> None:
    bench = open_window(of_file(csv))
    bench.show(width, 700)
    data = bench.window.problem.data
    parts = [data.target, data.model, data.network.layers, data.network.activation, data.more, data.told, data.split, data.standardise]
    for box in (data.target, data.model, data.network.activation, data.split):
        assert isinstance(box, QuietComboBox)
        assert box.width() >= min(box.sizeHint().width(), box.maximumWidth()), box.accessibleName()
    assert overlaps(parts) == []
    assert data.rect().contains(data.split.rect().translated(data.split.mapTo(data, data.split.rect().topLeft())))
    assert data.told.text() == "initialisation he"
    stacked = data.split.mapTo(data, data.split.rect().topLeft()).y() > data.model.mapTo(data, data.model.rect().topLeft()).y()
    assert stacked == (width == 1024)
    bench.session.send(SetNetwork("initialisation", "xavier"))
    assert not data.told.text().startswith("initialisation he")


def test_what_stands_beside_what_follows_the_width(csv: Path, open_window: Callable[..., Bench]) -> None:
    bench = open_window(of_file(csv))
    data = bench.window.problem.data
    heights = []
    for width in (1500, 1024, 1500):
        bench.show(width, 700)
        QApplication.processEvents()
        heights.append(data.height())
    assert heights[0] == heights[2] < heights[1]


@pytest.mark.parametrize("size", [PROJECTOR, (1280, 800)])
def test_the_formula_is_read_in_full_before_the_die_has_words(size: tuple[int, int], bench: Bench) -> None:
    bench.session.send(SetLandscape("himmelblau"))
    bench.show(*size)
    bar = bench.window.problem
    assert "…" not in bar.formula.text()
    assert bar.dice.toolButtonStyle() == (ALONE if size == PROJECTOR else BESIDE)
    bench.session.send(SetLandscape("quadratic"))
    QApplication.processEvents()
    assert "…" not in bar.formula.text()
    bench.show(1280, 800)
    assert bar.dice.toolButtonStyle() == BESIDE


def test_three_runs_are_seen_whole(bench: Bench) -> None:
    bench.show(1280, 800)
    panel = bench.window.panel
    assert len(panel.cards) == 3
    last = panel.cards[-1]
    assert last.mapTo(panel.area.viewport(), last.rect().bottomLeft()).y() < panel.area.viewport().height()
    assert not panel.area.verticalScrollBar().isVisible()


def test_the_key_of_the_curves_is_read_in_full(csv: Path, open_window: Callable[..., Bench]) -> None:
    bench = open_window(of_file(csv))
    bench.show(*PROJECTOR)
    key = bench.window.progress.key
    assert key.isVisible()
    assert "faint" in key.text()
    assert key.height() >= key.heightForWidth(key.width())
    assert key.fontMetrics().horizontalAdvance(max(key.text().split("  "), key=len)) <= key.width()


def test_the_keys_fit_on_a_projector(bench: Bench) -> None:
    dialog = ShortcutsDialog(bench.window)
    dialog.show()
    QApplication.processEvents()
    try:
        assert dialog.width() <= 1000
        assert dialog.height() <= 660
        for text in dialog.findChildren(QLabel):
            assert dialog.rect().contains(text.geometry()), text.text()
            assert text.height() >= text.heightForWidth(text.width()) - 1, text.text()
    finally:
        dialog.close()
        dialog.deleteLater()


def test_every_box_that_is_checked_shows_a_tick(open_window: Callable[..., Bench], csv: Path) -> None:
    bench = open_window(of_file(csv))
    window = bench.window
    found = set(window.findChildren(QCheckBox))
    bench.session.send(SetPrototype(FIRST))
    for kind in ("PyTorch", "Map", "Loss surface"):
        window.stage._show(kind)
    found |= set(window.findChildren(QCheckBox))
    found = {box for box in found if box.window() is window}  # a plotting library has some in menus that are never shown
    assert len(found) > 5
    assert not [box.text() for box in found if not isinstance(box, TickBox)]
    box = window.problem.data.standardise
    box.resize(160, 24)
    box.setChecked(False)
    empty = box.grab().toImage()
    box.setChecked(True)
    ticked = box.grab().toImage()
    accent, mark = bench.window._theme.accent, bench.window._theme.accent_text
    y = box.height() // 2
    colours = {ticked.pixelColor(x, yy).name() for x in range(2, 15) for yy in range(y - 6, y + 7)}
    assert accent in colours
    assert mark in colours
    assert accent not in {empty.pixelColor(x, y).name() for x in range(2, 15)}


@pytest.mark.parametrize("of_points", [False, True])
def test_the_slider_of_steps_keeps_its_place_while_runs_are_played(of_points: bool, csv: Path, open_window: Callable[..., Bench]) -> None:
    bench = open_window(of_file(csv).changed(steps=1200) if of_points else THREE.changed(steps=1200), computed=False)
    bench.show(*PROJECTOR)
    bench.session.work()
    QApplication.processEvents()
    transport = bench.window.transport
    widths = set()
    for step in (0.0, 7.0, 111.0, 999.0, 1188.0):
        bench.session.send(m.Seek(step), m.Pause())
        QApplication.processEvents()
        widths.add(transport.slider.width())
        assert f"{int(step):,}" in transport.step.text()
        assert transport.step.fontMetrics().horizontalAdvance(transport.step.text()) <= transport.step.width()
    assert len(widths) == 1
