"""A section that opens and closes: its title, a few words on what is in it, and below what it holds."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from gdsim.gui.controls import Elided, named
from gdsim.gui.icons import icon
from gdsim.gui.palette import LIGHT, Theme
from gdsim.gui.style import SPACE


class Disclosure(QWidget):
    """Closed at first. Space or Enter on the title opens it; ``tip`` says what is in it."""

    def __init__(self, title: str, tip: str, content: QWidget, parent: QWidget | None = None):
        super().__init__(parent)
        self._theme = LIGHT
        self.content = content
        self.button = QToolButton()
        self.button.setProperty("role", "disclosure")
        self.button.setText(title)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setIconSize(QSize(16, 16))
        self.button.setCheckable(True)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.toggled.connect(self._toggled)
        named(self.button, title, tip)
        self.told = Elided()
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        head.addWidget(self.button)
        head.addWidget(self.told, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        column.addLayout(head)
        column.addWidget(content)
        content.hide()

    def tell(self, words: str) -> None:
        """What is in it, in a few words, beside the title."""
        self.told.set_text(words)

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._show_sign()

    def _toggled(self, on: bool) -> None:
        self.content.setVisible(on)
        self._show_sign()

    def _show_sign(self) -> None:
        self.button.setIcon(icon("chevron-down" if self.button.isChecked() else "chevron-right", self._theme, self._theme.muted))
