"""``gdsim export``: a script on standard output or in a file, and what is refused."""

import ast

import pytest


def test_a_script_is_printed(gdsim):
    result = gdsim("export", "three-learning-rates", "--run", "1")
    assert result.exit_code == 0
    ast.parse(result.stdout)
    assert "torch.optim.SGD" in result.stdout


def test_a_script_is_written(gdsim, tmp_path):
    result = gdsim("export", "ravine", "--to", "pytorch", "--out", str(tmp_path / "new" / "ravine.py"))
    assert result.stdout == f"Written to {tmp_path / 'new' / 'ravine.py'}\n"
    assert (tmp_path / "new" / "ravine.py").read_text() == gdsim("export", "ravine").stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("ravine", "--run", "99"), "--run: found 99; allowed: 0 to"),
        (("ravine", "--out", "ravine.txt"), "--out: found 'ravine.txt'; allowed: a name ending in .py"),
        (("ravine", "--set", "runs.0.optimizer=bfgs"), "torch.optim has no BFGS; allowed: sgd, "),
        (("ravine", "--set", 'problem.noise={kind="gaussian"}'), "noise"),
        (("nowhere.toml",), "there is no such file"),
    ],
)
def test_what_cannot_be_exported_is_refused(arguments, words, gdsim):
    result = gdsim("export", *arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert not result.stdout
