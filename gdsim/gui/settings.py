"""What the window remembers from one time to the next: place, theme, recent files, the folder last used."""

from pathlib import Path
from typing import get_args

from PySide6.QtCore import QByteArray, QSettings

from gdsim.app.state import ThemeChoice

MOST_RECENT = 8


class Settings:
    """In the user's own settings file, or in ``file``. Whatever stands there that makes no sense is passed over."""

    def __init__(self, file: Path | None = None):
        if file is None:
            self._store = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "gdsim", "gdsim")
        else:
            self._store = QSettings(str(file), QSettings.Format.IniFormat)

    @property
    def theme(self) -> ThemeChoice:
        found = self._store.value("theme")
        return found if found in get_args(ThemeChoice) else "system"

    @theme.setter
    def theme(self, choice: ThemeChoice) -> None:
        self._store.setValue("theme", choice)

    @property
    def recent(self) -> list[Path]:
        """The files used last, the newest first."""
        found = self._store.value("recent", [])
        names = [found] if isinstance(found, str) else found if isinstance(found, list) else []
        return [Path(name) for name in names if isinstance(name, str)][:MOST_RECENT]

    def add_recent(self, path: Path) -> None:
        others = [other for other in self.recent if other != path]
        self._store.setValue("recent", [str(p) for p in (path, *others)][:MOST_RECENT])

    @property
    def folder(self) -> Path:
        """Where file dialogs begin: beside the newest file."""
        return next((path.parent for path in self.recent if path.parent.is_dir()), Path.home())

    @property
    def geometry(self) -> QByteArray | None:
        found = self._store.value("geometry")
        return found if isinstance(found, QByteArray) else None

    @geometry.setter
    def geometry(self, geometry: QByteArray) -> None:
        self._store.setValue("geometry", geometry)

    @property
    def greeted(self) -> bool:
        """Whether the user was told once how to begin."""
        return self._store.value("greeted") in (True, "true")

    @greeted.setter
    def greeted(self, done: bool) -> None:
        self._store.setValue("greeted", done)

    def write(self) -> None:
        self._store.sync()
