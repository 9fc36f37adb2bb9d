"""The ruler under a learning rate's slider: what becomes of the run with every rate there is, and where theory draws the limit."""

import math
from collections.abc import Callable
from functools import cache
from html import escape
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from gdsim.gui.canvas import pen
from gdsim.gui.controls import named
from gdsim.gui.map_colours import verdict_colour
from gdsim.gui.numbers import number
from gdsim.gui.palette import Theme, outcome_colour
from gdsim.gui.slider import HANDLE
from gdsim.gui.typeset import sentence
from gdsim.simulation.ruler import COUNT, RATES, Mark, Ruler
from gdsim.simulation.sweep_verdict import OUTCOMES
from gdsim.simulation.verdict import Outcome

STRIP, ABOVE = 9, 4
"""Pixels: the strip, and the head of the mark over it."""

HEIGHTS = {
    Outcome.CONVERGED: 1.0,
    Outcome.NOISE_LIMITED: 0.82,
    Outcome.LOCAL_MINIMUM: 0.65,
    Outcome.SADDLE: 0.65,
    Outcome.PLATEAU: 0.65,
    Outcome.TOO_SLOW: 0.5,
    Outcome.OVERSHOOTING: 0.5,
}
LOWEST = 0.34
"""How high the strip stands, besides its colour: the better, the higher."""

ABOUT = "What becomes of this run with every learning rate of the slider, all else as it is."
COMING = "The ruler is being computed."
COMING_SLOWLY = "The ruler is computed once the network is trained and no map is on its way."
WITHHELD = "Trainings take long here, so this network is not trained with other learning rates unasked."
MOST_SPELLED = 12


class RateRuler(QWidget):
    """``change(rate, live)`` is called when a rate is chosen with the mouse. The slider above is the way by keyboard."""

    def __init__(self, index: int, change: Callable[[float, bool], None], theme: Theme, parent: QWidget | None = None):
        super().__init__(parent)
        self._index = index
        self._change = change
        self._theme = theme
        self._ruler: Ruler | None = None
        self._slow = False
        self._mark: Mark | None = None
        self._strip = QImage()
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._tell()

    @property
    def ruler(self) -> Ruler | None:
        return self._ruler

    def sizeHint(self) -> QSize:
        return QSize(120, STRIP + ABOVE + 1)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._strip = QImage()
        self.update()

    def show_ruler(self, ruler: Ruler | None, *, network: bool, mark: Mark | None = None) -> None:
        """The ``ruler`` as far as it is known; that of a ``network`` comes late. ``mark`` is that of the run, if its ruler has none."""
        ruler = ruler if ruler is not None and not ruler.withheld else None
        mark = ruler.mark or mark if ruler is not None else None
        if ruler is self._ruler and network == self._slow and mark == self._mark:
            return
        self._ruler, self._slow, self._mark = ruler, network, mark
        self._strip = QImage()
        self._tell()
        self.update()

    def _tell(self) -> None:
        ruler = self._ruler
        coming = COMING_SLOWLY if self._slow else COMING
        named(self, f"ruler of learning rates of run {self._index + 1}", coming if ruler is None else ABOUT)
        self.setAccessibleDescription(coming if ruler is None else spelled(ruler, self._mark))

    # Places: the middle of the slider's handle stands over its rate

    @property
    def room(self) -> QRectF:
        return QRectF(HANDLE / 2, ABOVE, max(self.width() - HANDLE, 1), STRIP)

    def across(self, rate: float) -> float:
        low, high = map(math.log, RATES)
        return self.room.left() + self.room.width() * (math.log(rate) - low) / (high - low)

    def rate_at(self, x: float) -> float:
        """The rate at a pixel, in the three digits that the slider has too."""
        share = min(max((x - self.room.left()) / self.room.width(), 0.0), 1.0)
        low, high = RATES
        return float(f"{low * (high / low) ** share:.3g}")

    # What it looks like

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        room, theme = self.room, self._theme
        if self._ruler is None:
            painter.setPen(pen(theme.border, 1))
            painter.drawLine(QPointF(room.left(), room.bottom()), QPointF(room.right(), room.bottom()))
            return
        if self._strip.isNull():
            self._strip = picture(self._ruler, theme)
        painter.drawImage(room, self._strip)
        painter.setPen(pen(theme.border, 1))
        painter.drawLine(QPointF(room.left(), room.bottom() + 0.5), QPointF(room.right(), room.bottom() + 0.5))
        mark = self._mark
        if mark is not None and RATES[0] <= mark.rate <= RATES[1]:
            self._draw_mark(painter, self.across(mark.rate))

    def _draw_mark(self, painter: QPainter, x: float) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = self.room
        for colour, width in ((self._theme.panel, 3.5), (self._theme.mark, 1.5)):
            painter.setPen(pen(colour, width))
            painter.drawLine(QPointF(x, ABOVE), QPointF(x, room.bottom()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.mark))
        painter.drawPolygon(QPolygonF([QPointF(x - 4, 0), QPointF(x + 4, 0), QPointF(x, ABOVE + 1.5)]))

    # What the mouse does

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._change(self.rate_at(event.position().x()), True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._change(self.rate_at(event.position().x()), True)
        self._hover(event.position().x(), event.globalPosition())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._change(self.rate_at(event.position().x()), False)

    def event(self, event: QEvent) -> bool:
        # The tooltip follows the mouse; one that comes after a while would only repeat it.
        if event.type() == QEvent.Type.ToolTip and self._ruler is not None:
            return True
        return super().event(event)

    def _hover(self, x: float, where: QPointF) -> None:
        if self._ruler is not None:
            place = where.toPoint()
            QToolTip.showText(place, self.described(x), self)

    def described(self, x: float) -> str:
        """What the tooltip says of the pixel, above the legend."""
        assert self._ruler is not None
        place = self._ruler.at(self.rate_at(x))
        # Where there are few rates, the nearest one that was tried is told.
        rate = self.rate_at(x) if len(self._ruler.rates) == COUNT else float(self._ruler.rates[place])
        outcome, steps = self._ruler.outcome(place), int(self._ruler.steps[place])
        ended = f" after {steps:,} steps" if outcome in (Outcome.CONVERGED, Outcome.DIVERGED) and steps < self._ruler.subject.steps else ""
        return f"<b>{number(rate, 3)}: {escape(str(outcome))}</b>{ended}<br>{legend(self._ruler, self._mark, self._theme)}"


def picture(ruler: Ruler, theme: Theme) -> QImage:
    """The strip: a column a rate, as high as its verdict is good. Where there are fewer rates, each stands for those nearest to it."""
    middles = np.sqrt(ruler.rates[1:] * ruler.rates[:-1])
    nearest = np.searchsorted(middles, np.geomspace(*RATES, COUNT))
    image = np.ascontiguousarray(columns(theme)[ruler.verdicts[nearest]].transpose(1, 0, 2))
    rows, count, _ = image.shape
    return QImage(image.data, count, rows, 4 * count, QImage.Format.Format_RGBA8888).copy()


@cache
def columns(theme: Theme) -> NDArray[np.uint8]:
    """The column of every verdict, from the top down: (verdicts, rows, 4), RGBA."""
    rows = 4 * STRIP
    made = np.zeros((len(OUTCOMES), rows, 4), dtype=np.uint8)
    for code, outcome in enumerate(OUTCOMES):
        made[code, rows - max(1, round(rows * HEIGHTS.get(outcome, LOWEST))) :] = (*_rgb(verdict_colour(outcome, theme)), 255)
    return made


def legend(ruler: Ruler, mark: Mark | None, theme: Theme) -> str:
    """The verdicts on the ruler with their colours, and the mark, as rich text."""
    rows = "".join(
        f'<tr><td style="color:{verdict_colour(outcome, theme)}">■&nbsp;</td>'
        f"<td>{outcome_colour(outcome, theme).symbol}&nbsp; {escape(str(outcome))}</td>"
        f'<td align="right">&nbsp; {share:.0%}</td></tr>'
        for outcome, share in ruler.shares()
    )
    count = len(ruler.rates)
    coarse = "" if not ruler.whole or count >= COUNT else f" It has {count} rates: more would take too long."
    return f"{ABOUT}{coarse}<table>{rows}</table>{escape(said_of(mark) or ruler.silent)}"


def said_of(mark: Mark | None) -> str:
    if mark is None:
        return ""
    beyond = "" if RATES[0] <= mark.rate <= RATES[1] else ", beyond the slider"
    return f"▼ {mark.words} = {number(mark.rate, 3)}{beyond}: the largest stable rate by theory, from the curvature at {mark.where}."


def spelled(ruler: Ruler, mark: Mark | None) -> str:
    """The ruler in words: which rates have which verdict, from the smallest up."""
    ends = [0, *(np.flatnonzero(np.diff(ruler.verdicts)) + 1).tolist(), len(ruler.rates)]
    parts = []
    for first, beyond in pairwise(ends[: MOST_SPELLED + 1]):
        low, high = float(ruler.rates[first]), float(ruler.rates[beyond - 1])
        where = f"at {low:.3g}" if beyond == first + 1 else f"from {low:.3g} to {high:.3g}"
        parts.append(f"{ruler.outcome(first)} {where}")
    more = "; and so on" if len(ends) > MOST_SPELLED + 1 else ""
    return sentence(f"{'; '.join(parts)}{more}. {said_of(mark) or ruler.silent}")


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
