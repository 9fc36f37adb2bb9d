"""The application layer stands without Qt, and before numba."""

import json
import subprocess
import sys

import pytest

MODULES = ("update", "session", "worker", "work", "presets")


@pytest.fixture(scope="module")
def imported():
    code = f"import json, sys, {', '.join('gdsim.app.' + name for name in MODULES)}; print(json.dumps(sorted(sys.modules)))"
    return set(json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True, timeout=60).stdout))


@pytest.mark.parametrize("heavy", ["numba", "llvmlite", "PySide6", "pyqtgraph", "pyarrow", "rich", "contourpy", "PIL", "gdsim.gui"])
def test_importing_the_application_leaves_out(imported, heavy):
    assert "gdsim.app.update" in imported
    assert heavy not in imported
