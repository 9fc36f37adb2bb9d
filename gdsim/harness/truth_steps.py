"""Questions about single steps: how long they are, which way they go, and when there is none."""

import math

import numpy as np
from numpy.typing import NDArray

from gdsim.harness.drawing import philox
from gdsim.harness.target import Target, TargetError
from gdsim.harness.truth_answer import Answer, failed, passed, skipped
from gdsim.harness.truth_claim import claimed, values_of, walked
from gdsim.harness.truth_theory import ALWAYS, FIRST, holds_always, largest_step

Floats = NDArray[np.float64]

SIZES = np.array([1e-3, -1e-2, 0.1, -0.5, 1.0, -2.0, 10.0, -100.0, 1000.0])
"""Gradients of first steps."""
EXACT = 1e-9
DECOUPLED = ("adamw", "lion", "adafactor")
"""Rules that take weight decay off the weight itself, whatever their switches."""


def first_step(target: Target, seed: int) -> Answer:
    record = claimed(target)
    if record is None or record.name not in FIRST:
        return skipped("theory has no first step for what it claims to be" if record else "it claims nothing")
    values = values_of(target, record)
    moves = walked(target, np.zeros_like(SIZES), SIZES[None, :])[1]
    theory = np.array([FIRST[record.name](values, abs(g), 1) for g in SIZES])
    rate = float(values["learning_rate"])
    return _lengths(moves, -np.sign(SIZES) * theory, SIZES, "The first step", rate)


def constant_gradient(target: Target, seed: int) -> Answer:
    """The length of every step while the gradient stays the same."""
    record = claimed(target)
    if record is None or not holds_always(record.name, values_of(target, record)):
        return skipped("theory has no closed form for it with these values" if record else "it claims nothing")
    try:
        calm = without_decay(target)
    except TargetError as error:
        return skipped(str(error))
    values, sizes, steps = values_of(calm, record), np.array([0.01, -1.0, 50.0]), 100
    way = walked(calm, np.zeros(3), np.tile(sizes, (steps, 1)))
    lengths = np.abs(np.diff(way, axis=0))
    theory = np.array([[ALWAYS[record.name](values, abs(g), k) for g in sizes] for k in range(1, steps + 1)])
    # A step is the difference of two places: that many digits are lost.
    noise = 1e-15 * np.abs(way[1:]) / np.maximum(theory, 1e-300)
    off = np.abs(lengths / theory - 1.0) - 10.0 * noise if np.all(theory > 0.0) else np.abs(lengths - theory)
    figures = {"distance": float(np.sum(lengths[:, 1])), "theory": float(np.sum(theory[:, 1]))}
    if np.all(off <= EXACT):
        text = f"With the same gradient all the way, {steps} steps have the lengths of theory; together {figures['distance']:.5g}"
        rest = f", which is 2 learning_rate sqrt({steps}) but for rounding off a sum" if record.name == "adagrad" else ""
        return passed(f"{text}{rest}.", figures)
    step, weight = np.unravel_index(int(np.argmax(np.nan_to_num(off, nan=math.inf))), off.shape)
    first = int(np.argmax(np.any(~(off <= EXACT), axis=1)))
    found, right = lengths[first, weight], theory[first, weight]
    text = f"With the gradient {sizes[weight]:g} all the way, step {first + 1} is {found:.5g} long; theory: {right:.5g}"
    last = f", and step {steps} is {lengths[-1, weight] / theory[-1, weight]:.4g} times as long as it should be" if step != first else ""
    forgets = record.slot_names and np.ptp(lengths[:, weight]) <= 1e-9 * found and np.ptp(theory[:, weight]) > 1e-3 * right
    why = ". All steps are alike: it forgets its state from step to step" if forgets else ""
    return failed(f"{text}{last}{why}.", figures)


def step_bound(target: Target, seed: int) -> Answer:
    """That Adam's step is as long as theory allows on the worst gradients, and never longer."""
    record = claimed(target)
    if record is None or record.name not in ("adam", "adamw"):
        return skipped("the bound is Adam's, which it does not claim to be")
    try:
        calm = without_decay(target)
    except TargetError as error:
        return skipped(str(error))
    values, steps = values_of(calm, record), 60
    beta1, beta2, rate = float(values["beta1"]), float(values["beta2"]), float(values["learning_rate"])
    if not 0.0 < beta1 < beta2 or rate == 0.0:
        return skipped("the worst gradients are known for 0 < beta1 < beta2 alone")
    bound = largest_step(values, steps)
    rng = philox(seed, 2_000)
    growing = 1e6 * (beta2 / beta1) ** (np.arange(steps) - steps + 1.0)
    sparse = np.where(rng.random((steps, 6)) < 0.1, 1e6 * rng.normal(size=(steps, 6)), 0.0)
    way = walked(calm, np.zeros(7), np.column_stack((growing, sparse)))
    lengths = np.abs(np.diff(way, axis=0)) / rate
    reached, most = float(lengths[-1, 0] / bound[-1]), float(np.max(lengths / bound[:, None]))
    figures = {"longest": float(np.max(lengths)), "bound": float(bound[-1]), "reached": reached}
    text = f"Its longest step is {figures['longest']:.5g} learning rates"
    if abs(reached - 1.0) <= 1e-6 and most <= 1.0 + 1e-6:
        return passed(f"{text}, on gradients that make it so, and theory allows {bound[-1]:.5g}.", figures)
    return failed(f"{text}; theory: {bound[-1]:.5g} in step {steps}, on gradients that grow by beta2/beta1, and never more.", figures)


def rate_zero(target: Target, seed: int) -> Answer:
    if target.claims == "rprop":
        return skipped("the learning rate is the length of its first step alone, and the shortest step takes over")
    if "learning_rate" not in target.values:
        return skipped("it has no learning_rate")
    try:
        still = target.at(learning_rate=0.0)
        rng = philox(seed, 3_000)
        weights = rng.normal(size=5)
        way = walked(still, weights, rng.normal(size=(20, 5)))
    except TargetError as error:
        return skipped(f"it takes no learning rate of 0 ({error})")
    moved = np.any(way[1:] != weights, axis=1)
    if not np.any(moved):
        return passed("With the learning rate 0 no weight moves, to the bit.")
    step = int(np.argmax(moved))
    weight = int(np.argmax(way[step + 1] != weights))
    change = way[step + 1, weight] - weights[weight]
    return failed(f"With the learning rate 0, step {step + 1} moves weight {weight + 1} by {change:.3g}.", {"moved": float(change)})


def downhill(target: Target, seed: int) -> Answer:
    """That a first step never goes up the gradient."""
    if target.values.get("learning_rate") == 0.0:
        return skipped("its learning rate is 0")
    rng = philox(seed, 4_000)
    stood = 0
    for draw in range(32):
        gradient = 10.0 ** rng.uniform(-3.0, 3.0) * rng.normal(size=5)
        move = walked(target, np.zeros(5), gradient[None, :])[1]
        slope = float(move @ gradient)
        stood += not np.any(move)
        if not slope <= 0.0:
            text = f"After the gradient {_vector(gradient)} its first step is {_vector(move)}, which goes up it."
            return failed(text, {"slope": slope, "draw": float(draw)})
    if stood == 32:
        return failed("None of 32 first steps moves any weight.", {"stood still": 32.0})
    return passed("Of 32 first steps none goes up its gradient.", {"stood still": float(stood)})


def weight_decay(target: Target, seed: int) -> Answer:
    """That weights shrink by 1 - learning_rate weight_decay a step where the gradient is 0."""
    record = claimed(target)
    plain = record is not None and record.name == "sgd" and not values_of(target, record)["momentum"]
    if record is None or (record.name not in DECOUPLED and not plain):
        return skipped("theory has no closed form for the weight decay of what it claims to be" if record else "it claims nothing")
    if "weight_decay" not in target.values:
        return skipped("it has no weight_decay")
    try:
        pulled = target.at(weight_decay=0.1)
    except TargetError as error:
        return skipped(str(error))
    values, steps = values_of(pulled, record), 20
    if values.get("eps") == 0.0:
        return skipped("with eps = 0 a gradient of 0 is divided by 0")
    weights = np.array([1.0, -2.0, 10.0])
    way = walked(pulled, weights, np.zeros((steps, 3)))
    kept = (1.0 - float(values["learning_rate"]) * 0.1) ** np.arange(steps + 1)
    off = np.abs(way - weights * kept[:, None]) / np.abs(weights)
    if np.all(off <= 1e-12):
        return passed(f"Weight decay takes the share learning_rate * weight_decay off the weights in each of {steps} steps.")
    step, weight = np.argwhere(~(off <= 1e-12))[0]
    text = (
        f"Without a gradient, weight {weight + 1} is {way[step, weight]:.8g} after step {step}; theory: {weights[weight] * kept[step]:.8g}"
    )
    moves = np.abs(way[1] - weights)
    why = ""
    if not np.any(moves):
        why = ": weight decay has no effect"
    elif np.ptp(moves) <= 0.1 * np.max(moves):
        why = ": large and small weights move alike, so the decay goes through the gradient (L2), where it should be decoupled"
    return failed(f"{text}{why}.", {"step": float(step)})


def without_decay(target: Target) -> Target:
    """The target without weight decay. Raises TargetError where it cannot be had."""
    return target.at(weight_decay=0.0) if target.values.get("weight_decay") else target


def _lengths(moves: Floats, theory: Floats, gradients: Floats, what: str, rate: float) -> Answer:
    off = np.abs(moves - theory) / np.maximum(np.abs(theory), 1e-300)
    if np.all(off <= EXACT) or (not np.any(theory) and not np.any(moves)):
        longest = np.max(np.abs(moves))
        alike = np.ptp(np.abs(moves)) <= 1e-3 * longest
        text = f"{what} is as long as theory has it, whatever the gradient" if alike else f"{what} is as long as theory has it"
        rest = f": {longest / rate:.5g} learning rates." if alike and rate else "."
        return passed(text + rest, {"length": float(np.abs(moves[4]))})
    worst = int(np.argmax(np.nan_to_num(off, nan=math.inf)))
    found, right = float(moves[worst]), float(theory[worst])
    text = f"{what} after the gradient {gradients[worst]:g} is {found:.6g}; theory: {right:.6g}"
    factor = found / right if right else math.inf
    rest = ": the other way" if factor < 0.0 else f": {factor:.4g} times as far" if abs(factor - 1.0) > 1e-3 else ""
    return failed(f"{text}{rest}.", {"factor": factor})


def _vector(numbers: Floats) -> str:
    return f"({', '.join(f'{one:.3g}' for one in numbers)})"
