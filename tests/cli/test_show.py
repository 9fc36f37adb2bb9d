"""``gdsim list`` and ``show`` of noises, motions, prototypes and plugins; landscapes as pictures and as maps in the terminal."""

import io
import json

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from gdsim.cli.small_map import COLUMNS, ROWS, can_show, curve_shades, marked, plane_shades, small_map
from gdsim.landscapes import LANDSCAPES
from gdsim.landscapes.motion import MOTIONS
from gdsim.landscapes.noise import NOISES
from gdsim.landscapes.prototypes import PROTOTYPES, prototype
from gdsim.landscapes.prototypes.described import DESCRIPTIONS
from gdsim.registry import BROKEN, LOADED

DISTURBANCES = {**NOISES, **MOTIONS}
KINDS = {"noises": NOISES, "motions": MOTIONS, "prototypes": PROTOTYPES}


@pytest.mark.parametrize("kind", KINDS)
def test_lists_name_everything(kind, gdsim):
    header, *rows = gdsim("list", kind).stdout.splitlines()
    assert header.split()[0] == "name"
    assert [row.split()[0] for row in rows] == list(KINDS[kind])
    entries = json.loads(gdsim("list", kind, "--json").stdout, parse_constant=pytest.fail)
    assert [entry["name"] for entry in entries] == list(KINDS[kind])
    for entry in entries:
        record = DISTURBANCES.get(entry["name"]) or prototype(entry["name"])
        assert [(p["name"], p["default"], p["allowed"]) for p in entry["parameters"]] == [
            (p.name, p.default, p.allowed) for p in record.parameters
        ]
        assert entry["notes"]


def test_every_prototype_is_described():
    assert list(DESCRIPTIONS) == list(PROTOTYPES)


@pytest.mark.parametrize("name", DISTURBANCES)
def test_show_tells_all_about_noise_and_motion(name, gdsim):
    answer, record = gdsim("show", name), DISTURBANCES[name]
    shown = " ".join(answer.stdout.split())
    assert answer.exit_code == 0
    for text in (record.title, record.doc, record.source, *(param.doc for param in record.parameters)):
        assert " ".join(text.split()) in shown
    assert f"def {name}(" in answer.stdout


@pytest.mark.parametrize("name", [*PROTOTYPES, "quad_convex-cliff:down", "quad_bowl|abs"])
def test_show_tells_of_prototypes_and_what_is_made_of_them(name, gdsim):
    answer = gdsim("show", name)
    assert (answer.exit_code, answer.stderr) == (0, "")
    assert answer.stdout.splitlines()[0].endswith(f"({name})")
    assert answer.stdout.count("global minimum") >= len([p for p in prototype(name).minima if p.kind == "global minimum"])


def test_plugins_are_listed_with_what_they_gave_or_why_not(gdsim, monkeypatch):
    monkeypatch.setitem(LOADED, "gdsim.optimizers: fast", "adam")
    monkeypatch.setitem(BROKEN, "gdsim.landscapes: torn", "ImportError: no module named x")
    table = gdsim("list", "plugins").stdout
    assert "fast" in table
    assert "no module named x" in table
    fast, torn = (entry for entry in json.loads(gdsim("list", "plugins", "--json").stdout) if entry["name"] in ("fast", "torn"))
    assert fast == {"name": "fast", "group": "gdsim.optimizers", "record": "adam", "error": None}
    assert torn == {"name": "torn", "group": "gdsim.landscapes", "record": None, "error": "ImportError: no module named x"}
    assert "(adam)" in gdsim("show", "fast").stdout
    assert "no module named x" in gdsim("show", "gdsim.landscapes: torn").stdout


def test_no_plugins_is_said(gdsim, monkeypatch):
    monkeypatch.setattr("gdsim.cli.entries.LOADED", {})
    monkeypatch.setattr("gdsim.cli.entries.BROKEN", {})
    assert "No plugins" in gdsim("list", "plugins").stdout
    assert json.loads(gdsim("list", "plugins", "--json").stdout) == []


@pytest.mark.parametrize("name", ["booth", "double_well", "quad_bowl"])
def test_show_paints_a_landscape(name, gdsim, tmp_path):
    answer = gdsim("show", name, "--to", str(tmp_path / "deep" / "picture.png"))
    assert (answer.exit_code, answer.stderr) == (0, "")
    picture = np.asarray(Image.open(tmp_path / "deep" / "picture.png").convert("RGB"))
    assert picture.shape == (800, 1280, 3)
    assert len(np.unique(picture.reshape(-1, 3), axis=0)) > 300
    mark = (picture == (0x22, 0x27, 0x2E)).all(axis=-1)  # text and stars
    assert mark[100:760, 40:860].sum() > 20
    assert [file.name for file in (tmp_path / "deep").iterdir()] == ["picture.png"]


@pytest.mark.parametrize(
    ("name", "to", "said"), [("booth", "x.gif", ".png"), ("adam", "x.png", "no landscape"), ("stable", "x.png", "gdsim render")]
)
def test_pictures_that_cannot_be_are_refused(name, to, said, gdsim, tmp_path):
    answer = gdsim("show", name, "--to", str(tmp_path / to))
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert answer.stderr.startswith("--to: ")
    assert said in answer.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["himmelblau", "easom", "double_well"])
def test_the_map_is_low_where_the_loss_is_low(name):
    landscape = LANDSCAPES[name]
    text = small_map(landscape)
    lines = text.plain.split("\n")
    assert (len(lines), {len(line) for line in lines}) == (ROWS, {COLUMNS})
    if landscape.dim == 1:
        shades = curve_shades(landscape)
        ((low, high),) = landscape.domain
        column = int((landscape.minima[0].position[0] - low) / (high - low) * COLUMNS)
        assert np.isfinite(shades).sum(axis=0)[column] == np.isfinite(shades).sum(axis=0).min() > 0
        return
    shades = plane_shades(landscape)
    (west, east), (south, north) = landscape.domain
    places = dict(marked(landscape))
    assert len(places) == sum(point.kind == "global minimum" for point in landscape.minima)
    for row, column in places:
        assert lines[row][column] == "●"
        assert shades[2 * row : 2 * row + 2, column].min() < np.quantile(shades, 0.1)
    corner = landscape.loss(np.array([west, east]), np.array([north, south]))
    assert (corner[0] > corner[1]) == (shades[0, 0] > shades[-1, -1]) or corner[0] == corner[1]


def console(**settings):
    return Console(file=io.TextIOWrapper(io.BytesIO(), settings.pop("encoding", "utf-8")), force_terminal=True, width=80, **settings)


def test_the_map_stays_away_where_it_would_be_in_the_way(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert can_show(console(color_system="truecolor"))
    assert can_show(console(color_system="256"))
    assert not can_show(console(color_system="standard"))
    assert not can_show(console(color_system="truecolor", encoding="ascii"))
    assert not can_show(Console(file=io.StringIO(), color_system="truecolor"))
    narrow = console(color_system="truecolor")
    narrow.width = COLUMNS - 1
    assert not can_show(narrow)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not can_show(console(color_system="truecolor"))


def test_no_map_in_a_pipe(gdsim):
    assert "▀" not in gdsim("show", "booth").stdout
