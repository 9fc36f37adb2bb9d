"""What docs/cluster.md calculates is what it says."""

import re
import subprocess
import sys
from pathlib import Path

from gdsim import LANDSCAPES
from gdsim.simulation.scenario import validated
from gdsim.simulation.sweep import Shard, stream
from gdsim.simulation.sweep_plan import SHARD, Plan
from gdsim.simulation.sweep_store import encoded

PAGE = Path(__file__).parents[2] / "docs" / "cluster.md"


class Counted:
    """A number that counts what is done with it."""

    operations = 0

    def counted(self, _other=None):
        Counted.operations += 1
        return self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __neg__ = counted


def test_the_calculation_gives_the_figures():
    (code,) = (block for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL) if "operations" in block)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    shown = "".join(f"    {line}\n" for line in done.stdout.splitlines())
    assert len(shown.splitlines()) == 6
    assert shown in PAGE.read_text()


def test_the_operations_of_a_step_are_counted_and_the_bytes_of_a_run_weighed():
    Counted.operations = 0
    LANDSCAPES["himmelblau"].value_and_gradient(Counted(), Counted(), ())
    moved, squares = 2 * 2, 3
    assert f"operations = {Counted.operations + moved + squares} " in PAGE.read_text()
    axes = [{"over": f"start.{axis}", "low": -5.0, "high": 5.0, "count": 512} for axis in "xy"]
    plan = Plan(
        validated({"steps": 1, "problem": {"landscape": "himmelblau"}, "runs": [{"optimizer": "sgd"}], "sweep": {"axes": axes}}), "cpu"
    )
    (shard,) = (told for told in stream(plan, iter([(0, SHARD)])) if isinstance(told, Shard))
    assert f"{round(len(encoded(plan, shard)) / SHARD)} bytes a run" in PAGE.read_text()
