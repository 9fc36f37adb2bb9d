"""Choosing data, their model and network, and the batches of a run, on the window's controls."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest

from gdsim.app import messages as m
from gdsim.app.changes import SetBatches, SetLandscape
from gdsim.app.effects import ReadCsv
from gdsim.app.epochs import epoch_at, epochs_of
from gdsim.app.rereading import DataChanged
from gdsim.app.state import Track
from gdsim.gui.batch_editor import kind_of
from gdsim.gui.data_editor import columns_of
from gdsim.gui.landscape_picker import DATA, landscape_entries, listed_name
from gdsim.gui.network_editor import parse_layers
from gdsim.gui.slider import StepSlider
from gdsim.networks.batches import Batches
from gdsim.networks.dataset import Dataset
from gdsim.networks.generators import DATASETS
from gdsim.schedules.batch_size import BATCH_SCHEDULES
from gdsim.simulation.scenario import Scenario
from tests.app.test_predicting import recording, snapshots

RUNS = [{"label": "all", "optimizer": "sgd", "learning_rate": 0.1}, {"label": "few", "optimizer": "sgd", "learning_rate": 0.05}]
LINE = Scenario.model_validate({"steps": 20, "problem": {"dataset": "line", "model": "line"}, "runs": RUNS})
SPIRAL = Scenario.model_validate({"steps": 40, "problem": {"dataset": "spiral", "network": {"layers": [3]}}, "runs": RUNS})


class Quiet:
    """A window that never computes: what is asked of the worker is dropped."""

    def __init__(self, bench):
        self.bench, self.window = bench, bench.window

    def show(self, scenario: Scenario):
        self.bench.session.send(m.Opened(scenario, None))
        self.bench.session.pending.clear()

    @property
    def problem(self):
        return self.bench.state.scenario.problem

    @property
    def runs(self):
        return self.bench.state.scenario.runs


@pytest.fixture
def quiet(bench):
    found = Quiet(bench)
    found.show(LINE)
    yield found
    bench.session.pending.clear()


def test_data_sets_stand_in_the_list_with_pictures(quiet):
    picker = quiet.window.problem.picker
    names = [entry.name for entry in landscape_entries()]
    assert [name.removeprefix(DATA) for name in names if name.startswith(DATA)] == list(DATASETS)
    for name in DATASETS:
        picture = picker._thumbnail(DATA + name)
        assert picture is not None
        assert len({picture.pixel(x, y) for x in range(0, 96, 3) for y in range(0, 68, 3)}) > 3
    picker._picked(DATA + "spiral")
    assert quiet.problem.dataset == "spiral"
    assert picker.text().startswith("Network 2-16-16-1 on spiral")
    assert listed_name(quiet.problem) == picker.current == DATA + "spiral"


def test_the_parameters_of_made_data_are_sliders(quiet):
    data = quiet.window.problem.data
    assert data.isVisible()
    assert list(data.rows) == ["count", "noise", "slope", "intercept"]
    data.rows["noise"]._typed(0.25)
    assert quiet.problem.data.noise == 0.25
    quiet.show(SPIRAL)
    assert list(data.rows) == ["count", "noise"]
    quiet.bench.session.send(SetLandscape("himmelblau"))
    assert not data.isVisible()


def test_model_layers_and_activation(quiet):
    data = quiet.window.problem.data
    assert not data.network.first.isVisible()
    data._choose_model(data.model.findData("network"))
    assert quiet.problem.network.layers == (16, 16)
    assert data.network.first.isVisible()
    layers = data.network.layers
    for text, expected in (("8 4", (8, 4)), ("12", (12,)), ("", ())):
        layers.setText(text)
        QTest.keyClick(layers, Qt.Key.Key_Return)
        assert quiet.problem.network.layers == expected
    layers.setText("8 x")
    QTest.keyClick(layers, Qt.Key.Key_Return)
    assert quiet.problem.network.layers == ()
    assert "'x'" in data.complaint.text()
    assert layers.property("refused")
    data.network.activation.setCurrentText("relu")
    data.network._choose_activation(0)
    assert quiet.problem.network.activation == "relu"


def test_the_rest_of_a_network_unfolds_and_is_told(quiet):
    quiet.show(SPIRAL)
    data = quiet.window.problem.data
    assert not data.network.isVisible()
    data.more.click()
    assert data.network.isVisible()
    assert [data.network.combos["loss"].itemText(k) for k in range(2)] == ["bce", "cross_entropy"]
    data.network.rows["dropout"]._typed(0.25)
    assert quiet.problem.network.dropout == 0.25
    assert "dropout 0.25" in data.told.accessibleName()
    data.network.rows["batch_norm"].click()
    assert quiet.problem.network.batch_norm
    data.more.click()


@pytest.mark.parametrize(
    ("text", "layers"), [("", ()), ("16", (16,)), ("16 16", (16, 16)), ("4,5, 6", (4, 5, 6)), ("1" + " 1" * 97, (1,) * 98)]
)
def test_layers_are_read(text, layers):
    assert parse_layers(text) == layers


@pytest.mark.parametrize("text", ["0", "-3", "2.5", "a", "16 0", "1000000", "1" + " 1" * 98, "٣ ²"])
def test_what_is_no_layer_is_refused(text):
    with pytest.raises(ValueError, match=r"layer"):
        parse_layers(text)


def test_split_and_standardisation(quiet):
    data = quiet.window.problem.data
    data._choose_split(data.split.findText("80/20/0 %"))
    assert quiet.problem.split == (0.8, 0.2, 0.0)
    data.standardise.click()
    assert quiet.problem.standardise


def test_the_batch_size_from_one_to_all(quiet):
    card = quiet.window.panel.cards[1]
    assert card.batches.isVisible()
    assert card.batches.kind.text() == "full batch"
    slider = card.batches.row.slider
    slider.setValue(0)
    assert quiet.runs[1].batch_size == 1
    assert card.batches.kind.text() == "stochastic"
    card.batches.row.number.selectAll()
    QTest.keyClicks(card.batches.row.number, "12")
    QTest.keyClick(card.batches.row.number, Qt.Key.Key_Return)
    assert quiet.runs[1].batch_size == 12
    assert card.batches.kind.text() == "mini-batch"
    slider.setValue(slider.maximum())
    assert quiet.runs[1].batch_size == "full"
    assert quiet.runs[0].batch_size == "full"
    assert [kind_of(size, 5) for size in (1, 2, 5)] == ["stochastic", "mini-batch", "full batch"]


def test_epochs_in_place_of_steps(quiet):
    card = quiet.window.panel.cards[0]
    card.tune.setChecked(True)
    card.batches.in_epochs.click()
    assert quiet.runs[0].epochs == 10
    card.batches.epochs._typed(25.0)
    assert quiet.runs[0].epochs == 25
    card.batches.switches["replacement"].click()
    assert quiet.runs[0].replacement
    card.batches.in_epochs.click()
    assert quiet.runs[0].epochs is None


def test_the_length_of_runs_that_count_epochs(quiet):
    length = quiet.window.problem.length
    runs = [{"optimizer": "sgd", "batch_size": 7, "epochs": 3}, {"optimizer": "sgd", "batch_size": 7}]
    quiet.show(Scenario.model_validate({"problem": {"dataset": "line", "data": {"count": 20}, "model": "line"}, "steps": 44, "runs": runs}))
    assert (length.caption.text(), length.box.value(), length.comes_to.text()) == ("Epochs", 3, "= 9 steps")
    assert length.comes_to.isVisible()
    length.box.setValue(5)
    assert quiet.runs[0].epochs == 5
    assert quiet.bench.state.scenario.steps == 44
    assert length.comes_to.text() == "= 15 steps"
    quiet.bench.session.send(m.SelectRun(1))
    assert (length.caption.text(), length.box.value(), length.box.accessibleName()) == ("Steps", 44, "steps")
    assert "do not count epochs" in length.box.toolTip()
    assert not length.comes_to.isVisible()
    length.box.setValue(45)
    assert quiet.bench.state.scenario.steps == 45
    assert quiet.runs[0].epochs == 5


def test_landscapes_have_no_batches(quiet):
    quiet.bench.session.send(SetLandscape("himmelblau"))
    assert not quiet.window.panel.cards[0].batches.isVisible()


def test_epochs_on_the_timeline_and_in_the_plots(quiet):
    quiet.show(SPIRAL)
    quiet.bench.session.send(SetBatches(0, "batch_size", 35))
    assert quiet.window.transport.slider._epochs.steps == 10
    assert quiet.window.progress.loss.curves.epochs.steps == 10
    assert quiet.window.transport.step.text().startswith("epoch 1,")
    state = replace(quiet.bench.state, scenario=quiet.bench.state.scenario.with_run(0, quiet.runs[0].changed(epochs=3)))
    epochs = epochs_of(state)
    assert [epoch_at(state, epochs, step) for step in (0, 9, 10, 29, 30, 500)] == [1, 1, 2, 3, 3, 3]
    quiet.bench.session.send(SetBatches(0, "batch_size", "full"))
    assert quiet.window.transport.slider._epochs is None
    assert not quiet.window.transport.step.text().startswith("epoch")


def test_ticks_of_the_timeline_are_epochs(qtbot):
    slider = StepSlider()
    qtbot.addWidget(slider)
    slider.resize(400, 24)
    slider.setMaximum(100)
    slider.show_epochs(Batches(20, 1))
    assert slider.ticks == (20, 40, 60, 80, 100)
    slider.show_epochs(Batches(20, 1, later=((1, 2), (3, 5), (5, 10))))
    assert slider.ticks == (20, 30, 40, 44, 48, *range(50, 101, 2))[: len(slider.ticks)]
    slider.show_epochs(Batches(20, 1))
    slider.setMaximum(100_000)
    apart = {b - a for a, b in zip(slider.ticks, slider.ticks[1:], strict=False)}
    assert len(apart) == 1
    (stride,) = apart
    assert stride % 20 == 0
    assert stride * 400 / 100_000 >= StepSlider.CLOSEST
    slider.show_epochs(None)
    assert slider.ticks == ()


def test_training_and_validation_loss_and_accuracy(quiet):
    quiet.show(SPIRAL)
    state = quiet.bench.state
    track = Track(state.generation, recording(snapshots(9, 5)))
    progress = quiet.window.progress
    from dataclasses import replace

    progress.render(replace(state, tracks=(track, track)))
    assert [(each.label, each.held_out) for each in progress.loss.evaluated] == [
        ("all", False),
        ("all", True),
        ("few", False),
        ("few", True),
    ]
    assert [curve.faint for curve in progress.loss.curves.curves] == [False] * 4 + [True] * 2
    assert [curve.marks for curve in progress.loss.curves.curves[:4]] == [False, True] * 2
    assert progress.below.isVisible()
    assert progress.gradient.values
    progress.below.setCurrentIndex(progress.below.findText("accuracy"))
    progress.below.activated.emit(1)
    assert progress.gradient.values == []
    assert len(progress.gradient.evaluated) == 4
    progress.below.setCurrentIndex(0)
    progress.below.activated.emit(0)
    quiet.show(LINE)
    assert not progress.below.isVisible()


def test_a_file_is_opened_by_the_dialog_and_by_drop(quiet, tmp_path: Path):
    path = tmp_path / "house.csv"
    path.write_text("rooms,age,colour,price\n" + "".join(f"{k},{2 * k % 7},{'red' if k % 2 else 'blue'},{3.5 * k}\n" for k in range(40)))
    quiet.bench.dialogs.path = path
    quiet.window._carry_out("open")
    assert quiet.bench.session.pending == [ReadCsv(str(path), None)]
    quiet.bench.session.pending.clear()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    drop = QDropEvent(QPointF(10, 10), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    quiet.window.dropEvent(drop)
    assert quiet.bench.session.pending == [ReadCsv(str(path), None)]
    quiet.bench.session.send(m.CsvRead(str(path), None, Dataset.from_csv(path)))
    quiet.bench.session.pending.clear()
    data = quiet.window.problem.data
    assert data.target.isVisible()
    assert [data.target.itemText(k) for k in range(data.target.count())] == ["age", "colour", "price", "rooms"]
    assert data.target.currentText() == "price"
    data._choose_target(data.target.findText("age"))
    assert quiet.bench.session.pending == [ReadCsv(str(path), "age")]
    assert columns_of(Dataset.from_csv(path, "colour")) == ["rooms", "age", "price", "colour"]


def test_the_caption_tells_of_points_that_were_left_out(quiet, tmp_path: Path):
    path = tmp_path / "holes.csv"
    path.write_text("x,y\n" + "".join(f"{k},{'' if k in (2, 7, 9) else 3 * k}\n" for k in range(40)))
    quiet.bench.session.send(m.CsvRead(str(path), None, Dataset.from_csv(path)))
    quiet.bench.session.pending.clear()
    quiet.bench.session.send(m.ShowView("Data"))
    quiet.bench.session.pending.clear()
    bar = quiet.window.stage.current.bar
    assert "3 points without a target left out." in bar.caption.toolTip()


def test_batches_that_grow(quiet):
    quiet.show(SPIRAL)
    quiet.bench.session.send(SetBatches(0, "batch_size", 8))
    card = quiet.window.panel.cards[0]
    card.tune.setChecked(True)
    growth = card.batches.growth
    assert not growth.rows
    for name in ("step", "linear", "points"):
        growth.box.setCurrentIndex(growth.box.findData(name))
        growth.box.activated.emit(growth.box.currentIndex())
        assert quiet.runs[0].batch_schedule.name == name
        assert list(growth.rows) == [param.name for param in BATCH_SCHEDULES[name].parameters]
    assert card.batches.kind.text() == "growing"
    growth.rows["sizes"].edit.setText("5, 7, 9")
    growth.rows["sizes"].edit.setModified(True)
    growth.rows["sizes"].edit.editingFinished.emit()
    assert quiet.runs[0].batch_schedule.sizes == (5, 7, 9)
    assert card.batches.row.number.text() == "5"
    growth.box.setCurrentIndex(0)
    growth.box.activated.emit(0)
    assert quiet.runs[0].batch_schedule is None
    assert not growth.rows


def test_a_file_that_changes_on_the_disk_is_noticed(quiet, tmp_path, qtbot):
    file = tmp_path / "points.csv"
    rows = "".join(f"{x},{2 * x}\n" for x in range(9))
    file.write_text("x,y\n" + rows)
    quiet.show(Scenario.model_validate({"problem": {"csv": str(file), "target": "y", "model": "line"}, "runs": [{"optimizer": "sgd"}]}))
    sent = []
    watch = quiet.window.data_watch
    watch._send = sent.append
    file.write_text("x,y\n" + rows + "9,9\n")
    qtbot.waitUntil(lambda: len(sent) == 1, timeout=10_000)
    other = tmp_path / "other.csv"
    other.write_text("x,y\n" + rows)
    other.replace(file)  # as careful programs write
    qtbot.waitUntil(lambda: len(sent) == 2, timeout=10_000)
    file.write_text("x,y\n1,2\n")
    qtbot.waitUntil(lambda: len(sent) == 3, timeout=10_000)
    assert set(sent) == {DataChanged(str(file))}
    quiet.show(SPIRAL)
    assert not watch._watcher.files()
