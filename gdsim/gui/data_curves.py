"""What runs have learnt, as lines in their colours and dashes: fitted curves over one input, boundaries in the plane of two."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from gdsim.gui.canvas import Area, Floats, Layer, pen
from gdsim.gui.clip import clipped_path, draw_clipped
from gdsim.gui.markers import dashes
from gdsim.gui.palette import LIGHT, RunStyle, Theme


@dataclass(frozen=True, eq=False)
class Learnt:
    """``lines``, each (n, 2), of one run."""

    lines: tuple[Floats, ...]
    style: RunStyle
    chosen: bool


class LearntLayer(Layer):
    """The selected run on top, and stronger."""

    def __init__(self, area: Area, z: float) -> None:
        super().__init__(area, z)
        self.theme = LIGHT
        self.learnt: tuple[Learnt, ...] = ()
        self.diagonal: Floats | None = None

    def show_theme(self, theme: Theme) -> None:
        self.theme = theme
        self.update()

    def show_learnt(self, learnt: Sequence[Learnt]) -> None:
        self.learnt, self.diagonal = tuple(learnt), None
        self.update()

    def show_diagonal(self, ends: Floats) -> None:
        """A line (2, 2) on which predicted and true numbers are equal."""
        self.diagonal = ends
        self.update()

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        rect = self.boundingRect()
        painter.setClipRect(rect)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.diagonal is not None:
            painter.setPen(pen(self.theme.muted, 1.2))
            draw_clipped(painter, self.area.to_pixels(self.diagonal), rect)
        for each in sorted(self.learnt, key=lambda each: each.chosen):
            width = 2.6 if each.chosen else 1.8
            stroke = pen(each.style.colour, width)
            dashes(stroke, each.style.dash)
            for line in each.lines:
                path = clipped_path(self.area.to_pixels(line), rect)
                for which in (pen(self.theme.outline, width + 2.4), stroke):
                    painter.setPen(which)
                    painter.drawPath(path)
