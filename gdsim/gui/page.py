"""What a printed page is made of: a canvas of the window at its place, a line of text, a paragraph."""

import re

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from gdsim.gui.canvas import Canvas

Align = Qt.AlignmentFlag


def paint_canvas(painter: QPainter, canvas: Canvas, view: QWidget, place: QRect) -> None:
    """``canvas``, a part of ``view``, as it stands when ``view`` lies at ``place``."""
    corner = canvas.mapTo(view, canvas.rect().topLeft())
    target = QRectF(place.topLeft() + corner, canvas.viewport().size())
    painter.save()
    canvas.render(painter, target, canvas.viewport().rect())
    painter.restore()


def paint_line(painter: QPainter, place: QRectF, text: str, face: QFont, colour: str, align: Align = Align.AlignLeft) -> None:
    """One line, cut with an ellipsis if it is too long."""
    painter.setFont(face)
    painter.setPen(QColor(colour))
    fitting = QFontMetricsF(face).elidedText(text, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, align | Align.AlignVCenter | Qt.TextFlag.TextSingleLine, fitting)


def paint_paragraph(painter: QPainter, place: QRectF, text: str, face: QFont, colour: str) -> float:
    """As many lines as there is room for, the last one cut with an ellipsis. Returns where they end."""
    metrics = QFontMetricsF(face)
    # An equation is not broken.
    words, lines = re.sub(r" = |(?<=η) (?=λ)|(?<= is) (?=[\d∞])", lambda gap: gap[0].replace(" ", "\u00a0"), text).split(" "), [""]
    most = max(int(place.height() / metrics.height()), 1)
    for word in words:
        longer = f"{lines[-1]} {word}".strip()
        if metrics.horizontalAdvance(longer) <= place.width() or len(lines) == most:
            lines[-1] = longer
        else:
            lines.append(word)
    for k, line in enumerate(lines):
        row = QRectF(place.left(), place.top() + k * metrics.height(), place.width(), metrics.height())
        paint_line(painter, row, line, face, colour)
    return place.top() + len(lines) * metrics.height()
