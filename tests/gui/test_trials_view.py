"""Trials in the window: chosen, begun, shown cell by cell, read by pointing and by keys, and a run opened."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gdsim.app.messages import Cancel, ShowView
from gdsim.app.state import Trying
from gdsim.app.trials import TRIALS_VIEW, BeginTrials, ChooseExtent, ChooseSubject, OpenTrial, Tried
from gdsim.gui.mosaic_cells import CELL, MosaicCells, stamp
from gdsim.gui.palette import DARK, LIGHT
from gdsim.gui.stage import views_of
from gdsim.gui.trials_view import INVITATION, TrialsView
from gdsim.harness.trial import Verdict
from gdsim.harness.verdict_look import LOOKS
from gdsim.simulation.scenario import validated
from gdsim.simulation.scenario_file import parse
from tests.gui.conftest import THREE
from tests.gui.states import state
from tests.gui.trainings import trained
from tests.harness.made_up import report

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


class Scene:
    def __init__(self, qtbot: QtBot, units: int | None = 40, width: int = 420) -> None:
        self.sent = []
        self.view = TrialsView(self.sent.append)
        qtbot.addWidget(self.view)
        self.view.resize(width, 520)
        self.view.show()
        self.report = None if units is None else report("adam", units)
        self.state = replace(state("himmelblau"), view=TRIALS_VIEW, trying=Trying(question=1, report=self.report))
        self.view.render(self.state)
        self.view.grab()

    @property
    def cells(self) -> MosaicCells:
        return self.view.cells

    def pixel(self, index: int) -> str:
        grabbed: QImage = self.cells.grab().toImage()
        place = self.cells.place(index)
        ratio = grabbed.width() / self.cells.width()
        return grabbed.pixelColor(round((place.left() + 1.5) * ratio), round((place.top() + 1.5) * ratio)).name()


@pytest.fixture
def scene(qtbot: QtBot) -> Scene:
    return Scene(qtbot)


def test_every_view_of_a_scenario_has_it_beside() -> None:
    for made in (state("himmelblau"), state("double_well"), trained()):
        assert TrialsView in views_of(made.scenario)[1:]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_every_trial_has_a_cell_of_its_verdicts_colour(scene: Scene, theme) -> None:
    scene.view.apply_theme(theme)
    assert sorted(one.trial.id for one in scene.cells.outcomes) == sorted(one.trial.id for one in scene.report.outcomes)
    for index, outcome in enumerate(scene.cells.outcomes):
        assert scene.pixel(index) == LOOKS[outcome.verdict].fill


@pytest.mark.parametrize("width", [260, 420, 900])
def test_cells_lie_beside_each_other_in_the_widget(qtbot: QtBot, width: int) -> None:
    scene = Scene(qtbot, 200, width)
    places = [scene.cells.place(index) for index in range(len(scene.cells.outcomes))]
    assert all(scene.cells.rect().contains(place) for place in places)
    assert not any(one.intersects(other) for k, one in enumerate(places) for other in places[k + 1 :])
    for index, place in enumerate(places):
        for corner in (place.topLeft(), place.center(), place.bottomRight()):
            assert scene.cells.at(corner) == index
    assert scene.cells.at(QPoint(places[0].left() + CELL + 1, places[0].top())) is None
    assert scene.cells.at(QPoint(1, scene.cells.height() + 5)) is None


def test_pointing_tells_the_trial_and_the_sentence(scene: Scene) -> None:
    outcome = scene.cells.outcomes[8]
    QTest.mouseMove(scene.cells, scene.cells.place(8).center())
    assert outcome.trial.title in scene.view.words.text
    assert outcome.sentence in scene.view.words.text
    QTest.mouseMove(scene.cells, QPoint(scene.cells.width() - 1, 1))
    assert outcome.sentence not in scene.view.words.text


def test_a_click_asks_for_the_run(scene: Scene) -> None:
    for index in (0, 9, len(scene.cells.outcomes) - 1):
        scene.sent.clear()
        QTest.mouseClick(scene.cells, Qt.MouseButton.LeftButton, pos=scene.cells.place(index).center())
        assert scene.sent == [OpenTrial(scene.cells.outcomes[index].trial.id)]
    scene.sent.clear()
    QTest.mouseClick(scene.cells, Qt.MouseButton.LeftButton, pos=QPoint(scene.cells.width() - 1, 1))
    assert scene.sent == []


def test_keys_walk_from_cell_to_cell(scene: Scene) -> None:
    cells = scene.cells
    cells.setFocus()

    def here() -> int:
        return next(k for k, one in enumerate(cells.outcomes) if one.trial.title in cells.accessibleDescription().split("\n"))

    assert here() == 0
    for key, index in (("Right", 1), ("Right", 2), ("Left", 1), ("Home", 0), ("Left", 0), ("End", len(cells.outcomes) - 1)):
        QTest.keyClick(cells, getattr(Qt.Key, f"Key_{key}"))
        assert here() == index
    QTest.keyClick(cells, Qt.Key.Key_Home)
    QTest.keyClick(cells, Qt.Key.Key_Down)
    assert cells.place(here()).left() == cells.place(0).left()
    assert cells.place(here()).top() > cells.place(0).top()
    QTest.keyClick(cells, Qt.Key.Key_Up)
    assert here() == 0
    QTest.keyClick(cells, Qt.Key.Key_Return)
    assert scene.sent == [OpenTrial(cells.outcomes[0].trial.id)]


def test_the_legend_counts(scene: Scene) -> None:
    for verdict, count in scene.view.legend.counts.items():
        expected = sum(outcome.verdict is verdict for outcome in scene.report.outcomes)
        assert count.isVisibleTo(scene.view) == (expected > 0)
        if expected:
            assert count.text() == f"{expected} {verdict}"
            assert LOOKS[verdict].meaning in count.toolTip()


def test_the_legend_leads_from_one_to_the_next(qtbot: QtBot) -> None:
    scene = Scene(qtbot, 1200)
    outcomes = scene.cells.outcomes
    wanted = [k for k, one in enumerate(outcomes) if one.verdict is Verdict.UNRELIABLE]
    for index in (*wanted[:3], wanted[-1]):
        if index == wanted[-1]:
            scene.cells._go(wanted[-2])
        scene.view.legend.counts[Verdict.UNRELIABLE].click()
        assert outcomes[index].trial.title in scene.cells.accessibleDescription().split("\n")
        assert outcomes[index].sentence in scene.view.words.text
        assert scene.cells.visibleRegion().contains(scene.cells.place(index).center())
    scene.view.legend.counts[Verdict.UNRELIABLE].click()
    assert outcomes[wanted[0]].sentence in scene.view.words.text


def test_it_begins_and_cancels(qtbot: QtBot) -> None:
    scene = Scene(qtbot, None)
    assert scene.view.button.text() == "Begin"
    assert INVITATION.split(":")[0] in scene.cells._invitation
    scene.view.button.click()
    assert scene.sent.pop() == BeginTrials()
    scene.view.render(replace(scene.state, trying=replace(scene.state.trying, share=0.3)))
    assert scene.view.button.text() == "Cancel"
    scene.view.button.click()
    assert scene.sent.pop() == Cancel()
    scene.view.extent.activated.emit(1)
    assert scene.sent.pop() == ChooseExtent(False)


def test_runs_and_the_catalogue_are_offered(scene: Scene) -> None:
    entries = {entry.name: entry for entry in scene.view._entries}
    assert [name for name in entries if name.startswith("run ")] == ["run 0", "run 1", "run 2"]
    assert "adam" in entries
    scene.view._pick("run 2")
    scene.view._pick("lion")
    assert scene.sent == [ChooseSubject(2), ChooseSubject("lion")]
    scene.view.render(replace(scene.state, trying=replace(scene.state.trying, subject="lion")))
    assert "Lion" in scene.view.picker.text()
    assert scene.view.picker.popup.list.model().rowCount() > len(entries)
    fewer = scene.state.scenario.changed(runs=scene.state.scenario.runs[:1])
    scene.view.render(replace(scene.state, scenario=fewer, tracks=scene.state.tracks[:1]))
    assert "popup" not in vars(scene.view.picker)  # the list is made anew of the runs that are left


def test_in_the_window_a_click_opens_the_run_and_undo_brings_the_scenario_back(bench) -> None:
    bench.session.send(ShowView(TRIALS_VIEW))
    view = bench.window.stage.view(TrialsView)
    assert bench.window.stage.current is view
    made = report("adam", 20)
    bench.session.send(BeginTrials())
    bench.session.pending.clear()
    bench.session.send(Tried(bench.state.trying.question, 1.0, made))
    broken = next(k for k, one in enumerate(view.cells.outcomes) if one.scenario is not None)
    QTest.mouseClick(view.cells, Qt.MouseButton.LeftButton, pos=view.cells.place(broken).center())
    bench.session.work()
    assert bench.state.scenario == validated(parse(view.cells.outcomes[broken].scenario))
    assert bench.window.stage.current is bench.window.stage.map
    assert all(track is not None and track.verdict for track in bench.state.tracks)
    bench.window.actions_by_name["undo"].trigger()
    bench.session.work()
    assert bench.state.scenario == THREE
    bench.session.send(ShowView("Loss surface"))


def test_names_for_those_who_hear_the_window(scene: Scene) -> None:
    for widget in (scene.view.picker, scene.view.extent, scene.view.button, scene.cells, *scene.view.legend.counts.values()):
        assert widget.accessibleName()


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_stamp_has_a_sign(verdict: Verdict) -> None:
    image = stamp(verdict, CELL).toImage().convertToFormat(QImage.Format.Format_RGB888)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(CELL, image.bytesPerLine())[:, : 3 * CELL].reshape(-1, 3)
    fill = [int(LOOKS[verdict].fill[k : k + 2], 16) for k in (1, 3, 5)]
    inked = (np.abs(pixels.astype(int) - fill).max(axis=1) > 40).sum()
    assert 2 <= inked < CELL * CELL / 2
