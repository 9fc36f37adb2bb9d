"""The band between the quantiles of an ensemble's losses."""

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from gdsim.app.many_seeds import ensemble_of
from gdsim.app.state import AppState
from gdsim.gui.canvas import Area, Floats
from gdsim.gui.numbers import label_of, number
from gdsim.gui.palette import RunStyle, Theme, run_style

STRENGTH = {"light": 0.24, "dark": 0.34}
BEYOND = 40.0


@dataclass(frozen=True, eq=False)
class Band:
    """``quantiles`` (3, n): 10, 50 and 90 % of the losses of a run's seeds, at ``steps`` (n,)."""

    label: str
    style: RunStyle
    steps: Floats
    quantiles: Floats

    def told(self, step: int) -> str:
        """Its numbers at the last step until then that was looked at."""
        low, median, high = self.quantiles[:, max(int(np.searchsorted(self.steps, step, side="right")) - 1, 0)]
        return f"{number(float(low), 3)} to {number(float(high), 3)}, median {number(float(median), 3)}"


def bands_of(state: AppState) -> list[Band]:
    """One for each run of which an ensemble is known."""
    found = []
    for index in range(len(state.scenario.runs)):
        run = ensemble_of(state, index)
        if run is not None:
            found.append(Band(label_of(state, index), run_style(index), run.looks.astype(np.float64), run.band))
    return found


def draw_band(painter: QPainter, area: Area, steps: Floats, places: Floats, style: RunStyle, theme: Theme) -> None:
    """Fills between the first and the last row of ``places`` (3, n), infinite ones as far as the border."""
    rect: QRectF = area.rect()
    edges = [area.to_pixels(np.column_stack((steps, np.nan_to_num(row, nan=np.inf)))) for row in (places[0], places[2])]
    outline = np.vstack((edges[0], edges[1][::-1]))
    outline[:, 1] = np.clip(outline[:, 1], rect.top() - BEYOND, rect.bottom() + BEYOND)
    shade = QColor(style.colour)
    shade.setAlphaF(STRENGTH[theme.name])
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(shade)
    painter.drawPolygon(QPolygonF([QPointF(*place) for place in outline.tolist()]))
    painter.setBrush(Qt.BrushStyle.NoBrush)
