"""How the window looks: themes, names for everybody, room for everything."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractSlider, QApplication, QComboBox, QLineEdit, QMenu, QWidget

from gdsim.app import messages as m
from gdsim.app.changes import SetLandscape
from gdsim.gui.application import qt_palette
from gdsim.gui.commands import COMMANDS
from gdsim.gui.palette import DARK, LIGHT
from gdsim.simulation.verdict import Outcome, Rate, Verdict
from tests.gui.conftest import Bench

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # the offscreen platform says so of small things


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
    bench.session.send(SetLandscape("rosenbrock"), m.Told("hello"))
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
    bench.session.send(SetLandscape(landscape), m.SelectRun(0))
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
