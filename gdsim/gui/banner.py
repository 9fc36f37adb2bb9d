"""The banner: a few words for the user over the foot of the picture, which go when they are dismissed."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from gdsim.app.messages import DismissNotice, Message
from gdsim.app.state import AppState, Notice
from gdsim.gui.controls import named
from gdsim.gui.icons import icon
from gdsim.gui.palette import Theme
from gdsim.gui.style import SPACE

STAYS_MS = 7000
"""How long a notice that is no error stays by itself."""


class Banner(QFrame):
    """Lies over ``parent``, centred at its foot, where there is nothing to click; nothing moves when it comes or goes."""

    def __init__(self, send: Callable[[Message], None], theme: Theme, parent: QWidget):
        super().__init__(parent)
        self._send = send
        self._theme = theme
        self._notice: Notice | None = None
        self._around = parent
        self.setObjectName("banner")
        self.sign = QLabel()
        self.text = QLabel()
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.close_button = QToolButton()
        self.close_button.setProperty("role", "small")
        self.close_button.setIconSize(QSize(16, 16))
        self.close_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.close_button.clicked.connect(self._dismiss)
        named(self.close_button, "dismiss", "Dismiss this message  (Esc)")
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(12, SPACE, SPACE, SPACE)
        row.setSpacing(SPACE)
        row.addWidget(self.sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.text, 1)
        row.addWidget(self.close_button, 0, Qt.AlignmentFlag.AlignTop)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(STAYS_MS)
        self._timer.timeout.connect(self._dismiss)
        parent.installEventFilter(self)
        self.hide()

    def render(self, state: AppState) -> None:  # type: ignore[override]
        if state.notice is self._notice:
            return
        self._notice = state.notice
        self._timer.stop()
        if self._notice is None:
            self.hide()
            return
        self.text.setText(self._notice.text)
        self.setAccessibleName(self._notice.text)
        self.setProperty("error", self._notice.is_error)
        self.style().unpolish(self)
        self.style().polish(self)
        self.apply_theme(self._theme)
        self._place()
        self.show()
        self.raise_()
        if not self._notice.is_error:
            self._timer.start()

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        is_error = self._notice is not None and self._notice.is_error
        drawn = icon("alert-circle-outline", theme, theme.error) if is_error else icon("information-outline", theme, theme.accent)
        self.sign.setPixmap(drawn.pixmap(QSize(20, 20)))
        self.close_button.setIcon(icon("close", theme, theme.muted))

    def _dismiss(self) -> None:
        self._send(DismissNotice())

    def _place(self) -> None:
        around = self._around
        room = around.width() - 4 * SPACE
        text_width = self.text.fontMetrics().boundingRect(0, 0, room, 10_000, Qt.TextFlag.TextWordWrap, self.text.text()).width()
        width = min(room, max(40 * SPACE, min(72 * SPACE, text_width + 12 * SPACE)))
        height = min(self._row.totalHeightForWidth(width), around.height() - 4 * SPACE)
        self.setGeometry((around.width() - width) // 2, around.height() - SPACE - height, width, height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)
