"""Clipping against the slow way: sampling every segment."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPointF, QRectF

from gdsim.gui.clip import along_border, clip_segments, clipped_path

RECT = QRectF(10, 20, 100, 60)
somewhere = st.floats(-300, 300) | st.sampled_from([10.0, 110.0, 20.0, 80.0])
points = st.tuples(somewhere, somewhere)


def inside(point: np.ndarray, slack: float = 1e-9) -> bool:
    return RECT.left() - slack <= point[0] <= RECT.right() + slack and RECT.top() - slack <= point[1] <= RECT.bottom() + slack


@given(st.lists(st.tuples(points, points), min_size=1, max_size=8))
def test_parts_are_those_that_sampling_finds(segments: list) -> None:
    start, end = (np.array(side, dtype=float) for side in zip(*segments, strict=True))
    near, far, visible = clip_segments(start, end, RECT)
    for k in range(len(segments)):
        samples = start[k] + np.linspace(0, 1, 2001)[:, np.newaxis] * (end[k] - start[k])
        seen = samples[[inside(sample, 0) for sample in samples]]
        if len(seen):
            assert visible[k]
            reach = np.hypot(*(end[k] - start[k])) / 2000 + 1e-6
            assert np.hypot(*(near[k] - seen[0])) <= reach
            assert np.hypot(*(far[k] - seen[-1])) <= reach
        if visible[k]:
            assert inside(near[k])
            assert inside(far[k])


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e300, -1e300])
def test_what_is_not_finite_becomes_finite_or_nothing(bad: float) -> None:
    start = np.array([[50.0, 50.0], [50.0, 50.0], [bad, bad]])
    end = np.array([[bad, 50.0], [bad, bad], [50.0, 50.0]])
    near, far, visible = clip_segments(start, end, RECT)
    assert visible.all() == (not np.isnan(bad))
    assert all(inside(point) for point in np.vstack((near[visible], far[visible])))


def test_direction_towards_infinity_is_kept() -> None:
    _, far, _ = clip_segments(np.array([[50.0, 50.0]]), np.array([[np.inf, 50.0]]), RECT)
    assert far[0] == pytest.approx([110.0, 50.0])


def test_path_is_cut_where_the_line_leaves_and_where_nan_interrupts() -> None:
    line = np.array([[50, 50], [60, 50], [200, 50], [200, 60], [60, 60], [np.nan, np.nan], [20, 30], [30, 30]], dtype=float)
    path = clipped_path(line, RECT)
    moves = [k for k in range(path.elementCount()) if path.elementAt(k).isMoveTo()]
    assert len(moves) == 3
    assert RECT.adjusted(-1e-9, -1e-9, 1e-9, 1e-9).contains(path.boundingRect())
    assert clipped_path(line + 1000, RECT).isEmpty()


@given(points)
def test_border_is_where_the_way_out_crosses_it(outside: tuple[float, float]) -> None:
    if RECT.contains(QPointF(*outside)):
        return
    start = QPointF(60, 50)
    found = along_border(start, QPointF(*outside), RECT)
    assert inside(np.array([found.x(), found.y()]), 1e-6)
    assert min(abs(found.x() - 10), abs(found.x() - 110), abs(found.y() - 20), abs(found.y() - 80)) < 1e-6
    cross = (found.x() - 60) * (outside[1] - 50) - (found.y() - 50) * (outside[0] - 60)
    assert abs(cross) < 1e-6 * (1 + abs(outside[0]) + abs(outside[1])) * 100
