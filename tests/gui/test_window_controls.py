"""Every control drives the state, and the state every view: one row a control."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtTest import QTest

from gdsim.app import messages as m
from gdsim.app.changes import AddRun, RemoveRun, SetLabel, SetLandscape, SetOptimizer, SetParam, SetSteps, SetTitle
from gdsim.app.state import AppState
from gdsim.gui.catalogue_popup import NAME
from gdsim.gui.commands import COMMANDS, SPEEDS, neighbour
from gdsim.gui.param_row import NumberRow, SwitchRow
from gdsim.landscapes import LANDSCAPES
from gdsim.networks.generators import DATASETS
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.verdict import Rate
from tests.gui.conftest import Bench

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform says so of small things

LEFT = Qt.MouseButton.LeftButton
Act = Callable[[Bench], object]
Holds = Callable[[AppState, AppState], bool]


def card(bench: Bench, index: int = 0):
    return bench.window.panel.cards[index]


def click(button) -> None:
    QTest.mouseClick(button, LEFT)


def type_into(edit, text: str) -> None:
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, text)
    QTest.keyClick(edit, Qt.Key.Key_Return)


def choose(combo, text: str) -> None:
    index = combo.findText(text)
    assert index >= 0, text
    combo.setCurrentIndex(index)
    combo.activated.emit(index)


def pick_optimizer(bench: Bench, name: str) -> None:
    """Opens the list of the first card, and searches and picks by keys."""
    popup = card(bench).optimizer.popup
    card(bench).optimizer.open()
    QTest.keyClicks(popup.search, OPTIMIZERS[name].title)
    while popup.list.currentIndex().data(NAME) != name:
        row = popup.list.currentIndex().row()
        QTest.keyClick(popup.search, Qt.Key.Key_Down)
        assert popup.list.currentIndex().row() > row, name
    QTest.keyClick(popup.search, Qt.Key.Key_Return)


def rate(bench: Bench, index: int = 0) -> NumberRow:
    return card(bench, index)._rows["learning_rate"]


def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> Act:
    def pressed(bench: Bench) -> None:
        bench.window.activateWindow()
        bench.window.centralWidget().setFocus()
        QTest.keyClick(bench.window, key, modifier)

    return pressed


def drag_rate(bench: Bench) -> None:
    slider = rate(bench).slider
    middle = slider.height() // 2
    QTest.mousePress(slider, LEFT, pos=QPoint(slider.width() // 4, middle))
    QTest.mouseMove(slider, QPoint(slider.width() // 2, middle))
    QTest.mouseRelease(slider, LEFT, pos=QPoint(slider.width() // 2, middle))


def toggle_nesterov(bench: Bench) -> None:
    card(bench).tune.click()
    type_into(card(bench)._rows["momentum"].number, "0.5")
    row = card(bench)._rows["nesterov"]
    assert isinstance(row, SwitchRow)
    row.click()


def runs(state: AppState):
    return state.scenario.runs


CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
CONTROLS: dict[str, tuple[Act, Holds]] = {
    "rate by number": (lambda b: type_into(rate(b).number, "3e-3"), lambda _, s: runs(s)[0].learning_rate == 0.003),
    "rate by slider": (drag_rate, lambda _, s: 1e-4 < runs(s)[0].learning_rate < 1e-1 and runs(s)[0].learning_rate != 0.0005),
    "rate by the slider's keys": (
        lambda b: (rate(b).slider.setFocus(), QTest.keyClick(rate(b).slider, Qt.Key.Key_Right)),
        lambda old, s: runs(s)[0].learning_rate > runs(old)[0].learning_rate and s.playhead == old.playhead,
    ),
    "switch and momentum": (toggle_nesterov, lambda _, s: runs(s)[0].values["nesterov"] is True and runs(s)[0].values["momentum"] == 0.5),
    "label": (lambda b: type_into(card(b, 1).label, "just right"), lambda _, s: runs(s)[1].label == "just right" and s.selected == 1),
    "optimizer": (lambda b: pick_optimizer(b, "adam"), lambda _, s: runs(s)[0].optimizer == "adam"),
    "preset stable": (lambda b: card(b).presets[Rate.STABLE].click(), lambda _, s: runs(s)[0].learning_rate > 0.0005),
    "preset too large": (lambda b: card(b).presets[Rate.TOO_LARGE].click(), lambda _, s: runs(s)[0].learning_rate > 0.01),
    "preset too small": (lambda b: card(b, 2).presets[Rate.TOO_SMALL].click(), lambda _, s: runs(s)[2].learning_rate < 0.01),
    "duplicate": (lambda b: click(card(b, 1).duplicate), lambda _, s: len(runs(s)) == 4 and runs(s)[3].learning_rate == 0.01),
    "remove": (lambda b: click(card(b, 1).remove), lambda _, s: [r.label for r in runs(s)] == ["small", "large"]),
    "select by click": (lambda b: QTest.mouseClick(card(b, 2), LEFT, pos=QPoint(4, 4)), lambda _, s: s.selected == 2),
    "select by Tab": (lambda b: card(b, 1).setFocus(), lambda _, s: s.selected == 1),
    "add": (lambda b: click(b.window.panel.add), lambda _, s: len(runs(s)) == 4 and s.selected == 3),
    "title": (lambda b: type_into(b.window.header.title, "Mine"), lambda _, s: s.scenario.title == "Mine"),
    "steps": (lambda b: type_into(b.window.problem.length.box, "75"), lambda _, s: s.scenario.steps == 75),
    "dice": (lambda b: click(b.window.problem.dice), lambda old, s: s.scenario.seed == old.scenario.seed + 1),
    "play button": (lambda b: click(b.window.transport.play), lambda old, s: s.playing != old.playing),
    "scrub": (lambda b: b.window.transport.slider.setValue(17), lambda _, s: s.playhead == 17.0),
    "speed": (lambda b: choose(b.window.transport.speed, "4×"), lambda _, s: s.speed == 4.0),  # noqa: RUF001
    "start by a click in the picture": (
        lambda b: QTest.mouseClick(b.window.stage.map.canvas.viewport(), LEFT, pos=b.window.stage.map.canvas.rect().center()),
        lambda old, s: s.scenario.start != old.scenario.start,
    ),
    "space": (press(Qt.Key.Key_Space), lambda old, s: s.playing != old.playing),
    "right": (press(Qt.Key.Key_Right), lambda old, s: s.playhead == old.playhead + 1 and not s.playing),
    "left": (lambda b: (b.session.send(m.Seek(9.0)), press(Qt.Key.Key_Left)(b)), lambda _, s: s.playhead == 8.0),
    "end": (press(Qt.Key.Key_End), lambda _, s: s.playhead == 60.0),
    "home": (lambda b: (b.session.send(m.Seek(9.0)), press(Qt.Key.Key_Home)(b)), lambda _, s: s.playhead == 0.0),
    "plus": (press(Qt.Key.Key_Plus), lambda _, s: s.speed == 2.0),
    "minus": (press(Qt.Key.Key_Minus), lambda _, s: s.speed == 0.5),
    "key 1": (lambda b: (b.session.send(m.SelectRun(2)), press(Qt.Key.Key_1)(b)), lambda _, s: runs(s)[2].learning_rate < 0.01),
    "key 2": (press(Qt.Key.Key_2), lambda _, s: runs(s)[0].learning_rate > 0.0005),
    "key 3": (press(Qt.Key.Key_3), lambda _, s: runs(s)[0].learning_rate > 0.01),
    "key R": (press(Qt.Key.Key_R), lambda old, s: s.scenario.seed == old.scenario.seed + 1),
    "duplicate by key": (press(Qt.Key.Key_D, CONTROL), lambda _, s: len(runs(s)) == 4),
    "remove by key": (press(Qt.Key.Key_Delete), lambda _, s: len(runs(s)) == 2),
    "undo by key": (
        lambda b: (type_into(rate(b).number, "0.5"), press(Qt.Key.Key_Z, CONTROL)(b)),
        lambda old, s: s.scenario == old.scenario and bool(s.undone),
    ),
    "redo by key": (
        lambda b: (type_into(rate(b).number, "0.5"), press(Qt.Key.Key_Z, CONTROL)(b), press(Qt.Key.Key_Z, CONTROL | SHIFT)(b)),
        lambda _, s: runs(s)[0].learning_rate == 0.5,
    ),
    "dismiss by key": (lambda b: (b.session.send(m.Told("news")), press(Qt.Key.Key_Escape)(b)), lambda _, s: s.notice is None),
    "dismiss": (lambda b: (b.session.send(m.Told("news")), click(b.window.banner.close_button)), lambda _, s: s.notice is None),
    "theme by key": (press(Qt.Key.Key_T, CONTROL), lambda _, s: s.theme in ("light", "dark")),
}


@pytest.mark.parametrize("name", CONTROLS)
def test_controls_drive_the_state(name: str, bench: Bench) -> None:
    act, holds = CONTROLS[name]
    before = bench.state
    act(bench)
    bench.session.work()
    assert holds(before, bench.state), bench.state.scenario


def state_shown(bench: Bench) -> list[object]:
    """What the window says, read from its widgets."""
    window = bench.window
    return [
        *(
            (
                c.label.text(),
                c.optimizer.text(),
                c._rows["learning_rate"].number.text(),
                c.chip.text,
                c.outcome.text(),
                c.evidence.text,
            )
            for c in window.panel.cards
        ),
        window.header.title.text(),
        window.problem.length.box.value(),
        window.problem.picker.text(),
        window.problem.formula.toolTip(),
        window.transport.step.text(),
        window.transport.slider.value(),
        window.transport.speed.currentText(),
        window.transport.play.accessibleName(),
        window.banner.isVisible() and window.banner.text.text(),
        window.windowTitle(),
        window.header.unsaved.isVisible(),
        window.actions_by_name["undo"].isEnabled(),
        window.actions_by_name["redo"].isEnabled(),
        [c.property("chosen") for c in window.panel.cards],
    ]


CHANGES: dict[str, m.Message] = {
    "rate": SetParam(0, "learning_rate", 0.02),
    "optimizer": SetOptimizer(0, "adam"),
    "label": SetLabel(0, "other"),
    "landscape": SetLandscape("rosenbrock"),
    "curve": SetLandscape(next(name for name, record in LANDSCAPES.items() if record.dim == 1)),
    "steps": SetSteps(33),
    "title": SetTitle("New title"),
    "add": AddRun(),
    "remove": RemoveRun(1),
    "select": m.SelectRun(2),
    "seek": m.Seek(31.0),
    "pause": m.Pause(),
    "speed": m.SetSpeed(0.25),
    "notice": m.Told("saved"),
    "error": m.Failed("no such file"),
}


@pytest.mark.parametrize("name", CHANGES)
def test_the_state_drives_the_views_and_they_say_nothing_back(name: str, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = state_shown(bench)
    said: list[m.Message] = []
    true_send = bench.session.send
    monkeypatch.setattr(bench.session, "send", lambda *messages: (said.extend(messages), true_send(*messages)))
    true_send(CHANGES[name])
    bench.session.work()
    said = [message for message in said if not isinstance(message, m.Surveyed | m.Computed | m.RateFound)]
    assert state_shown(bench) != shown
    assert said == [], "a view answered a change of the state with a message"


def test_opening_a_window_on_the_same_state_shows_the_same(open_window) -> None:
    """What is shown depends on the state alone, not on the way to it."""
    first = open_window()
    for change in ("rate", "add", "landscape", "label", "steps", "pause"):
        first.session.send(CHANGES[change])
        first.session.work()
    second = open_window(first.state.scenario)
    second.session.send(m.SelectRun(first.state.selected), m.Seek(first.state.playhead), m.Pause())
    cards = len(first.state.scenario.runs)
    assert state_shown(first)[:cards] == state_shown(second)[:cards]


def test_a_drag_of_the_slider_is_one_undo(bench: Bench) -> None:
    before = bench.state.scenario
    drag_rate(bench)
    assert bench.state.scenario != before
    bench.window.actions_by_name["undo"].trigger()
    assert bench.state.scenario == before


def test_two_drags_are_two_undos(bench: Bench) -> None:
    slider = rate(bench).slider
    middle = slider.height() // 2
    seen = [bench.state.scenario]
    for share in (0.3, 0.7):
        QTest.mousePress(slider, LEFT, pos=QPoint(int(slider.width() * share), middle))
        QTest.mouseMove(slider, QPoint(int(slider.width() * share) + 12, middle))
        QTest.mouseRelease(slider, LEFT, pos=QPoint(int(slider.width() * share) + 12, middle))
        seen.append(bench.state.scenario)
    bench.window.actions_by_name["undo"].trigger()
    assert bench.state.scenario == seen[1]
    bench.window.actions_by_name["undo"].trigger()
    assert bench.state.scenario == seen[0]


@pytest.mark.parametrize("typed", ["0,01", "abc", "-3", "nan", ""])
def test_a_refused_number_is_marked_explained_and_changes_nothing(typed: str, bench: Bench) -> None:
    row, before = rate(bench), bench.state.scenario
    row.number.setFocus()
    row.number.selectAll()
    QTest.keyClick(row.number, Qt.Key.Key_Delete)
    QTest.keyClicks(row.number, typed)
    QTest.keyClick(row.number, Qt.Key.Key_Return)
    assert bench.state.scenario is before
    assert row.number.text() == typed, "what was typed is kept to be mended"
    assert row.complaint.isVisible()
    assert row.complaint.text()
    QTest.keyClick(row.number, Qt.Key.Key_Escape)
    assert row.number.text() == "0.0005"
    assert not row.complaint.isVisible()


def test_typing_is_not_disturbed_by_what_happens_meanwhile(bench: Bench) -> None:
    edit = rate(bench).number
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, "0.12")
    bench.session.send(SetParam(0, "learning_rate", 0.7), SetTitle("x"))
    assert edit.text() == "0.12"


def test_the_landscape_is_searched_and_picked_by_keys(bench: Bench) -> None:
    picker = bench.window.problem.picker
    picker.open()
    popup = picker.popup
    assert popup.list.currentIndex().data() == LANDSCAPES["himmelblau"].title
    QTest.keyClicks(popup.search, "rosen")
    QTest.keyClick(popup.search, Qt.Key.Key_Return)
    assert bench.state.scenario.problem.landscape == "rosenbrock"
    assert not popup.isVisible()


def test_the_list_has_all_data_and_every_landscape_once_under_its_family(bench: Bench) -> None:
    model = bench.window.problem.picker.popup.model.sourceModel()
    names = [model.index(row, 0).data(Qt.ItemDataRole.UserRole) for row in range(model.rowCount())]
    data = [f"data {name}" for name in DATASETS]
    assert [name for name in names if name] == ["formula", "prototype", "file", *data, *LANDSCAPES]
    assert names.count(None) == len({record.family for record in LANDSCAPES.values()}) + 1


def test_searching_in_vain_picks_nothing(bench: Bench) -> None:
    picker = bench.window.problem.picker
    picker.open()
    QTest.keyClicks(picker.popup.search, "no such landscape")
    before = bench.state.scenario
    QTest.keyClick(picker.popup.search, Qt.Key.Key_Return)
    assert bench.state.scenario is before
    picker.popup.hide()


@pytest.mark.parametrize("name", [name for name, record in LANDSCAPES.items() if record.parameters])
def test_landscape_parameters_have_rows_that_set_them(name: str, bench: Bench) -> None:
    bench.session.send(SetLandscape(name))
    QCoreApplication.processEvents()
    rows = bench.window.problem._rows
    assert list(rows) == [param.name for param in LANDSCAPES[name].parameters]
    for param in LANDSCAPES[name].parameters:
        row = rows[param.name]
        assert isinstance(row, NumberRow)
        assert row.number.isVisible()
        value = float(param.default) * 1.5 + (param.default == 0)
        if param.admits(value):
            type_into(row.number, repr(value))
            assert getattr(bench.state.scenario.problem.parameters, param.name) == pytest.approx(value)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_has_a_control_for_every_parameter(name: str, bench: Bench) -> None:
    if name != bench.state.scenario.runs[0].optimizer:
        pick_optimizer(bench, name)
    card(bench).tune.click()
    QCoreApplication.processEvents()
    rows = card(bench)._rows
    assert set(rows) == set(OPTIMIZERS[name].defaults)
    for param in OPTIMIZERS[name].parameters:
        row = rows[param.name]
        assert isinstance(row, SwitchRow if param.is_switch else NumberRow)
        tip = (row if isinstance(row, SwitchRow) else row.number).toolTip().lower()
        assert param.doc.lower() in tip
        if not param.is_switch:
            assert param.allowed in tip
            assert row.number.isVisible()


def test_twelve_cards_scroll_and_the_new_one_is_in_sight(bench: Bench) -> None:
    for _ in range(9):
        bench.window.actions_by_name["duplicate"].trigger()
    assert len(bench.window.panel.cards) == 12
    for _ in range(3):
        QCoreApplication.processEvents()
    last = card(bench, 11)
    area = bench.window.panel.area.viewport()
    seen = last.mapTo(area, QPoint(0, 0)).y()
    assert 0 <= seen <= area.height() - last.height()
    for _ in range(11):
        bench.window.actions_by_name["remove"].trigger()
    assert len(bench.window.panel.cards) == 1
    assert not bench.window.actions_by_name["remove"].isEnabled()
    assert not card(bench).remove.isEnabled()


def test_keys_are_unambiguous_and_commands_can_all_be_carried_out(bench: Bench) -> None:
    quiet, busy = replace(bench.state, painting=None), replace(bench.state, painting=0.5)
    for state in (quiet, busy, replace(busy, notice=None)):
        keys = [key for command in COMMANDS if command.enabled(state) for key in command.keys]
        assert len(set(keys)) == len(keys)
    assert len({command.name for command in COMMANDS}) == len(COMMANDS)
    for command in COMMANDS:
        if command.message is not None:
            assert isinstance(command.message(bench.state), m.Message)


def test_speeds_go_up_and_down_and_stay_in_the_list() -> None:
    for speed in (*SPEEDS, 0.01, 3.0, 100.0):
        assert neighbour(speed, True) in SPEEDS
        assert neighbour(speed, False) in SPEEDS
    assert [neighbour(speed, True) for speed in SPEEDS[:-1]] == list(SPEEDS[1:])
    assert [neighbour(speed, False) for speed in SPEEDS[1:]] == list(SPEEDS[:-1])


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_1, Qt.Key.Key_Delete, Qt.Key.Key_R])
def test_a_text_field_keeps_the_keys_that_it_needs(key: Qt.Key, bench: Bench) -> None:
    title = bench.window.header.title
    bench.window.activateWindow()
    title.setFocus()
    before = bench.state
    QTest.keyClick(title, key)
    assert bench.state.playing == before.playing
    assert bench.state.playhead == before.playhead
    assert bench.state.scenario == before.scenario


def test_space_presses_the_button_that_has_the_focus(bench: Bench) -> None:
    button = card(bench, 1).duplicate
    bench.window.activateWindow()
    button.setFocus()
    playing = bench.state.playing
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert len(bench.state.scenario.runs) == 4
    assert bench.state.playing == playing
