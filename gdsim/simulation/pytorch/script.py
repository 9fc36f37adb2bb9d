"""``export_pytorch``: the script of one run of a scenario, and the files that it reads."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gdsim.simulation.pytorch import closed_form, learning
from gdsim.simulation.pytorch.exportable import ExportError
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.scenario_file import scenario_of
from gdsim.staged import staged


@dataclass(frozen=True)
class Script:
    """A script for PyTorch: its ``text``, and the ``files`` that have to lie beside it, by what their names end in instead of ``.py``."""

    text: str
    files: Mapping[str, bytes] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the script and its files, all or none of them. Raises OSError."""
        file = Path(path)
        with staged(file.parent) as stage:
            for suffix, content in self.files.items():
                (stage / self.beside(file, suffix).name).write_bytes(content)
            (stage / file.name).write_text(self.text, encoding="utf-8", newline="\n")

    @staticmethod
    def beside(path: str | os.PathLike[str], suffix: str) -> Path:
        """Where the file named ``suffix`` in ``files`` lies, if the script is ``path``."""
        return Path(path).with_suffix(suffix)


def export_pytorch(scenario: Scenario | str | os.PathLike[str], run: int = 0, *, exact: bool = True) -> Script:
    """Run number ``run`` of the scenario, a file of one or a shipped one by its name, as a complete script for PyTorch.

    ``exact`` takes the first weights and the batches from gdsim, so that in float64 the losses are the same but for rounding; without it
    PyTorch draws its own. A closed-form loss has neither. Raises ExportError (a ValueError) for what PyTorch does not have, and IndexError
    where there is no such run.
    """
    scenario = scenario_of(scenario)
    if not 0 <= run < len(scenario.runs):
        raise IndexError(f"there is no run {run}; allowed: 0 to {len(scenario.runs) - 1}")
    if scenario.runs[run].lookahead:
        raise ExportError("torch.optim has no Lookahead; allowed: a run without it")
    if scenario.runs[run].layer_rates:
        raise ExportError("layer_rates are not exported yet; allowed: a run without them")
    if scenario.problem.is_network or scenario.landscape.data is not None:
        return Script(*learning.script(scenario, run, exact=exact))
    return Script(closed_form.script(scenario, run))
