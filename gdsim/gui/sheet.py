"""A printed sheet: title, landscape, curves, and a legend of the runs with their verdicts. The window's own views, laid out for a page."""

from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from gdsim.app.many_seeds import ensemble_of
from gdsim.app.messages import Message
from gdsim.app.state import AppState
from gdsim.gui.canvas import font, pen
from gdsim.gui.ends import seeds_told
from gdsim.gui.markers import dashes, draw_marker
from gdsim.gui.numbers import label_of, number
from gdsim.gui.page import paint_canvas, paint_line, paint_paragraph
from gdsim.gui.palette import Theme, outcome_colour, run_style
from gdsim.gui.progress_view import ProgressView
from gdsim.gui.stage import Stage
from gdsim.gui.typeset import sentence, typeset
from gdsim.simulation.run_batches import steps_of

MARGIN = 26.0
GAP = 12.0
HEADER = 62.0
MOST_CARDS = 12


@dataclass(frozen=True)
class Grid:
    """Cards of the runs: how many columns and rows, and how high a row is."""

    columns: int
    rows: int
    height: float

    @property
    def total(self) -> float:
        return self.rows * self.height + (self.rows - 1) * GAP


def grid_for(runs: int) -> Grid:
    columns = runs if runs <= 3 else 2 if runs == 4 else 3
    rows = -(-runs // columns)
    return Grid(columns, rows, 96.0 if rows == 1 else 78.0 if rows == 2 else 34.0)


class Sheet:
    """Paints a state at a size in pixels. Made and used on the GUI thread; ``close`` ends its views."""

    def __init__(self, state: AppState, theme: Theme, size: tuple[int, int]) -> None:
        self.state, self.theme, self.size = state, theme, size
        self.grid = grid_for(min(len(state.scenario.runs), MOST_CARDS))
        width, height = size
        self.stage, self.progress = Stage(_nobody, tabbed=False), ProgressView(_nobody)
        top = HEADER + MARGIN * 0.6
        bottom = height - MARGIN * 0.75 - self.grid.total - GAP
        inner = width - 2 * MARGIN + 16
        left = round(inner * 0.6)
        # The axes' labels hang out to the left, so that the plots stand flush with the title and the cards.
        self.stage_at = QRect(round(MARGIN) - 14, round(top), left, round(bottom - top))
        self.progress_at = QRect(self.stage_at.right() + 10, round(top), round(inner - left), round(bottom - top))
        # The views stand in a plain window that is never shown. (As windows of their own they would ask the platform for size limits, and
        # the one without a display complains of that on standard error.)
        self.desk = QWidget()
        self.desk.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
        self.desk.resize(*size)
        for view, place in ((self.stage, self.stage_at), (self.progress, self.progress_at)):
            view.setParent(self.desk)
            view.setGeometry(QRect(place.topLeft(), place.size().expandedTo(view.minimumSizeHint())))
            view.show()
        self.desk.show()
        for view in (self.stage, self.progress):
            view.apply_theme(replace(theme, panel=theme.window))
        self._render()

    def _render(self) -> None:
        self.stage.render(self.state)
        self.progress.render(self.state)

    def seek(self, playhead: float) -> None:
        self.state = replace(self.state, playhead=playhead)
        self._render()

    def close(self) -> None:
        self.desk.close()
        self.desk.deleteLater()

    def paint(self, painter: QPainter) -> None:
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        painter.fillRect(QRectF(0, 0, *self.size), QColor(self.theme.window))
        self._paint_header(painter)
        paint_canvas(painter, self.stage.current.canvas, self.stage, self.stage_at)
        for plot in (self.progress.loss, self.progress.gradient):
            paint_canvas(painter, plot, self.progress, self.progress_at)
        self._paint_cards(painter)

    def _paint_header(self, painter: QPainter) -> None:
        scenario = self.state.scenario
        width = self.size[0] - 2 * MARGIN
        problem = scenario.problem
        paint_line(painter, QRectF(MARGIN, 18, width, 32), scenario.title or problem.title, font(24, bold=True), self.theme.text)
        most = max(steps_of(scenario, index) for index in range(len(scenario.runs)))
        steps = "1 step" if most == 1 else f"{most:,} steps"
        line = f"{problem.title}    J(w) = {typeset(problem.formula_shown)}    {steps}"
        if (seeds := self.state.seeds.ensemble) is not None:
            line += f"    {len(seeds.runs[0].losses):,} seeds a run: dots where they end, median and 10 to 90 % of their losses"
        paint_line(painter, QRectF(MARGIN, 50, width, 20), line, font(13), self.theme.muted)

    def _paint_cards(self, painter: QPainter) -> None:
        grid, runs = self.grid, len(self.state.scenario.runs)
        width = (self.size[0] - 2 * MARGIN - (grid.columns - 1) * GAP) / grid.columns
        top = self.size[1] - MARGIN * 0.75 - grid.total
        told = runs if runs <= MOST_CARDS else MOST_CARDS - 1
        for index in range(told):
            row, column = divmod(index, grid.columns)
            self._paint_card(painter, QRectF(MARGIN + column * (width + GAP), top + row * (grid.height + GAP), width, grid.height), index)
        if told < runs:
            row, column = divmod(told, grid.columns)
            place = QRectF(MARGIN + column * (width + GAP), top + row * (grid.height + GAP), width, grid.height)
            paint_line(painter, place, f"and {runs - told} more runs", font(13), self.theme.muted)

    def _paint_card(self, painter: QPainter, place: QRectF, index: int) -> None:
        theme, run, style = self.theme, self.state.scenario.runs[index], run_style(index)
        painter.setPen(pen(theme.border, 1))
        painter.setBrush(QColor(theme.raised))
        painter.drawRoundedRect(place, 6, 6)
        row = QRectF(place.left() + 12, place.top() + (9 if place.height() > 40 else 5), place.width() - 24, 24)
        stroke = pen(style.colour, 2.0)
        dashes(stroke, style.dash)
        painter.setPen(stroke)
        painter.drawLine(QPointF(row.left(), row.center().y()), QPointF(row.left() + 32, row.center().y()))
        draw_marker(painter, QPointF(row.left() + 16, row.center().y()), style, theme, 5.5)
        track = self.state.tracks[index] if index < len(self.state.tracks) else None
        verdict = track.verdict if track else None
        room = row.adjusted(42, 0, 0, 0)
        if verdict is not None:
            chip = outcome_colour(verdict.outcome, theme)
            face = font(12, bold=True)
            words = f"{chip.symbol}  {verdict.outcome}"
            wide = min(QFontMetricsF(face).horizontalAdvance(words) + 20, room.width() * 0.62)
            box = QRectF(row.right() - wide, row.top() + 1, wide, 22)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(chip.fill))
            painter.drawRoundedRect(box, 11, 11)
            paint_line(painter, box.adjusted(10, 0, -8, 0), words, face, chip.text)
            room.setRight(box.left() - 8)
        rate = f"learning rate {number(run.learning_rate)}"
        rule = run.rule.title if run.schedule is None else f"{run.rule.title}, {run.schedule.record.title}"
        label = label_of(self.state, index)
        if place.height() <= 40:
            setting = f"  {number(run.learning_rate)}, {rule}"
            used = min(QFontMetricsF(font(13, bold=True)).horizontalAdvance(label), room.width())
            paint_line(painter, room, label, font(13, bold=True), theme.text)
            paint_line(painter, room.adjusted(used, 0, 0, 0), setting, font(12), theme.muted)
            return
        paint_line(painter, room, label, font(15, bold=True), theme.text)
        below = QRectF(row.left(), row.bottom() + 1, row.width(), 18)
        if verdict is not None:
            rate += f" ({verdict.rate})"
        paint_line(painter, below, f"{rate}, {rule}", font(13), theme.muted)
        if verdict is not None:
            rest = QRectF(row.left(), below.bottom() + 1, row.width(), place.bottom() - below.bottom() - 5)
            seeds = ensemble_of(self.state, index)
            told = f"{seeds_told(seeds)}. " if seeds is not None else ""
            paint_paragraph(painter, rest, told + sentence(verdict.evidence), font(13), theme.text)


def _nobody(_message: Message) -> None:
    """Nobody clicks on a sheet."""
