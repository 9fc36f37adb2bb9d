"""The selected run as a script for PyTorch, to be read, copied and saved."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QPlainTextEdit, QPushButton

from gdsim.app.messages import Message
from gdsim.app.scripting import SetExactScript, script_shown
from gdsim.app.state import AppState
from gdsim.gui.canvas import SMALL
from gdsim.gui.controls import Elided, TickBox, named
from gdsim.gui.highlighter import Highlighter
from gdsim.gui.numbers import label_of
from gdsim.gui.palette import Theme
from gdsim.gui.style import SPACE
from gdsim.gui.view import View
from gdsim.simulation.pytorch.script import Script
from gdsim.simulation.scenario import Scenario

SAVE = "save_script"
"""The window's command that asks for a place."""


class PytorchView(View):
    """Where a run has no counterpart in PyTorch, it says what is missing there."""

    name = "PyTorch"
    tip = "The selected run as a complete script for PyTorch"

    def __init__(self, send: Callable[[Message], None]) -> None:
        super().__init__(send)
        self._key: object = None
        self.caption = Elided()
        self.caption.setTextFormat(Qt.TextFormat.PlainText)
        self.exact = TickBox("same weights and batches")
        named(
            self.exact,
            "same weights and batches",
            "Take the first weights and the batches from here: the losses are the same but for rounding",
        )
        self.exact.clicked.connect(lambda: send(SetExactScript(self.exact.isChecked())))
        self.copy = QPushButton("Copy")
        named(self.copy, "copy the script", "Copy the script")
        self.copy.clicked.connect(self._copy)
        self.save = QPushButton("Save as…")
        named(self.save, "save the script", "Save the script, with the files that it reads beside it")
        self.save.clicked.connect(self._save)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setAccessibleName("PyTorch script")
        self.text.setObjectName("code")
        face = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        face.setPixelSize(SMALL)
        self.text.setFont(face)
        self.highlighter = Highlighter(self.text.document())
        for button in (self.copy, self.save):
            button.setProperty("role", "preset")
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._stack((self.caption, self.exact, self.copy, self.save), self.text, gap=SPACE // 2)

    @classmethod
    def fits(cls, scenario: Scenario) -> bool:
        return True

    def apply_theme(self, theme: Theme) -> None:
        self.highlighter.show_theme(theme)
        self.text.setStyleSheet(
            f"QPlainTextEdit#code {{ background: {theme.plot}; color: {theme.text}; border: 1px solid {theme.border}; border-radius: 4px;"
            f" selection-background-color: {theme.accent}; selection-color: {theme.accent_text};"
            f" font-family: monospace; font-size: {SMALL}px; }}"
        )

    def render(self, state: AppState) -> None:  # type: ignore[override]
        key = state.scenario, state.selected, state.exact_script
        if key == self._key:
            return
        self._key = key
        self.exact.setChecked(state.exact_script)
        found = script_shown(state.scenario, state.selected, exact=state.exact_script)
        is_script = isinstance(found, Script)
        self.copy.setEnabled(is_script)
        self.exact.setVisible(state.scenario.is_network)
        if isinstance(found, Script):
            files = len(found.files)
            beside = f" and {files} file{'s' * (files != 1)}" if files else ""
            self.caption.set_text(f"{label_of(state, state.selected)} as a script{beside}")
            self._show(found.text)
        else:
            self.caption.set_text(f"{label_of(state, state.selected)}: no script to be shown")
            self._show("\n".join(f"# {line}" for line in found.split("\n")))

    def _show(self, text: str) -> None:
        """A reader's place stays where the text is about the same."""
        if text != self.text.toPlainText():
            bar = self.text.verticalScrollBar()
            at = bar.value()
            self.text.setPlainText(text)
            bar.setValue(at)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())

    def _save(self) -> None:
        command = next((action for action in self.window().actions() if action.objectName() == SAVE), None)
        if command is not None:
            command.trigger()
