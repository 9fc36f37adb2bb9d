"""Maps as pictures: each pixel has its run's colour, each file is a whole one, in both themes."""

import itertools

import numpy as np
import pytest
from PySide6.QtGui import QImage

from gdsim.gui.application import application
from gdsim.gui.map_colours import DARKEST, MINIMUM_COLOURS, VERDICT_COLOURS, class_colour, pixels, ramp
from gdsim.gui.map_picture import MapPage, paint_map, ticks
from gdsim.gui.palette import DARK, LIGHT
from gdsim.simulation.scenario import validated
from gdsim.simulation.sweep import sweep
from gdsim.simulation.sweep_map import MapAxis, map_of
from gdsim.simulation.verdict import Outcome

BOWL = {"landscape": "quadratic", "parameters": {"a": 0.05, "b": 1.0}}
AXES = [
    {"over": "learning_rate", "low": 0.05, "high": 4.0, "count": 24},
    {"over": "momentum", "low": 0.0, "high": 0.9, "count": 16},
]


@pytest.fixture(scope="module")
def result():
    run = {"optimizer": "sgd", "learning_rate": 0.1}
    return sweep(validated({"steps": 60, "problem": BOWL, "start": [1.0, 1.0], "runs": [run], "sweep": {"axes": AXES}}))


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_every_run_has_the_colour_of_its_class_at_its_place(result, theme):
    application(headless=True)
    chart = map_of(result, "verdict")
    page = MapPage(chart, theme, (1000, 700))
    image = page.image()
    assert (image.width(), image.height()) == (1000, 700)
    matching = 0
    for x, y in itertools.product(range(24), range(16)):
        rate, momentum = chart.x.values[x], chart.y.values[y]
        if abs(rate - 2 * (1 + momentum)) < 0.3:  # under theory's border
            continue
        colour = image.pixelColor(round(page.across(rate)), round(page.up(chart.y, momentum)))
        assert colour.name() == class_colour(chart.classes[chart.codes[y, x]], theme)
        matching += 1
    assert matching > 250


def test_theory_is_drawn_where_it_lies(result):
    application(headless=True)
    chart = map_of(result, "verdict")
    image = MapPage(chart, LIGHT, (1000, 700)).image()
    page = MapPage(chart, LIGHT, (1000, 700))
    column = [image.pixelColor(round(page.across(3.0)), row).name() for row in range(round(page.plot.top()), round(page.plot.bottom()))]
    expected = page.up(chart.y, 0.5) - page.plot.top()
    strange = [row for row, name in enumerate(column) if name not in {class_colour(kind, LIGHT) for kind in chart.classes}]
    assert strange
    assert all(abs(row - expected) < 12 for row in strange if 4 < row < len(column) - 4)


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_files(result, tmp_path, suffix, theme):
    file = tmp_path / f"map{suffix}"
    paint_map(result, file, theme=theme, size=(600, 450))
    content = file.read_bytes()
    assert content.startswith({".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}[suffix])
    assert len(list(tmp_path.iterdir())) == 1
    if suffix == ".png":
        image = QImage(str(file))
        assert (image.width(), image.height()) == (600, 450)
        again = result.plot(theme=theme, size=(600, 450))
        assert again.shape == (450, 600, 4)
        assert image.pixelColor(300, 200).getRgb()[:3] == tuple(again[200, 300, :3].tolist())


def test_strips_and_other_colours_paint_too(tmp_path):
    runs = [{"optimizer": "sgd", "label": "plain"}, {"optimizer": "sgd", "momentum": 0.9}]
    scenario = validated({"steps": 30, "tolerance": 1e-3, "problem": BOWL, "runs": runs, "sweep": {"axes": AXES[:1]}})
    result = sweep(scenario)
    heights = set()
    for colour in ("verdict", "loss", "steps", "minimum"):
        image = result.plot(colour=colour)
        heights.add(image.shape[0])
        assert len(np.unique(image.reshape(-1, 4), axis=0)) > 20
    assert max(heights) < 500


def test_wrong_names_are_refused(result, tmp_path):
    with pytest.raises(ValueError, match=r"a map is one of \.png, \.svg, \.pdf, not \.bmp"):
        result.plot(tmp_path / "map.bmp")
    with pytest.raises(FileNotFoundError):
        result.plot(tmp_path / "missing" / "map.png")
    assert not list(tmp_path.iterdir())


def test_shades_darken_and_never_change_the_class(result):
    chart = map_of(sweep(result.scenario.changed(tolerance=1e-3)), "verdict")
    colours = pixels(chart, LIGHT)[::-1].astype(float)
    converged = next(code for code, kind in enumerate(chart.classes) if kind.outcome is Outcome.CONVERGED)
    light = colours[chart.codes == converged][:, :3].sum(axis=1)
    shade = chart.shades[chart.codes == converged]
    assert np.all(np.diff(light[np.argsort(shade)]) <= 0.0)
    assert light.max() > 1.5 * light.min()


@pytest.mark.parametrize("tolerance", [None, 1e-3])
@pytest.mark.parametrize("colour", ["verdict", "minimum", "loss", "steps"])
@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_every_pixel_is_painted_as_if_alone(result, theme, colour, tolerance):
    chart = map_of(sweep(result.scenario.changed(tolerance=tolerance)), colour)
    image = pixels(chart, theme)
    assert (image.shape, image.dtype) == ((*chart.codes.shape, 4), np.uint8)
    for y, x in itertools.product(*map(range, chart.codes.shape)):
        kind, shade = chart.classes[chart.codes[y, x]], float(chart.shades[y, x])
        own = [int(class_colour(kind, theme)[k : k + 2], 16) for k in (1, 3, 5)]
        if chart.painted == "shades" and not np.isnan(shade):
            own = ramp(theme)[round(shade * 255)].tolist()
        elif kind.outcome in (Outcome.CONVERGED, Outcome.LOCAL_MINIMUM) and not np.isnan(shade):
            own = [round(part * (1.0 - DARKEST * np.linspace(0.0, 1.0, 256)[round(shade * 255)])) for part in own]
        assert image[-1 - y, x].tolist() == [*own, 255]


def contrast(first, second):
    def light(colour):
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    bright, dark = sorted((light(first), light(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def test_classes_are_told_apart():
    for colours in (*MINIMUM_COLOURS.values(), *zip(*VERDICT_COLOURS.values(), strict=True)):
        assert len(set(colours)) == len(colours)
    for theme in (0, 1):
        three = [VERDICT_COLOURS[outcome][theme] for outcome in (Outcome.CONVERGED, Outcome.TOO_SLOW, Outcome.DIVERGED)]
        assert all(contrast(a, b) > 1.3 for a, b in itertools.combinations(three, 2))


@pytest.mark.parametrize(
    ("low", "high", "log", "expected"),
    [
        (0.0, 10.0, False, [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]),
        (1e-4, 1.0, True, [1e-4, 1e-3, 1e-2, 0.1, 1.0]),
        (2.0, 9.0, True, [2.0, 5.0]),
        (-0.3, 0.3, False, [-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3]),
    ],
)
def test_ticks_stand_at_round_values(low, high, log, expected):
    values = np.geomspace(low, high, 1001) if log else np.linspace(low, high, 1001)
    found = [value for value, _ in ticks(MapAxis("x", "x", values, log), 7)]
    np.testing.assert_allclose(found, expected, atol=1e-12)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_side_of_the_border_of_trainability_has_its_own_colours(theme):
    axes = [{"over": f"layer_rates.{k}", "low": 0.01, "high": 100.0, "count": 8, "scale": "log"} for k in range(2)]
    problem = {"dataset": "sine", "data": {"count": 12}, "split": [1.0, 0.0, 0.0], "network": {"layers": [3]}}
    runs = [{"optimizer": "sgd", "learning_rate": 1.0}]
    trained = sweep(validated({"steps": 40, "problem": problem, "runs": runs, "sweep": {"axes": axes}}))
    chart = map_of(trained)
    colours = pixels(chart, {"light": LIGHT, "dark": DARK}[theme])[::-1, :, :3].astype(int)
    red, blue = colours[..., 0], colours[..., 2]
    dark = chart.shades < 0.5
    assert np.all(red[(chart.codes == 1) & dark] > blue[(chart.codes == 1) & dark])
    assert np.all(blue[(chart.codes == 0) & ~dark] > red[(chart.codes == 0) & ~dark])
    assert paint_map(trained, theme=theme).shape == (820, 1100, 4)
