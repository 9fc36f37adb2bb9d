"""The optimizer picker of a run: all optimizers by family, with their formulas."""

from collections.abc import Callable, Iterator

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gdsim.gui.catalogue_picker import CataloguePicker
from gdsim.gui.catalogue_popup import Entry
from gdsim.gui.controls import named
from gdsim.gui.palette import Theme
from gdsim.gui.style import SPACE
from gdsim.gui.typeset import typeset
from gdsim.optimizers import OPTIMIZERS, Optimizer

ROOM_FOR_FRAME = 34


def explanation(record: Optimizer) -> str:
    """The tooltip: what the rule computes, where it comes from, and what is to be known about it."""
    return "\n".join(line for line in (record.title, typeset(record.formula), record.notes, record.source) if line)


def optimizer_entries() -> Iterator[Entry]:
    for record in OPTIMIZERS.values():
        yield Entry(record.name, record.title, record.family, typeset(record.formula), explanation(record))


class OptimizerPicker(CataloguePicker):
    """Shows the optimizer of a run. A long title gives way, and the tooltip has it all."""

    def __init__(self, pick: Callable[[str], None], theme: Theme, parent: QWidget | None = None):
        super().__init__("optimizers", optimizer_entries, pick, theme, parent=parent)
        self._title = ""
        self.setProperty("role", "choice")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def show_optimizer(self, record: Optimizer, run: int) -> None:
        self.current = record.name
        self._title = record.title
        self._elide()
        named(self, f"optimizer of run {run + 1}: {record.title}", f"{explanation(record)}\nClick to choose another optimizer")

    def minimumSizeHint(self) -> QSize:
        return QSize(10 * SPACE, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        self.setText(self.fontMetrics().elidedText(self._title, Qt.TextElideMode.ElideRight, self.width() - ROOM_FOR_FRAME))
