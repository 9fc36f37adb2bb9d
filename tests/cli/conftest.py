import subprocess
import sys

import pytest
from typer.testing import CliRunner

from gdsim.cli.commands import app

GOOD = """\
title = "Good"
steps = 20

[problem]
landscape = "rosenbrock"

[[runs]]
label = "plain"
optimizer = "sgd"
learning_rate = 0.001
"""


@pytest.fixture
def gdsim():
    """The command line in this process: ``gdsim("run", "stable")`` gives a result with exit_code, stdout and stderr."""

    def call(*arguments):
        result = CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="gdsim")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return call


@pytest.fixture
def process(tmp_path):
    """The command line in a process of its own, started in an empty folder."""

    def call(*arguments, **options):
        command = [sys.executable, "-m", "gdsim", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, timeout=100, check=False, **options)

    return call


@pytest.fixture
def good(tmp_path):
    file = tmp_path / "good.toml"
    file.write_text(GOOD)
    return file


@pytest.fixture
def painted(monkeypatch):
    """Stands in for the painter, which has tests of its own: notes what it was asked for and writes a file."""
    calls = []

    def paint(subject, path, **options):
        calls.append((subject, path.name, options))
        path.write_bytes(b"painted")

    monkeypatch.setattr("gdsim.cli.running.paint", paint)
    monkeypatch.setattr("gdsim.cli.rendering.paint", paint)
    return calls
