"""What all plots share: numbers have room, and a drag pans where it means nothing else."""

from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from gdsim.gui.canvas import GAP, SMALL, Axis, Canvas, Readout, font

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", "Mouse event .* not accepted by receiving widget")


@pytest.mark.parametrize("high", [3.0, 3e3, 25_000.0, 3.7e6, 1e-3, 0.7])
@pytest.mark.parametrize("size", [90, 120, 300, 900])
def test_numbers_do_not_touch(qtbot, size, high):
    axis = Axis("bottom")
    (spacing, _), *_ = axis.tickSpacing(0.0, high, size)
    places = [k * spacing for k in range(int(high / spacing) + 1)]
    texts = axis.tickStrings(places, 1.0, spacing)
    metrics = QFontMetricsF(font(SMALL))
    assert places
    for here, there in pairwise(texts):
        taken = (metrics.horizontalAdvance(here) + metrics.horizontalAdvance(there)) / 2
        assert taken + GAP / 2 <= spacing / high * size, texts
    assert 10 * spacing >= high or len(texts) > 1
    mantissa = float(f"{spacing:.6e}".split("e")[0])
    assert mantissa in (1.0, 2.0, 5.0)


@pytest.mark.parametrize("button", [Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton])
@pytest.mark.parametrize("left_pans", [True, False])
def test_a_drag_pans_or_is_told(qtbot, button, left_pans):
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(500, 400)
    canvas.show()
    area = canvas.area
    area.setRange(xRange=(0.0, 10.0), yRange=(0.0, 10.0), padding=0, disableAutoRange=True)
    area.setMouseEnabled(True, True)
    area.left_pans = left_pans
    told, looked = [], []
    area.dragged.connect(lambda *what: told.append(what))
    area.clicked.connect(lambda *what: told.append(what))
    area.sigRangeChangedManually.connect(looked.append)

    def pixel(x: float, y: float) -> QPoint:
        return canvas.mapFromScene(area.mapToScene(area.mapFromView(QPointF(x, y))))

    begin, end = pixel(5.0, 5.0), pixel(7.0, 4.0)
    QTest.mousePress(canvas.viewport(), button, pos=begin)
    for share in (0.25, 0.5, 0.75, 1.0):
        qtbot.wait(12)  # moves that come faster are put together
        QTest.mouseMove(canvas.viewport(), begin + (end - begin) * share)
    QTest.mouseRelease(canvas.viewport(), button, pos=end)
    pans = left_pans or button != Qt.MouseButton.LeftButton
    (west, east), (south, north) = area.viewRange()
    assert bool(told) != pans
    assert bool(looked) == pans
    assert (east - west, north - south) == pytest.approx((10.0, 10.0))
    few = 6.0 / min(area.pixels_per_unit)  # pixels are whole
    assert (west, south) == pytest.approx((-2.0, 1.0) if pans else (0.0, 0.0), abs=few if pans else 1e-9)


@pytest.mark.parametrize("corner", Qt.Corner)
@pytest.mark.parametrize("size", [(600, 400), (300, 300), (160, 300)])
@pytest.mark.parametrize("words", [3, 12, 20])
def test_a_readout_is_read_in_full(qtbot, corner, size, words):
    plot = QWidget()
    qtbot.addWidget(plot)
    plot.resize(*size)
    plot.show()
    readout = Readout(plot)
    inside = QRectF(plot.width() / 3, 20.0, plot.width() / 2, plot.height() - 60.0)
    readout.tell("weight = 0.1695 " * words, inside, corner)
    assert plot.rect().contains(readout.geometry())
    assert readout.height() >= readout.heightForWidth(readout.width())
    readout.tell("short", inside, corner)
    assert readout.height() < 40
    assert inside.toAlignedRect().contains(readout.geometry())
