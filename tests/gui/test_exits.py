"""Labels of runs that left the picture."""

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter

from gdsim.gui.canvas import SMALL, font
from gdsim.gui.exits import Exit, paint_exits, place, together, words
from gdsim.gui.palette import LIGHT, run_style

RECT = QRectF(0, 0, 500, 400)
LEGEND = QRectF(370, 10, 120, 80)


def left(index: int, x: float, y: float, step: int) -> Exit:
    return Exit(QPointF(x, y), QPointF(1, 0), run_style(index), step)


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([5], "left the picture at step 5"),
        ([1200], "left the picture at step 1,200"),
        ([5, 5, 5], "3 runs left the picture at step 5"),
        ([7, 5], "2 runs left the picture at steps 5 and 7"),
        ([7, 5, 9, 5], "4 runs left the picture at steps 5, 7 and 9"),
        ([7, 5, 9, 12], "4 runs left the picture at steps 5 to 12"),
    ],
)
def test_words(steps, said) -> None:
    assert words(steps) == said


@pytest.mark.parametrize("runs", [2, 5, 12])
@pytest.mark.parametrize("spacing", [0.0, 3.0, 14.0, 40.0])
def test_labels_never_cover_each_other(qapp, runs: int, spacing: float) -> None:
    metrics = QFontMetricsF(font(SMALL))
    exits = [left(k, 500.0 if k % 3 else 0.0, 10.0 + spacing * k, k % 4) for k in range(runs)]
    groups = together(exits, RECT, metrics)
    assert sorted(id(one) for group in groups for one in group) == sorted(map(id, exits))
    boxes = [place(group, RECT, metrics) for group in groups]
    assert all(RECT.contains(box) for box in boxes)
    assert not any(one.intersects(other) for k, one in enumerate(boxes) for other in boxes[:k])


def painted(exits: list[Exit]) -> QImage:
    image = QImage(500, 400, QImage.Format.Format_RGB32)
    image.fill(QColor(LIGHT.plot))
    painter = QPainter(image)
    paint_exits(painter, exits, RECT, [LEGEND], LIGHT)
    painter.end()
    return image


def test_a_label_steps_out_of_the_legends_way(qapp) -> None:
    image, blank = painted([left(0, 500, 50, 3)]), painted([])
    assert image != blank
    inside = LEGEND.toRect().adjusted(0, 0, -60, 0)  # the arrow itself may be there
    assert image.copy(inside) == blank.copy(inside)
