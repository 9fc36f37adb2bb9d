"""A printed sheet of one landscape: the ground with its marked points, and beside it what is known of it."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QWidget

from gdsim.app.messages import Message
from gdsim.app.state import AppState
from gdsim.gui.canvas import font, pen
from gdsim.gui.curve_view import CurveView
from gdsim.gui.landscape_view import LandscapeView
from gdsim.gui.markers import draw_stationary
from gdsim.gui.numbers import number
from gdsim.gui.page import Align, paint_canvas, paint_line, paint_paragraph
from gdsim.gui.palette import DARK, LIGHT, Theme
from gdsim.gui.picture import write_sheet
from gdsim.gui.typeset import typeset
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.surface import survey

MARGIN, HEADER, ASIDE = 26.0, 72.0, 380.0
LINE = 24.0


class LandscapeSheet:
    """Paints what the scenario minimises at a size in pixels. Made and used on the GUI thread; ``close`` ends its view."""

    def __init__(self, scenario: Scenario, theme: Theme, size: tuple[int, int]) -> None:
        self.theme, self.size = theme, size
        self.landscape = scenario.landscape
        self.state = AppState(scenario, scenario, surface=survey(self.landscape))
        width, height = size
        self.place = QRect(round(MARGIN) - 14, round(HEADER), round(width - ASIDE - 2 * MARGIN), round(height - HEADER - MARGIN * 0.75))
        # As on the sheet of a scenario: a plain window that is never shown.
        self.desk = QWidget()
        self.desk.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        self.desk.resize(*size)
        self.view = (LandscapeView if self.landscape.dim == 2 else CurveView)(_nobody)
        self.view.setParent(self.desk)
        self.view.setGeometry(self.place)
        self.view.show()
        self.desk.show()
        self.view.apply_theme(replace(theme, panel=theme.window))
        self.view.render(self.state)

    def close(self) -> None:
        self.desk.close()
        self.desk.deleteLater()

    def paint(self, painter: QPainter) -> None:
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        painter.fillRect(QRectF(0, 0, *self.size), QColor(self.theme.window))
        record, width = self.landscape, self.size[0] - 2 * MARGIN
        paint_line(painter, QRectF(MARGIN, 18, width, 32), record.title, font(24, bold=True), self.theme.text)
        formula = f"J(w) = {typeset(self.state.scenario.problem.formula_shown)}"
        paint_line(painter, QRectF(MARGIN, 50, width, 20), formula, font(13), self.theme.muted)
        paint_canvas(painter, self.view.canvas, self.view, self.place)
        left = self.size[0] - ASIDE
        top = paint_paragraph(painter, QRectF(left, HEADER + 12, ASIDE - MARGIN, 190), record.notes, font(13), self.theme.text)
        top = self._paint_parameters(painter, left, top + 16)
        top = self._paint_points(painter, left, top)
        if record.source:
            paint_paragraph(painter, QRectF(left, top, ASIDE - MARGIN, 48), f"Source: {record.source}", font(12), self.theme.muted)

    def _paint_parameters(self, painter: QPainter, left: float, top: float) -> float:
        for param, value in zip(self.landscape.parameters, self.landscape.values, strict=True):
            row = QRectF(left, top, ASIDE - MARGIN, LINE)
            paint_line(painter, row, f"{param.name} = {number(value)}   {param.doc}", font(12), self.theme.muted)
            top += LINE
        return top + (12 if self.landscape.parameters else 0)

    def _paint_points(self, painter: QPainter, left: float, top: float) -> float:
        """The marked points with their losses, as many as there is room for."""
        points = sorted(self.landscape.points(self.landscape.values), key=lambda point: (point.kind != "global minimum", point.loss))
        room = max(int((self.size[1] - MARGIN - 60 - top) / LINE), 1)
        told = points if len(points) <= room else points[: room - 1]
        for point in told:
            row = QRectF(left, top, ASIDE - MARGIN, LINE)
            draw_stationary(painter, QPointF(row.left() + 7, row.center().y()), point.kind, self.theme)
            paint_line(
                painter,
                row.adjusted(22, 0, -96, 0),
                f"{point.kind} at ({', '.join(map(number, point.position))})",
                font(12),
                self.theme.text,
            )
            paint_line(painter, row, number(point.loss), font(12), self.theme.text, Align.AlignRight)
            painter.setPen(pen(self.theme.grid, 1))
            painter.drawLine(row.bottomLeft(), row.bottomRight())
            top += LINE
        if len(told) < len(points):
            row = QRectF(left, top, ASIDE - MARGIN, LINE)
            paint_line(painter, row, f"and {len(points) - len(told)} more", font(12), self.theme.muted)
            top += LINE
        return top + 12


def render_landscape(problem: Mapping[str, Any], path: Path, theme: Literal["light", "dark"] = "light") -> None:
    """Paints what the table [problem] of a scenario describes into ``path`` (.png, .svg or .pdf), written whole or not at all.

    Raises ValueError for another suffix, OSError if the file cannot be written.
    """
    scenario = Scenario.model_validate({"problem": dict(problem), "runs": [{"optimizer": "sgd"}]})
    write_sheet(lambda: LandscapeSheet(scenario, {"light": LIGHT, "dark": DARK}[theme], (1280, 800)), path)


def _nobody(_message: Message) -> None: ...
