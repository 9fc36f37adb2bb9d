"""Every kernel compiled for graphics cards that need not be there: ``python -m tests.engine.ptx_table`` writes the tables of docs/gpu.md.

Every landscape with gradient descent, every optimizer with one landscape, and all that may disturb a run, for each compute capability and
precision; registers and spilled bytes are what NVIDIA's assembler tells.
"""

import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from gdsim.engine.device import simulated
from gdsim.engine.precision import SINGLE
from gdsim.landscapes import LANDSCAPES
from gdsim.landscapes.motion import MOTIONS
from gdsim.landscapes.noise import NOISES
from gdsim.networks.dataset import Dataset
from gdsim.networks.two_weights import two_weights
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.fitness import misfit
from gdsim.simulation.run import rule_of
from gdsim.simulation.run_batches import in_batches
from tests.engine.test_descend import SETTINGS

CAPABILITIES = ((7, 5), (8, 0), (9, 0))
PAGE = Path(__file__).parents[2] / "docs" / "gpu.md"


@cache
def assembler() -> str | None:
    """NVIDIA's ptxas: from its package, else one of a toolkit."""
    for package in ("nvidia.cu13", "nvidia.cuda_nvcc"):
        try:
            spec = importlib.util.find_spec(package)
        except ModuleNotFoundError:
            continue
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            if (Path(folder) / "bin" / "ptxas").is_file():
                return str(Path(folder) / "bin" / "ptxas")
    return shutil.which("ptxas")


def compiler_problem() -> str | None:
    if importlib.util.find_spec("numba_cuda") is None:
        return "the package numba-cuda is not installed (pip install 'gdsim[cuda13]' nvidia-cuda-nvcc)"
    if simulated():
        return "the simulator compiles nothing"
    return None if assembler() else "there is no ptxas (pip install nvidia-cuda-nvcc)"


LINE = two_weights("line", Dataset(np.linspace(-1.0, 1.0, 7).reshape(-1, 1), np.cos(np.arange(7.0)).reshape(-1, 1), ("x",)))
BOWL = LANDSCAPES["quadratic"]
DISTURBED = {f"quadratic, noise {name}": BOWL.with_noise(name) for name in NOISES}
DISTURBED |= {f"quadratic, motion {name}": BOWL.moving(name) for name in MOTIONS}
DISTURBED |= {"line, batches": LINE, "line, batches alone": LINE, "line, batches, motion drift": LINE.moving("drift")}


def pairs():
    """Every landscape with gradient descent, every other optimizer with Rosenbrock's."""
    return [(name, "sgd") for name in LANDSCAPES] + [("rosenbrock", name) for name in OPTIMIZERS if name != "sgd"]


def kernels():
    """``pairs``, and every kind of noise, of motion and of batches with gradient descent."""
    return pairs() + [(name, "sgd") for name in DISTURBED]


@dataclass(frozen=True)
class Examined:
    """A kernel's ``text`` in NVIDIA's intermediate language, its ``registers`` a thread and the bytes ``spilled``."""

    text: str
    registers: int
    spilled: int


def rule(landscape, optimizer):
    record, ground = OPTIMIZERS[optimizer], (DISTURBED | dict(LANDSCAPES))[landscape]
    hyper, on = record.pack(SETTINGS[optimizer])
    assert misfit(ground, record) is None
    bound = rule_of(ground, record, hyper, on)
    return in_batches(bound, ground, whole="alone" not in landscape) if "batches" in landscape else bound


def examined(landscape, optimizer, capability, **how):
    from gdsim.engine import cuda

    return assembled(cuda.ptx(rule(landscape, optimizer), capability, **how), capability)


def assembled(text, capability):
    major, minor = capability
    with tempfile.NamedTemporaryFile("w", suffix=".ptx") as file:
        file.write(text)
        file.flush()
        command = [assembler(), f"-arch=sm_{major}{minor}", "-v", "-o", "/dev/null", file.name]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    (registers,) = re.findall(r"Used (\d+) registers", said)
    spilled = sum(map(int, re.findall(r"(\d+) bytes spill", said)))
    return Examined(text, int(registers), spilled)


def lines():
    """The table of landscapes in Markdown."""
    heads = [f"{major}.{minor}" for major, minor in CAPABILITIES]
    yield "| landscape | optimizer | " + " | ".join(f"registers, {head}" for head in heads) + " | single, 9.0 | spilled bytes |"
    yield "| --- | --- |" + " ---: |" * (len(heads) + 2)
    for landscape, optimizer in kernels():
        found = [examined(landscape, optimizer, capability) for capability in CAPABILITIES]
        found.append(examined(landscape, optimizer, CAPABILITIES[-1], precision=SINGLE))
        registers = " | ".join(str(one.registers) for one in found)
        yield f"| {landscape} | {optimizer} | {registers} | {max(one.spilled for one in found)} |"


def main():
    if (problem := compiler_problem()) is not None:
        sys.exit(problem)
    from tests.engine import ptx_networks

    write(lines(), "<!-- table -->", "<!-- end of table -->", 2)
    write(ptx_networks.lines(), "<!-- networks -->", "<!-- end of networks -->", 3)


def write(table, begin, end, names):
    """Puts ``table``, whose first columns are ``names`` and whose last are numbers, between two marks of the page."""
    rows = []
    for line in table:
        print(line, flush=True)  # noqa: T201
        rows.append(line)
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(begin)
    _, _, after = rest.partition(end)
    numbers = np.array([[int(n) for n in row.split("|")[names + 1 : -1]] for row in rows[2:]])
    registers, spilled = numbers[:, : len(CAPABILITIES) + 1].max(), numbers[:, len(CAPABILITIES) + 1].max()
    most = f"{len(rows) - 2} kernels; at most {registers} registers a thread, {spilled} bytes spilled.\n\n"
    PAGE.write_text(f"{before}{begin}\n{most}" + "\n".join(rows) + f"\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
