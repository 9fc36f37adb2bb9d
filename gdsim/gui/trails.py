"""The trails of the runs: a layer that is only added to. A frame paints the new segments onto an image that stays."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from gdsim.gui.canvas import Area, Floats, Layer, PixelCache, is_vector, pen
from gdsim.gui.clip import clip_segments
from gdsim.gui.palette import RunStyle

WIDTH = 2.0
DOT = 5.0
# Steps at least this long, in pixels, get a dot at their end: single steps are then seen as steps.
DOTTED = 9.0
# A view paints so many segments at a time, and goes on in the next frame once so many seconds are spent: the window never waits.
SLICE = 300
PATIENCE = 0.008
# Scrubbing back starts from a copy of the image that is at most so many segments old; copies take so many bytes at most.
KEEP_EVERY = 3000
MOST_KEPT = 96 * 2**20


def line_pen(colour: str) -> QPen:
    """Square caps: the rasteriser has a fast way for single lines that end so, some 40 times as fast as a stroke with round joins; at this
    width nobody sees the difference.
    """
    stroke = pen(colour, WIDTH)
    stroke.setCapStyle(Qt.PenCapStyle.SquareCap)
    return stroke


@dataclass(frozen=True, eq=False)
class Trail:
    """Where a run went: ``points`` (steps + 1, 2) in data coordinates, infinite and NaN ones allowed."""

    points: Floats
    style: RunStyle

    def at(self, playhead: float) -> Floats:
        """The point (2,) at a step, linear between steps and held at the end."""
        step = min(max(playhead, 0.0), len(self.points) - 1.0)
        whole = int(step)
        here: Floats = self.points[whole]
        if step == whole:
            return here
        with np.errstate(all="ignore"):
            between: Floats = here + (step - whole) * (self.points[whole + 1] - here)
        return between if np.isfinite(between).all() else np.asarray(self.points[whole + 1])


class PlacedTrail:
    """A trail in the pixels of one view: thinned to what can be seen, clipped, ready to be painted from any step to any later one."""

    def __init__(self, trail: Trail, area: Area) -> None:
        self.style = trail.style
        pixels = area.to_pixels(trail.points)
        with np.errstate(invalid="ignore"):
            grid = np.round(np.clip(np.nan_to_num(pixels, nan=1e7), -1e7, 1e7) * 2.0)
        kept = np.concatenate(([True], (grid[1:] != grid[:-1]).any(axis=1)))
        self.steps = np.flatnonzero(kept)
        points = pixels[self.steps]
        self.start, self.end, self.visible = clip_segments(points[:-1], points[1:], QRectF(area.rect()))
        self.dotted = self.visible & (self.end == points[1:]).all(axis=1) & (np.hypot(*(self.end - self.start).T) >= DOTTED)

    def segments_until(self, step: int) -> int:
        """How many segments are complete at ``step``."""
        return int(np.searchsorted(self.steps, step, side="right")) - 1

    def paint(self, painter: QPainter, first: int, last: int) -> None:
        """Segments ``first`` to ``last`` (excluded)."""
        visible = self.visible[first:last]
        lines = np.hstack((self.start[first:last], self.end[first:last]))[visible]
        painter.setPen(line_pen(self.style.colour))
        painter.drawLines([QLineF(*line) for line in lines.tolist()])
        dots = self.end[first:last][self.dotted[first:last]]
        if len(dots):
            painter.setPen(pen(self.style.colour, DOT))
            painter.drawPoints([QPointF(*dot) for dot in dots.tolist()])


class TrailLayer(Layer):
    """All trails up to the playhead."""

    def __init__(self, area: Area, z: float) -> None:
        super().__init__(area, z)
        self.cache = PixelCache()
        self.segments_painted = 0
        self.trails: tuple[Trail, ...] = ()
        self.playhead = 0.0
        self._placed: tuple[PlacedTrail, ...] = ()
        self._place: object = None
        self._revision = 0
        self._painted_step = 0
        self._kept: list[tuple[int, QImage]] = []
        self._unkept = 0

    def set_trails(self, trails: Sequence[Trail]) -> None:
        self.trails = tuple(trails)
        self._place = None
        self.update()

    def set_playhead(self, playhead: float) -> None:
        if playhead != self.playhead:
            self.playhead = playhead
            self.update()

    @property
    def complete(self) -> bool:
        """Whether the image has come as far as the playhead; until then every frame adds to it."""
        return self._painted_step >= int(self.playhead)

    def placed(self) -> tuple[PlacedTrail, ...]:
        """The trails in the pixels of the present view; worked out again only if trails, range or size changed."""
        place = (self.area.viewRange(), self.area.rect())
        if self._place != place:
            self._placed, self._place = tuple(PlacedTrail(trail, self.area) for trail in self.trails), place
            self._revision += 1
        return self._placed

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        placed = self.placed()
        rect = self.boundingRect()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(rect)
        step = max(int(self.playhead), 0)
        if is_vector(painter):
            self._paint_steps(painter, placed, 0, step)
        else:
            if step < self._painted_step:
                self._go_back(step)
            with self.cache.open(painter, rect, self._revision) as (onto, blank):
                if blank:
                    self._painted_step = self._unkept = 0
                    self._kept.clear()
                # Only a view has a widget; a picture is painted at once.
                self._paint_on(onto, placed, step, math.inf if widget is None else time.perf_counter() + PATIENCE)
            self.cache.copy(painter, rect)
            if not self.complete:
                self.update()
                return
        self._paint_tips(painter, placed, [trail.segments_until(step) for trail in placed])

    def _paint_on(self, onto: QPainter, placed: tuple[PlacedTrail, ...], step: int, deadline: float) -> None:
        """From the step painted last towards ``step`` until the deadline, keeping copies on the way for scrubbing back."""
        new = sum(trail.segments_until(step) - trail.segments_until(self._painted_step) for trail in placed)
        for until in np.linspace(self._painted_step, step, max(-(-new // SLICE), 1) + 1)[1:].astype(int).tolist():
            painted = self._paint_steps(onto, placed, self._painted_step, until)
            self.segments_painted += painted
            self._unkept += painted
            self._painted_step = until
            if self._unkept >= KEEP_EVERY and len(self._kept) * self.cache.image.sizeInBytes() < MOST_KEPT:
                self._kept.append((until, self.cache.image.copy()))
                self._unkept = 0
            if time.perf_counter() > deadline:
                return

    def _paint_steps(self, painter: QPainter, placed: tuple[PlacedTrail, ...], first: int, last: int) -> int:
        """Between two steps; how many segments that were. The first run comes last, on top, as its head is."""
        painted = 0
        for trail in reversed(placed):
            begin, end = trail.segments_until(first), trail.segments_until(last)
            if end > begin:
                trail.paint(painter, begin, end)
                painted += end - begin
        return painted

    def _go_back(self, step: int) -> None:
        """The image as it was at ``step`` or some time before."""
        while self._kept and self._kept[-1][0] > step:
            self._kept.pop()
        if self._kept:
            self._painted_step, image = self._kept[-1]
            self.cache.image, self._unkept = image.copy(), 0
        else:
            self.cache.forget()

    def _paint_tips(self, painter: QPainter, placed: tuple[PlacedTrail, ...], wanted: list[int]) -> None:
        """From the last painted point to the playhead: less than a step, or less than a pixel."""
        for trail, place, last in zip(self.trails, placed, wanted, strict=True):
            ends = self.area.to_pixels(np.vstack((trail.points[place.steps[last]], trail.at(self.playhead))))
            start, end, visible = clip_segments(ends[:1], ends[1:], self.boundingRect())
            if visible[0]:
                painter.setPen(line_pen(trail.style.colour))
                painter.drawLine(QPointF(*start[0]), QPointF(*end[0]))
