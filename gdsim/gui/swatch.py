"""A run's marker on its dashed line: the key from a card to the picture."""

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gdsim.gui.markers import draw_marker
from gdsim.gui.palette import Dash, RunStyle, Theme

SIZE = QSize(34, 24)
PEN_STYLES: dict[Dash, Qt.PenStyle] = {
    "solid": Qt.PenStyle.SolidLine,
    "dash": Qt.PenStyle.DashLine,
    "dot": Qt.PenStyle.DotLine,
    "dash-dot": Qt.PenStyle.DashDotLine,
}


class Swatch(QWidget):
    def __init__(self, style: RunStyle, theme: Theme, parent: QWidget | None = None):
        super().__init__(parent)
        self._style = style
        self._theme = theme
        self.setFixedSize(SIZE)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setToolTip(f"Drawn as a {style.marker} on a {style.dash} line")

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        painter.setPen(QPen(QColor(self._style.colour), 2.0, PEN_STYLES[self._style.dash]))
        painter.drawLine(QPointF(1, middle), QPointF(self.width() - 1, middle))
        draw_marker(painter, QPointF(self.width() / 2, middle), self._style, self._theme)
