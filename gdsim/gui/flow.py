"""Widgets beside each other as long as there is room, the rest on the next lines."""

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget


class Flow(QWidget):
    """``gap`` pixels between neighbours and lines."""

    def __init__(self, gap: int, parent: QWidget | None = None):
        super().__init__(parent)
        self._gap = gap
        self._held: list[QWidget] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSizePolicy(policy)

    def hold(self, widgets: Sequence[QWidget]) -> None:
        """Shows these, in place of those that it held before."""
        self._held = list(widgets)
        for widget in self._held:
            widget.setParent(self)
            widget.show()
        self._lay_out()

    def sizeHint(self) -> QSize:
        return QSize(200, self._height(self.width()))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self._height(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._lay_out()

    def _lay_out(self) -> None:
        for widget, (x, y) in zip(self._held, self._places(self.width()), strict=True):
            size = wanted(widget)
            widget.setGeometry(x, y, min(size.width(), max(self.width(), 1)), size.height())
        self.setFixedHeight(self._height(self.width()))

    def _places(self, width: int) -> list[tuple[int, int]]:
        places, x, y, line = [], 0, 0, 0
        for widget in self._held:
            size = wanted(widget)
            if x and x + size.width() > width:
                x, y, line = 0, y + line + self._gap, 0
            places.append((x, y))
            x, line = x + size.width() + self._gap, max(line, size.height())
        return places

    def _height(self, width: int) -> int:
        if not self._held:
            return 0
        last = max(y for _, y in self._places(width))
        return last + max(wanted(widget).height() for widget in self._held)


def wanted(widget: QWidget) -> QSize:
    """The size that a layout would give it."""
    return widget.sizeHint().boundedTo(widget.maximumSize()).expandedTo(widget.minimumSize())
