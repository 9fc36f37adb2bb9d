"""``gdsim doctor``."""

import sys
from importlib import metadata

import pytest

from gdsim.cli import doctor
from gdsim.engine import cache


@pytest.fixture
def cache_in(monkeypatch):
    """Names another folder for kernels."""

    def name(folder):
        monkeypatch.setenv("GDSIM_CACHE", str(folder))
        cache.folder.cache_clear()

    yield name
    monkeypatch.undo()
    cache.folder.cache_clear()


def test_all_is_well_here(gdsim, cache_in, tmp_path):
    cache_in(tmp_path / "kernels")
    result = gdsim("doctor")
    assert result.exit_code == 0, result.stdout
    for words in (
        "Python",
        "numba",
        "PySide6-Essentials",
        "pyarrow",
        "cores",
        "kernel cache",
        "CUDA",
        "not used",
        "display",
        "Nothing is wrong",
    ):
        assert words in result.stdout
    for package in doctor.PACKAGES:
        assert metadata.version(package) in result.stdout


def test_what_is_wrong_is_said_with_what_to_do(gdsim, monkeypatch):
    monkeypatch.setattr(doctor, "PACKAGES", ("numpy", "no-such-package"))
    monkeypatch.setattr(doctor, "START_QT", "import sys; sys.exit('libEGL.so.1: cannot open shared object file')")
    result = gdsim("doctor")
    assert result.exit_code == 1
    for words in ("no-such-package", "not installed", "pip install no-such-package", "libEGL.so.1", "apt install libegl1"):
        assert words in result.stdout


@pytest.mark.parametrize(
    ("version", "python", "words"),
    [
        ("6.12.0", (3, 11), "aborts on Python 3.11"),
        ("6.13.1", (3, 11), "pip install 'PySide6-Essentials<6.12'"),
        ("6.12.0", (3, 12), ""),
        ("6.11.3", (3, 11), ""),
        ("6.9.1", (3, 13), "take another"),
        ("6.11.0", (3, 11), "take another"),
    ],
)
def test_pairs_of_pyside_and_python(version, python, words):
    advice = doctor.pyside_advice(version, python)
    assert words in advice
    assert bool(words) == bool(advice)


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_a_cache_that_cannot_be_used(cache_in, tmp_path):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    cache_in(shared)
    finding = doctor.cache()
    assert "cannot be used" in finding.found
    assert str(shared) in finding.advice
    assert "GDSIM_CACHE" in finding.advice


def test_an_engine_that_does_not_compute(monkeypatch):
    def broken(*_arguments, **_options):
        raise ImportError("llvmlite is broken")

    monkeypatch.setattr("gdsim.simulation.minimise.minimise", broken)
    finding = doctor.engine()
    assert "llvmlite is broken" in finding.found
    assert "install it again" in finding.advice
