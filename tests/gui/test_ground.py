"""The map's ground: lit tints, and index contours with their numbers where they can be read."""

import numpy as np
import pytest
from PySide6.QtCore import QRectF

from gdsim.gui.ground import index_levels, relief
from gdsim.gui.level_labels import APART, place_of
from gdsim.gui.palette import DARK, LIGHT, Theme, ground
from gdsim.landscapes import LANDSCAPES
from tests.draws import fresh
from tests.gui.states import surface

MAPS = [name for name, record in LANDSCAPES.items() if record.dim == 2]
RECT = QRectF(0, 0, 600, 400)


@pytest.mark.parametrize("name", MAPS)
def test_index_contours_are_some_of_the_levels_and_round(name: str) -> None:
    made = surface(name)
    chosen = index_levels(made)
    assert chosen <= set(made.levels)
    assert 1 <= len(chosen) <= 0.45 * len(made.levels) + 1
    if made.landscape.log_levels:
        least = min(point.loss for point in made.landscape.minima)
        decades = np.log10(np.array(sorted(chosen)) - least)
        assert decades == pytest.approx(np.round(decades), abs=1e-6)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
@pytest.mark.parametrize("name", MAPS)
def test_relief_is_the_tint_lit_a_little_and_north_is_up(name: str, theme: Theme) -> None:
    made = surface(name)
    lit, plain = relief(made, theme).astype(int), ground(made.shades, theme)[::-1].astype(int)
    assert lit.shape == (len(made.y), len(made.x), 4)
    assert np.abs(lit - plain).max() <= 0.17 * 255
    assert (lit[..., 3] == 255).all()
    assert (lit != plain).any()


def test_a_slope_to_the_north_west_is_in_the_light() -> None:
    made = surface("quadratic")
    lit = relief(made, LIGHT).astype(int).sum(axis=2)
    rows, columns = lit.shape
    # Of a bowl the far wall, south-east, faces the light from the north-west.
    assert lit[3 * rows // 4, 3 * columns // 4] > lit[rows // 4, columns // 4]


def ring(radius: float, x: float = 300.0, y: float = 200.0) -> np.ndarray:
    angle = np.linspace(0, 2 * np.pi, max(int(radius * 2), 12))
    return np.column_stack((x + radius * np.cos(angle), y + radius * np.sin(angle)))


def test_a_label_lies_on_its_line_level_and_inside() -> None:
    found = place_of(ring(120), RECT, [])
    assert found is not None
    point, degrees = found
    assert np.hypot(*(point - (300, 200))) == pytest.approx(120, abs=0.5)
    assert abs(degrees) < 2
    assert RECT.adjusted(17, 17, -17, -17).contains(*point)


def test_labels_keep_apart_and_give_up_where_there_is_no_room() -> None:
    first = place_of(ring(120), RECT, [])
    assert first is not None
    second = place_of(ring(126), RECT, [first[0]])
    assert second is not None
    assert np.hypot(*(first[0] - second[0])) > APART
    assert place_of(ring(6), RECT, []) is None
    assert place_of(ring(120) + 5000, RECT, []) is None
    assert place_of(np.full((40, 2), np.nan), RECT, []) is None
    assert place_of(ring(120)[:5], RECT, []) is None


def test_text_is_never_upside_down() -> None:
    rng = fresh()
    for _ in range(50):
        line = np.cumsum(rng.normal((3, 1), 0.4, (60, 2)), axis=0) * rng.choice([-1, 1]) + RECT.center().toTuple()
        found = place_of(line, RECT, [])
        assert found is None or abs(found[1]) <= 90
