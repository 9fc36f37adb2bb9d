"""The window's life: opening, closing, files, faults, themes, names for everybody, sizes."""

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QPainter
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QApplication, QComboBox, QFileDialog, QLineEdit, QMenu, QMessageBox, QWidget

from gdsim import shipped
from gdsim.app import messages as m
from gdsim.app.session import Session
from gdsim.gui.application import qt_palette
from gdsim.gui.commands import COMMANDS
from gdsim.gui.dialogs import Dialogs
from gdsim.gui.faults import QUIET_SECONDS, Faults
from gdsim.gui.palette import DARK, LIGHT
from gdsim.gui.run_card import outcome_line
from gdsim.gui.settings import MOST_RECENT, Settings
from gdsim.gui.window import Window, file_name
from gdsim.simulation.scenario_file import load, save
from gdsim.simulation.verdict import Outcome, Rate, Verdict
from tests.gui.conftest import THREE, Bench, ScriptedDialogs

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform says so of small things


@pytest.fixture
def live(tmp_path: Path, qtbot):
    """A window over a session with its worker, running by itself."""
    session = Session(THREE)
    window = Window(session, Settings(tmp_path / "settings.ini"), ScriptedDialogs())
    window.show()
    yield window, session
    window.close_now()
    window.deleteLater()


# By itself


def test_a_shown_window_computes_and_plays_by_itself(live, qtbot) -> None:
    window, session = live
    qtbot.waitUntil(lambda: all(track is not None and track.verdict is not None for track in session.state.tracks), timeout=60_000)
    qtbot.waitUntil(lambda: session.state.playhead > 0, timeout=5_000)
    assert [card.chip.text for card in window.panel.cards] == [str(track.verdict) for track in session.state.tracks]


def test_closing_while_busy_is_quick_and_leaves_no_thread(tmp_path: Path, qtbot) -> None:
    scenario = THREE.changed(steps=5_000_000)
    session = Session(scenario)
    window = Window(session, Settings(tmp_path / "settings.ini"), ScriptedDialogs())
    window.show()
    qtbot.waitUntil(lambda: any(thread.name == "gdsim worker" for thread in threading.enumerate()), timeout=10_000)
    begun = time.monotonic()
    window.close()
    assert time.monotonic() - begun < 2.5
    assert not window.isVisible()
    qtbot.waitUntil(lambda: not any(thread.name == "gdsim worker" for thread in threading.enumerate()), timeout=20_000)
    window.deleteLater()


def test_busy_is_shown_only_when_it_lasts(bench: Bench, qtbot) -> None:
    bench.session.send(m.SetSteps(61))
    assert bench.state.computing
    bench.window._frame()
    assert not bench.window.transport.busy.isVisible()
    qtbot.waitUntil(lambda: (bench.window._frame(), bench.window.transport.busy.isVisible())[1], timeout=5_000)
    bench.session.work()
    assert not bench.window.transport.busy.isVisible()


def test_time_moves_the_playhead_only_while_playing(bench: Bench, qtbot) -> None:
    bench.session.send(m.Seek(0.0), m.Play())
    bench.window._elapsed.start()
    qtbot.wait(30)
    bench.window._frame()
    moved = bench.state.playhead
    assert moved > 0
    bench.session.send(m.Pause())
    qtbot.wait(30)
    bench.window._frame()
    assert bench.state.playhead == moved


# Files

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


@pytest.mark.parametrize("name", shipped.scenarios())
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
    bench.session.send(m.SetTitle("My runs"))
    bench.dialogs.path = tmp_path / "mine.toml"
    bench.window.actions_by_name["save"].trigger()
    bench.session.work()
    assert bench.dialogs.asked == ["save"]
    assert bench.dialogs.suggested.name == "my-runs.toml"
    assert load(tmp_path / "mine.toml") == bench.state.scenario
    assert not bench.state.dirty
    assert not bench.window.header.unsaved.isVisible()
    assert bench.settings.recent == [tmp_path / "mine.toml"]
    bench.session.send(m.SetSteps(44))
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
    assert m.Render(bench.state.scenario, tmp_path / "picture.svg", "system") in bench.session.pending
    assert bench.dialogs.suggested.suffix == ".png"


@pytest.mark.parametrize("answer", ["save", "discard", "cancel"])
@pytest.mark.parametrize("how", ["close", "open", "new", "drop"])
def test_unsaved_changes_are_asked_about(how: str, answer, open_window: Callable[..., Bench], tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    save(THREE.changed(title="Other"), other)
    bench = open_window()
    bench.session.send(m.SetTitle("Changed"))
    bench.dialogs.answer = answer
    bench.dialogs.path = tmp_path / "saved.toml"
    if how == "close":
        bench.window.close()
    elif how == "new":
        bench.window.actions_by_name["new"].trigger()
    elif how == "open":
        bench.window.open_source(str(other))
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
    bench.session.send(m.SetTitle("Changed"))
    bench.dialogs.answer = "save"
    bench.dialogs.path = tmp_path / "no such folder" / "x.toml"
    bench.window.close()
    QApplication.processEvents()
    bench.session.work()
    assert bench.window.isVisible()
    assert bench.window.banner.isVisible()
    bench.session.send(m.Undo())
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


# The true dialogs


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


# Faults


def test_an_exception_is_logged_and_told_once(caplog: pytest.LogCaptureFixture) -> None:
    now = 0.0
    told: list[str] = []
    before = sys.excepthook
    faults = Faults(told.append, clock=lambda: now)
    try:
        for second in (0.0, 0.1, 1.0, QUIET_SECONDS + 2.0, QUIET_SECONDS + 3.0):
            now = second
            sys.excepthook(ValueError, ValueError("broken"), None)
    finally:
        faults.release()
    assert sys.excepthook is before
    assert len(told) == 2
    assert "broken" in told[0]
    assert len([record for record in caplog.records if record.name == "gdsim"]) == 5


def test_hooks_of_two_windows_go_in_any_order(monkeypatch: pytest.MonkeyPatch) -> None:
    passed_on: list[str] = []
    monkeypatch.setattr(sys, "excepthook", lambda _kind, error, _trace: passed_on.append(str(error)))
    told: list[str] = []
    first, second = Faults(told.append), Faults(told.append)
    first.release()
    second.release()
    sys.excepthook(ValueError, ValueError("after both"), None)
    assert (told, passed_on) == ([], ["after both"])


def test_a_telling_that_fails_ends_there(caplog: pytest.LogCaptureFixture) -> None:
    def tell(_text: str) -> None:
        raise RuntimeError("and again")

    faults = Faults(tell)
    try:
        sys.excepthook(ValueError, ValueError("broken"), None)
    finally:
        faults.release()
    assert "and the user could not be told" in caplog.text


def test_a_view_that_cannot_paint_does_not_keep_the_others_from_it(
    open_window: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bench = open_window()

    def broken(_state: object) -> None:
        raise ZeroDivisionError("a broken view")

    monkeypatch.setattr(bench.window.problem, "render", broken)
    monkeypatch.setattr(sys, "excepthook", bench.window.faults._caught)
    bench.session.send(m.SetTitle("Still here"))
    assert bench.window.header.title.text() == "Still here"
    assert bench.window.banner.isVisible()
    assert "ZeroDivisionError" in bench.window.banner.text.text()
    assert "a broken view" in caplog.text


class Painting(QWidget):
    """Fails once in the middle of painting, with its painter open."""

    failed = 0
    painted = 0

    def paintEvent(self, _event: object) -> None:
        painter = QPainter(self)
        painter.drawLine(0, 0, 10, 10)
        if not self.failed:
            self.failed += 1
            raise ValueError("in the middle of painting")
        self.painted += painter.isActive()


@pytest.mark.qt_log_ignore("QBackingStore|QPainter|QPaintDevice|propagateSizeHints")
def test_an_exception_while_painting_does_not_end_painting(
    qtbot, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    faults = Faults(told.append)
    try:
        widget = Painting()
        qtbot.addWidget(widget)
        widget.show()
        qtbot.waitUntil(lambda: widget.failed == 1)
        widget.update()
        qtbot.waitUntil(lambda: widget.painted > 0)
    finally:
        faults.release()
    assert len(told) == 1


# Looks


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_the_theme_reaches_everything_and_is_remembered(choice, bench: Bench) -> None:
    theme = {"light": LIGHT, "dark": DARK}[choice]
    other = "dark" if choice == "light" else "light"
    menu = {action.data(): action for action in bench.window.header.theme_menu.actions()}
    menu[other].trigger()
    menu[choice].trigger()
    assert bench.state.theme == bench.settings.theme == choice
    assert menu[choice].isChecked()
    assert not menu[other].isChecked()
    assert QApplication.palette().window().color().name() == qt_palette(theme).window().color().name()
    picture = bench.window.grab().toImage()
    ratio = picture.devicePixelRatio()
    for where, colour in (((1060, 8), theme.panel), ((4, 80), theme.window), ((4, 790), theme.panel)):
        assert picture.pixelColor(int(where[0] * ratio), int(where[1] * ratio)).name() == colour, where


def test_the_system_theme_is_followed_while_nothing_was_chosen(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from gdsim.gui import application as made

    bench.session.send(m.SetTheme("system"))
    for theme in (DARK, LIGHT):
        monkeypatch.setattr(made, "system_theme", lambda _app, theme=theme: theme)
        bench.window._follow_system(Qt.ColorScheme.Unknown)
        assert bench.window._theme is theme


INTERACTIVE = (QAbstractButton, QAbstractSlider, QLineEdit, QComboBox)


def interactive(window: QWidget) -> list[QWidget]:
    found = [w for kind in INTERACTIVE for w in window.findChildren(kind) if w.isVisible()]
    return [
        w for w in found if not (isinstance(w, QLineEdit) and w.parent().inherits("QAbstractSpinBox")) and w.objectName() != "qt_scrollbar"
    ]


def test_every_control_has_a_name_a_tooltip_and_a_place_in_the_tab_order(bench: Bench) -> None:
    for card in bench.window.panel.cards:
        card.tune.setChecked(True)
    bench.session.send(m.SetLandscape("rosenbrock"), m.Told("hello"))
    QApplication.processEvents()
    controls = [w for w in interactive(bench.window) if w.metaObject().className() != "QScrollBar"]
    assert len(controls) > 60
    for control in controls:
        who = f"{type(control).__name__} {control.objectName()!r} {control.accessibleName()!r} in {type(control.parent()).__name__}"
        assert control.accessibleName(), who
        assert control.toolTip(), who
        assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, who


def test_actions_tell_their_keys_in_their_tooltips(bench: Bench) -> None:
    for command in COMMANDS:
        action = bench.window.actions_by_name[command.name]
        assert command.tip in action.toolTip()
        if command.keys:
            assert action.shortcut().toString() in action.toolTip()


def test_plots_tell_their_numbers_to_those_who_cannot_see_them(bench: Bench) -> None:
    assert bench.window.stage.map.canvas.accessibleName()
    assert "small" in bench.window.stage.map.canvas.accessibleDescription()


@pytest.mark.parametrize("size", [(1024, 700), (1280, 800), (1920, 1080)])
@pytest.mark.parametrize("landscape", ["himmelblau", "rosenbrock"])
def test_no_control_is_clipped(size: tuple[int, int], landscape: str, bench: Bench) -> None:
    bench.session.send(m.SetLandscape(landscape), m.SelectRun(0))
    bench.session.work()
    bench.show(*size)
    window, area = bench.window, bench.window.panel.area.viewport()
    for control in [w for w in interactive(window) if w.metaObject().className() != "QScrollBar"]:
        who = f"{type(control).__name__} {control.accessibleName()!r}"
        assert control.width() >= min(control.minimumSizeHint().width(), control.maximumWidth()), who
        assert control.height() >= min(control.minimumSizeHint().height(), control.maximumHeight()) - 2, who
        if area.isAncestorOf(control):
            left = control.mapTo(area, QPoint(0, 0)).x()
            assert left >= 0, who
            assert left + control.width() <= area.width(), who
        else:
            corner = control.mapTo(window, QPoint(0, 0))
            assert window.rect().contains(control.rect().translated(corner)), who
            shown = control.visibleRegion().boundingRect()
            assert shown == control.rect(), who
    bench.show(1280, 800)


def test_every_preset_and_button_has_room_for_its_text(bench: Bench) -> None:
    for button in bench.window.findChildren(QAbstractButton):
        if button.isVisible() and button.text() and not button.text().isspace() and button.property("role") == "preset":
            assert button.width() >= button.fontMetrics().horizontalAdvance(button.text()) + 8, button.text()


@pytest.mark.parametrize("outcome", Outcome)
def test_a_verdict_has_room_beside_the_loss(outcome: Outcome, bench: Bench) -> None:
    """The longest outcome and the longest loss fit on one line of a card."""
    card = bench.window.panel.cards[0]
    card.chip.show_verdict(Verdict(outcome, Rate.STABLE, "made up"))
    card.outcome.setText("loss −1.23e−100")  # noqa: RUF001
    QApplication.processEvents()
    assert card.chip.width() >= card.chip.sizeHint().width()
    assert card.outcome.width() >= card.outcome.sizeHint().width()
    assert card.width() == card.maximumWidth()
    assert card.outcome.geometry().right() < card.width() - 8


def test_menus_belong_to_the_window(bench: Bench) -> None:
    menus = bench.window.findChildren(QMenu)
    assert {menu.title() for menu in menus} >= {"Open recent", "Theme"}


# Memory from one time to the next


def test_the_window_comes_back_where_it_was(tmp_path: Path) -> None:
    sizes = []
    for height in (640, None):  # the offscreen platform's screen is 800 pixels high
        bench = Bench(THREE, tmp_path)
        bench.window.show()
        if height:
            bench.window.resize(1000, height)
            bench.window._send(m.SetTheme("dark"))
        sizes.append((bench.window.height(), bench.settings.theme, bench.state.theme))
        bench.close()
    assert sizes[0] == sizes[1]


def test_a_first_time_user_is_greeted_once(tmp_path: Path) -> None:
    shown = []
    for _ in range(2):
        bench = Bench(THREE, tmp_path)
        bench.show()
        shown.append(bench.window.banner.isVisible() and "drag in the picture" in bench.window.banner.text.text())
        bench.close()
    assert shown == [True, False]


def test_nonsense_in_the_settings_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "settings.ini"
    file.write_text("[General]\ntheme=purple\nrecent=@Variant(xx)\ngeometry=rubbish\n", encoding="utf-8")
    settings = Settings(file)
    assert settings.theme == "system"
    assert settings.geometry is None
    bench = Bench(THREE, tmp_path)
    assert bench.window.width() == 1280
    bench.close()


def test_recent_files_are_few_distinct_and_newest_first(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "s.ini")
    for k in (*range(12), 11, 10):
        settings.add_recent(tmp_path / f"{k}.toml")
    again = Settings(tmp_path / "s.ini")
    assert [path.stem for path in again.recent][:3] == ["10", "11", "9"]
    assert len(again.recent) == MOST_RECENT
    assert again.folder == tmp_path


def test_outcomes_in_one_line(bench: Bench) -> None:
    lines = [outcome_line(track) for track in bench.state.tracks if track]
    assert all(line.startswith("loss ") for line in lines)
    bench.session.send(m.SetParam(0, "learning_rate", 5.0))
    bench.session.work()
    track = bench.state.tracks[0]
    assert track is not None
    assert track.diverged_at is not None
    assert outcome_line(track) == f"lost at step {track.diverged_at}"
    assert bench.window.panel.cards[0].chip.text == "diverged"


def test_a_changed_state_is_painted(bench: Bench) -> None:
    before = bench.window.stage.grab().toImage()
    bench.session.send(m.Seek(50.0))
    assert bench.window.stage.grab().toImage() != before
