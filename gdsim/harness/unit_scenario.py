"""A unit trial as a scenario that shows one of its runs, with the best constant rate of gradient descent beside it."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from gdsim.harness.unit_catalogue import CURL, DRIFT, NOISES, UnitTrial
from gdsim.harness.unit_run import CEILING, STEPS
from gdsim.harness.unit_verdict import Best
from gdsim.harness.unit_world import PLACES, angle, world
from gdsim.landscapes.prototypes import SCALES
from gdsim.optimizers import OPTIMIZERS, Optimizer

NOISE_TABLES = {"additive": ("gaussian", "scale"), "multiplicative": ("multiplicative", "sigma"), "cauchy": ("cauchy", "scale")}


def can_show(trial: UnitTrial, record: Optimizer | None) -> bool:
    """Whether a scenario can tell the trial: one or two weights, nothing that walks at random, and an optimizer that it knows by name."""
    if record is None or record.family == "your own" or OPTIMIZERS.get(record.name) is not record:
        return False
    return trial.dim <= 2 and trial.change in ("", "drift")


def scenario_text(trial: UnitTrial, record: Optimizer, values: Mapping[str, float | bool], best: Best, seed: int) -> str:
    """The scenario, in TOML, of the run with this seed."""
    lines = [f'title = "{trial.id}"', f"steps = {STEPS}", f"seed = {seed}", f"start = {_array(world()[4][PLACES[trial.id], : trial.dim])}"]
    lines += ["", "[problem]", f'prototype = "{"|".join(trial.curves)}"', f'scale = "{trial.scale}"']
    lines += [f'combine = "{trial.norm}"'] if trial.norm else []
    lines += ["", "[problem.parameters]", f"angle = {angle(trial)!r}"] if trial.structure == "rotated" else []
    for kind, numbers in _noises(trial):
        lines += ["", "[[problem.noise]]", f'kind = "{kind}"', *numbers]
    if trial.change == "drift":
        lines += ["", "[problem.motion]", 'kind = "drift"', f"velocity_x = {DRIFT}"]
    lines += ["", *_run(record.name, record.name, {**record.defaults, **values})]
    lines += ["", *_run(f"gradient descent at rate {best.rate:.2g}", "sgd", {"learning_rate": best.rate})]
    return "\n".join(lines) + "\n"


def typical(losses: NDArray[np.float64]) -> int:
    """Which of the runs to show: the first that diverged, or else the one whose loss is nearest the median."""
    diverged = np.flatnonzero(~(losses <= CEILING))
    return int(diverged[0]) if len(diverged) else int(np.argmin(np.abs(losses - np.median(losses))))


def _noises(trial: UnitTrial) -> list[tuple[str, list[str]]]:
    kind, level = NOISES[trial.noise]
    found = []
    if kind == "mask":
        found.append(("masked", [f"probability = {level!r}", "whole = true"]))
    elif level:
        name, number = NOISE_TABLES[kind]
        found.append((name, [f"{number} = {level!r}"]))
    if trial.structure == "curled":
        found.append(("curl", [f"scale = {CURL * SCALES[trial.scale].slope!r}", "x0 = 0.5", "y0 = 0.5"]))
    return found


def _run(label: str, optimizer: str, values: Mapping[str, float | bool]) -> list[str]:
    numbers = [f"{name} = {str(value).lower() if isinstance(value, bool) else repr(float(value))}" for name, value in values.items()]
    return ["[[runs]]", f'label = "{label}"', f'optimizer = "{optimizer}"', *numbers]


def _array(numbers: NDArray[np.float64]) -> str:
    return f"[{', '.join(repr(float(number)) for number in numbers)}]"
