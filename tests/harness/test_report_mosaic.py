"""The mosaic of reports, how verdicts look, and the picture of a run."""

import itertools
import math

import numpy as np
import pytest

import gdsim
from gdsim.harness.mosaic import column_names, mosaic
from gdsim.harness.run_picture import FAR, HEIGHT, WIDTH, picture, svg_path
from gdsim.harness.trial import Family, Verdict
from gdsim.harness.verdict_look import LOOKS
from tests.harness.made_up import SCENARIO, report


def test_every_cell_has_its_outcome():
    reports = [report("adam", 40), report("sgd", 25, salt=1), report("adam", 3, salt=2, learning_rate=0.1)]
    whole = mosaic(reports)
    assert [block.family for block in whole.blocks] == [Family.TRUTH, *[Family.UNIT] * 4]
    told = {
        (trial.id, column): cell
        for block in whole.blocks
        for trial, row in zip(block.trials, block.cells, strict=True)
        for column, cell in enumerate(row)
    }
    for column, each in enumerate(reports):
        outcomes = {outcome.trial.id: outcome for outcome in each.outcomes}
        for (name, place), cell in told.items():
            if place == column:
                assert cell is outcomes.get(name)
    for block in whole.blocks:
        assert {trial.group for trial in block.trials} == {block.group}


def test_columns_are_told_apart():
    assert column_names([report("adam"), report("sgd")]) == ("adam", "sgd")
    rates = [report("adam", learning_rate=rate, nesterov=True) for rate in (0.1, 0.01)]
    assert column_names(rates) == ("adam learning_rate=0.1", "adam learning_rate=0.01")
    assert column_names([report("adam"), report("adam"), report("adam")]) == ("adam", "adam #2", "adam #3")


# Machado, Oliveira and Fernandes, A Physiologically-based Model for Simulation of Color Vision Deficiency (2009), severity 1.
BLINDNESS = {
    "none": np.eye(3),
    "protanopia": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]),
    "deuteranopia": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]),
    "tritanopia": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]),
}
GRADES = [Verdict.EXCELLENT, Verdict.GOOD, Verdict.INSUFFICIENT, Verdict.UNRELIABLE, Verdict.DIVERGED]
ANSWERS = [Verdict.PASSED, Verdict.FAILED, Verdict.SKIPPED]


def linear(colour):
    channels = np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def oklab(rgb):
    """Ottosson, A perceptual color space for image processing (2020)."""
    cone = np.array(
        [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566], [0.0883024619, 0.2817188376, 0.6299787005]]
    )
    mixed = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    return mixed @ np.cbrt(cone @ rgb)


@pytest.mark.parametrize("blindness", BLINDNESS)
@pytest.mark.parametrize("family", [GRADES, ANSWERS], ids=["grades", "answers"])
def test_verdicts_are_told_apart_by_any_eye(family, blindness):
    seen = [oklab(np.clip(BLINDNESS[blindness] @ linear(LOOKS[verdict].fill), 0.0, 1.0)) for verdict in family]
    assert min(math.dist(one, other) for one, other in itertools.combinations(seen, 2)) > 0.07


@pytest.mark.parametrize("verdict", list(Verdict))
def test_signs_are_legible_and_differ(verdict):
    look = LOOKS[verdict]
    low, high = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (look.fill, look.ink))
    assert (high + 0.05) / (low + 0.05) >= 4.5
    assert all(0.0 < place < 1.0 for stroke in look.strokes for point in stroke for place in point)
    assert [other for other in Verdict if LOOKS[other].strokes == look.strokes] == [verdict]


@pytest.mark.parametrize(("landscape", "rate"), [("rosenbrock", 0.001), ("quadratic", 0.3), ("double_well", 0.05)])
def test_a_picture_follows_the_run(landscape, rate):
    drawn = picture(SCENARIO.format(landscape=landscape, rate=rate))
    run = gdsim.minimise(landscape, "sgd", learning_rate=rate, steps=40)
    record = gdsim.LANDSCAPES[landscape]
    lines = dict(drawn.lines)
    points = np.array([[float(part) for part in piece.split(" ")] for piece in lines["path"].replace("M", "L").split("L")[1:]])
    assert len(points) == len(run.losses)
    (west, east) = record.domain[0]
    across = np.clip((run.positions[:, 0] - west) / (east - west) * WIDTH, -FAR, FAR)
    assert points[:, 0] == pytest.approx(across, abs=0.051)
    if record.dim == 2:
        south, north = record.domain[1]
        assert points[:, 1] == pytest.approx(np.clip((north - run.positions[:, 1]) / (north - south) * HEIGHT, -FAR, FAR), abs=0.051)
    assert str(run.verdict) in drawn.caption
    assert ("start", *points[0]) in drawn.marks
    assert lines["ground"].count("M") >= 1


def test_what_is_no_number_breaks_a_line_off():
    points = np.array([[0.0, 0.0], [1.0, np.nan], [2.0, 1.0], [np.inf, 2.0]])
    assert svg_path(points) == f"M0.0 0.0M2.0 1.0L{FAR:.1f} 2.0"
    many = svg_path(np.column_stack([np.arange(9_999.0) / 100, np.zeros(9_999)]))
    assert many.startswith("M0.0 0.0")
    assert many.endswith("L100.0 0.0")
    assert many.count("L") == 399


@pytest.mark.parametrize("text", ["", "steps = ", "steps = -1", "[problem]\nlandscape = 'nowhere'"])
def test_what_is_no_scenario_has_no_picture(text):
    assert picture(text) is None
