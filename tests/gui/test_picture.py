"""Pictures in files: whole and valid, or not there at all."""

import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QCoreApplication, QEvent

import gdsim
from gdsim.gui import picture
from gdsim.gui.palette import DARK, LIGHT, run_style
from gdsim.gui.picture import WRITERS, render, render_apart
from gdsim.gui.sheet import MOST_CARDS, grid_for
from gdsim.landscapes import LANDSCAPES
from gdsim.simulation.ensemble import ensemble
from gdsim.simulation.ensemble_store import keep_ensemble, kept_ensemble
from gdsim.simulation.scenario import Scenario
from tests.draws import some
from tests.gui.states import scenario

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")

THREE = scenario("himmelblau", 40)


def colours(file: Path) -> np.ndarray:
    with Image.open(file) as image:
        return np.asarray(image.convert("RGB"))


def rgb(colour: str) -> list[int]:
    return [int(colour[k : k + 2], 16) for k in (1, 3, 5)]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
@pytest.mark.parametrize("size", [(1280, 800), (1024, 700)])
def test_png_has_its_size_its_theme_and_every_run(tmp_path: Path, theme, size: tuple[int, int]) -> None:
    file = tmp_path / "picture.png"
    render(THREE, file, theme.name, size)
    shown = colours(file)
    assert shown.shape == (size[1], size[0], 3)
    assert list(shown[2, 2]) == rgb(theme.window)
    for index in range(3):
        found = (np.abs(shown.astype(int) - rgb(run_style(index).colour)).max(axis=2) <= 4).sum(axis=1)
        third = size[1] // 3
        assert found[:third].sum() + found[third : 2 * third].sum() > 20
        assert found[-size[1] // 6 :].sum() > 20


def test_a_result_gives_the_picture_of_its_scenario_and_always_the_same(tmp_path: Path) -> None:
    for name, source in (("a", THREE), ("b", gdsim.run(THREE)), ("c", THREE)):
        render(source, tmp_path / f"{name}.png")
    one, other, again = (tmp_path.joinpath(f"{name}.png").read_bytes() for name in "abc")
    assert one == other == again


def test_svg_is_a_drawing_with_the_words_in_it(tmp_path: Path) -> None:
    file = tmp_path / "picture.svg"
    render(THREE, file)
    root = ElementTree.parse(file).getroot()
    assert root.tag.endswith("svg")
    assert root.get("viewBox") == "0 0 1280 800"
    text = " ".join(root.itertext())
    assert "Some rates" in text
    assert all(run.label in text for run in THREE.runs)
    content = file.read_text()
    assert content.count("<path") > 20
    assert "nan" not in re.sub(r"base64,[^\"]*", "", content)
    assert ' d=""' not in content


def test_svg_lines_stay_in_their_plots(tmp_path: Path) -> None:
    """Qt writes no clipping into drawings, so that a line beyond its plot would run over the page."""
    far = scenario("saddle", 60, rates=(0.1, 0.6, 1.5))
    render(far, tmp_path / "picture.svg")
    for points in re.findall(r'points="([^"]*)"', (tmp_path / "picture.svg").read_text()):
        for pair in points.split():
            x, y = (float(number) for number in pair.split(","))
            assert -20 <= x <= 1300
            assert -20 <= y <= 820


def test_pdf_is_one_page(tmp_path: Path) -> None:
    file = tmp_path / "picture.pdf"
    render(THREE, file)
    content = file.read_bytes()
    assert content.startswith(b"%PDF-")
    assert content.rstrip().endswith(b"%%EOF")
    assert re.search(rb"/Count 1\b", content)
    box = re.search(rb"/MediaBox \[\s*0 0 ([\d.]+) ([\d.]+)", content)
    assert box is not None
    assert float(box[1]) / float(box[2]) == pytest.approx(1.6, rel=0.01)


def test_gif_plays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture, "PLAY_FRAMES", 12)
    file = tmp_path / "picture.gif"
    told: list[float] = []
    render(THREE, file, progress=told.append)
    with Image.open(file) as image:
        assert image.n_frames == 12
        assert image.size == (960, 600)
        assert image.info["duration"] == picture.FRAME_MS
        first = np.asarray(image.convert("RGB")).astype(int)
        image.seek(11)
        last = np.asarray(image.convert("RGB")).astype(int)
    assert (np.abs(first - last).max(axis=2) > 20).mean() > 0.001
    for index in range(3):
        assert (np.abs(last - rgb(run_style(index).colour)).max(axis=2) <= 4).sum() > 40
    assert told == sorted(told)
    assert told[-1] == 1.0


@pytest.mark.parametrize("name", ["picture.bmp", "picture", "picture.png.exe"])
def test_other_suffixes_are_refused_with_those_allowed(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"\.png, \.svg, \.pdf, \.gif"):
        render(THREE, tmp_path / name)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("suffix", WRITERS)
def test_an_error_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str) -> None:
    with pytest.raises(FileNotFoundError, match="no folder"):
        render(THREE, tmp_path / "absent" / f"picture{suffix}")
    before = tmp_path / f"picture{suffix}"
    before.write_bytes(b"before")

    def broken(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "fsync", broken)
    monkeypatch.setattr(picture, "PLAY_FRAMES", 2)
    with pytest.raises(OSError, match="full"):
        render(THREE, before, size=(400, 300))
    assert [file.name for file in tmp_path.iterdir()] == [before.name]
    assert before.read_bytes() == b"before"


def test_a_fault_while_painting_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(*_: object) -> None:
        raise RuntimeError("painting")

    monkeypatch.setattr(picture.Sheet, "paint", fault)
    with pytest.raises(RuntimeError, match="painting"):
        render(THREE, tmp_path / "picture.png")
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("runs", [1, 2, 3, 4, 5, 7, 12, 13, 16])
def test_any_number_of_runs_fits(tmp_path: Path, runs: int) -> None:
    many = scenario("himmelblau", 10, rates=tuple(np.linspace(0.001, 0.02, runs)))
    render(many, tmp_path / "picture.png", size=(1024, 700))
    grid = grid_for(min(runs, MOST_CARDS))
    assert grid.columns * grid.rows >= min(runs, MOST_CARDS)
    assert grid.total < 200


@pytest.mark.parametrize("size", [(300, 300), (800, 300), (300, 800)], ids=str)
@pytest.mark.parametrize("name", ["himmelblau", "double_well", "curve-fit", "stochastic-vs-mini-batch"])
def test_small_pictures_are_painted_all_the_same(tmp_path: Path, name: str, size: tuple[int, int]) -> None:
    source = scenario(name, 10) if name in LANDSCAPES else gdsim.load(name).changed(steps=10)
    render(source, tmp_path / "picture.png", size=size)
    assert colours(tmp_path / "picture.png").shape == (size[1], size[0], 3)


@pytest.mark.parametrize("size", [(299, 300), (800, 64), (1280, 4097), (0, -1)], ids=str)
def test_no_picture_has_a_size_without_room_for_its_views(tmp_path: Path, size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match=f"found a size of {size[0]} x {size[1]}; allowed: each from 300 to 4096 pixels"):
        render(THREE, tmp_path / "picture.png", size=size)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", some(LANDSCAPES, 6))
def test_every_landscape_has_a_picture(tmp_path: Path, name: str) -> None:
    render(scenario(name, 20), tmp_path / "picture.png", "dark", (800, 600))
    assert colours(tmp_path / "picture.png").std() > 5


def test_without_a_display_in_a_process_of_its_own(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    program = f"import gdsim; from gdsim.gui.picture import render; render(gdsim.Scenario(**{THREE.model_dump()!r}), 'a.png')"
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=100, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert colours(tmp_path / "a.png").shape == (800, 1280, 3)


def test_apart_from_any_thread(tmp_path: Path) -> None:
    shares = list(render_apart(THREE, tmp_path / "a.png", "dark"))
    assert shares
    assert set(shares) <= {0.0, 1.0}
    assert list(colours(tmp_path / "a.png")[2, 2]) == rgb(DARK.window)
    with pytest.raises(OSError, match="no folder"):
        list(render_apart(THREE, tmp_path / "absent" / "a.png"))


def test_apart_with_an_ensemble(tmp_path: Path) -> None:
    noisy = {"landscape": "sphere", "noise": {"kind": "gaussian", "scale": 0.5}}
    found = ensemble(Scenario.model_validate({"problem": noisy, "runs": [{"optimizer": "sgd", "learning_rate": 0.1}], "steps": 20}), 40)
    list(render_apart(found, tmp_path / "with.png"))
    list(render_apart(found.scenario, tmp_path / "without.png"))
    # A cloud of ends, a band and what the card says of the seeds.
    changed = (colours(tmp_path / "with.png") != colours(tmp_path / "without.png")).any(axis=2)
    assert changed.mean() > 0.005
    keep_ensemble(found, tmp_path / "members.npz")
    (again,) = kept_ensemble(found.scenario, tmp_path / "members.npz").runs
    for name, value in vars(found.runs[0]).items():
        assert np.array_equal(getattr(again, name), value), name


def test_apart_tells_how_far_an_animation_is(tmp_path: Path) -> None:
    shares = list(render_apart(THREE.changed(steps=30), tmp_path / "a.gif"))
    assert shares == sorted(shares)
    assert len(set(shares)) > 5
    assert 0.0 <= shares[0] < 0.5 < shares[-1] <= 1.0


def test_apart_can_be_given_up(tmp_path: Path) -> None:
    long: Scenario = scenario("himmelblau", 4000)
    work = render_apart(long, tmp_path / "a.gif")
    next(work)
    work.close()
    assert not list(tmp_path.iterdir())
