"""The claim: a target goes the same way as the optimizer of the catalogue that it says it is, step by step on gradients that were drawn."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdsim.harness.drawing import philox
from gdsim.harness.target import Target, TargetError
from gdsim.harness.truth_mistakes import mistakes, path
from gdsim.optimizers import OPTIMIZERS, Optimizer
from gdsim.parameter import Param

Floats = NDArray[np.float64]

STEPS, WEIGHTS = 1000, 6
AGREE = 1e-12
"""Of the way that a weight has gone, and its size at the start: rounding of a thousand steps is a hundredth of that."""
SAME_MISTAKE = 1e-10


@dataclass(frozen=True)
class Parting:
    """Where two ways part: the number of the step and of the weight, what each moved there, and the ways up to it in the end."""

    step: int
    weight: int
    moved: float
    expected: float


def values_of(target: Target, record: Optimizer) -> dict[str, float | bool]:
    """The values of ``target`` that ``record`` knows, with the record's defaults for all others."""
    return {name: target.values.get(name, default) for name, default in record.defaults.items()}


def claimed(target: Target) -> Optimizer | None:
    """The rule that it claims to be; None where it claims nothing, or to be a method that looks around."""
    record = OPTIMIZERS.get(target.claims or "")
    return record if record is not None and record.is_elementwise else None


def drawn(seed: int, stream: int) -> tuple[Floats, Floats]:
    """First weights (n,) and gradients (steps, n): from 10^-4 to 10^2, weight by weight, of either sign, a tenth of them zero."""
    rng = philox(seed, stream)
    sizes = 10.0 ** rng.uniform(-4.0, 2.0, WEIGHTS)
    gradients = sizes * rng.normal(size=(STEPS, WEIGHTS))
    gradients[1:][rng.random((STEPS - 1, WEIGHTS)) < 0.1] = 0.0
    return rng.normal(size=WEIGHTS), gradients


def walked(target: Target, weights: Floats, gradients: Floats) -> Floats:
    """Where the target goes, (steps + 1, n). It is told the loss 1 in every step."""
    stepper = target.begin(weights.copy())
    way = np.empty((len(gradients) + 1, len(weights)))
    way[0] = weights
    for k, gradient in enumerate(gradients):
        way[k + 1] = stepper.step(gradient.copy(), 1.0)
    return way


def parting(way: Floats, expected: Floats, tolerance: float) -> Parting | None:
    """The first step and weight where they are further apart than ``tolerance`` of the way gone so far; None where they never are."""
    with np.errstate(all="ignore"):
        gone = np.abs(expected[0]) + np.cumsum(np.abs(np.diff(expected, axis=0)), axis=0)
        apart = np.abs(way[1:] - expected[1:])
        wrong = ~(apart <= tolerance * gone) & np.isfinite(expected[1:])
        if not np.any(wrong):
            return None
        step = int(np.argmax(np.any(wrong, axis=1)))
        # Of the weights that part in this step the one whose move is most out of proportion.
        out = np.nan_to_num(apart[step] / np.abs(expected[step + 1] - expected[step]), nan=math.inf)
        weight = int(np.argmax(np.where(wrong[step], out, -1.0)))
        moved, right = (float(one[step + 1, weight] - one[step, weight]) for one in (way, expected))
    return Parting(step + 1, weight + 1, moved, right)


def compare(target: Target, record: Optimizer, seed: int, stream: int) -> tuple[str | None, float]:
    """What is wrong with the claim in one or two sentences, or None; and the largest distance, as a share of the way gone."""
    weights, gradients = drawn(seed, stream)
    values = values_of(target, record)
    way, expected = walked(target, weights, gradients), path(record, values, weights, gradients)
    with np.errstate(all="ignore"):
        gone = np.abs(expected[0]) + np.cumsum(np.abs(np.diff(expected, axis=0)), axis=0)
        apart = float(np.max(np.nan_to_num(np.abs(way[1:] - expected[1:]) / gone, nan=math.inf, posinf=math.inf)))
    where = parting(way, expected, AGREE)
    if where is None:
        return None, apart
    for mistake in mistakes(record, values):
        wrong = path(mistake.record, mistake.values, weights, gradients)
        if np.all(np.isfinite(wrong)) and parting(way, wrong, SAME_MISTAKE) is None:
            return f"{told(where, record)} The numbers are those of {record.name} with one mistake: {mistake.words}.", apart
    return f"{told(where, record)} None of the mistakes that are known gives these numbers.", apart


def told(where: Parting, record: Optimizer) -> str:
    at = f"In step {where.step} weight {where.weight} moved by {where.moved:.6g}, and by {where.expected:.6g} as {record.name}"
    if not math.isfinite(where.moved) or where.expected == 0.0:
        return f"{at}."
    factor = where.moved / where.expected
    if factor < 0.0:
        return f"{at}: the other way."
    off = abs(factor - 1.0)
    return f"{at}: {factor:.3g} times as far." if off > 1e-3 else f"{at}: a difference of {off:.1e}."


def changed(target: Target, record: Optimizer) -> Target | None:
    """The target with every value that it shares with ``record`` changed, so that one that it ignores shows; None where it allows none."""
    wanted: dict[str, float | bool] = {}
    full = values_of(target, record)
    for param in record.parameters:
        if param.name not in target.values or param.is_switch:
            continue
        value = another(param, float(full[param.name]))
        if value is not None and record.conflict({**full, **wanted, param.name: value}) is None:
            wanted[param.name] = value
    for some in (wanted, {key: value for key, value in wanted.items() if key == "learning_rate"}):
        try:
            if some:
                return target.at(**some)
        except TargetError:
            continue
    return None


def another(param: Param, value: float) -> float | None:
    """Another value that a parameter may have, not far from the one it has."""
    if param.name == "eps":
        choices = [100.0 * value, 1e-6]
    elif param.high == 1.0:
        choices = [1.0 - 2.0 * (1.0 - value), 0.5 * value, 0.5]
    else:
        choices = [0.1 if value == 0.0 else 0.6 * value, 1.7 * value]
    return next((one for one in choices if one != value and one != 0.0 and param.admits(one)), None)
