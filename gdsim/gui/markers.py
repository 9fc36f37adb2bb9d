"""Marks of runs and of stationary points: outlines of a constant size, centred on the origin."""

from functools import cache, lru_cache
from math import cos, pi, sin

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPainterPath, QPen, QPolygonF

from gdsim.gui.canvas import pen
from gdsim.gui.palette import Dash, Marker, RunStyle, Theme

HEAD = 6.5


def _polygon(corners: int, turn: float = 0.0, inner: float | None = None) -> QPainterPath:
    """A regular polygon round the unit circle, first corner up; with ``inner`` a star."""
    count = corners if inner is None else 2 * corners
    points = []
    for k in range(count):
        radius = 1.0 if inner is None or k % 2 == 0 else inner
        angle = 2 * pi * k / count - pi / 2 + turn
        points.append(QPointF(round(radius * cos(angle), 6), round(radius * sin(angle), 6)))
    path = QPainterPath()
    path.addPolygon(QPolygonF(points))
    path.closeSubpath()
    return path


def _cross(arm: float = 0.38) -> QPainterPath:
    path = QPainterPath()
    path.addRect(QRectF(-1, -arm, 2, 2 * arm))
    upright = QPainterPath()
    upright.addRect(QRectF(-arm, -1, 2 * arm, 2))
    return path.united(upright)


@cache
def outline(marker: Marker) -> QPainterPath:
    """The marker's shape, of about the area of the unit circle."""
    if marker == "circle":
        path = QPainterPath()
        path.addEllipse(QPointF(0, 0), 1.0, 1.0)
        return path
    if marker == "cross":
        return _scaled(_cross(), 1.12)
    shapes = {
        "square": (_polygon(4, pi / 4), 1.25),
        "triangle": (_polygon(3), 1.38),
        "diamond": (_polygon(4), 1.3),
        "pentagon": (_polygon(5), 1.16),
        "star": (_polygon(5, inner=0.46), 1.5),
        "hexagon": (_polygon(6), 1.12),
    }
    return _scaled(*shapes[marker])


def _scaled(path: QPainterPath, factor: float) -> QPainterPath:
    grown = QPainterPath()
    for k in range(path.elementCount()):
        element = path.elementAt(k)
        point = QPointF(element.x * factor, element.y * factor)
        if element.isMoveTo():
            grown.moveTo(point)
        else:
            grown.lineTo(point)
    grown.closeSubpath()
    return grown


def draw_head(painter: QPainter, centre: QPointF, style: RunStyle, theme: Theme) -> None:
    """``draw_marker`` from an image that is kept, for a frame that has many to paint."""
    scale = painter.deviceTransform().m11()
    sprite = _sprite(style, theme, scale)
    reach = sprite.width() / scale / 2
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(QRectF(centre.x() - reach, centre.y() - reach, 2 * reach, 2 * reach), sprite)


@lru_cache(maxsize=256)
def _sprite(style: RunStyle, theme: Theme, scale: float) -> QImage:
    side = 2 * round(2 * HEAD * scale)
    image = QImage(side, side, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(side / 2, side / 2)
    painter.scale(scale, scale)
    draw_marker(painter, QPointF(0, 0), style, theme)
    painter.end()
    return image


def draw_marker(painter: QPainter, centre: QPointF, style: RunStyle, theme: Theme, radius: float = HEAD) -> None:
    """A run's mark, cased so that it stands out from any ground and from its own trail."""
    painter.save()
    painter.translate(centre)
    painter.scale(radius, radius)
    path = outline(style.marker)
    painter.setPen(pen(theme.outline, 5.0 / radius))
    painter.drawPath(path)
    painter.setPen(QPen(QColor(style.colour).darker(135), 1.2 / radius))
    painter.setBrush(QColor(style.colour))
    painter.drawPath(path)
    painter.restore()


def draw_stationary(painter: QPainter, centre: QPointF, kind: str, theme: Theme, radius: float = 6.0) -> None:
    """A star for the global minimum, a hollow one for a local minimum, a saddle's crossed strokes, a hollow triangle for a maximum."""
    painter.save()
    painter.translate(centre)
    painter.scale(radius, radius)
    casing = pen(theme.outline, 3.5 / radius)
    line = pen(theme.mark, 1.5 / radius)
    if kind == "saddle":
        path, brush = QPainterPath(), QBrush(Qt.BrushStyle.NoBrush)
        for sign in (-1, 1):
            path.moveTo(-0.75, -0.75 * sign)
            path.lineTo(0.75, 0.75 * sign)
        casing.setWidthF(4.5 / radius)
        line.setWidthF(1.9 / radius)
    elif kind == "maximum":
        path, brush = outline("triangle"), QBrush(QColor(theme.outline))
    else:
        path = outline("star")
        brush = QBrush(QColor(theme.mark if kind == "global minimum" else theme.outline))
    painter.setPen(casing)
    painter.drawPath(path)
    painter.setPen(line)
    painter.setBrush(brush)
    painter.drawPath(path)
    painter.restore()


def dashes(stroke: QPen, dash: Dash) -> None:
    """Gives a pen the run's dash; lengths are in widths of the pen."""
    patterns = {"dash": [5.0, 2.6], "dot": [0.6, 2.4], "dash-dot": [5.0, 2.4, 0.6, 2.4]}
    if dash in patterns:
        stroke.setDashPattern(patterns[dash])


def draw_start(painter: QPainter, centre: QPointF, theme: Theme) -> None:
    """A ring with a dot: where the runs begin, and a handle to drag."""
    painter.save()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((theme.outline, 5.0), (theme.mark, 2.0)):
        painter.setPen(QPen(QColor(colour), width))
        painter.drawEllipse(centre, 8.5, 8.5)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.mark))
    painter.drawEllipse(centre, 2.0, 2.0)
    painter.restore()


def draw_exit(painter: QPainter, border: QPointF, direction: QPointF, style: RunStyle, theme: Theme) -> None:
    """An arrow at the border of the picture pointing the way that the run left; ``direction`` in pixels, of any length."""
    length = (direction.x() ** 2 + direction.y() ** 2) ** 0.5 or 1.0
    along = QPointF(direction.x() / length, direction.y() / length)
    across = QPointF(-along.y(), along.x())
    tip = border - along * 2
    head = QPolygonF([tip, tip - along * 12 + across * 6.5, tip - along * 9, tip - along * 12 - across * 6.5])
    painter.save()
    painter.setPen(pen(theme.outline, 4.0))
    painter.drawPolygon(head)
    painter.setPen(QPen(QColor(style.colour).darker(135), 1.2))
    painter.setBrush(QColor(style.colour))
    painter.drawPolygon(head)
    painter.restore()
