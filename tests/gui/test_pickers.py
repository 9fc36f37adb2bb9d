"""The lists of landscapes and optimizers: grouped, searched, explained, and the small pictures."""

import time

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtTest import QTest

from gdsim.app import messages as m
from gdsim.app.changes import SetLandscape, SetOptimizer
from gdsim.gui import thumbnails
from gdsim.gui.catalogue_popup import FORMULA, NAME, Entry, entry_items
from gdsim.gui.optimizer_picker import explanation, optimizer_entries
from gdsim.gui.palette import DARK, LIGHT, ground_table
from gdsim.gui.thumbnails import CURVE, HEIGHT, WIDTH, Thumbnails, losses_of, painted, shades_of
from gdsim.gui.typeset import typeset
from gdsim.landscapes import LANDSCAPES
from gdsim.optimizers import OPTIMIZERS
from tests.gui.conftest import Bench

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform says so of small things


def rows(model) -> list[tuple[str | None, str]]:
    return [(model.index(row, 0).data(NAME), model.index(row, 0).data()) for row in range(model.rowCount())]


def test_entries_of_a_family_stand_together_under_its_heading() -> None:
    mixed = [Entry("a", "A", "one", "", ""), Entry("b", "B", "two", "", ""), Entry("c", "C", "one", "", ""), Entry("d", "D", "", "", "")]
    assert rows(entry_items(mixed)) == [(None, "One"), ("a", "A"), ("c", "C"), (None, "Two"), ("b", "B"), ("d", "D")]


def test_every_optimizer_is_listed_once_and_explained(bench: Bench) -> None:
    model = bench.window.panel.cards[0].optimizer.popup.model.sourceModel()
    found = rows(model)
    assert sorted(name for name, _ in found if name) == sorted(OPTIMIZERS)
    assert len([title for name, title in found if not name]) == len({record.family for record in OPTIMIZERS.values()})
    for row in range(model.rowCount()):
        index = model.index(row, 0)
        if record := OPTIMIZERS.get(index.data(NAME)):
            tip = index.data(Qt.ItemDataRole.ToolTipRole)
            assert typeset(record.formula) in tip
            assert record.notes in tip
            assert record.source in tip
            assert index.data(FORMULA) == typeset(record.formula)


def test_a_search_keeps_the_heading_and_finds_by_family(bench: Bench) -> None:
    popup = bench.window.panel.cards[1].optimizer.popup
    bench.window.panel.cards[1].optimizer.open()
    assert popup.list.currentIndex().data(NAME) == "sgd"
    QTest.keyClicks(popup.search, "quasi-newton")
    found = rows(popup.model)
    assert {name for name, _ in found if name} == {name for name, record in OPTIMIZERS.items() if record.family == "quasi-Newton"}
    assert found[0] == (None, "Quasi-Newton")
    QTest.keyClick(popup.search, Qt.Key.Key_Escape)
    assert not popup.isVisible()
    assert bench.state.scenario.runs[1].optimizer == "sgd"


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_card_shows_its_optimizer(name: str, bench: Bench) -> None:
    if OPTIMIZERS[name].needs_residuals:
        bench.session.send(SetLandscape(next(n for n, record in LANDSCAPES.items() if record.residuals)))
    bench.session.send(SetOptimizer(0, name))
    picker = bench.window.panel.cards[0].optimizer
    assert picker.current == bench.state.scenario.runs[0].optimizer == name
    assert picker.accessibleName() == f"optimizer of run 1: {OPTIMIZERS[name].title}"
    assert explanation(OPTIMIZERS[name]) in picker.toolTip()
    assert picker.fontMetrics().horizontalAdvance(picker.text()) <= picker.width() - 30
    assert OPTIMIZERS[name].title.startswith(picker.text().rstrip("…"))
    assert len(picker.text()) > 8 or picker.text() == OPTIMIZERS[name].title


@pytest.mark.parametrize("name", ["adam", "adadelta", "rmsprop"])
def test_the_optimizer_s_name_begins_at_the_left_however_short(name: str, bench: Bench) -> None:
    picker = bench.window.panel.cards[0].optimizer
    bench.session.send(SetOptimizer(0, name))
    QCoreApplication.processEvents()
    image = picker.grab().toImage()
    ground = image.pixelColor(5, image.height() // 2).name()
    inked = [x for x in range(5, image.width() - 28) if any(image.pixelColor(x, y).name() != ground for y in range(8, image.height() - 8))]
    assert 8 <= inked[0] <= 14


def test_entries_are_all_there() -> None:
    assert [entry.name for entry in optimizer_entries()] == list(OPTIMIZERS)


@pytest.mark.parametrize("name", ["himmelblau", "easom", "double_well"])
def test_a_picture_is_of_the_landscape_itself(name: str) -> None:
    record = LANDSCAPES[name]
    losses = np.array(list(losses_of(record)))
    x = np.linspace(*record.domain[0], losses.shape[1])
    y = np.linspace(*record.domain[1], HEIGHT)[:, np.newaxis] if record.dim == 2 else np.zeros((1, 1))
    np.testing.assert_allclose(losses, record.loss(x, y), rtol=1e-9, atol=1e-9)
    image = painted(record, losses, LIGHT)
    assert (image.width(), image.height()) == ((WIDTH, HEIGHT) if record.dim == 2 else CURVE)
    if record.dim == 2:
        southmost = [image.pixelColor(i, HEIGHT - 1).red() for i in range(WIDTH)]
        shades = shades_of(record, losses)[0]
        assert southmost == [int(ground_table(LIGHT)[round(255 * shade)][0]) for shade in shades]


def test_losses_that_are_no_numbers_are_painted_too() -> None:
    record = LANDSCAPES["himmelblau"]
    for losses in (np.full((HEIGHT, WIDTH), np.nan), np.full((HEIGHT, WIDTH), 3.0), np.where(np.eye(HEIGHT, WIDTH) > 0, np.inf, 1.0)):
        shades = shades_of(record, losses)
        assert np.all((shades >= 0.0) & (shades <= 1.0))
        painted(record, losses, DARK)


def test_the_list_opens_at_once_and_its_pictures_come_in(bench: Bench, monkeypatch: pytest.MonkeyPatch, qtbot) -> None:
    known: dict[str, np.ndarray] = {}
    monkeypatch.setattr(thumbnails, "_known", lambda: known)
    picker = bench.window.problem.picker
    picker.thumbnails._images.clear()
    _ = picker.popup
    picker.open()
    assert not known
    qtbot.waitUntil(lambda: len(known) >= 3, timeout=20_000)
    in_sight = picker.popup.list.indexAt(picker.popup.list.viewport().rect().center()).data(NAME)
    assert in_sight in LANDSCAPES
    first = next(iter(known))
    light = picker.thumbnails.image(first)
    assert light is not None
    bench.session.send(m.SetTheme("dark"))
    dark = picker.thumbnails.image(first)
    bench.session.send(m.SetTheme("light"))
    assert dark != picker.thumbnails.image(first)
    picker.popup.hide()
    qtbot.waitUntil(lambda: not picker.thumbnails._timer.isActive(), timeout=20_000)


def test_no_slice_of_painting_takes_long(monkeypatch: pytest.MonkeyPatch, qtbot) -> None:
    """The window stays quick while pictures are painted: after the slice is over, at most one more row is."""
    known: dict[str, np.ndarray] = {}
    monkeypatch.setattr(thumbnails, "_known", lambda: known)
    done: list[str] = []
    small = Thumbnails(LIGHT, lambda: done.extend(set(known) - set(done)))
    names = ("michalewicz", "ackley")
    small.want(names)
    slices = []
    while small._timer.isActive():
        begun = time.thread_time()
        small._go_on()
        slices.append(time.thread_time() - begun)
    assert done == list(names)
    assert len(slices) > 2
    assert sorted(slices)[len(slices) // 2] < 0.04
    QCoreApplication.processEvents()
