"""Runs exported scripts where PyTorch is, and reads the losses that they print."""

import contextlib
import io
import re
import runpy

import numpy as np

from gdsim.simulation.pytorch.script import export_pytorch
from gdsim.simulation.run import run
from gdsim.simulation.scenario import validated


def executed(script, folder):
    """What the script prints, all of its steps and every digit, and the names that it leaves; run in ``folder``."""
    import torch

    text = re.sub(r"( +)if step % \d+ == 0:\n    ", "", script.text)
    text = re.sub(r":\.\d+[gf]\}", ":.17g}", text)
    file = folder / "script.py"
    type(script)(text, script.files).save(file)
    out = io.StringIO()
    kind = torch.get_default_dtype()
    try:
        with contextlib.redirect_stdout(out), contextlib.chdir(folder):
            names = runpy.run_path(str(file), run_name="__main__")
    finally:
        torch.set_default_dtype(kind)
    return out.getvalue(), names


def losses_of(text):
    return np.array([float(loss) for loss in re.findall(r"^ *step +\d+ +loss (\S+)", text, re.MULTILINE)])


def scenario_of(landscape, optimizer, steps=60, **others):
    values = {"learning_rate": 0.01} | others
    top = {key: values.pop(key) for key in ("start", "tolerance") if key in values}
    problem = landscape if isinstance(landscape, dict) else {"landscape": landscape}
    return validated({"steps": steps, **top, "problem": problem, "runs": [{"optimizer": optimizer, **values}]})


def assert_the_same(scenario, folder, index=0):
    """Script and gdsim give the same losses at every step."""
    wanted = run(scenario).runs[index].losses
    text, _ = executed(export_pytorch(scenario, index), folder)
    found = losses_of(text)
    wanted = wanted[: len(found)]
    assert len(found) >= min(scenario.steps, 2)
    assert np.isfinite(wanted).all()
    assert np.abs(found - wanted).max() <= 1e-9 * max(1.0, np.abs(wanted).max()), (found, wanted)
