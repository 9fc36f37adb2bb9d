"""What the window opens and saves, and that nothing is lost without a question."""

import re
from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QWidget

from gdsim.app.changes import OpenCsv
from gdsim.app.mapping import SaveMap
from gdsim.app.messages import ExportPicture, Message, NewScenario, OpenFile, SaveFile
from gdsim.app.scripting import SaveScript
from gdsim.app.session import Session
from gdsim.app.state import AppState
from gdsim.gui.dialogs import Answer, Dialogs
from gdsim.gui.palette import Theme
from gdsim.gui.settings import Settings
from gdsim.networks.csv_file import SUFFIXES


def file_name(title: str) -> str:
    """A file name for a scenario of this title."""
    return (re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "scenario") + ".toml"


class Files:
    """Asks by ``dialogs`` over ``window``; pictures are saved in the colours that ``theme`` gives."""

    def __init__(
        self,
        window: QWidget,
        session: Session,
        settings: Settings,
        dialogs: Dialogs,
        send: Callable[[Message], None],
        theme: Callable[[], Theme],
    ):
        self._window, self._session, self._settings, self._dialogs = window, session, settings, dialogs
        self._send = send
        self._theme = theme
        self._asking = False
        self._once_saved: Callable[[], None] | None = None

    def open_source(self, source: str) -> None:
        """Opens a file, or a shipped scenario by name, once the user has said what becomes of unsaved changes. Data take the place of the
        problem, which can be undone.
        """
        if Path(source).suffix.lower() in SUFFIXES:
            self._send(OpenCsv(source))
            return
        self.unless_unsaved(lambda: self._send(OpenFile(source)))

    def new(self) -> None:
        self.unless_unsaved(lambda: self._send(NewScenario()))

    def open(self) -> None:
        self._dialogs.open_file(self._window, self._settings.folder, lambda path: self.open_source(str(path)))

    def save(self) -> None:
        if self._session.state.path is None:
            self.save_as()
        else:
            self._send(SaveFile())

    def save_as(self) -> None:
        self._dialogs.save_file(self._window, self._beside(), lambda path: self._send(SaveFile(path)))

    def export(self) -> None:
        suggested = self._beside().with_suffix(".png")
        self._dialogs.export_picture(self._window, suggested, lambda path: self._send(ExportPicture(path, self._theme().name)))

    def save_script(self) -> None:
        self._dialogs.save_script(self._window, self._beside().with_suffix(".py"), lambda path: self._send(SaveScript(path)))

    def save_map(self) -> None:
        source = self._beside()
        suggested = source.with_name(f"{source.stem}-map.png")
        self._dialogs.save_map(self._window, suggested, lambda path: self._send(SaveMap(path, self._theme().name)))

    def _beside(self) -> Path:
        """The scenario's file, or what it might be called."""
        state = self._session.state
        return state.path or self._settings.folder / file_name(state.scenario.title)

    # Nothing is lost without a question

    def unless_unsaved(self, then: Callable[[], None]) -> None:
        """Does ``then``, once the user has said what becomes of unsaved changes."""
        state = self._session.state
        if not state.dirty:
            then()
        elif not self._asking:
            self._asking = True
            name = state.path.name if state.path else f"“{state.scenario.title or 'Untitled'}”"
            self._dialogs.unsaved(self._window, name, lambda answer: self._answered(answer, then))

    def _answered(self, answer: Answer, then: Callable[[], None]) -> None:
        self._asking = False
        if answer == "discard":
            then()
        elif answer == "save":
            self._once_saved = then
            self.save()

    def go_on_once_saved(self, state: AppState) -> None:
        """Does what waited for a save; a save that went wrong, or was given up for an edit, ends the waiting."""
        if self._once_saved is None:
            return
        then, failed = self._once_saved, state.notice is not None and state.notice.is_error
        if not state.dirty or failed:
            self._once_saved = None
        if not state.dirty:
            then()
