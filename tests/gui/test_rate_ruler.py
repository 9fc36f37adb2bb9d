"""The ruler under the learning rate's slider: where it lies, what it says, what the mouse does, how it keeps up with edits."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QStyle, QStyleOptionSlider, QToolTip

from gdsim.app import messages as m
from gdsim.app.changes import RemoveRun, SetParam, SetStart, SetSteps, Undo
from gdsim.app.ruling import Ruled, RuleRates
from gdsim.gui.map_colours import VERDICT_COLOURS, verdict_colour
from gdsim.gui.numbers import number
from gdsim.gui.palette import DARK, LIGHT
from gdsim.gui.rate_ruler import COMING_SLOWLY, picture
from gdsim.simulation import training_ruler
from gdsim.simulation.ruler import COUNT, RATES, Ruler, rulers, subject_of
from gdsim.simulation.scenario import validated
from gdsim.simulation.sweep_verdict import OUTCOMES
from gdsim.simulation.training_ruler import ASKED, training_rulers
from gdsim.simulation.verdict import Outcome
from tests.gui.conftest import THREE, Bench
from tests.simulation import test_sweep_networks as networks

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def ruled(bench: Bench) -> Iterator[Bench]:
    bench.session.looks_around = True
    bench.session.work()
    yield bench
    bench.session.looks_around = False


def asked(bench: Bench) -> list[int]:
    """The runs whose rulers are waiting to be computed."""
    return [run for effect in bench.session.pending if isinstance(effect, RuleRates) for run, _ in effect.subjects]


def test_every_run_has_one(ruled: Bench) -> None:
    for index, card in enumerate(ruled.window.panel.cards):
        *_, known = rulers(subject_of(THREE, index))
        assert np.array_equal(card.ruler.ruler.verdicts, known.verdicts)
        assert card.ruler.accessibleName() == f"ruler of learning rates of run {index + 1}"
        assert "converged from" in card.ruler.accessibleDescription()
        assert "2 / λmax" in card.ruler.accessibleDescription()
        assert "2 / λmax" in card.ruler.described(50.0)
        assert card.ruler.toolTip()


def test_it_is_aligned_with_the_slider(ruled: Bench) -> None:
    card = ruled.window.panel.cards[1]
    slider, ruler = card._rows["learning_rate"].slider, card.ruler
    for rate in (1e-6, 1e-3, 0.03, 10.0):
        slider.show_value(rate)
        option = QStyleOptionSlider()
        slider.initStyleOption(option)
        handle = slider.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, slider)
        here = ruler.mapFromGlobal(slider.mapToGlobal(handle.center())).x()
        assert abs(here - ruler.across(rate)) <= 2.0, rate
    slider.show_value(card._run.learning_rate)


def test_the_pixels_have_the_colours_of_the_verdicts(ruled: Bench) -> None:
    ruler = ruled.window.panel.cards[0].ruler
    image = ruler.grab().toImage()
    for rate in (1e-5, 0.012, 1.0):
        outcome = ruler.ruler.outcome(ruler.ruler.at(rate))
        found = image.pixelColor(round(ruler.across(rate)), ruler.height() - 3).name()
        assert found == verdict_colour(outcome, ruler._theme), rate


def test_hovering_tells_rate_and_verdict_and_the_legend(ruled: Bench) -> None:
    ruler = ruled.window.panel.cards[0].ruler
    QTest.mouseMove(ruler, QPoint(round(ruler.across(1.0)), 6))
    assert f"{number(ruler.rate_at(round(ruler.across(1.0))), 3)}: diverged" in QToolTip.text()
    assert "after " in QToolTip.text()
    for outcome, _ in ruler.ruler.shares():
        assert str(outcome) in QToolTip.text()
    QToolTip.hideText()


def test_a_click_sets_the_rate_in_one_undo(ruled: Bench) -> None:
    ruler = ruled.window.panel.cards[2].ruler
    QTest.mouseClick(ruler, Qt.MouseButton.LeftButton, pos=QPoint(round(ruler.across(0.012)), 6))
    rate = ruled.state.scenario.runs[2].learning_rate
    assert rate == pytest.approx(0.012, rel=0.05)
    assert rate == float(f"{rate:.3g}")
    assert ruled.state.selected == 2
    ruled.session.send(Undo())
    assert ruled.state.scenario.runs[2] == THREE.runs[2]
    assert not ruled.state.done


def test_dragging_along_it_is_one_undo(ruled: Bench) -> None:
    ruler = ruled.window.panel.cards[0].ruler
    QTest.mousePress(ruler, Qt.MouseButton.LeftButton, pos=QPoint(60, 6))
    for x in (80, 100, 140):
        QTest.mouseMove(ruler, QPoint(x, 6))
    QTest.mouseRelease(ruler, Qt.MouseButton.LeftButton, pos=QPoint(150, 6))
    assert ruled.state.scenario.runs[0].learning_rate == ruler.rate_at(150)
    assert len(ruled.state.done) == 1
    QToolTip.hideText()


def test_it_takes_no_keys_from_the_slider(ruled: Bench) -> None:
    assert ruled.window.panel.cards[0].ruler.focusPolicy() == Qt.FocusPolicy.NoFocus


def test_only_what_changes_is_computed_again(ruled: Bench) -> None:
    session = ruled.session
    session.send(SetParam(1, "learning_rate", 0.5, live=True))
    assert asked(ruled) == []  # its own rate, and that of others, changes nothing
    session.send(SetParam(1, "momentum", 0.5, live=True))
    assert asked(ruled) == [1]
    before = ruled.state.rulers[1]
    assert before is not None  # the last one stays until the new one is there
    session.work()
    assert ruled.state.rulers[1] is not before
    session.send(m.SelectRun(2), SetStart((1.0, 1.0), live=True))
    assert asked(ruled) == [2, 1]  # runs 0 and 2 differ in their rates alone, so one ruler is both
    session.work()
    last = ruled.state.rulers
    session.send(RemoveRun(0))
    assert asked(ruled) == []
    assert [one.subject for one in ruled.state.rulers] == [one.subject for one in last[1:]]


def test_a_ruler_of_a_moment_ago_is_shown_and_no_older_one_after_it(ruled: Bench) -> None:
    session = ruled.session
    session.send(SetSteps(70))
    (old,) = [effect for effect in session.pending if isinstance(effect, RuleRates)]
    session.send(SetSteps(80))
    late = next(rulers(old.subjects[0][1]))
    session.send(Ruled(0, late))
    assert ruled.state.rulers[0] is late
    session.work()
    newest = ruled.state.rulers[0]
    assert newest.subject.steps == 80
    session.send(Ruled(0, late))
    assert ruled.state.rulers[0] is newest


NETWORK = validated({"steps": 60, "problem": networks.SINE, "runs": [networks.SGD | {"learning_rate": 0.3, "label": "one"}, networks.SGD]})


def test_a_network_has_one_of_fewer_rates_that_comes_once_it_is_trained(
    open_window: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_ruler, "LONG", 1e9)  # a machine that is busy with something else does not make it dear
    monkeypatch.setattr(training_ruler, "LONGEST", 1e9)
    other = open_window(NETWORK, computed=False)
    ruler = other.window.panel.cards[0].ruler
    assert (ruler.ruler, ruler.toolTip()) == (None, COMING_SLOWLY)
    other.session.looks_around = True
    other.session.work()
    *_, known = training_rulers(subject_of(NETWORK, 0))
    assert np.array_equal(ruler.ruler.verdicts, known.verdicts)
    assert 1 < len(known.rates) < COUNT
    image = ruler.grab().toImage()
    for outcome, _ in known.shares():
        places = np.flatnonzero(known.verdicts == OUTCOMES.index(outcome))
        rate = float(known.rates[places[len(places) // 2]])
        found = image.pixelColor(round(ruler.across(rate)), ruler.height() - 3).name()
        assert found == verdict_colour(outcome, ruler._theme), rate
        assert f"{number(rate, 3)}: {outcome}" in ruler.described(ruler.across(rate))
    assert str(len(known.rates)) in ruler.described(100.0)
    limit = other.state.tracks[0].verdict.limit
    told = f"2 (1 + β) / λmax = {number(limit, 3)}"
    assert told in ruler.described(100.0)
    assert "where this run ended" in ruler.accessibleDescription()
    assert other.state.rulers[0].mark is None  # the other run ended elsewhere
    assert number(other.state.tracks[1].verdict.limit, 3) in other.window.panel.cards[1].ruler.accessibleDescription()
    QTest.mouseClick(ruler, Qt.MouseButton.LeftButton, pos=QPoint(100, 6))
    assert other.state.scenario.runs[0].learning_rate == ruler.rate_at(100)
    QToolTip.hideText()


@pytest.mark.parametrize("size", [(1024, 700), (1280, 800)])
def test_a_dear_ruler_is_offered_in_its_place(size, open_window: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_ruler, "LONG", 0.0)
    monkeypatch.setattr(training_ruler, "pace_of", lambda _plan: 12.0)
    other = open_window(NETWORK)
    other.show(*size)
    other.session.looks_around = True
    other.session.work()
    card = other.window.panel.cards[1]
    assert card.offer.isVisible()
    assert not card.ruler.isVisible()
    assert "6 min" in card.offer.text()
    assert card.offer.toolTip()
    assert card.offer.accessibleName() == "ruler of learning rates of run 2"
    assert card.offer.width() >= card.offer.fontMetrics().horizontalAdvance(card.offer.text())
    card.offer.setFocus()
    QTest.keyClick(card.offer, Qt.Key.Key_Space)
    assert other.state.selected == 1
    assert card.ruler.isVisible()
    other.session.work()
    assert len(card.ruler.ruler.rates) >= ASKED
    assert not card.offer.isVisible()


@pytest.mark.parametrize("count", [8, 16, 48, 128, COUNT])
def test_each_of_few_rates_stands_for_those_nearest_to_it(count: int, rng: np.random.Generator) -> None:
    rates = np.geomspace(*RATES, COUNT)
    chosen = np.sort(rng.choice(COUNT, count, replace=False))
    verdicts = rng.integers(0, 3, count).astype(np.int8)
    few = Ruler(THREE, rates[chosen], verdicts, np.zeros(count, np.int32), True)
    image = picture(few, LIGHT)
    for place in range(COUNT):
        expected = few.outcome(few.at(float(rates[place])))
        ties = np.sort(np.abs(np.log(few.rates) - np.log(rates[place])))[:2]
        if ties[1] - ties[0] > 1e-9:
            assert image.pixelColor(place, image.height() - 1).name() == verdict_colour(expected, LIGHT)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_better_a_verdict_the_higher_its_column(theme) -> None:
    """So that colour is not all that tells them apart."""
    *_, known = rulers(subject_of(THREE, 0))
    image = picture(known, theme)
    heights = {}
    for place in range(COUNT):
        column = [image.pixelColor(place, row).alpha() for row in range(image.height())]
        heights[known.outcome(place)] = sum(alpha > 0 for alpha in column)
    assert heights[Outcome.CONVERGED] > heights[Outcome.TOO_SLOW] > heights[Outcome.DIVERGED] > 0
    assert heights[Outcome.OVERSHOOTING] < heights[Outcome.CONVERGED]


# Vienot, Brettel and Mollon (1999): what is left of linear red, green, blue for those without long or middle cones.
BLIND = {
    "none": np.eye(3),
    "protanopia": np.array([[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]]),
    "deuteranopia": np.array([[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]]),
}
NEIGHBOURS = (
    (Outcome.TOO_SLOW, Outcome.CONVERGED),
    (Outcome.CONVERGED, Outcome.OVERSHOOTING),
    (Outcome.CONVERGED, Outcome.DIVERGED),
    (Outcome.OVERSHOOTING, Outcome.DIVERGED),
    (Outcome.TOO_SLOW, Outcome.DIVERGED),
)


@pytest.mark.parametrize("kind", BLIND)
@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("pair", NEIGHBOURS, ids=lambda pair: f"{pair[0].name}-{pair[1].name}")
def test_neighbours_are_told_apart_by_everybody(kind: str, theme, pair) -> None:
    """More than 10 apart in CIE L*a*b*: some four just noticeable differences."""
    ends = [lab(BLIND[kind] @ linear(VERDICT_COLOURS[outcome][theme is DARK])) for outcome in pair]
    assert np.linalg.norm(ends[0] - ends[1]) > 10.0


def linear(colour: str) -> np.ndarray:
    channels = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ np.clip(rgb, 0.0, 1.0)
    f = np.cbrt(xyz / (0.9505, 1.0, 1.089))
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_range_of_slider_and_ruler_are_one(ruled: Bench) -> None:
    slider = ruled.window.panel.cards[0]._rows["learning_rate"].slider
    assert (slider.value_at(slider.minimum()), slider.value_at(slider.maximum())) == RATES
