"""The mosaic of a report: a cell a trial, in blocks of trials that belong together, each with its verdict's colour and sign."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gdsim.gui.canvas import SMALL, font, pen
from gdsim.gui.palette import LIGHT, Theme
from gdsim.gui.style import SPACE
from gdsim.harness.mosaic import mosaic
from gdsim.harness.report import Report
from gdsim.harness.trial import Outcome, Verdict
from gdsim.harness.verdict_look import LOOKS

CELL, GAP = 16, 2
STEP = CELL + GAP
MARGIN = SPACE // 2
ROOM_FOR_INVITATION = 80
HEADING, LINE = 26, 20
"""Heights of a family's heading and of a block's, in pixels."""


@dataclass(frozen=True)
class Heading:
    text: str
    top: int
    is_family: bool


class MosaicCells(QWidget):
    """``chosen(outcome)`` is called with what is clicked, or picked with Enter; ``pointed`` tells what is under the cursor or the keys.
    ``invitation`` stands there while there is no report.
    """

    pointed = Signal(object)

    def __init__(self, chosen: Callable[[Outcome], None], invitation: str, parent: QWidget | None = None):
        super().__init__(parent)
        self._chosen = chosen
        self._invitation = invitation
        self._theme = LIGHT
        self._report: Report | None = None
        self._outcomes: list[Outcome] = []
        self._places: list[QPoint] = []
        self._headings: list[Heading] = []
        self._lines: list[tuple[int, int]] = []
        self._stamps: dict[tuple[Verdict, float], QPixmap] = {}
        self._current = 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Mosaic of trials")

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """In the order of the cells."""
        return tuple(self._outcomes)

    def place(self, index: int) -> QRect:
        """Where cell ``index`` is."""
        return QRect(self._places[index], QSize(CELL, CELL))

    def show_report(self, report: Report | None) -> None:
        if report is self._report:
            return
        self._report = report
        self._arrange()
        self.update()

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._arrange()

    def _arrange(self) -> None:
        """Cells row by row, block after block; the height is what they need."""
        self._outcomes, self._places, self._headings, self._lines = [], [], [], []
        top, family = 0, None
        across = max(1, (self.width() - 2 * MARGIN + GAP) // STEP)
        for block in mosaic([self._report]).blocks if self._report is not None else ():
            if block.family is not family:
                family = block.family
                self._headings.append(Heading(f"{family.capitalize()} trials", top, True))
                top += HEADING
            if block.group:
                self._headings.append(Heading(block.group, top, False))
                top += LINE
            found = [row[0] for row in block.cells if row[0] is not None]
            for first in range(0, len(found), across):
                self._lines.append((len(self._outcomes), len(found[first : first + across])))
                for column, outcome in enumerate(found[first : first + across]):
                    self._outcomes.append(outcome)
                    self._places.append(QPoint(MARGIN + column * STEP, top))
                top += STEP
            top += SPACE
        self._current = min(self._current, max(len(self._outcomes) - 1, 0))
        self.setFixedHeight(top if self._report is not None else ROOM_FOR_INVITATION)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        seen = event.rect()
        if self._report is None:
            painter.setFont(font(SMALL))
            painter.setPen(QColor(self._theme.muted))
            painter.drawText(self.rect().adjusted(MARGIN, MARGIN, -MARGIN, 0), Qt.TextFlag.TextWordWrap, self._invitation)
        for heading in self._headings:
            area = QRect(MARGIN, heading.top, self.width() - 2 * MARGIN, HEADING if heading.is_family else LINE)
            if area.intersects(seen):
                painter.setFont(font(SMALL + heading.is_family, bold=heading.is_family))
                painter.setPen(QColor(self._theme.text if heading.is_family else self._theme.muted))
                text = QFontMetrics(painter.font()).elidedText(heading.text, Qt.TextElideMode.ElideRight, area.width())
                painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        for outcome, place in zip(self._outcomes, self._places, strict=True):
            if seen.top() - CELL < place.y() <= seen.bottom():
                painter.drawPixmap(place, self._stamp(outcome.verdict))
        if self.hasFocus() and self._outcomes:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(pen(self._theme.text, 2.0))
            painter.drawRect(QRectF(self.place(self._current)).adjusted(-1, -1, 1, 1))

    def _stamp(self, verdict: Verdict) -> QPixmap:
        key = verdict, self.devicePixelRatioF()
        if key not in self._stamps:
            self._stamps[key] = stamp(verdict, CELL, key[1])
        return self._stamps[key]

    # What is pointed at

    def at(self, place: QPoint) -> int | None:
        """The number of the cell there."""
        for first, count in self._lines:
            column, within = divmod(place.x() - MARGIN, STEP)
            if self._places[first].y() <= place.y() < self._places[first].y() + STEP:
                return first + column if 0 <= column < count and within < CELL else None
        return None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        index = self.at(event.position().toPoint())
        self.setCursor(Qt.CursorShape.ArrowCursor if index is None else Qt.CursorShape.PointingHandCursor)
        self.pointed.emit(None if index is None else self._outcomes[index])

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.pointed.emit(None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index = self.at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index is not None:
            self._current = index
            self.update()
            self._chosen(self._outcomes[index])

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self.at(event.pos())
            if index is None:
                QToolTip.hideText()
            else:
                QToolTip.showText(event.globalPos(), told(self._outcomes[index]), self, self.place(index))
            return True
        return super().event(event)

    # Keys walk from cell to cell

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._outcomes:
            super().keyPressEvent(event)
            return
        last = len(self._outcomes) - 1
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._chosen(self._outcomes[self._current])
                return
            case Qt.Key.Key_Left:
                index = max(self._current - 1, 0)
            case Qt.Key.Key_Right:
                index = min(self._current + 1, last)
            case Qt.Key.Key_Up | Qt.Key.Key_Down:
                index = self._beside(1 if event.key() == Qt.Key.Key_Down else -1)
            case Qt.Key.Key_Home:
                index = 0
            case Qt.Key.Key_End:
                index = last
            case _:
                super().keyPressEvent(event)
                return
        self._go(index)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self._outcomes:
            self._go(self._current)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def _beside(self, lines: int) -> int:
        """The cell in the line above or below."""
        line = next(number for number, (first, count) in enumerate(self._lines) if first <= self._current < first + count)
        first, count = self._lines[min(max(line + lines, 0), len(self._lines) - 1)]
        return first + min(self._current - self._lines[line][0], count - 1)

    def _go(self, index: int) -> None:
        self._current = index
        self.setAccessibleDescription(told(self._outcomes[index]))
        self.pointed.emit(self._outcomes[index])
        self.update()


def told(outcome: Outcome) -> str:
    """An outcome in words."""
    return f"{outcome.trial.title}\n{outcome.verdict}: {outcome.sentence}"


def stamp(verdict: Verdict, side: int, density: float = 1.0) -> QPixmap:
    """A verdict's colour with its sign."""
    look = LOOKS[verdict]
    made = QPixmap(round(side * density), round(side * density))
    made.setDevicePixelRatio(density)
    made.fill(QColor(look.fill))
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen(look.ink, max(1.2, side / 10)))
    for stroke in look.strokes:
        painter.drawPolyline([QPointF(x * side, y * side) for x, y in stroke])
    painter.end()
    return made
