"""The bar at the top: files, examples, history, the scenario's title, the theme."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from gdsim.app.changes import SetTitle
from gdsim.app.messages import Message, SetTheme
from gdsim.app.state import AppState, ThemeChoice
from gdsim.gui.actions import Actions
from gdsim.gui.controls import ActionButton, named
from gdsim.gui.icons import icon
from gdsim.gui.name_edit import NameEdit
from gdsim.gui.palette import Theme
from gdsim.gui.style import SPACE

THEMES: tuple[tuple[ThemeChoice, str], ...] = (("system", "Like the system"), ("light", "Light"), ("dark", "Dark"))


WIDEST_TITLE = 42 * SPACE


class Header(QWidget):
    """``examples`` maps the names of shipped scenarios to their titles; ``open_source(name or path)`` opens one."""

    def __init__(
        self,
        send: Callable[[Message], None],
        actions: Actions,
        examples: dict[str, str],
        open_source: Callable[[str], None],
        theme: Theme,
        parent: QWidget | None = None,
    ):
        super().__init__(parent)
        self._send = send
        self._open_source = open_source
        self._recent: tuple[Path, ...] = ()
        self.setObjectName("header")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(6 * SPACE)

        wordmark = QLabel("gdsim")
        wordmark.setObjectName("wordmark")
        self.examples = self._menu_button("Examples", "examples", "Open one of the scenarios that come with gdsim")
        self.examples.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        for name, title in examples.items():
            self._source_action(self.examples.menu(), title, name)

        self.title = NameEdit(lambda text: send(SetTitle(text)), 200)
        self.title.setPlaceholderText("Untitled")
        self.title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.title.textChanged.connect(self._fit_title)
        named(self.title, "title", "The scenario's title; click to change it")
        self.unsaved = QLabel("●")
        self.unsaved.setProperty("role", "caption")
        keeps_place = self.unsaved.sizePolicy()
        keeps_place.setRetainSizeWhenHidden(True)
        self.unsaved.setSizePolicy(keeps_place)
        named(self.unsaved, "unsaved changes", "There are changes that are not saved  (Ctrl+S saves)")

        self.more = self._menu_button("", "menu", "More: recent files, save as, theme, keys")
        menu = self.more.menu()
        for name in ("new", "open"):
            menu.addAction(actions[name])
        self.recent_menu = menu.addMenu("Open recent")
        menu.addSeparator()
        for name in ("save", "save_as", "export", "save_script", "save_map"):
            menu.addAction(actions[name])
        menu.addSeparator()
        menu.addAction(actions["many_seeds"])
        self.theme_menu = menu.addMenu("Theme")
        for choice, text in THEMES:
            action = self.theme_menu.addAction(text)
            action.setCheckable(True)
            action.setData(choice)
            action.triggered.connect(self._choose_theme)
        menu.addSeparator()
        for name in ("shortcuts", "quit"):
            menu.addAction(actions[name])

        row = QHBoxLayout(self)
        row.setContentsMargins(2 * SPACE, 0, SPACE, 0)
        row.setSpacing(SPACE // 2)
        row.addWidget(wordmark)
        row.addSpacing(SPACE)
        row.addWidget(self.examples)
        for names in (("open", "save", "export"), ("undo", "redo")):
            row.addSpacing(SPACE)
            for name in names:
                row.addWidget(ActionButton(actions[name]))
        row.addStretch(1)
        row.addWidget(self.title)
        row.addWidget(self.unsaved)
        row.addStretch(1)
        for name in ("theme", "shortcuts"):
            row.addWidget(ActionButton(actions[name]))
        row.addWidget(self.more)
        self.apply_theme(theme)

    def _menu_button(self, text: str, name: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setMenu(QMenu(button))
        named(button, name, tip)
        return button

    def _source_action(self, menu: QMenu, text: str, source: str) -> None:
        action = menu.addAction(text)
        action.setData(source)
        action.triggered.connect(self._open_chosen)

    def render(self, state: AppState) -> None:  # type: ignore[override]
        self.title.show_name(state.scenario.title)
        self.unsaved.setVisible(state.dirty)
        for action in self.theme_menu.actions():
            action.setChecked(action.data() == state.theme)

    def show_recent(self, recent: list[Path]) -> None:
        if tuple(recent) == self._recent and self.recent_menu.actions():
            return
        self._recent = tuple(recent)
        self.recent_menu.clear()
        for path in recent:
            self._source_action(self.recent_menu, str(path), str(path))
        self.recent_menu.setEnabled(bool(recent))

    def apply_theme(self, theme: Theme) -> None:
        self.examples.setIcon(icon("school-outline", theme))
        self.more.setIcon(icon("menu", theme))
        self.unsaved.setStyleSheet(f"color: {theme.accent};")

    def _fit_title(self, text: str) -> None:
        """As wide as the text, so that the dot stands beside it."""
        width = self.title.fontMetrics().horizontalAdvance(text or self.title.placeholderText())
        self.title.setFixedWidth(min(WIDEST_TITLE, width + 5 * SPACE))

    def _chosen(self) -> str:
        action = self.sender()
        return str(action.data()) if isinstance(action, QAction) else ""

    def _open_chosen(self) -> None:
        self._open_source(self._chosen())

    def _choose_theme(self) -> None:
        choice = next(choice for choice, _ in THEMES if choice == self._chosen())
        self._send(SetTheme(choice))
