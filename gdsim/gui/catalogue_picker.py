"""A button that shows what is chosen from a catalogue and opens its list."""

from collections.abc import Callable, Iterable
from functools import cached_property

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QStyle, QStyleOptionToolButton, QStylePainter, QToolButton, QWidget

from gdsim.gui.catalogue_popup import CataloguePopup, Entry, Thumbnail
from gdsim.gui.controls import draw_chevron
from gdsim.gui.palette import Theme

TEXT = 10
"""Pixels from the left to where text begins, as in the style sheet's fields."""


class CataloguePicker(QToolButton):
    """``pick(name)`` is called with what the user chose; ``current`` is the name that the list opens at.

    The list is made when it is first opened: a window may have many pickers.
    """

    def __init__(
        self,
        kind: str,
        entries: Callable[[], Iterable[Entry]],
        pick: Callable[[str], None],
        theme: Theme,
        thumbnail: Thumbnail | None = None,
        parent: QWidget | None = None,
    ):
        super().__init__(parent)
        self._kind, self._entries, self._pick = kind, entries, pick
        self._thumbnail = thumbnail
        self._theme = theme
        self.current = ""
        self.setProperty("role", "field")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(self.open)

    @cached_property
    def popup(self) -> CataloguePopup:
        return CataloguePopup(self._kind, self._entries(), self._pick, self._theme, self, self._thumbnail)

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        if "popup" in vars(self):
            self.popup.delegate.theme = theme

    def open(self) -> None:
        self.popup.open_below(self, self.current)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A style writes text that has no icon beside it in the middle; in a field it begins at the left."""
        if self.icon().isNull():
            option = QStyleOptionToolButton()
            self.initStyleOption(option)
            option.text = ""
            painter = QStylePainter(self)
            painter.drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)
            painter.setPen(self.palette().buttonText().color())
            painter.drawText(self.rect().adjusted(TEXT, 0, 0, 0), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self.text())
            painter.end()
        else:
            super().paintEvent(event)
        draw_chevron(self)
