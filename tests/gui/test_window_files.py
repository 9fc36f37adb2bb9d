"""Files in the window: opening, saving, exporting, dropping, what is unsaved, and the dialogs that ask."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QWidget

from gdsim import shipped
from gdsim.app.changes import SetSteps, SetTitle, Undo
from gdsim.app.effects import Render
from gdsim.gui.commands import COMMANDS
from gdsim.gui.dialogs import Dialogs
from gdsim.gui.files import file_name
from gdsim.gui.window import Window
from gdsim.simulation.scenario_file import load, save
from tests.draws import some
from tests.gui.conftest import THREE, Bench

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform says so of small things


BAD = {
    "misspelt": b'title = "x"\n[problem]\nlandscape = "himelblau"\n[[runs]]\noptimizer = "sgd"\nlearning_rate = -1.0\n',
    "no toml": b"this is = = not toml",
    "binary": bytes(range(256)) * 10,
    "empty": b"",
}


@pytest.mark.parametrize("kind", [*BAD, "missing", "folder"])
def test_opening_a_bad_file_complains_and_loses_nothing(kind: str, bench: Bench, tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    if kind == "folder":
        path.mkdir()
    elif kind != "missing":
        path.write_bytes(BAD[kind])
    before = bench.state
    bench.dialogs.path = path
    bench.window.actions_by_name["open"].trigger()
    bench.session.work()
    assert bench.state.scenario is before.scenario
    assert bench.state.tracks is before.tracks
    assert bench.window.banner.isVisible()
    assert "bad.toml" in bench.window.banner.text.text()
    assert bench.window.banner.property("error")
    if kind == "misspelt":
        assert "himmelblau" in bench.window.banner.text.text()
        assert "learning_rate" in bench.window.banner.text.text()


@pytest.mark.parametrize("name", some(shipped.scenarios(), 8))
def test_every_example_is_in_the_menu_and_opens(name: str, bench: Bench) -> None:
    action = next(a for a in bench.window.header.examples.menu().actions() if a.data() == name)
    action.trigger()
    bench.session.work()
    assert bench.state.scenario == load(name)
    assert bench.state.path is None
    assert len(bench.window.panel.cards) == len(bench.state.scenario.runs)
    assert not bench.window.banner.isVisible()


def test_save_asks_for_a_place_once_and_writes_what_is_shown(open_window: Callable[..., Bench], tmp_path: Path) -> None:
    bench = open_window()
    bench.session.send(SetTitle("My runs"))
    bench.dialogs.path = tmp_path / "mine.toml"
    bench.window.actions_by_name["save"].trigger()
    bench.session.work()
    assert bench.dialogs.asked == ["save"]
    assert bench.dialogs.suggested.name == "my-runs.toml"
    assert load(tmp_path / "mine.toml") == bench.state.scenario
    assert not bench.state.dirty
    assert not bench.window.header.unsaved.isVisible()
    assert bench.settings.recent == [tmp_path / "mine.toml"]
    bench.session.send(SetSteps(44))
    bench.window.actions_by_name["save"].trigger()
    bench.session.work()
    assert bench.dialogs.asked == ["save"]
    assert load(tmp_path / "mine.toml").steps == 44
    bench.window.actions_by_name["save_as"].trigger()
    assert bench.dialogs.asked == ["save", "save"]
    recent = bench.window.header.recent_menu.actions()
    assert [action.data() for action in recent] == [str(tmp_path / "mine.toml")]


def test_an_export_goes_where_it_was_asked_for(bench: Bench, tmp_path: Path) -> None:
    bench.dialogs.path = tmp_path / "picture.svg"
    bench.window.actions_by_name["export"].trigger()
    shown = bench.window._theme.name
    assert Render(bench.state.scenario, tmp_path / "picture.svg", shown) in bench.session.pending
    bench.window.actions_by_name["theme"].trigger()
    bench.window.actions_by_name["export"].trigger()
    other = {"light": "dark", "dark": "light"}[shown]
    assert Render(bench.state.scenario, tmp_path / "picture.svg", other) in bench.session.pending
    assert bench.dialogs.suggested.suffix == ".png"


@pytest.mark.parametrize("answer", ["save", "discard", "cancel"])
@pytest.mark.parametrize("how", ["close", "open", "new", "drop"])
def test_unsaved_changes_are_asked_about(how: str, answer, open_window: Callable[..., Bench], tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    save(THREE.changed(title="Other"), other)
    bench = open_window()
    bench.session.send(SetTitle("Changed"))
    bench.dialogs.answer = answer
    bench.dialogs.path = tmp_path / "saved.toml"
    if how == "close":
        bench.window.close()
    elif how == "new":
        bench.window.actions_by_name["new"].trigger()
    elif how == "open":
        bench.window.files.open_source(str(other))
    else:
        drop(bench.window, other)
    QApplication.processEvents()
    if answer == "save":
        assert bench.window.isVisible(), "not before it is saved"
    bench.session.work()
    assert [asked for asked in bench.dialogs.asked if asked.startswith("unsaved")] == ["unsaved “Changed”"]
    assert (tmp_path / "saved.toml").exists() == (answer == "save")
    if answer == "cancel":
        assert bench.window.isVisible()
        assert bench.state.scenario.title == "Changed"
    elif how == "close":
        assert not bench.window.isVisible()
    else:
        assert bench.state.scenario.title == {"new": "Three learning rates"}.get(how, "Other")


def test_a_save_that_fails_keeps_the_window_open(open_window: Callable[..., Bench], tmp_path: Path) -> None:
    bench = open_window()
    bench.session.send(SetTitle("Changed"))
    bench.dialogs.answer = "save"
    bench.dialogs.path = tmp_path / "no such folder" / "x.toml"
    bench.window.close()
    QApplication.processEvents()
    bench.session.work()
    assert bench.window.isVisible()
    assert bench.window.banner.isVisible()
    bench.session.send(Undo())
    bench.session.work()
    assert bench.window.isVisible(), "an undo that makes it clean is not the save that was waited for"


def test_what_is_unchanged_closes_without_a_question(open_window: Callable[..., Bench]) -> None:
    bench = open_window()
    bench.window.close()
    assert not bench.window.isVisible()
    assert bench.dialogs.asked == []


def drop(window: Window, *files: Path) -> bool:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    none, left = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(QPoint(50, 50), Qt.DropAction.CopyAction, data, left, none)
    enter.setAccepted(False)
    window.dragEnterEvent(enter)
    window.dropEvent(QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, data, left, none))
    return enter.isAccepted()


def test_only_one_scenario_file_can_be_dropped(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "other.toml"
    save(THREE.changed(title="Other"), file)
    assert not drop(bench.window, tmp_path / "picture.png")
    assert not drop(bench.window, file, file)
    assert bench.state.scenario.title == "Three"
    assert drop(bench.window, file)
    bench.session.work()
    assert bench.state.scenario.title == "Other"


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Three learning rates", "three-learning-rates.toml"),
        ("", "scenario.toml"),
        ("../../etc/passwd", "etc-passwd.toml"),
        ("日本", "scenario.toml"),
    ],
)
def test_file_names_are_harmless(title: str, name: str) -> None:
    assert file_name(title) == name


def test_the_question_about_unsaved_changes_answers_by_its_buttons(bench: Bench, qtbot) -> None:
    for text, answer in (("Save", "save"), ("Do not save", "discard"), ("Cancel", "cancel")):
        answers: list[str] = []
        Dialogs().unsaved(bench.window, "x", answers.append)
        box = next(w for w in bench.window.findChildren(QMessageBox) if w.isVisible())
        next(button for button in box.buttons() if button.text() == text).click()
        assert answers == [answer]
        box.deleteLater()


@pytest.mark.parametrize("kind", ["open_file", "save_file", "export_picture"])
def test_file_dialogs_do_not_block_and_hand_over_the_path(kind: str, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[QFileDialog] = []
    monkeypatch.setattr(QFileDialog, "open", lambda self: made.append(self))
    paths: list[Path] = []
    getattr(Dialogs(), kind)(bench.window, tmp_path / "x.toml" if kind != "open_file" else tmp_path, paths.append)
    made[0].fileSelected.emit(str(tmp_path / "chosen.toml"))
    assert paths == [tmp_path / "chosen.toml"]
    if kind == "export_picture":
        made[0].filterSelected.emit("PDF page (*.pdf)")
        assert made[0].defaultSuffix() == "pdf"
    made[0].deleteLater()


def test_the_list_of_keys_has_every_key(bench: Bench) -> None:
    Dialogs().shortcuts(bench.window)
    dialog = next(w for w in QApplication.topLevelWidgets() if w.windowTitle() == "Keyboard and about")
    texts = {label.text() for label in dialog.findChildren(QWidget) if hasattr(label, "text")}
    assert all(command.tip in texts for command in COMMANDS if command.keys)
    dialog.close()
