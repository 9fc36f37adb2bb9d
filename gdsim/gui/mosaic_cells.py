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
from gdsim.harness.mosaic import TITLES, mosaic
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
    area: QRect
    is_family: bool


@dataclass(frozen=True)
class Line:
    """``count`` cells beside each other, from number ``first`` on."""

    first: int
    count: int
    left: int
    top: int


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
        self._lines: list[Line] = []
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
        """Block after block, small ones beside each other; the height is what they need."""
        self._outcomes, self._places, self._headings, self._lines = [], [], [], []
        whole = self.width() - 2 * MARGIN
        across = max(1, (whole + GAP) // STEP)
        metrics = QFontMetrics(font(SMALL))
        left, top, bottom, family = MARGIN, 0, 0, None
        for block in mosaic([self._report]).blocks if self._report is not None else ():
            found = [row[0] for row in block.cells if row[0] is not None]
            name = block.group or "others"
            wide = min(max(min(len(found), across) * STEP, metrics.horizontalAdvance(name) + 1), whole)
            if block.family is not family or left + wide > MARGIN + whole:
                left, top = MARGIN, bottom
            if block.family is not family:
                family = block.family
                self._headings.append(Heading(TITLES[family], QRect(MARGIN, top, whole, HEADING), True))
                top += HEADING
            self._headings.append(Heading(name, QRect(left, top, wide, LINE), False))
            for number, first in enumerate(range(0, len(found), across)):
                some = found[first : first + across]
                line = Line(len(self._outcomes), len(some), left, top + LINE + number * STEP)
                self._lines.append(line)
                self._outcomes += some
                self._places += [QPoint(left + column * STEP, line.top) for column in range(len(some))]
            bottom = max(bottom, top + LINE + -(-len(found) // across) * STEP + SPACE)
            left += wide + 2 * SPACE
        self._current = min(self._current, max(len(self._outcomes) - 1, 0))
        self.setFixedHeight(bottom if self._report is not None else ROOM_FOR_INVITATION)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        seen = event.rect()
        if self._report is None:
            painter.setFont(font(SMALL))
            painter.setPen(QColor(self._theme.muted))
            painter.drawText(self.rect().adjusted(MARGIN, MARGIN, -MARGIN, 0), Qt.TextFlag.TextWordWrap, self._invitation)
        for heading in self._headings:
            area = heading.area
            if area.intersects(seen):
                painter.setFont(font(SMALL + heading.is_family, bold=heading.is_family))
                painter.setPen(QColor(self._theme.text if heading.is_family else self._theme.muted))
                text = QFontMetrics(painter.font()).elidedText(heading.text, Qt.TextElideMode.ElideRight, area.width())
                painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        for line in self._lines:
            if seen.top() - CELL < line.top <= seen.bottom():
                for index in range(line.first, line.first + line.count):
                    painter.drawPixmap(self._places[index], self._stamp(self._outcomes[index].verdict))
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
        for line in self._lines:
            column, within = divmod(place.x() - line.left, STEP)
            if line.top <= place.y() < line.top + STEP and 0 <= column < line.count:
                return line.first + column if within < CELL and place.y() < line.top + CELL else None
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
        """The nearest cell in what lies above or below."""
        here = self._places[self._current]
        tops = sorted({line.top for line in self._lines})
        top = tops[min(max(tops.index(here.y()) + lines, 0), len(tops) - 1)]
        near = (index for line in self._lines if line.top == top for index in range(line.first, line.first + line.count))
        return min(near, key=lambda index: abs(self._places[index].x() - here.x()))

    def go_to(self, verdict: Verdict) -> QPoint:
        """The next cell after the current one with this verdict, if there is one, becomes the current one. Returns where that is."""
        order = [*range(self._current + 1, len(self._outcomes)), *range(self._current + 1)]
        self._go(next((index for index in order if self._outcomes[index].verdict is verdict), self._current))
        self.setFocus()
        return self.place(self._current).center()

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
