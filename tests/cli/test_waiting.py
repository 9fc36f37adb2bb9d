"""What a terminal is told while kernels are compiled: at once, only while they are, and nothing where there is no terminal."""

import os
import pty
import re
import subprocess
import sys

from rich.progress import Progress

from gdsim.cli.waiting import EACH_SECOND, CompilingColumn, CompilingLine
from gdsim.engine import compiling

FORMULA = "(1 - x)^2 + 100*(y - x^2)^2 + x^4/{}"


def test_what_has_begun_is_told_within_a_tenth_of_a_second(monkeypatch):
    assert EACH_SECOND >= 10
    for now, told in ((True, "Compiling…"), (False, "")):
        monkeypatch.setattr(compiling, "under_way", lambda now=now: now)
        assert str(CompilingLine().__rich__()) == told
        with Progress(CompilingColumn(), disable=True) as bar:
            bar.add_task("runs")
            assert str(CompilingColumn().render(bar.tasks[0])) == told


def test_a_terminal_hears_of_it_and_a_pipe_does_not(tmp_path):
    # Long enough that it is worth compiling.
    settings = ["--set", "steps=100000", "--set", "runs.0.learning_rate=0.0005"]
    words = [sys.executable, "-m", "gdsim", "run", "--formula", FORMULA.format(90_000 + os.getpid()), "--optimizer", "sgd", *settings]
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "GDSIM_CACHE": str(tmp_path)}
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=theirs, env=environment, text=True) as process:
        os.close(theirs)
        heard = b""
        while True:
            try:
                more = os.read(ours, 1 << 16)
            except OSError:  # the other end is closed
                break
            if not more:
                break
            heard += more
        out = process.stdout.read()
    os.close(ours)
    assert process.returncode == 0, heard
    assert "Compiling…" in heard.decode()
    assert "Compiling" not in out
    assert re.search(r"sgd", out)
    # All of it is gone in the end: the last thing said is to erase the line.
    assert heard.decode().rstrip().endswith("\x1b[2K")
    quiet = subprocess.run(words, capture_output=True, text=True, env=environment, check=True)
    assert quiet.stderr == ""
    assert quiet.stdout == out
