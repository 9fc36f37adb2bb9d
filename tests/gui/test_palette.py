"""The palette as data: contrast, distinctness, smoothness."""

import itertools

import numpy as np
import pytest

from gdsim.gui.palette import DARK, LIGHT, Theme, ground, ground_table, outcome_colour, run_style
from gdsim.simulation.verdict import Outcome

THEMES = pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@THEMES
@pytest.mark.parametrize("outcome", list(Outcome))
def test_verdict_chips_are_legible(outcome: Outcome, theme: Theme) -> None:
    chip = outcome_colour(outcome, theme)
    assert contrast(chip.text, chip.fill) >= 4.5
    assert len(chip.symbol) == 1


def test_every_outcome_has_its_own_symbol() -> None:
    assert len({outcome_colour(outcome, LIGHT).symbol for outcome in Outcome}) == len(Outcome)


@THEMES
def test_text_is_legible(theme: Theme) -> None:
    for paper in (theme.window, theme.panel, theme.raised, theme.plot):
        assert contrast(theme.text, paper) >= 7
        assert contrast(theme.muted, paper) >= 4.5
        assert contrast(theme.error, paper) >= 4.5
        assert contrast(theme.accent, paper) >= 4.5
    assert contrast(theme.accent_text, theme.accent) >= 4.5


@THEMES
@pytest.mark.parametrize("index", range(16))
def test_runs_stand_out_from_the_paper(index: int, theme: Theme) -> None:
    for paper in (theme.plot, theme.panel, theme.raised):
        assert contrast(run_style(index).colour, paper) >= 3


def test_runs_differ_in_more_than_colour() -> None:
    first = [run_style(index) for index in range(64)]
    assert len(set(first)) == 64
    assert len({style.marker for style in first[:8]}) == 8
    for one, other in itertools.combinations(first[:3], 2):
        assert one.colour != other.colour
        assert one.marker != other.marker
        assert one.dash != other.dash


@THEMES
def test_ground_is_smooth_and_never_louder_than_trails(theme: Theme) -> None:
    table = ground_table(theme)[:, :3].astype(int)
    assert np.abs(np.diff(table, axis=0)).max() <= 4
    saturation = table.max(axis=1) - table.min(axis=1)
    assert saturation.max() <= 70


def test_ground_colours_any_shape_and_what_is_not_a_number() -> None:
    shades = np.array([[0.0, 1.0], [np.nan, 2.0]])
    colours = ground(shades, LIGHT)
    assert colours.shape == (2, 2, 4)
    assert colours.dtype == np.uint8
    assert (colours[1] == colours[0, 1]).all()
