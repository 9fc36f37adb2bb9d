"""Numbers below a plot have room."""

from itertools import pairwise

import pytest
from PySide6.QtGui import QFontMetricsF

from gdsim.gui.canvas import GAP, SMALL, Axis, font


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
