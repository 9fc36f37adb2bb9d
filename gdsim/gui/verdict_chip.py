"""A verdict as a coloured chip with its symbol."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gdsim.gui.controls import named
from gdsim.gui.palette import Theme, outcome_colour
from gdsim.gui.style import CAPTION, SPACE
from gdsim.simulation.verdict import Verdict

HEIGHT = 22


class VerdictChip(QWidget):
    """Empty while there is no verdict; its place stays."""

    def __init__(self, theme: Theme, parent: QWidget | None = None):
        super().__init__(parent)
        self._theme = theme
        self._verdict: Verdict | None = None
        font = QFont(self.font())
        font.setPixelSize(CAPTION)
        font.setWeight(QFont.Weight.DemiBold)
        self._type = font
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        return str(self._verdict) if self._verdict else ""

    def show_verdict(self, verdict: Verdict | None) -> None:
        if verdict is self._verdict:
            return
        self._verdict = verdict
        named(self, f"verdict: {self.text}" if verdict else "no verdict yet", f"{self.text}: {verdict.evidence}" if verdict else "")
        self.updateGeometry()
        self.update()

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        widest_symbol = QFontMetrics(self._type).horizontalAdvance("⇄")
        return QSize(QFontMetrics(self._type).horizontalAdvance(f"  {self.text}") + widest_symbol + 2 * SPACE + 2, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._verdict is None:
            return
        look = outcome_colour(self._verdict.outcome, self._theme)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(look.fill))
        painter.drawRoundedRect(QRectF(self.rect()), HEIGHT / 2, HEIGHT / 2)
        painter.setPen(QColor(look.text))
        painter.setFont(self._type)
        inside = self.rect().adjusted(SPACE, 0, -SPACE, 0)
        painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, f"{look.symbol}  {self.text}")
