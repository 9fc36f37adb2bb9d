"""The commands as Qt actions, which buttons and menus share."""

from collections.abc import Callable

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from gdsim.app.messages import Message
from gdsim.app.state import AppState
from gdsim.gui.commands import COMMANDS, Command
from gdsim.gui.icons import icon
from gdsim.gui.palette import Theme


def shortcut_text(command: Command) -> str:
    """The command's first shortcut as this system writes it."""
    return QKeySequence(command.keys[0]).toString(QKeySequence.SequenceFormat.NativeText) if command.keys else ""


class CommandAction(QAction):
    """One command: triggering it sends its message, or calls ``carry_out(name)`` where it has none."""

    def __init__(self, command: Command, send: Callable[[Message], None], carry_out: Callable[[str], None], parent: QWidget):
        super().__init__(command.text, parent)
        self.command = command
        self._send = send
        self._carry_out = carry_out
        self._state: AppState | None = None
        self.setObjectName(command.name)
        self.setShortcuts([QKeySequence(key) for key in command.keys])
        keys = shortcut_text(command)
        self.setToolTip(f"{command.tip}  ({keys})" if keys else command.tip)
        self.setCheckable(command.on is not None)
        self.triggered.connect(self._trigger)

    def render(self, state: AppState) -> None:
        self._state = state
        enabled = self.command.enabled(state)
        if enabled != self.isEnabled():
            self.setEnabled(enabled)
        if self.command.on is not None:
            self.setChecked(self.command.on(state))

    def apply_theme(self, theme: Theme) -> None:
        if self.command.name == "theme":
            self.setIcon(icon("white-balance-sunny" if theme.name == "dark" else "weather-night", theme))
        elif self.command.icon:
            self.setIcon(icon(self.command.icon, theme))

    def _trigger(self) -> None:
        if self.command.message is None:
            self._carry_out(self.command.name)
        elif self._state is not None:
            self._send(self.command.message(self._state))


class Actions(dict[str, CommandAction]):
    """Every command's action by name, all of them added to ``window`` so that their shortcuts work there."""

    def __init__(self, window: QWidget, send: Callable[[Message], None], carry_out: Callable[[str], None]):
        super().__init__({command.name: CommandAction(command, send, carry_out, window) for command in COMMANDS})
        window.addActions(list(self.values()))

    def render(self, state: AppState) -> None:
        for action in self.values():
            action.render(state)

    def apply_theme(self, theme: Theme) -> None:
        for action in self.values():
            action.apply_theme(theme)
