"""README.md and docs/lecture.md: every example runs, every command is one, every name that is given is there."""

import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer

from gdsim import shipped
from gdsim.cli.commands import app
from gdsim.simulation.scenario import validated

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("README.md", "docs/lecture.md")
TEXTS = {page: (ROOT / page).read_text(encoding="utf-8") for page in PAGES}


def blocks(text):
    """The fenced and the indented blocks of a page, without their fences and margins."""
    fenced = re.findall(r"^```\w*\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    indented = re.findall(r"(?:^    .*\n(?:\n(?=    ))*)+", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), re.MULTILINE)
    return [*fenced, *(re.sub(r"^    ", "", block, flags=re.MULTILINE) for block in indented)]


PROGRAMS = [(page, block) for page, text in TEXTS.items() for block in blocks(text) if re.search(r"^import gdsim", block, re.MULTILINE)]
TABLES = [(page, block) for page, text in TEXTS.items() for block in blocks(text) if re.search(r"^\[\w", block, re.MULTILINE)]
COMMANDS = sorted(
    {
        line.partition("#")[0].strip()
        for text in TEXTS.values()
        for block in blocks(text)
        for line in block.splitlines()
        if line.startswith("gdsim ")
    }
    | {code for text in TEXTS.values() for code in re.findall(r"`(gdsim [^`]*)`", text)}
)

STANDS_FOR = {"FILE": "stable", "TEXT": "x^2", "DIR": "out"}


def test_something_is_found():
    assert len(PROGRAMS) == 3
    assert len(TABLES) == 3
    assert len(COMMANDS) > 25


@pytest.mark.parametrize(("page", "program"), PROGRAMS, ids=range(len(PROGRAMS)))
def test_programs_run(page, program, tmp_path):
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{page}: {done.stderr}"
    assert done.stdout


@pytest.mark.parametrize(("page", "table"), TABLES, ids=range(len(TABLES)))
def test_tables_are_parts_of_scenarios(page, table):
    given = tomllib.loads(table)
    run = {"optimizer": "sgd", "learning_rate": 0.01}
    validated({"steps": 10, "runs": [run]} | given)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_are_understood(command, tmp_path, monkeypatch):
    """Up to the point where they would begin: verb, options and the names of what is shipped."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.py").write_text("")
    verb, *words = [STANDS_FOR.get(word, word) for word in shlex.split(command)[1:]]
    group = typer.main.get_command(app)
    with group.make_context("gdsim", [verb, *words]) as context:
        called = group.get_command(context, verb)
        assert called is not None, f"{verb} is no verb"
        given = called.make_context(verb, words, parent=context).params
    for name in given.get("files") or [given.get("file")]:
        if name is not None and "." not in str(name):
            assert str(name) in (shipped.races() if verb == "race" else shipped.scenarios()), name


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    for link in re.findall(r"\]\(([^)#]+)\)", TEXTS[page]):
        assert ((ROOT / page).parent / link).exists(), link
