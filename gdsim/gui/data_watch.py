"""Watches the CSV file of what is shown, and tells when it has changed."""

import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer

from gdsim.app.messages import Message
from gdsim.app.rereading import DataChanged, watched
from gdsim.app.state import AppState

SETTLED_MS = 300
"""How long a file has to be left alone: who writes it may need several goes."""


class DataWatch(QObject):
    """The folder is watched with the file: many programs write another file and give it the name."""

    def __init__(self, send: Callable[[Message], None], parent: QObject):
        super().__init__(parent)
        self._send = send
        self._path: str | None = None
        self._seen: tuple[int, ...] = ()
        self._watcher = QFileSystemWatcher(self)
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(SETTLED_MS)
        self._settled.timeout.connect(self._look)
        self._watcher.fileChanged.connect(self._stirred)
        self._watcher.directoryChanged.connect(self._stirred)

    def render(self, state: AppState) -> None:
        path = watched(state)
        if path == self._path:
            return
        self._path, self._seen = path, _stamp(path)
        if before := [*self._watcher.files(), *self._watcher.directories()]:
            self._watcher.removePaths(before)
        self._watch()

    def _watch(self) -> None:
        if self._path is None:
            return
        file = os.path.abspath(self._path)
        there = {*self._watcher.files(), *self._watcher.directories()}
        if wanted := [each for each in (file, os.path.dirname(file)) if os.path.exists(each) and each not in there]:
            self._watcher.addPaths(wanted)

    def _stirred(self, _path: str) -> None:
        self._settled.start()

    def _look(self) -> None:
        self._watch()  # a file of the same name is another file
        stamp = _stamp(self._path)
        if self._path is not None and stamp != self._seen:
            self._seen = stamp
            self._send(DataChanged(self._path))


def _stamp(path: str | None) -> tuple[int, ...]:
    try:
        state = Path(path or "").stat()
    except (OSError, ValueError):
        return ()
    return state.st_mtime_ns, state.st_size, state.st_ino
