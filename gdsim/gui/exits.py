"""Where runs left the picture: arrows at its border, and labels that stay clear of each other."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath

from gdsim.gui.canvas import SMALL, font, pen
from gdsim.gui.markers import draw_exit
from gdsim.gui.palette import RunStyle, Theme

INSET = 20.0
APART = 3.0
MOST_STEPS = 3


@dataclass(frozen=True, eq=False)
class Exit:
    """A run that left: where, which way (in pixels, of any length), and with which step."""

    border: QPointF
    direction: QPointF
    style: RunStyle
    step: int


def words(steps: Sequence[int]) -> str:
    """What is said of runs that left near each other with those steps."""
    different = sorted(set(steps))
    runs = f"{len(steps)} runs " if len(steps) > 1 else ""
    if len(different) == 1:
        return f"{runs}left the picture at step {different[0]:,}"
    if len(different) > MOST_STEPS:
        return f"{runs}left the picture at steps {different[0]:,} to {different[-1]:,}"
    return f"{runs}left the picture at steps {', '.join(f'{step:,}' for step in different[:-1])} and {different[-1]:,}"


def paint_exits(painter: QPainter, exits: Sequence[Exit], rect: QRectF, taken: Sequence[QRectF], theme: Theme) -> None:
    """Arrows and labels within ``rect``. A label that would cover what is ``taken`` steps aside, and is left out where there is no room:
    the arrow still tells.
    """
    for left in exits:
        draw_exit(painter, left.border, left.direction, left.style, theme)
    face = font(SMALL)
    metrics = QFontMetricsF(face)
    told = list(taken)
    for group in together(exits, rect, metrics):
        text, box = words([left.step for left in group]), place(group, rect, metrics)
        step = box.height() + APART
        for shift in (0.0, step, -step, 2 * step, -2 * step, *(other.bottom() + APART - box.top() for other in taken)):
            moved = box.translated(0, shift)
            if rect.contains(moved) and not any(moved.intersects(other) for other in told):
                told.append(moved)
                _draw(painter, text, QPointF(moved.left(), moved.bottom() - metrics.descent()), theme)
                break


def together(exits: Sequence[Exit], rect: QRectF, metrics: QFontMetricsF) -> list[list[Exit]]:
    """The runs in groups: those whose labels would cover each other share one."""
    groups: list[list[Exit]] = []
    for left in exits:
        group = [left]
        while (near := next((other for other in groups if _touch(group, other, rect, metrics)), None)) is not None:
            groups.remove(near)
            group = near + group
        groups.append(group)
    return groups


def _touch(one: Sequence[Exit], other: Sequence[Exit], rect: QRectF, metrics: QFontMetricsF) -> bool:
    return place(one, rect, metrics).adjusted(-APART, -APART, APART, APART).intersects(place(other, rect, metrics))


def place(group: Sequence[Exit], rect: QRectF, metrics: QFontMetricsF) -> QRectF:
    """Where the group's label belongs: by the middle of its arrows, inside the picture."""
    size = metrics.boundingRect(words([left.step for left in group])).size()
    x = sum(left.border.x() for left in group) / len(group)
    y = sum(left.border.y() for left in group) / len(group)
    box = QRectF(x - size.width() / 2, y - size.height() / 2, size.width(), size.height())
    box.moveLeft(min(max(box.left(), rect.left() + INSET), rect.right() - INSET - box.width()))
    box.moveTop(min(max(box.top(), rect.top() + INSET), rect.bottom() - INSET - box.height()))
    return box


def _draw(painter: QPainter, text: str, at: QPointF, theme: Theme) -> None:
    path = QPainterPath()
    path.addText(at, font(SMALL), text)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen(theme.panel, 3.5))
    painter.drawPath(path)
    painter.fillPath(path, QColor(theme.text))
