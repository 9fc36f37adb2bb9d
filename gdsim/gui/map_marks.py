"""What stands on the map: minima, saddles and starts with their legend, and the moving heads of the runs."""

from collections.abc import Iterable, Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from gdsim.gui.canvas import SMALL, Area, Floats, Layer, PixelCache, font, is_vector, pen
from gdsim.gui.clip import along_border
from gdsim.gui.exits import Exit, paint_exits
from gdsim.gui.markers import draw_head, draw_marker, draw_start, draw_stationary
from gdsim.gui.palette import LIGHT, Theme
from gdsim.gui.trails import Trail
from gdsim.landscapes import StationaryPoint

CROWD = 16
RING = 10.0
KINDS = ("global minimum", "local minimum", "saddle", "maximum")


class Landmarks(Layer):
    """Stationary points, starts, and a legend of the kinds that are in sight."""

    def __init__(self, area: Area, z: float) -> None:
        super().__init__(area, z)
        self.theme = LIGHT
        self.cache = PixelCache()
        self.points: tuple[StationaryPoint, ...] = ()
        self.legend = QRectF()
        self.rings: list[QRectF] = []
        self.starts: tuple[tuple[float, ...], ...] = ()
        self.seeds = ""

    def show_theme(self, theme: Theme) -> None:
        self.theme = theme
        self._changed()

    def show_points(self, points: Sequence[StationaryPoint]) -> None:
        """``position`` of each in the plot's two coordinates."""
        self.points = tuple(points)
        self._changed()

    def show_starts(self, starts: Iterable[tuple[float, ...]]) -> None:
        self.starts = tuple(sorted(starts))
        self._changed()

    def show_seeds(self, text: str) -> None:
        """What the legend says of the dots where seeds ended; empty: there are none."""
        self.seeds = text
        self._changed()

    @property
    def fixed(self) -> list[QRectF]:
        """What labels must not cover."""
        return [self.legend, *self.rings]

    def _changed(self) -> None:
        self.cache.forget()
        self.update()

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        painter.setClipRect(self.boundingRect())
        self.cache.paint(painter, self.boundingRect(), str(self.area.viewRange()), self._draw)

    def _draw(self, painter: QPainter) -> None:
        rect = self.boundingRect()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        seen = []
        crowded = sum(point.kind != "global minimum" for point in self.points) > CROWD
        for point in self.points:
            centre = QPointF(*self.area.to_pixels(np.array([point.position]))[0])
            if rect.contains(centre):
                draw_stationary(painter, centre, point.kind, self.theme, 3.4 if crowded and point.kind != "global minimum" else 6.0)
                seen.append(point.kind)
        self.rings = []
        for start in self.starts:
            centre = self.area.to_pixels(np.array([start]))[0]
            if np.isfinite(centre).all() and rect.contains(QPointF(*centre)):
                draw_start(painter, QPointF(*centre), self.theme)
                self.rings.append(QRectF(centre[0] - RING, centre[1] - RING, 2 * RING, 2 * RING))
        self._paint_legend(painter, [kind for kind in KINDS if kind in seen], rect)

    def _paint_legend(self, painter: QPainter, kinds: list[str], rect: QRectF) -> None:
        entries = [*kinds, *(["start"] if self.starts else []), *([self.seeds] if self.seeds else [])]
        self.legend = QRectF()
        if not entries or rect.width() < 260:
            return
        face = font(SMALL)
        metrics = QFontMetricsF(face)
        row = metrics.height() + 5
        width = max(metrics.horizontalAdvance(text) for text in entries) + 38
        self.legend = box = QRectF(rect.right() - width - 10, rect.top() + 10, width, row * len(entries) + 9)
        panel = QColor(self.theme.panel)
        panel.setAlpha(215)
        painter.setPen(QPen(QColor(self.theme.border), 1))
        painter.setBrush(panel)
        painter.drawRoundedRect(box, 5, 5)
        painter.setFont(face)
        for k, text in enumerate(entries):
            middle = box.top() + 4.5 + row * (k + 0.5)
            centre = QPointF(box.left() + 16, middle)
            if text == "start":
                painter.save()
                painter.translate(centre)
                painter.scale(0.62, 0.62)
                draw_start(painter, QPointF(0, 0), self.theme)
                painter.restore()
            elif text == self.seeds:
                painter.setPen(pen(self.theme.muted, 3.2))
                painter.drawPoints([centre + QPointF(*at) for at in ((-4.0, 2.0), (0.0, -3.0), (1.0, 3.0), (5.0, 0.0))])
            else:
                draw_stationary(painter, centre, text, self.theme, 5.0)
            painter.setPen(QColor(self.theme.text))
            painter.drawText(
                QRectF(box.left() + 29, middle - row / 2, width, row), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text
            )


class Heads(Layer):
    """A marker where each run is at the playhead; an arrow at the border where it left the picture."""

    def __init__(self, area: Area, landmarks: Landmarks, z: float) -> None:
        super().__init__(area, z)
        self.landmarks = landmarks
        self.theme = LIGHT
        self.trails: Sequence[Trail] = ()
        self.playhead = 0.0
        self._place: object = None
        self._last_inside: list[Floats] = []

    def show_theme(self, theme: Theme) -> None:
        self.theme = theme
        self.update()

    def show_heads(self, trails: Sequence[Trail], playhead: float) -> None:
        if trails is not self.trails or playhead != self.playhead:
            self.trails, self.playhead = trails, playhead
            self.update()

    def paint(self, painter: QPainter, option: object, widget: object = None) -> None:
        rect = self.boundingRect()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(rect)
        heads: list[tuple[QPointF, Trail]] = []
        exits: list[Exit] = []
        last_inside = self._steps_inside()
        # The first run on top: it is the one the eye looks for.
        for trail, inside in reversed(list(zip(self.trails, last_inside, strict=True))):
            head = self.area.to_pixels(trail.at(self.playhead)[np.newaxis])[0]
            if np.isfinite(head).all() and rect.contains(QPointF(*head)):
                heads.append((QPointF(*head), trail))
            elif (left := self._exit(trail, int(inside[min(int(self.playhead), len(inside) - 1)]))) is not None:
                exits.append(left)
        paint_exits(painter, exits, rect, self.landmarks.fixed, self.theme)
        draw = draw_marker if is_vector(painter) else draw_head
        for place, trail in heads:
            draw(painter, place, trail.style, self.theme)

    def _steps_inside(self) -> list[Floats]:
        """For each run and step the last step until then that is within the picture, -1 for none."""
        place = (self.area.viewRange(), self.area.rect(), self.trails)
        if place != self._place:
            (west, east), (south, north) = self.area.viewRange()
            self._last_inside = []
            for trail in self.trails:
                x, y = trail.points[:, 0], trail.points[:, 1]
                inside = (x >= west) & (x <= east) & (y >= south) & (y <= north)
                self._last_inside.append(np.maximum.accumulate(np.where(inside, np.arange(len(x)), -1)))
            self._place = place
        return self._last_inside

    def _exit(self, trail: Trail, step: int) -> Exit | None:
        """Where the run left after ``step``; None if it never was in the picture, or still is."""
        if step < 0 or step + 1 >= len(trail.points):
            return None
        with np.errstate(all="ignore"):
            ends = np.clip(np.nan_to_num(self.area.to_pixels(trail.points[step : step + 2]), nan=0.0), -1e12, 1e12)
        start, end = QPointF(*ends[0]), QPointF(*ends[1])
        return Exit(along_border(start, end, self.boundingRect()), end - start, trail.style, step + 1)
