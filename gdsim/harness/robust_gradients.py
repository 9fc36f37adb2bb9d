"""Trials of robustness by gradients of all kinds: none, not finite, tiny, huge, rare, single precision.

What is asked is what every optimizer can do. A gradient that is not a number may do two things: turn its weight into what is no number,
or leave it where it is. To go on as though nothing had been is neither. Nothing may go uphill at its first gradients.
"""

import math
from collections.abc import Callable

import numpy as np

from gdsim.harness.compiled_target import SinglePrecisionError
from gdsim.harness.robust_course import START, Driver, Given, steady, walk
from gdsim.harness.target import Floats
from gdsim.harness.trial import Verdict

Answer = tuple[Verdict, str]
Question = Callable[[Driver, int], Answer]
PASSED, FAILED, SKIPPED = Verdict.PASSED, Verdict.FAILED, Verdict.SKIPPED
ELSEWHERE: Answer = (SKIPPED, "it asks for losses at other points, so the gradient that it is given is not all that it sees")
SQUARES = 150
"""Decades of a gradient to either side of 1 in which its square is a normal number, with room to spare."""
ROUNDING = 1e-15
EPSILON = float(np.finfo(np.float32).eps)


def not_a_number(driver: Driver, seed: int) -> Answer:
    if driver.asks_elsewhere:
        return ELSEWHERE
    gradients, at, weight = walk(seed, 20), 10, 1
    gradients[at, weight] = math.nan
    path = driver.follow(gradients)[:, weight]
    if not np.isfinite(path[: at + 1]).all():
        return FAILED, f"its weight was {path[at]:g} before the NaN came"
    after = path[at + 1 :]
    if np.isnan(after[0]):
        if np.isnan(after).all():
            return PASSED, "the weight became NaN, and stayed so"
        back = int(np.argmax(~np.isnan(after)))
        return (
            FAILED,
            f"the weight became NaN and was {after[back]:g} again later, which hides that a gradient was NaN",
        )
    if after[0] == path[at]:
        return PASSED, "the step was left out for that weight"
    return FAILED, f"a NaN gradient moved the weight by {after[0] - path[at]:g}, as though it had been a number"


def infinite(sign: float) -> Question:
    def asked(driver: Driver, seed: int) -> Answer:
        if driver.asks_elsewhere:
            return ELSEWHERE
        gradients, at, weight = walk(seed, 20), 10, 1
        gradients[: at + 1, weight] = sign * np.abs(gradients[: at + 1, weight])
        gradients[at, weight] = sign * math.inf
        before, after = driver.follow(gradients)[at : at + 2, weight]
        if not math.isfinite(after):
            return PASSED, f"the weight became {after:g}"
        if (after - before) * sign > 0.0:
            return FAILED, f"a gradient of {sign * math.inf:+g} moved the weight uphill, by {after - before:g}"
        moved = f"moved the weight by {after - before:g}, downhill" if after != before else "left the weight where it was"
        return PASSED, f"a gradient of {sign * math.inf:+g} {moved}"

    return asked


def scaled(exponent: int) -> Question:
    """Gradients of the size 10^exponent, all of one sign."""

    def asked(driver: Driver, seed: int) -> Answer:
        if driver.asks_elsewhere:
            return ELSEWHERE
        gradients = steady(seed) * 10.0**exponent
        path = driver.follow(gradients)
        if (text := uphill(path, gradients)) is not None:
            return FAILED, text
        if not np.isfinite(path).all():
            step = int(np.argmax(~np.isfinite(path).all(axis=1)))
            left = f"step {step} made a weight {path[step][~np.isfinite(path[step])][0]:g}"
            if abs(exponent) <= SQUARES:
                return FAILED, f"{left}, though gradients of 1e{exponent:+d} and their squares are ordinary numbers"
            return PASSED, f"{left}, which shows that the square of its gradient is no number any more"
        far = float(np.abs(path[-1] - path[0]).max())
        return PASSED, f"it moved by up to {far:.3g} in {len(gradients)} steps, downhill" if far else "it did not move"

    return asked


def subnormal(driver: Driver, seed: int) -> Answer:
    if driver.asks_elsewhere:
        return ELSEWHERE
    gradients = np.where(steady(seed) > 0.0, 5e-324, -5e-324)
    path = driver.follow(gradients)
    if not np.isfinite(path).all():
        return FAILED, f"gradients of 5e-324 made a weight {path[~np.isfinite(path)][0]:g}"
    ordinary = driver.follow(steady(seed), run="ordinary gradients")
    far, usual = float(np.abs(path[-1] - path[0]).max()), float(np.abs(ordinary[-1] - ordinary[0]).max())
    if (text := uphill(path, gradients)) is not None:
        return FAILED, text
    if far > 1e3 * usual:
        return FAILED, f"gradients of 5e-324 moved a weight by {far:.3g}, ordinary ones by {usual:.3g}: it divides by nothing"
    return PASSED, f"gradients of 5e-324 moved a weight by {far:.3g}, ordinary ones by {usual:.3g}"


def none_at_all(driver: Driver, seed: int) -> Answer:
    if driver.asks_elsewhere:
        return ELSEWHERE
    path = driver.follow(np.zeros((30, len(START))))
    if np.isnan(path).any():
        return FAILED, f"step {int(np.argmax(np.isnan(path).any(axis=1)))} made a weight NaN, and every gradient was 0"
    before, after = path[:-1], path[1:]
    towards = (np.abs(after) <= np.abs(before) * (1.0 + ROUNDING)) & (after * before >= 0.0)
    if not towards.all():
        step, weight = np.argwhere(~towards)[0]
        return (
            FAILED,
            f"step {step + 1} moved weight {weight + 1} from {before[step, weight]:g} to {after[step, weight]:g} without any slope",
        )
    shrunk = 1.0 - abs(path[-1, 1] / path[0, 1])
    return PASSED, f"weights shrank by {shrunk:.3g} of their size, as decay does" if shrunk > ROUNDING else "no weight moved"


def rare(driver: Driver, seed: int) -> Answer:
    """Every tenth gradient is one, the others are 0; the last weight never gets any."""
    if driver.asks_elsewhere:
        return ELSEWHERE
    gradients = steady(seed, 60)
    for weight in range(3):
        gradients[np.arange(60) % 10 != 3 * weight, weight] = 0.0
    gradients[:, 3] = 0.0
    path = driver.follow(gradients)
    if not np.isfinite(path).all():
        return FAILED, f"step {int(np.argmax(~np.isfinite(path).all(axis=1)))} made a weight that is no number"
    if np.any(path[:, 3] != path[0, 3]):
        return FAILED, f"a weight at 0 that never had a gradient was moved to {path[np.argmax(path[:, 3] != 0.0), 3]:g}"
    moved = (path[-1] - path[0])[:3]
    # Decay alone may carry a weight the other way, and is measured without gradients.
    decayed = (driver.follow(np.zeros_like(gradients), run="no gradients")[-1] - path[0])[:3]
    wrong = (moved - decayed) * np.array([1.0, -1.0, 1.0]) > 0.0
    if wrong.any():
        weight = int(np.argmax(wrong))
        return FAILED, f"weight {weight + 1}, which met a slope in every tenth step, ended {abs(moved[weight]):.3g} uphill"
    return PASSED, f"six gradients in 60 steps moved the weights by up to {np.abs(moved).max():.3g}, downhill"


def single_precision(driver: Driver, seed: int) -> Answer:
    if driver.is_method:
        return SKIPPED, "methods that look at all weights together compute in double precision alone"
    gradients = walk(seed).astype(np.float32).astype(np.float64)
    course = Given(gradients)
    double = driver.drive(driver.begin(course), course, START, len(gradients), run="double")
    try:
        stepper = driver.begin(course, START.astype(np.float32))
    except SinglePrecisionError as error:
        return SKIPPED, str(error)
    single = driver.drive(stepper, course, START, len(gradients), run="single", dtype=np.float32)
    if not np.isfinite(single).all():
        return FAILED, f"step {int(np.argmax(~np.isfinite(single).all(axis=1)))} made a weight that is no number"
    off = np.abs(single - double)
    way = np.abs(np.diff(double, axis=0)).sum(axis=0)
    room = 1e-3 * way + len(gradients) * EPSILON * np.maximum(np.abs(double).max(axis=0), 1.0)
    worst = int(np.argmax((off / room).max(axis=0)))
    step = int(np.argmax(off[:, worst]))
    text = f"weight {worst + 1} is off by {off[step, worst]:.2g} after {step} steps, on a way of {way[worst]:.2g}"
    return (FAILED if (off > room).any() else PASSED), text


def uphill(path: Floats, gradients: Floats) -> str | None:
    """Where a weight (n,) first moved along its gradient, whose sign is always the same; None if never. Decay is small beside the step
    of an ordinary gradient, and weights of size 0 have none.
    """
    with np.errstate(invalid="ignore"):
        moved = np.diff(path, axis=0) * np.sign(gradients)
        # A weight that decays towards 0 may go along its gradient: that is no step.
        decays = np.abs(path[1:]) < np.abs(path[:-1])
        rounded = ROUNDING * np.abs(path[:-1])
    wrong = (moved > rounded) & ~decays
    if not wrong.any():
        return None
    step, weight = np.argwhere(wrong)[0]
    return f"step {step + 1} moved weight {weight + 1} uphill, by {abs(path[step + 1, weight] - path[step, weight]):.3g}"
