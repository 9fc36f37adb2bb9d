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


SPIRAL = """
[problem]
dataset = "spiral"
data = { count = 40 }
[problem.network]
layers = [3]
[[runs]]
optimizer = "adam"
batch_size = 8
epochs = 2
"""


@pytest.mark.parametrize("exact", [False, True])
def test_the_files_that_a_script_reads_lie_beside_it(exact, gdsim, tmp_path):
    (tmp_path / "spiral.toml").write_text(SPIRAL)
    result = gdsim("export", str(tmp_path / "spiral.toml"), "--out", str(tmp_path / "spiral.py"), *(["--exact"] if exact else []))
    beside = {"spiral.points.csv"} | ({"spiral.first.safetensors"} if exact else set())
    assert {file.name for file in tmp_path.iterdir()} == {"spiral.toml", "spiral.py"} | beside
    assert result.stdout.splitlines() == [f"Written to {tmp_path / name}" for name in ("spiral.py", *sorted(beside, reverse=True))]
    text = (tmp_path / "spiral.py").read_text()
    ast.parse(text)
    assert ("random_word" in text) == exact


def test_a_script_that_reads_files_is_not_printed(gdsim, tmp_path):
    (tmp_path / "spiral.toml").write_text(SPIRAL)
    result = gdsim("export", str(tmp_path / "spiral.toml"))
    assert result.exit_code == 2
    assert "--out: missing; the script reads" in result.stderr


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
