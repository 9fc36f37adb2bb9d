"""Lines cut to the rectangle that shows them, before any painter sees them: nothing infinite reaches Qt, and drawings need no clipping."""

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter, QPainterPath

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Far beyond any window, near enough that float64 keeps directions exact.
FAR = 1e12


def clip_segments(start: Floats, end: Floats, rect: QRectF) -> tuple[Floats, Floats, Flags]:
    """The parts of segments ``start``, ``end`` (n, 2) within ``rect``, and which have any (Liang and Barsky, 1984).

    An end at infinity is drawn towards it; a segment with NaN has no part.
    """
    low, high = np.array([rect.left(), rect.top()]), np.array([rect.right(), rect.bottom()])
    with np.errstate(all="ignore"):
        start, end = np.clip(start, -FAR, FAR), np.clip(end, -FAR, FAR)
        along = end - start
        near, far = (low - start) / along, (high - start) / along
        still = along == 0.0
        within = (start >= low) & (start <= high)
        enter = np.where(still, np.where(within, -np.inf, np.inf), np.fmin(near, far)).max(axis=1)
        leave = np.where(still, np.inf, np.fmax(near, far)).min(axis=1)
        enter, leave = np.maximum(enter, 0.0), np.minimum(leave, 1.0)
        visible = (enter <= leave) & np.isfinite(along).all(axis=1)
        enter, leave = np.where(visible, enter, 0.0)[:, np.newaxis], np.where(visible, leave, 0.0)[:, np.newaxis]
        return start + enter * along, np.where(leave == 1.0, end, start + leave * along), visible


def continues(start: Floats, end: Floats, index: NDArray[np.intp]) -> Flags:
    """Of the segments numbered ``index``, which begin where the one before in ``index`` ended."""
    joined = np.zeros(len(index), dtype=bool)
    joined[1:] = (np.diff(index) == 1) & (start[index[1:]] == end[index[:-1]]).all(axis=1)
    return joined


def clipped_path(points: Floats, rect: QRectF) -> QPainterPath:
    """The line through ``points`` (n, 2) within ``rect``. A row of NaN interrupts it."""
    start, end, visible = clip_segments(points[:-1], points[1:], rect)
    index = np.flatnonzero(visible)
    if not index.size:
        return QPainterPath()
    joined = continues(start, end, index)
    ends = np.stack((start[index], end[index]), axis=1).reshape(-1, 2)
    wanted = np.column_stack((~joined, np.ones_like(joined))).ravel()
    connect = np.column_stack((np.ones_like(joined), np.append(joined[1:], False))).ravel()
    line = ends[wanted]
    path = pg.functions.arrayToQPath(line[:, 0], line[:, 1], connect=connect[wanted].astype(np.int32))
    assert isinstance(path, QPainterPath)
    return path


def draw_clipped(painter: QPainter, points: Floats, rect: QRectF) -> None:
    path = clipped_path(points, rect)
    if not path.isEmpty():
        painter.drawPath(path)


def along_border(start: QPointF, end: QPointF, rect: QRectF) -> QPointF:
    """Where the segment from inside ``rect`` to outside crosses its border."""
    dx, dy = end.x() - start.x(), end.y() - start.y()
    share = 1.0
    for low, high, here, step in ((rect.left(), rect.right(), start.x(), dx), (rect.top(), rect.bottom(), start.y(), dy)):
        if step:
            share = min(share, ((high if step > 0 else low) - here) / step)
    share = max(share, 0.0)
    return QPointF(start.x() + share * dx, start.y() + share * dy)
