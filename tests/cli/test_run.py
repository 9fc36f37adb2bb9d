"""``gdsim run`` and ``gdsim render`` on good input."""

import json
import os

import pyarrow.parquet as pq
import pytest

import gdsim as package
from gdsim.cli.painting import CannotPaintError, paint
from gdsim.cli.rendering import SUFFIXES
from gdsim.gui.picture import WRITERS
from tests.cli.conftest import GOOD

FILES = ["picture.png", "summary.json", "trajectories.parquet"]


def test_without_out_it_only_prints(gdsim, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = gdsim("run", "three-learning-rates")
    assert (result.exit_code, result.stderr) == (0, "")
    assert os.listdir(tmp_path) == []
    for path in package.run(package.load("three-learning-rates")).runs:
        row = next(line for line in result.stdout.splitlines() if line.strip().startswith(path.label))
        verdict, loss = path.verdict, f"{path.losses[-1]:.6g}"
        cells = (path.optimizer, f"{path.learning_rate:g}", str(verdict), str(verdict.rate), str(path.steps), loss)
        for cell in cells:
            assert cell in row
        assert f"({path.positions[-1, 0]:.6g}, {path.positions[-1, 1]:.6g})" in row
        assert f"{path.label}: {path.verdict.evidence}" in result.stdout


def test_files_are_written(gdsim, painted, tmp_path):
    result = gdsim("run", "three-learning-rates", "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert sorted(os.listdir(tmp_path / "out")) == FILES
    expected = package.run(package.load("three-learning-rates"))
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert [entry["rate"] for entry in summary["runs"]] == ["too small", "stable", "too large"]
    assert pq.read_table(tmp_path / "out" / "trajectories.parquet").num_rows == sum(len(path.losses) for path in expected.runs)
    assert [(subject.scenario, name) for subject, name, _ in painted] == [(expected.scenario, "picture.png")]
    assert gdsim("run", "stable", "--out", tmp_path / "out", "--format", "csv").exit_code == 0
    assert sorted(os.listdir(tmp_path / "out")) == ["picture.png", "summary.json", "trajectories.csv"]


def test_several_files_get_a_folder_each(gdsim, painted, good, tmp_path):
    other = tmp_path / "other" / "good.toml"
    strange = tmp_path / "...toml"
    other.parent.mkdir()
    for file in (other, strange):
        file.write_text(GOOD)
    result = gdsim("run", good, other, "stable", strange, strange, "--out", tmp_path / "out")
    assert result.exit_code == 0
    assert sorted(os.listdir(tmp_path / "out")) == ["good", "good-2", "scenario", "scenario-2", "stable"]
    for folder in os.listdir(tmp_path / "out"):
        assert sorted(os.listdir(tmp_path / "out" / folder)) == FILES
    assert sorted(os.listdir(tmp_path)) == ["...toml", "good.toml", "other", "out"]


def test_changes(gdsim, painted, good, tmp_path):
    changes = [
        *("runs.0.learning_rate=1e-4", "runs.0.optimizer=adam", "runs.0.beta1 = 0.5", "problem.parameters.b=10", "steps=7"),
        *("title='two words'", "start=[0.5, 1]", "runs.0.amsgrad=true"),
    ]
    result = gdsim("run", good, *(part for change in changes for part in ("--set", change)), "--out", tmp_path / "out")
    assert result.exit_code == 0
    scenario = painted[0][0].scenario
    assert (scenario.title, scenario.steps, scenario.start, scenario.landscape.values) == ("two words", 7, (0.5, 1.0), (1.0, 10.0))
    assert scenario.runs[0].values | {"learning_rate": 1e-4, "beta1": 0.5, "amsgrad": True} == scenario.runs[0].values
    assert good.read_text() == GOOD


def test_markup_and_odd_letters_are_text(gdsim, good):
    result = gdsim("run", good, "--set", "runs.0.label='[red]η[/]'", "--set", "title='[/bold] ] ['")
    assert result.exit_code == 0
    assert "[red]η[/]" in result.stdout
    assert "[/bold] ] [" in result.stdout


def test_numbers_are_written_where_no_picture_can_be(gdsim, good, tmp_path, monkeypatch):
    def no_qt(*_arguments, **_options):
        raise CannotPaintError("libEGL.so.1: cannot open shared object file")

    for module in ("running", "rendering"):
        monkeypatch.setattr(f"gdsim.cli.{module}.paint", no_qt)
    result = gdsim("run", good, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "libEGL" in result.stderr
    assert "gdsim doctor" in result.stderr
    assert sorted(os.listdir(tmp_path / "out")) == ["summary.json", "trajectories.parquet"]
    result = gdsim("render", good, "--to", tmp_path / "pictures" / "a.png")
    assert result.exit_code == 1
    assert "libEGL" in result.stderr
    assert not (tmp_path / "pictures").exists()


def test_the_painter_is_missing(monkeypatch, tmp_path):
    monkeypatch.setitem(__import__("sys").modules, "gdsim.gui.picture", None)
    with pytest.raises(CannotPaintError, match="picture"):
        paint(None, tmp_path / "a.png")


def test_render_passes_everything_on(gdsim, painted, good, tmp_path):
    target = tmp_path / "new" / "a.SVG"
    result = gdsim("render", good, "--to", target, "--theme", "dark", "--size", "640x480", "--set", "steps=3")
    assert result.exit_code == 0
    assert target.read_bytes() == b"painted"
    ((scenario, name, options),) = painted
    assert (scenario.steps, name, options) == (3, "a.SVG", {"theme": "dark", "size": (640, 480)})


def test_pictures_of_every_kind_are_known():
    assert set(SUFFIXES) == set(WRITERS)


def test_a_real_process_writes_everything(process, tmp_path):
    result = process("run", "three-learning-rates", "--out", "out")
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr
    assert sorted(os.listdir(tmp_path / "out")) == FILES
    assert os.listdir(tmp_path) == ["out"]
    assert (tmp_path / "out" / "picture.png").read_bytes().startswith(b"\x89PNG")


def test_a_terminal_of_ascii_letters(process):
    result = process("run", "stable", env=os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"})
    assert result.returncode == 0, result.stderr
    assert "converged" in result.stdout
