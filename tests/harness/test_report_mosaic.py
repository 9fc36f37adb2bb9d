"""The mosaic of reports, how verdicts look, and the picture of a run."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

import gdsim
from gdsim.harness.mosaic import column_names, mosaic
from gdsim.harness.mosaic_picture import CELL, HEADING, LEGEND, MARGIN, NAMES, ROW, lines, merit, paint_mosaic, shared
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


def test_the_picture_has_every_row_once_in_strips_of_about_one_height():
    block_lines = [line for block in mosaic([report("adam", 400), report("sgd", 400, salt=1)]).blocks for line in lines(block)]
    strips = shared(block_lines, 4)
    assert 3 <= len(strips) <= 4
    assert [line for strip in strips for line in strip if line.cells is not None] == [
        line for line in block_lines if line.cells is not None
    ]
    heights = [sum(line.height for line in strip) for strip in strips]
    assert max(heights) <= sum(line.height for line in block_lines) / 4 + 4 * HEADING + 40 * ROW
    for strip in strips:
        assert strip[0].cells is None
        for before, line in itertools.pairwise(strip):
            if line.cells is not None:
                assert before.block.startswith(line.block.split(",")[0])


@pytest.mark.parametrize("dark", [False, True])
def test_the_picture_has_the_verdicts_colours(dark, tmp_path):
    reports = [report("adam", 70), report("sgd", 70, salt=2), report("lion", 70, salt=4)]
    paint_mosaic(reports, tmp_path / "mosaic.png", dark=dark)
    assert [file.name for file in tmp_path.iterdir()] == ["mosaic.png"]
    picture = np.asarray(Image.open(tmp_path / "mosaic.png").convert("RGB")).astype(int)
    below = picture[MARGIN + LEGEND + NAMES :]
    for verdict in Verdict:
        fill = np.array([int(LOOKS[verdict].fill[k : k + 2], 16) for k in (1, 3, 5)])
        seen = (np.abs(below - fill).max(axis=-1) == 0).sum()
        skipped = sum(all(one.outcomes[k].verdict is Verdict.SKIPPED for one in reports) for k in range(len(reports[0].outcomes)))
        alike = [other for other in Verdict if LOOKS[other].fill == LOOKS[verdict].fill]
        cells = sum(outcome.verdict in alike for each in reports for outcome in each.outcomes)
        cells -= skipped * len(reports) * (verdict is Verdict.SKIPPED)
        assert seen == cells * (CELL - 1) * ROW


def test_columns_of_the_picture_stand_in_the_order_of_merit():
    better, worse = report("a", 20), report("b", 20)
    grades = {True: Verdict.GOOD, False: Verdict.DIVERGED}
    better, worse = (
        replace(one, outcomes=tuple(replace(outcome, verdict=grades[good]) for outcome in one.outcomes))
        for one, good in ((better, True), (worse, False))
    )
    assert sorted([worse, better], key=merit, reverse=True) == [better, worse]
