# ruff: noqa: RUF001 (the minus sign is meant)
"""Loss and gradient norm: scales that survive any number, curves thinned without a visible loss, a playhead that can be dragged."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gdsim.app.messages import Message, Seek
from gdsim.gui.numbers import number, power, weights
from gdsim.gui.palette import DARK
from gdsim.gui.progress_curves import extremes
from gdsim.gui.progress_view import ProgressView
from gdsim.gui.scales import DEPTH, HEADROOM, Decades, SignedDecades, loss_scale, sight
from gdsim.landscapes import LANDSCAPES
from tests.gui.states import along, state

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

anything = st.floats(allow_nan=True, allow_infinity=True)


@given(st.lists(anything, min_size=1, max_size=400), st.integers(1, 40))
def test_thinning_keeps_ends_and_extremes_of_every_column(values: list[float], columns: int) -> None:
    places = np.array(values)
    steps, kept = extremes(places, columns)
    assert (np.diff(steps) > 0).all()
    np.testing.assert_array_equal(kept, places[steps.astype(int)])
    assert steps[0] == 0
    assert steps[-1] == len(places) - 1
    if len(places) <= 2 * columns:
        assert len(steps) == len(places)
        return
    assert len(steps) <= 2 * columns + 2
    width = -(-len(places) // columns)
    for first in range(0, len(places), width):
        column = places[first : first + width]
        if not np.isnan(column).any():
            chosen = kept[(steps >= first) & (steps < first + width)]
            assert chosen.min() == column.min()
            assert chosen.max() == column.max()


@given(st.floats(1e-300, 1e300))
def test_decades_place_by_logarithm(value: float) -> None:
    assert Decades().place(np.array([value]))[0] == pytest.approx(math.log10(value))


@given(st.floats(-1e300, 1e300))
def test_signed_decades_go_there_and_back(value: float) -> None:
    scale = SignedDecades()
    place = float(scale.place(np.array([value]))[0])
    assert math.isfinite(place)
    assert scale.value(place) == pytest.approx(value, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("scale", [Decades(), Decades(-3.0), SignedDecades(), SignedDecades(0.01)])
@given(low=st.floats(-20, 20), span=st.floats(0.2, 300))
def test_ticks_are_few_in_range_rising_and_named_apart(scale: Decades | SignedDecades, low: float, span: float) -> None:
    ticks = scale.ticks(low, low + span, 8)
    assert all(low - 1e-6 <= tick <= low + span + 1e-6 for tick in ticks)
    assert ticks == sorted(ticks)
    assert len(ticks) <= 20
    if span > 1:
        assert ticks
    names = [scale.tick(tick) for tick in ticks]
    assert len(set(names)) == len(names)


@given(st.lists(st.lists(anything, min_size=1, max_size=20), min_size=0, max_size=4))
def test_sight_is_finite_and_not_empty(runs: list[list[float]]) -> None:
    for scale in (Decades(), SignedDecades()):
        low, high = sight([scale.place(np.array(run)) for run in runs], scale)
        assert math.isfinite(low)
        assert math.isfinite(high)
        assert high > low


def test_sight_leaves_out_what_blows_up_and_what_is_rounding() -> None:
    low, high = sight([np.array([2.0, 50.0, 300.0]), np.array([1.0, -3.0, -40.0])], Decades())
    assert high == pytest.approx(2.0 + HEADROOM, abs=1.5)
    assert high - low == pytest.approx(DEPTH * 1.12)


@pytest.mark.parametrize("name", LANDSCAPES)
def test_a_loss_is_shown_above_its_least_where_that_is_known(name: str) -> None:
    landscape = LANDSCAPES[name]
    scale, title = loss_scale(landscape, [np.array([1.0, -2.0])])
    least = [point.loss for point in landscape.minima if point.kind == "global minimum"]
    if least:
        assert scale == Decades(least[0])
        assert title == ("loss" if least[0] == 0 else "loss above the least")
    else:
        assert isinstance(scale, SignedDecades)
        assert loss_scale(landscape, [np.array([1.0, 2.0])])[0] == Decades()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.25, "0.25"),
        (-3, "−3"),
        (1e-9, "10⁻⁹"),
        (-1e4, "−10⁴"),
        (1.3e-9, "1.3·10⁻⁹"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (math.nan, "not a number"),
    ],
)
def test_numbers_are_set_as_printed(value: float, text: str) -> None:
    assert number(value, 2) == text


def test_weights_and_powers() -> None:
    assert power(-12) == "10⁻¹²"
    assert weights((0.5,), LANDSCAPES["double_well"]) == "w = 0.5"
    assert weights((0.5, -1.0), LANDSCAPES["sphere"]) == "w₁ = 0.5,  w₂ = −1"


class Shown:
    def __init__(self, qtbot: QtBot, name: str) -> None:
        self.sent: list[Message] = []
        self.view = ProgressView(self.sent.append)
        qtbot.addWidget(self.view)
        self.view.resize(420, 500)
        self.view.show()
        self.state = state(name)
        self.view.render(self.state)
        self.view.grab()

    def at(self, step: float) -> QPoint:
        area = self.view.loss.area
        pixel = area.mapToScene(area.to_pixels(np.array([[step, 0.0]]))[0, 0], area.height() / 2)
        return QPoint(round(pixel.x()), round(pixel.y()))


@pytest.fixture
def shown(qtbot: QtBot) -> Shown:
    return Shown(qtbot, "himmelblau")


def test_a_click_moves_the_playhead(shown: Shown) -> None:
    QTest.mouseClick(shown.view.loss.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, shown.at(40))
    (message,) = shown.sent
    assert isinstance(message, Seek)
    assert message.step == pytest.approx(40, abs=0.5)


def test_both_plots_have_the_same_steps(shown: Shown) -> None:
    (loss, gradient) = (plot.area.viewRange()[0] for plot in (shown.view.loss, shown.view.gradient))
    assert loss == gradient == [0.0, 120.0]


def test_playing_copies_and_paints_no_curve_again(shown: Shown) -> None:
    redraws = [plot.curves.cache.full_redraws for plot in (shown.view.loss, shown.view.gradient)]
    for playhead in (0.0, 30.5, 120.0, 10.0):
        shown.view.render(replace(shown.state, playhead=playhead))
        shown.view.grab()
    assert [plot.curves.cache.full_redraws for plot in (shown.view.loss, shown.view.gradient)] == redraws
    shown.view.apply_theme(DARK)
    shown.view.grab()
    assert shown.view.loss.curves.cache.full_redraws == redraws[0] + 1


def test_what_is_ahead_is_fainter(shown: Shown) -> None:
    def ink(playhead: float) -> int:
        shown.view.render(replace(shown.state, playhead=playhead))
        image = shown.view.loss.grab().toImage()
        return sum(image.pixelColor(x, y).saturation() > 120 for x in range(80, 400) for y in range(20, 200))

    assert 0 == ink(0.0) < 0.8 * ink(60.0) < ink(120.0)


def test_values_are_told(shown: Shown) -> None:
    shown.view.loss.scene().sigMouseMoved.emit(QPointF(shown.at(40)))
    text = shown.view.loss.readout.text()
    assert "step 40" in text
    assert all(number(track.steps.losses[40]) in text for track in shown.state.tracks)


@pytest.mark.parametrize("name", ["himmelblau", "saddle", "styblinski_tang", "double_well"])
@pytest.mark.parametrize("end", [np.inf, -np.inf, np.nan, 1e300])
def test_no_number_is_too_much(qtbot: QtBot, name: str, end: float) -> None:
    shown = Shown(qtbot, name)
    dim = shown.state.scenario.landscape.dim
    made = along(shown.state, np.array([[0.5] * dim, [1e3] * dim, [end] * dim]), np.full((3, dim), end), np.ones((1, dim)))
    shown.view.render(made)
    shown.view.grab()
    for plot in (shown.view.loss, shown.view.gradient):
        assert np.isfinite(plot.area.viewRange()).all()
