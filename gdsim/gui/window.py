"""The window: puts the parts together, paints the state once a frame, and carries out the commands that need a window."""

import sys
from pathlib import Path

from PySide6.QtCore import QElapsedTimer, QEvent, QMargins, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSlider,
    QApplication,
    QFrame,
    QHBoxLayout,
    QMainWindow,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from gdsim import shipped
from gdsim.app.messages import Failed, Message, SetTheme, Tick, Told
from gdsim.app.session import Session
from gdsim.app.state import AppState
from gdsim.gui.actions import Actions
from gdsim.gui.application import qt_palette, theme_of
from gdsim.gui.banner import Banner
from gdsim.gui.data_watch import DataWatch
from gdsim.gui.dialogs import Dialogs
from gdsim.gui.faults import Faults
from gdsim.gui.files import Files
from gdsim.gui.header import Header
from gdsim.gui.palette import Theme
from gdsim.gui.problem_bar import ProblemBar
from gdsim.gui.progress_view import ProgressView
from gdsim.gui.run_panel import RunPanel
from gdsim.gui.settings import Settings
from gdsim.gui.stage import Stage
from gdsim.gui.style import SPACE, style_sheet
from gdsim.gui.tab_order import go_on
from gdsim.gui.transport import Transport
from gdsim.networks.csv_file import SUFFIXES

FRAME = QMargins(4, 32, 4, 4)
"""Room for what a system puts round a window, in pixels."""
FRAME_MS = 16
LONGEST_FRAME = 0.1
"""Seconds that the playhead moves in one frame at most: after a stall the runs go on, they do not jump."""
CLOSING_SECONDS = 0.5
"""How long work is waited for once the window is gone; what takes longer, such as a compilation, ends with the process."""

GREETING = "Click or drag in the picture to choose where the runs begin. Space plays and pauses; F1 lists all keys."

SLIDER_KEYS = {
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
}


class Window(QMainWindow):
    """Owns ``session`` and closes it. ``settings`` and ``dialogs`` are the user's own, or a test's."""

    def __init__(self, session: Session, settings: Settings | None = None, dialogs: Dialogs | None = None):
        super().__init__()
        self._session = session
        self._settings = settings or Settings()
        self._dialogs = dialogs or Dialogs()
        self._closing = False
        self._recent: Path | None = None
        session.send(SetTheme(self._settings.theme))
        self._theme = self._wanted_theme()
        self.files = Files(self, session, self._settings, self._dialogs, self._send, lambda: self._theme)

        self.actions_by_name = Actions(self, self._send, self._carry_out)
        examples = {name: name.replace("-", " ").capitalize() for name in shipped.scenarios()}
        self.header = Header(self._send, self.actions_by_name, examples, self.files.open_source, self._theme)
        self.problem = ProblemBar(self._send, self.actions_by_name, self._theme)
        self.stage = Stage(self._send)
        self.progress = ProgressView(self._send)
        self.panel = RunPanel(self._send, self.actions_by_name, self._theme)
        self.transport = Transport(self._send, self.actions_by_name, self._theme)
        self._arrange()
        self.banner = Banner(self._send, self._theme, self.plots)
        self.data_watch = DataWatch(self._send, self)
        self.views = (self.header, self.problem, self.stage, self.progress, self.panel, self.transport, self.banner)

        self.setAcceptDrops(True)
        self.setMinimumSize(980, 600)
        self._apply_theme(self._theme)
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._follow_system)
        self._end_listening = session.subscribe(self._render)
        self._render(session.state)
        self._elapsed = QElapsedTimer()
        self.frames = QTimer(self)
        self.frames.setTimerType(Qt.TimerType.PreciseTimer)
        self.frames.setInterval(FRAME_MS)
        self.frames.timeout.connect(self._frame)
        geometry = self._settings.geometry
        if geometry is None or not self.restoreGeometry(geometry):
            self._take_size(self.screen().availableSize())
        self.faults = Faults(self._tell_fault)

    def _take_size(self, screen: QSize) -> None:
        """How large a first window is: on a screen that has no room for it and its frame, such as a projector's, it fills the screen."""
        usual = QSize(1280, 800)
        self.resize(usual.boundedTo(screen))
        if usual.grownBy(FRAME).boundedTo(screen) != usual.grownBy(FRAME):
            self.setWindowState(Qt.WindowState.WindowMaximized)

    def _arrange(self) -> None:
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(SPACE)
        for part, (view, share) in enumerate(((self.stage, 9), (self.progress, 5))):
            split.addWidget(view)
            split.setStretchFactor(part, share)
        split.setSizes([900, 500])
        self.plots = QFrame()
        self.plots.setObjectName("plots")
        inside = QVBoxLayout(self.plots)
        inside.setContentsMargins(SPACE // 2, SPACE // 2, SPACE // 2, SPACE // 2)
        inside.addWidget(split)
        left = QVBoxLayout()
        left.setSpacing(SPACE)
        left.addWidget(self.problem)
        left.addWidget(self.plots, 1)
        middle = QHBoxLayout()
        middle.setContentsMargins(2 * SPACE, SPACE, SPACE, SPACE)
        middle.setSpacing(12)
        middle.addLayout(left, 1)
        middle.addWidget(self.panel)
        ground = QWidget()
        ground.setObjectName("ground")
        column = QVBoxLayout(ground)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addLayout(middle, 1)
        column.addWidget(self.transport)
        self.setCentralWidget(ground)
        ground.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        ground.setFocus()  # so that the space bar plays, and does not press the first button

    # One frame: what the worker answered, the time that went by, then what changed is painted

    def _frame(self) -> None:
        seconds = min(self._elapsed.restart() / 1000, LONGEST_FRAME)
        state = self._session.state
        if state.playing:
            self._session.drain(Tick(seconds))
        else:
            self._session.drain()
        self.transport.busy.render(self._session.state)  # it appears with time, not with a change

    def _render(self, state: AppState) -> None:
        for view in self.views:
            try:
                view.render(state)
            except Exception:  # one view that cannot paint must not keep the others from it
                sys.excepthook(*sys.exc_info())
        self.actions_by_name.render(state)
        self.data_watch.render(state)
        name = state.path.name if state.path else state.scenario.title or "Untitled"
        title = f"{name}{' (changed)' if state.dirty else ''} – gdsim"  # noqa: RUF001
        if title != self.windowTitle():
            self.setWindowTitle(title)
        if self._wanted_theme() is not self._theme:
            self._apply_theme(self._wanted_theme())
        if state.path is not None and state.path != self._recent:
            self._recent = state.path
            self._settings.add_recent(state.path)
            self.header.show_recent(self._settings.recent)
        self.files.go_on_once_saved(state)

    def _send(self, message: Message) -> None:
        self._session.send(message)
        if isinstance(message, SetTheme):
            self._settings.theme = message.theme

    def _tell_fault(self, text: str) -> None:
        self._session.send(Failed(text))

    # Themes

    def _wanted_theme(self) -> Theme:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        return theme_of(self._session.state.theme, app)

    def _apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        QApplication.setPalette(qt_palette(theme))
        self.setStyleSheet(style_sheet(theme))
        self.actions_by_name.apply_theme(theme)
        for view in self.views:
            view.apply_theme(theme)
        self.header.show_recent(self._settings.recent)

    def _follow_system(self, _scheme: Qt.ColorScheme) -> None:
        if self._wanted_theme() is not self._theme:
            self._apply_theme(self._wanted_theme())

    # Commands that need a window

    def _carry_out(self, name: str) -> None:
        {
            "new": self.files.new,
            "open": self.files.open,
            "save": self.files.save,
            "save_as": self.files.save_as,
            "export": self.files.export,
            "save_script": self.files.save_script,
            "save_map": self.files.save_map,
            "theme": self._toggle_theme,
            "shortcuts": self._show_shortcuts,
            "landscape": self.problem.picker.open,
            "fit": self.stage.fit,
            "next_view": self.stage.next,
            "quit": self._quit,
        }[name]()

    def _toggle_theme(self) -> None:
        self._send(SetTheme("light" if self._theme.name == "dark" else "dark"))

    def _show_shortcuts(self) -> None:
        self._dialogs.shortcuts(self)

    def _quit(self) -> None:
        self.close()

    def close_now(self) -> None:
        """Closes without a question: the system asks."""
        self._closing = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._session.state.dirty and not self._closing:
            event.ignore()
            self.files.unless_unsaved(self.close_now)
            return
        event.accept()
        self.frames.stop()
        self._end_listening()
        QGuiApplication.styleHints().colorSchemeChanged.disconnect(self._follow_system)
        self._settings.geometry = self.saveGeometry()
        self._settings.write()
        self.hide()
        self._session.close(CLOSING_SECONDS)
        self.faults.release()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self.frames.isActive():
            self._elapsed.start()
            self.frames.start()
        if not self._settings.greeted:
            self._settings.greeted = True
            self._send(Told(GREETING))

    # Keys: a control that has the focus keeps the keys that it lives by

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            focus, key = self.focusWidget(), event.key()
            if (isinstance(focus, QAbstractSlider) and key in SLIDER_KEYS) or (
                isinstance(focus, QAbstractButton) and key == Qt.Key.Key_Space
            ):
                event.accept()
                return True
        return super().event(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        return go_on(self, forward=forward)

    # Files dropped on the window

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dropped_file(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = dropped_file(event)
        if path:
            event.acceptProposedAction()
            self.files.open_source(path)


def dropped_file(event: QDropEvent) -> str | None:
    """The one file that is being dropped, if it is a scenario or data."""
    urls = event.mimeData().urls()
    path = urls[0].toLocalFile() if len(urls) == 1 else ""
    return path if Path(path).suffix.lower() in (".toml", *SUFFIXES) else None
