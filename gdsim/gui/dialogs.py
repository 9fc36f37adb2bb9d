"""Everything that asks the user something in a window of its own. None of it blocks: answers come back through a callable."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QGridLayout, QHBoxLayout, QLabel, QMessageBox, QPushButton, QVBoxLayout, QWidget

from gdsim.gui.actions import shortcut_text
from gdsim.gui.commands import COMMANDS
from gdsim.gui.controls import label
from gdsim.gui.style import SPACE
from gdsim.version import __version__

Answer = Literal["save", "discard", "cancel"]
SCENARIOS = "Scenarios (*.toml)"
OPENED = ("Scenarios and data (*.toml *.csv *.tsv)", SCENARIOS, "Data (*.csv *.tsv *.txt)", "All files (*)")
PICTURES = ("PNG picture (*.png)", "SVG drawing (*.svg)", "PDF page (*.pdf)", "Animated GIF (*.gif)")
TIP = 38 * SPACE
"""Width of what a key does, in pixels."""
MAPS = (*PICTURES[:3], "Parquet table (*.parquet)", "CSV table (*.csv)")


class Dialogs:
    """The one place that opens dialogs, which tests replace."""

    def open_file(self, parent: QWidget, folder: Path, then: Callable[[Path], None]) -> None:
        self._files(parent, "Open a scenario, or data", folder, list(OPENED), then)

    def save_file(self, parent: QWidget, suggested: Path, then: Callable[[Path], None]) -> None:
        self._files(parent, "Save the scenario", suggested, [SCENARIOS], then, suffix="toml")

    def export_picture(self, parent: QWidget, suggested: Path, then: Callable[[Path], None]) -> None:
        self._files(parent, "Export the picture", suggested, list(PICTURES), then, suffix="png")

    def save_script(self, parent: QWidget, suggested: Path, then: Callable[[Path], None]) -> None:
        self._files(parent, "Save the script for PyTorch", suggested, ["Python script (*.py)"], then, suffix="py")

    def save_map(self, parent: QWidget, suggested: Path, then: Callable[[Path], None]) -> None:
        self._files(parent, "Save the map", suggested, list(MAPS), then, suffix="png")

    def unsaved(self, parent: QWidget, name: str, then: Callable[[Answer], None]) -> None:
        """Asks what becomes of changes that are not saved."""
        box = QMessageBox(QMessageBox.Icon.NoIcon, "gdsim", f"Save the changes to {name}?", parent=parent)
        box.setInformativeText("They are lost otherwise.")
        save = box.addButton("Save", QMessageBox.ButtonRole.AcceptRole)
        discard = box.addButton("Do not save", QMessageBox.ButtonRole.DestructiveRole)
        cancel = box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(save)
        box.setEscapeButton(cancel)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        answers: dict[QPushButton, Answer] = {save: "save", discard: "discard", cancel: "cancel"}

        def answered() -> None:
            then(next((answer for button, answer in answers.items() if button is box.clickedButton()), "cancel"))

        box.finished.connect(answered)
        box.open()

    def shortcuts(self, parent: QWidget) -> None:
        dialog = ShortcutsDialog(parent)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def _files(
        self, parent: QWidget, title: str, where: Path, filters: list[str], then: Callable[[Path], None], suffix: str | None = None
    ) -> None:
        dialog = QFileDialog(parent, title)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setNameFilters(filters)
        if suffix is None:
            dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
            dialog.setDirectory(str(where))
        else:
            dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
            dialog.setDefaultSuffix(suffix)
            dialog.setDirectory(str(where.parent))
            dialog.selectFile(where.name)

            def follow(chosen: str) -> None:
                dialog.setDefaultSuffix(chosen.rpartition("*.")[2].rstrip(")"))

            dialog.filterSelected.connect(follow)
        dialog.fileSelected.connect(lambda chosen: then(Path(chosen)))
        dialog.open()


class ShortcutsDialog(QDialog):
    """The keys, from the table of commands, and which gdsim this is."""

    def __init__(self, parent: QWidget):
        super().__init__(parent)
        self.setWindowTitle("Keyboard and about")
        column = QVBoxLayout(self)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetFixedSize)
        column.setContentsMargins(3 * SPACE, 3 * SPACE, 3 * SPACE, 2 * SPACE)
        column.setSpacing(2 * SPACE)
        wordmark = QLabel("gdsim")
        wordmark.setObjectName("wordmark")
        about = label(f"A wind tunnel for gradient descent, version {__version__}. MIT licence.", "caption")
        column.addLayout(_line(wordmark, about))
        groups = list(dict.fromkeys(command.group for command in COMMANDS if command.keys))
        halves = QHBoxLayout()
        halves.setSpacing(4 * SPACE)
        for part in (groups[:2], groups[2:]):
            half = QVBoxLayout()
            half.setSpacing(2 * SPACE)
            for group in part:
                half.addLayout(_keys(group))
            half.addStretch(1)
            halves.addLayout(half)
        column.addLayout(halves)
        close = QPushButton("Close")
        close.setProperty("role", "plain")
        close.setToolTip("Close this window  (Esc)")
        close.clicked.connect(self.close)
        hint = "Click or drag in the picture to choose where the runs begin. Drop a .toml or .csv file anywhere to open it."
        column.addLayout(_line(label(hint, "caption"), close))


def _line(first: QWidget, last: QWidget) -> QHBoxLayout:
    """One at the left, one at the right."""
    line = QHBoxLayout()
    line.addWidget(first)
    line.addStretch(1)
    line.addWidget(last)
    return line


def _keys(group: str) -> QGridLayout:
    """The keys of a group, and what each does: in as many lines as it takes, for a projector shows no wide window."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(2 * SPACE)
    grid.setVerticalSpacing(SPACE // 2)
    grid.addWidget(label(group, "heading"), 0, 0, 1, 2)
    for row, command in enumerate((command for command in COMMANDS if command.keys and command.group == group), start=1):
        tip = QLabel(command.tip)
        tip.setWordWrap(True)
        tip.setMinimumWidth(TIP)
        grid.addWidget(label(shortcut_text(command), "key"), row, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        grid.addWidget(tip, row, 1)
    grid.setColumnStretch(1, 1)
    return grid
