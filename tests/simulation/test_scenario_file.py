"""Scenario files: what goes out comes in again, comments survive, and nothing strange gets through."""

import contextlib
import os
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdsim import shipped
from gdsim.simulation import scenario_file
from gdsim.simulation.complaints import ScenarioError
from gdsim.simulation.minimise import GivenProblem
from gdsim.simulation.scenario import Scenario, validated
from gdsim.simulation.scenario_file import load, parse, read, save, to_toml
from tests.simulation.scenarios import SCENARIOS

COMMENTED = """\
# about the file
steps = 200   # many
seed = 0

# about the problem
[problem]
landscape = "himmelblau"   # four pits

# about the first run
[[runs]]
optimizer = "sgd"
momentum = 0.0  # the default, written out
learning_rate = 1 # an integer

# about the second
[[runs]]
learning_rate = 1e-3
optimizer = "adam"
start = [1, 2]  # own
"""
COMMENTS = ["# about the file", "# many", "# about the problem", "# four pits", "# about the first run", "# about the second"]


def loaded(text: str) -> Scenario:
    return validated(parse(text))


@given(SCENARIOS)
@settings(max_examples=150)
def test_a_scenario_equals_its_file(scenario):
    text = to_toml(scenario)
    assert loaded(text) == scenario
    assert to_toml(loaded(text)) == text


@given(SCENARIOS, SCENARIOS)
@settings(max_examples=80)
def test_saving_over_any_file_gives_the_new_scenario(before, after):
    assert loaded(to_toml(after, to_toml(before))) == after
    assert loaded(to_toml(after, COMMENTED)) == after


@given(SCENARIOS, st.text(max_size=200))
@settings(max_examples=40)
def test_saving_over_anything_else_gives_the_new_scenario(scenario, rubbish):
    assert loaded(to_toml(scenario, rubbish)) == scenario


def test_nothing_changes_where_nothing_changed():
    assert to_toml(loaded(COMMENTED), COMMENTED) == COMMENTED


@pytest.mark.parametrize("name", shipped.scenarios())
def test_shipped_files_survive_being_saved(name, tmp_path):
    text = shipped.scenarios()[name].read_text(encoding="utf-8")
    copy = tmp_path / "copy.toml"
    copy.write_text(text, encoding="utf-8")
    save(load(name), copy)
    # Data beside the shipped file lie elsewhere, seen from the copy.
    assert copy.read_text(encoding="utf-8") == text.replace('csv = "../data', f'csv = "{shipped.assets() / "data"}')


def test_comments_stay_beside_what_they_explain(tmp_path):
    file = tmp_path / "commented.toml"
    file.write_text(COMMENTED)
    scenario = load(file)
    first = scenario.runs[0].changed(learning_rate=0.25, momentum=0.5)
    changed = scenario.changed(steps=7, title="new", runs=(first, scenario.runs[1], first.changed(label="third")))
    save(changed, file)
    text = file.read_text()
    assert load(file) == changed
    assert all(comment in text for comment in COMMENTS)
    assert "steps = 7   # many" in text
    assert "learning_rate = 0.25 # an integer" in text
    assert "momentum = 0.5  # the default, written out" in text
    save(scenario.changed(runs=scenario.runs[:1]), file)
    assert load(file).runs == scenario.runs[:1]


def test_parameters_at_their_defaults_are_not_written():
    tables = tomllib.loads(to_toml(loaded('runs = [{optimizer = "adam"}]\n[problem]\nlandscape = "rosenbrock"')))
    assert tables == {
        "steps": 200,
        "seed": 0,
        "problem": {"landscape": "rosenbrock"},
        "runs": [{"optimizer": "adam", "learning_rate": 0.001}],
    }


def test_what_no_file_can_hold_is_not_written(tmp_path):
    scenario = load("stable")
    given_record = scenario.changed(problem=GivenProblem(landscape="quadratic", given=scenario.landscape))
    with pytest.raises(ValueError, match="no file can hold"):
        save(given_record, tmp_path / "no.toml")
    assert not list(tmp_path.iterdir())


def test_saving_needs_a_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="no folder"):
        save(load("stable"), tmp_path / "missing" / "file.toml")


def test_permissions_of_a_file_are_kept(tmp_path):
    file = tmp_path / "mine.toml"
    save(load("stable"), file)
    assert file.stat().st_mode & 0o777 == 0o666 & ~_umask()
    file.chmod(0o640)
    save(load("ravine"), file)
    assert file.stat().st_mode & 0o777 == 0o640


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_names_of_shipped_scenarios_are_found_from_anywhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "stable").mkdir()
    assert load("stable").title == load(shipped.scenarios()["stable"]).title
    (tmp_path / "ravine").write_text(to_toml(load("stable")))
    assert load("ravine") == load("stable")


GOOD = 'runs = [{optimizer = "sgd"}]\nproblem.landscape = "rosenbrock"\n'


@pytest.mark.parametrize("content", [GOOD.encode("utf-8-sig"), GOOD.replace("\n", "\r\n").encode(), GOOD.strip().encode()])
def test_forms_of_text_that_editors_write(content, tmp_path):
    file = tmp_path / "a.toml"
    file.write_bytes(content)
    assert load(file) == loaded(GOOD)


STRANGE = {
    "nested arrays": (b"a = " + b"[" * 100_000, "nested too deeply"),
    "nested tables": (b"a = " + b"{a = " * 20_000, "nested too deeply"),
    "key of many parts": (b".".join([b"a"] * 200_000) + b" = 1", "more than 32 parts"),
    "table of many parts": (b"[" + b".".join([b"'a'"] * 200_000) + b"]", "more than 32 parts"),
    "integer of many digits": (b"steps = " + b"9" * 10_000, "thousands of digits"),
    "key twice": (b"steps = 1\nsteps = 2\n", "not valid TOML"),
    "table twice": (b"[problem]\n[problem]\n", "not valid TOML"),
    "half a line": (b"steps = \n", "line 1"),
    "binary rubbish": (bytes(range(256)) * 8, "0x80"),
    "UTF-16": (GOOD.encode("utf-16"), "not UTF-8"),
    "a NUL": (b"steps = 1\0", "not valid TOML"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "0x89"),
    "too large": (b"#" * ((1 << 20) + 1), "1,048,577 bytes"),
}


@pytest.mark.parametrize("case", STRANGE)
def test_strange_content_is_refused_at_once(case, tmp_path):
    content, words = STRANGE[case]
    file = tmp_path / "strange.toml"
    file.write_bytes(content)
    with pytest.raises(ScenarioError) as caught:
        load(file)
    assert str(file) in str(caught.value)
    assert words in str(caught.value)
    assert len(str(caught.value)) < 500


@given(st.binary(max_size=300))
@settings(max_examples=200)
def test_no_content_raises_anything_else(content):
    with contextlib.suppress(ScenarioError, UnicodeDecodeError):
        parse(content.decode("utf-8"), "fuzz")


def test_size_is_looked_at_before_reading(tmp_path, monkeypatch):
    file = tmp_path / "huge.toml"
    with open(file, "wb") as stream:
        stream.truncate(100_000_000)
    monkeypatch.setattr(scenario_file, "parse", lambda *_: pytest.fail("a file of 100 MB was parsed"))
    with pytest.raises(ScenarioError, match="found 100,000,000 bytes; allowed"):
        read(file)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="POSIX")
def test_special_files_are_not_opened(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for file in (tmp_path / "pipe", "/dev/zero"):
        with pytest.raises(ScenarioError, match="not a regular file"):
            read(file)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("three-learning-rate", "did you mean 'three-learning-rates'"),
        ("missing.toml", "no such file"),
        ("missing/folder/a.toml", "no such file"),
        ("a\0b", "cannot be read"),
        ("x" * 5000, "cannot be read"),
        (".", "found a folder"),
        ("", "no such file"),
    ],
)
def test_files_that_are_not_there(source, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ScenarioError, match=words):
        load(source)


def test_assets_missing_from_an_installation(tmp_path, monkeypatch):
    monkeypatch.setattr(shipped, "PACKAGE", tmp_path / "gdsim")
    shipped.assets.cache_clear()
    try:
        with pytest.raises(FileNotFoundError, match="install gdsim again"):
            shipped.assets()
    finally:
        shipped.assets.cache_clear()
