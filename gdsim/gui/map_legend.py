"""The legend under a map: which colour is what, its share of what is in view, the ramp of what is measured, and the border."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from gdsim.gui.canvas import SMALL, font, pen
from gdsim.gui.map_colours import DARKEST, Bytes, class_colour, ramp, side_ramp
from gdsim.gui.numbers import number
from gdsim.gui.palette import LIGHT, Theme
from gdsim.gui.style import SPACE
from gdsim.gui.typeset import typeset
from gdsim.simulation.sweep_map import MapClass, SweepMap

LINE = 19
NARROW = 480
"""Pixels of width below which the legend takes a line more."""
BOX, RAMP = 12, 56
MARKS = {"class": BOX + 6, "ramp": RAMP + 6, "border": 28, "note": 0}
"""Pixels that the mark of each kind of entry takes."""
GAP = 2 * SPACE
NEAR_THE_BORDER = "ramps: from what was clear first to what lies at the border"


@dataclass(frozen=True)
class Entry:
    """``kind`` is "class", "ramp", "border" or "note" (words alone); ``colours`` are its own, from the first to the last, or one."""

    kind: str
    colours: tuple[str, ...]
    text: str


class MapLegend(QWidget):
    """As many lines as its width asks for, whatever they hold, so that the map above keeps its size while it is computed; what does not fit
    is in the tooltip.
    """

    def __init__(self, parent: QWidget | None = None):
        super().__init__(parent)
        self._theme = LIGHT
        self._chart: SweepMap | None = None
        self._text = ""
        self.entries: list[Entry] = []
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("legend of the map")

    @property
    def lines(self) -> int:
        return 3 if self.width() >= NARROW else 4

    def sizeHint(self) -> QSize:
        return QSize(200, self.lines * LINE + 4)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._make()

    def show_chart(self, chart: SweepMap | None, text: str = "") -> None:
        """The legend of ``chart``; where there is none, ``text``."""
        if chart is not self._chart or text != self._text:
            self._chart, self._text = chart, text
            self._make()

    def _make(self) -> None:
        self.entries = [] if self._chart is None else entries(self._chart, self._theme)
        told = "\n".join(f"{entry.text}" for entry in self.entries) or self._text
        self.setToolTip(told)
        self.setAccessibleDescription(told)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(font(SMALL))
        if not self.entries:
            painter.setPen(QColor(self._theme.muted))
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap
            painter.drawText(QRectF(self.rect()).adjusted(2, 2, -2, 0), flags, self._text)
            return
        for entry, place in self.placed():
            self._draw(painter, entry, place)

    def placed(self) -> list[tuple[Entry, QRectF]]:
        """The entries that have room, with their places."""
        metrics = QFontMetricsF(font(SMALL))
        found, x, line = [], 0.0, 0
        for entry in self.entries:
            width = MARKS[entry.kind] + metrics.horizontalAdvance(entry.text)
            if x > 0.0 and x + width > self.width():
                x, line = 0.0, line + 1
            if line >= self.lines:
                break
            found.append((entry, QRectF(x, line * LINE + 2, min(width, self.width() - x), LINE)))
            x += width + GAP
        return found

    def _draw(self, painter: QPainter, entry: Entry, place: QRectF) -> None:
        middle, theme = place.center().y(), self._theme
        painter.setPen(Qt.PenStyle.NoPen)
        if entry.kind == "class":
            painter.setBrush(QColor(entry.colours[0]))
            painter.drawRoundedRect(QRectF(place.left(), middle - BOX / 2, BOX, BOX), 3, 3)
        elif entry.kind == "ramp":
            box = QRectF(place.left(), middle - 5, RAMP, 10)
            painter.setBrush(shade(box, entry.colours))
            painter.drawRoundedRect(box, 3, 3)
        elif entry.kind == "border":
            for colour, width in ((theme.outline, 4.5), (theme.mark, 2.0)):
                stroke = pen(colour, width)
                if width < 4.0:
                    stroke.setDashPattern([4.0, 3.0])
                painter.setPen(stroke)
                painter.drawLine(QPointF(place.left() + 2, middle), QPointF(place.left() + 22, middle))
        painter.setPen(QColor(theme.text))
        room = place.adjusted(MARKS[entry.kind], 0, 0, 0)
        text = painter.fontMetrics().elidedText(entry.text, Qt.TextElideMode.ElideRight, int(room.width()) + 1)
        painter.drawText(room.adjusted(0, 0, 2, 0), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


def shade(box: QRectF, colours: tuple[str, ...]) -> QLinearGradient:
    made = QLinearGradient(box.topLeft(), box.topRight())
    for k, colour in enumerate(colours):
        made.setColorAt(k / max(1, len(colours) - 1), QColor(colour))
    return made


def entries(chart: SweepMap, theme: Theme) -> list[Entry]:
    """Minima first, then verdicts by share; where colours are shades, those that lie outside of them alone."""
    found = []
    classes = sorted(chart.classes, key=lambda kind: (kind.minimum is None, -kind.share))
    for kind in classes:
        share = f"{kind.share:.1%}" if kind.share >= 0.0005 or kind.share == 0.0 else "< 0.1%"
        if chart.painted == "trainability":
            found.append(Entry("ramp", sampled(side_ramp(chart.classes.index(kind))), f"{kind.label}  {share}"))
        elif chart.painted == "classes" or kind.outcome.value == "diverged":
            found.append(Entry("class", (class_colour(kind, theme),), f"{typeset(kind.label)}  {share}"))
    if chart.painted == "trainability":
        found += [Entry("note", (), text) for text in (NEAR_THE_BORDER, chart.measure) if text]
    elif chart.measure and chart.ends[0] < chart.ends[1]:
        low, high = (number(round(end)) if chart.measure == "steps" else number(end, 2) for end in chart.ends)
        found.append(Entry("ramp", _colours_of_shades(chart, classes, theme), f"{chart.measure}, {low} to {high}"))
    found += [Entry("border", (theme.mark,), border.label) for border in chart.borders]
    return found


def _colours_of_shades(chart: SweepMap, classes: list[MapClass], theme: Theme) -> tuple[str, ...]:
    if chart.painted == "shades":
        return sampled(ramp(theme))
    first = QColor(class_colour(next((kind for kind in classes if kind.outcome.value == "converged"), classes[0]), theme))
    last = QColor.fromRgbF(*(channel * (1.0 - DARKEST) for channel in (first.redF(), first.greenF(), first.blueF())))
    return first.name(), last.name()


def sampled(colours: Bytes) -> tuple[str, ...]:
    """Some of 256 colours (256, 3), ``#rrggbb``."""
    return tuple(f"#{red:02x}{green:02x}{blue:02x}" for red, green, blue in colours[::15].tolist())
