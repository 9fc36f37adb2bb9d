"""The learning rate over the steps as a small curve whose points can be moved."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from gdsim.app.edit_schedule import points_of, rates_at, sampled, with_points
from gdsim.gui.controls import named
from gdsim.gui.palette import Theme, run_style
from gdsim.gui.style import CAPTION
from gdsim.simulation.scenario import Run

HEIGHT, NEAR, DOT = 92, 10.0, 4.5
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 8, 18
ROOM = 3.0
"""The axis reaches this factor beyond the largest and the smallest rate."""
LEAST = 1e-12
NUDGE = 1.1
TIP = (
    "The learning rate of every step. Drag a point to change it, double-click to add one, right-click to remove one.\n"
    "By keys: Left and Right choose a point, Up and Down move it, with Shift Left and Right too; Insert adds one, Delete removes it."
)
KEYS = {Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Insert, Qt.Key.Key_Delete}

Points = list[tuple[int, float]]


class RateCurve(QWidget):
    """Any schedule becomes one of drawn points as soon as a point is moved. ``change(table, live)`` is called with it."""

    def __init__(self, change: Callable[[Mapping[str, Any] | None, bool], None], theme: Theme, parent: QWidget | None = None):
        super().__init__(parent)
        self._change = change
        self._theme = theme
        self._key: tuple[Any, ...] = ()
        self._steps = 1
        self._table: dict[str, Any] = {}
        self._colour = theme.accent
        self._low, self._high = 1e-3, 1.0
        self._at = np.zeros(1, dtype=np.int64)
        self._rates = np.ones(1)
        self.points: Points = []
        self.chosen = 0
        self._held: int | None = None
        self._moved = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        font = QFont(self.font())
        font.setPixelSize(CAPTION - 2)
        self.setFont(font)

    def sizeHint(self) -> QSize:
        return QSize(200, HEIGHT)

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_run(self, run: Run, steps: int, index: int, recorded: np.ndarray | None) -> None:
        seen = recorded if run.schedule is not None and run.schedule.record.pace is not None else None
        key = run.learning_rate, run.schedule, steps, index, seen is None or id(seen)
        if key == self._key:
            return
        self._key, self._steps = key, steps
        self._colour = run_style(index).colour
        self._table = points_of(run, steps, seen)
        self.points = list(zip(self._table["steps"], self._table["rates"], strict=True))
        self.chosen = min(self.chosen, len(self.points) - 1)
        self._at = np.union1d(sampled(steps), [step for step, _ in self.points if step < steps]).astype(np.int64)
        self._rates = rates_at(run, steps, self._at, seen)
        if self._held is None:
            self._fit()
        named(self, f"learning rate of run {index + 1} over the steps", TIP)
        self._describe()
        self.update()

    def _fit(self) -> None:
        positive = self._rates[(self._rates > LEAST) & np.isfinite(self._rates)]
        low, high = (float(positive.min()), float(positive.max())) if positive.size else (1e-3, 1e-1)
        self._low, self._high = max(low, high * 1e-8) / ROOM, high * ROOM

    def _describe(self) -> None:
        step, rate = self.points[self.chosen]
        where = f"point {self.chosen + 1} of {len(self.points)}: {rate:.3g} at step {step:,}"
        self.setAccessibleDescription(f"from {self._rates[0]:.3g} to {self._rates[-1]:.3g}; {where}")

    # Where things are

    def place(self, step: float, rate: float) -> QPointF:
        inside = self._inside()
        share = math.log(min(max(rate, self._low), self._high) / self._low) / math.log(self._high / self._low)
        return QPointF(inside.left() + inside.width() * step / max(self._steps - 1, 1), inside.bottom() - inside.height() * share)

    def _value(self, position: QPointF) -> tuple[int, float]:
        inside = self._inside()
        across = min(max((position.x() - inside.left()) / inside.width(), 0.0), 1.0)
        up = min(max((inside.bottom() - position.y()) / inside.height(), 0.0), 1.0)
        return round(across * (self._steps - 1)), float(f"{self._low * (self._high / self._low) ** up:.3g}")

    def _inside(self) -> QRectF:
        return QRectF(self.rect()).adjusted(LEFT, TOP, -RIGHT, -BOTTOM)

    def _near(self, position: QPointF) -> int | None:
        distances = [math.hypot(*(self.place(*point) - position).toTuple()) for point in self.points]
        nearest = int(np.argmin(distances))
        return nearest if distances[nearest] <= NEAR else None

    # What the user does

    def _say(self, points: Points, live: bool) -> None:
        self._change(with_points(self._table, points), live)

    def _move(self, which: int, step: int, rate: float, live: bool) -> None:
        """A point stays between its neighbours."""
        low = self.points[which - 1][0] + 1 if which else 0
        high = self.points[which + 1][0] - 1 if which + 1 < len(self.points) else max(self._steps - 1, low)
        moved = (min(max(step, low), high), rate)
        self._say([*self.points[:which], moved, *self.points[which + 1 :]], live)

    def _add(self, step: int, rate: float) -> None:
        if step not in (taken for taken, _ in self.points):
            added = sorted([*self.points, (step, rate)])
            self._say(added, False)
            self.chosen = added.index((step, rate))

    def _remove(self, which: int) -> None:
        if len(self.points) > 1:
            self._say([*self.points[:which], *self.points[which + 1 :]], False)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        which = self._near(event.position())
        if event.button() == Qt.MouseButton.RightButton and which is not None:
            self._remove(which)
        elif event.button() == Qt.MouseButton.LeftButton and which is not None:
            self._held, self._moved, self.chosen = which, False, which
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held is not None:
            self._moved = True
            self._move(self._held, *self._value(event.position()), live=True)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._held is not None and event.button() == Qt.MouseButton.LeftButton:
            held, self._held = self._held, None
            if self._moved:
                self._move(held, *self.points[held], live=False)
                self._fit()
                self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._near(event.position()) is None:
            self._add(*self._value(event.position()))

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in KEYS:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, shift = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        way = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(key))
        step, rate = self.points[self.chosen]
        if way is not None and shift:
            self._move(self.chosen, step + way * max(1, self._steps // 100), rate, live=False)
        elif way is not None:
            self.chosen = min(max(self.chosen + way, 0), len(self.points) - 1)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._move(self.chosen, step, float(f"{rate * (NUDGE if key == Qt.Key.Key_Up else 1 / NUDGE):.3g}"), live=False)
        elif key == Qt.Key.Key_Insert:
            self._add_beside()
        elif key == Qt.Key.Key_Delete:
            self._remove(self.chosen)
        else:
            super().keyPressEvent(event)
            return
        self._describe()
        self.update()

    def _add_beside(self) -> None:
        """A point on the curve in the middle between the chosen one and the next, or before it if it is the last."""
        first = min(self.chosen, max(len(self.points) - 2, 0))
        ends = [step for step, _ in self.points[first : first + 2]]
        middle = sum(ends) // 2 if len(ends) == 2 else (self._steps - 1 + ends[0]) // 2
        self._add(middle, float(f"{np.interp(middle, self._at, self._rates):.3g}"))

    # How it looks

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, inside = self._theme, self._inside()
        painter.setPen(QPen(QColor(theme.accent if self.hasFocus() else theme.border), 1.0))
        painter.setBrush(QColor(theme.plot))
        painter.drawRoundedRect(inside.adjusted(-4, -4, 4, 4), 4, 4)
        self._paint_axes(painter, inside)
        colour = QColor(self._colour)
        painter.setPen(QPen(colour, 1.7))
        finite = np.where(np.isfinite(self._rates), self._rates, self._high)
        painter.drawPolyline(QPolygonF([self.place(k, rate) for k, rate in zip(self._at.tolist(), finite.tolist(), strict=True)]))
        for index, point in enumerate(self.points):
            if point[0] < self._steps:
                chosen = index == self.chosen and self.hasFocus()
                painter.setPen(QPen(QColor(theme.text if chosen else theme.raised), 1.5))
                painter.setBrush(colour)
                painter.drawEllipse(self.place(*point), DOT, DOT)

    def _paint_axes(self, painter: QPainter, inside: QRectF) -> None:
        theme = self._theme
        decades = range(math.ceil(math.log10(self._low)), math.floor(math.log10(self._high)) + 1)
        every = max(1, -(-len(decades) // 3))
        for power in decades:
            if power % every:
                continue
            y = self.place(0, 10.0**power).y()
            painter.setPen(QPen(QColor(theme.grid), 1.0))
            painter.drawLine(QPointF(inside.left(), y), QPointF(inside.right(), y))
            painter.setPen(QColor(theme.muted))
            text = f"{10.0**power:g}"
            painter.drawText(QRectF(0, y - 8, LEFT - 8, 16), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        painter.setPen(QColor(theme.muted))
        below = QRectF(inside.left(), inside.bottom() + 4, inside.width(), BOTTOM - 4)
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "step 0")
        painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{self._steps - 1:,}")
