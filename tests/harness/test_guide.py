"""docs/harness.md: what it shows can be done, and says what it says. (Its test file runs in ``test_pytest_plugin.py``.)"""

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gdsim.cli.commands import app
from gdsim.harness.report_json import read_json
from gdsim.harness.trial import Family, Verdict

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs" / "harness.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"(?m)^    (?:- run: )?(gdsim .*)$|`(gdsim [^`]+)`", GUIDE)


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """The guide's file, in the folder where one is."""
    (tmp_path / "my.py").write_text(re.search(r"```python\n# my\.py\n(.*?)```", GUIDE, re.DOTALL).group(1), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def gdsim(*words):
    return CliRunner().invoke(app, list(words), prog_name="gdsim")


def test_the_right_one_passes_and_the_forgetful_one_does_not(beside):
    right = gdsim("check", "my.py:momentum", "--claims", "sgd", "--trials", "truth", "--json", "right.json", "--junit", "right.xml")
    assert right.exit_code == 0, right.output
    wrong = gdsim("check", "my.py:forgetful", "--claims", "sgd", "--trials", "truth", "--json", "wrong.json", "--html", "wrong.html")
    assert wrong.exit_code == 1, wrong.output
    assert not read_json("right.json").failures
    failures = read_json("wrong.json").failures
    assert any(one.trial.id.startswith("truth/claim") for one in failures)
    assert "gdsim open --trial" in wrong.output
    assert "Trials of my.py:forgetful" in Path("wrong.html").read_text(encoding="utf-8")


def test_side_by_side_they_part(beside):
    wrong = gdsim("check", "my.py:forgetful", "--against", "sgd", "--param", "momentum=0.9")
    assert wrong.exit_code == 1
    assert "part at step 2" in wrong.output
    assert gdsim("check", "my.py:momentum", "--against", "sgd", "--param", "momentum=0.9").exit_code == 0


@pytest.mark.parametrize("words", [one or other for one, other in COMMANDS])
def test_every_command_exists_with_its_options(words):
    command, *rest = shlex.split(words)[1:]
    said = gdsim(command, "--help").output
    assert gdsim(command, "--help").exit_code == 0
    for option in (word for word in rest if word.startswith("--")):
        assert re.search(rf"{option}\b", said), option


def test_every_verdict_and_family_is_explained():
    for word in (*Family, *Verdict):
        assert re.search(rf"(?m)^\|[^|]*\b{word}\b", GUIDE), word


def test_links_lead_to_files():
    for link in re.findall(r"\]\(([^)#]+)\)", GUIDE):
        assert (ROOT / "docs" / link).exists(), link


def test_python_s_examples_run(beside):
    examples = re.findall(r"```python\nimport gdsim\n(.*?)```", GUIDE, re.DOTALL)
    assert len(examples) == 2
    for example in examples:
        exec(compile(f"import gdsim\n{example}", "harness.md", "exec"), {})  # noqa: S102
    assert "Trials of 3 optimizers" in Path("three.html").read_text(encoding="utf-8")
