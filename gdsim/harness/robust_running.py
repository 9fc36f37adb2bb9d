"""Trials of robustness by how a run is made: twice, at once, saved and read again, in another order, with gradients that came to harm."""

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from gdsim.harness.keeping import Unsavable
from gdsim.harness.robust_course import START, Disturbed, Driver, Given, Parabola, walk
from gdsim.harness.robust_gradients import ELSEWHERE, FAILED, PASSED, SKIPPED, Answer
from gdsim.harness.target import Floats, TargetError
from gdsim.optimizers import OPTIMIZERS

STEPS = 30
SCALES = (0.125, 8.0)
"""Powers of two, which round nothing."""
EXACT: Answer = (SKIPPED, "it builds on exact gradients, and is not made for others")


def twice(driver: Driver, seed: int) -> Answer:
    course = driver.course(walk(seed, STEPS))
    with seeded(seed):
        first = driver.drive(driver.begin(course), course, START, STEPS, run="first")
    with seeded(seed):
        second = driver.drive(driver.begin(course), course, START, STEPS, run="second")
    return same(first, second, "the second run", exactly=True)


def at_once(driver: Driver, seed: int) -> Answer:
    """Two runs in turn, step by step: neither may know of the other."""
    one, other = driver.course(walk(seed, STEPS)), driver.course(walk(seed + 1, STEPS))
    with seeded(seed):
        alone = driver.drive(driver.begin(one), one, START, STEPS, run="alone")
    with seeded(seed):
        first, second = driver.begin(one), driver.begin(other, -START)
        path, beside = np.empty_like(alone), -START
        path[0] = START
        for k in range(STEPS):
            path[k + 1] = driver.drive(first, one, path[k], 1, k, "beside another")[1]
            if k < STEPS - 1 or not driver.asks_elsewhere:
                beside = driver.drive(second, other, beside, 1, k, "the other")[1]
    drawn = np.array_equal(alone, path, equal_nan=True)
    if not drawn and _draws(driver, seed):
        return SKIPPED, "it draws random numbers, of which another run takes some"
    return same(alone, path, "the same run beside another one", exactly=True)


def restarted(driver: Driver, seed: int) -> Answer:
    course, half = driver.course(walk(seed, STEPS)), STEPS // 2
    with seeded(seed):
        stepper = driver.begin(course)
        begun = driver.drive(stepper, course, START, half, run="begun")
        try:
            other = stepper.restored()
        except Unsavable as error:
            return SKIPPED, str(error)
        whole = driver.drive(stepper, course, begun[-1], STEPS - half, half, "went on")
    again = driver.drive(other, course, begun[-1], STEPS - half, half, "restarted")
    verdict, text = same(whole, again, "the restarted run", exactly=False)
    if verdict is FAILED and _draws(driver, seed):
        return SKIPPED, "it draws random numbers, which go on from where they are"
    return verdict, text


def permuted(driver: Driver, seed: int) -> Answer:
    order = np.array([2, 0, 3, 1])
    if driver.asks_elsewhere:
        curvatures = np.array([1.0, 0.5, 2.0, 0.25])
        courses: tuple[Any, Any] = Parabola(curvatures), Parabola(curvatures[order])
    else:
        gradients = walk(seed, STEPS)
        courses = Given(gradients), Given(gradients[:, order])
    steps = 10 if driver.is_method else STEPS
    with seeded(seed):
        plain = driver.drive(driver.begin(courses[0]), courses[0], START, steps, run="as they stand")
    with seeded(seed):
        turned = driver.drive(driver.begin(courses[1], START[order]), courses[1], START[order], steps, run="in another order")
    verdict, text = same(plain[:, order], turned, "the weights in another order", exactly=False)
    if verdict is FAILED and _draws(driver, seed):
        return SKIPPED, "it draws random numbers, which fall to other weights then"
    return verdict, text


def rescaled(driver: Driver, seed: int) -> Answer:
    """Weights in other units, 1/8 and 8 times as large: with the learning rate in the right unit the run must be the same.

    The unit is the 0th (Newton), first (Adam) or second power (gradient descent) of the weights'; a rule that has several, or eps, has
    none. Where a claim is made, the unit must be that of what is claimed.
    """
    if driver.asks_elsewhere:
        return ELSEWHERE
    if not driver.target.values.get("learning_rate", 0.0):
        return SKIPPED, "it has no learning rate"
    try:
        for scale in SCALES:
            driver.target.at(learning_rate=driver.rate * scale**2)
    except TargetError as error:
        return SKIPPED, f"it does not take other learning rates: {error}"
    found = unit(driver, seed)
    claims = driver.target.claims
    if claims is not None and OPTIMIZERS[claims] is not driver.target.record and OPTIMIZERS[claims].is_elementwise:
        from gdsim.harness.compiled_target import record_target

        known = OPTIMIZERS[claims].defaults
        values = {name: value for name, value in driver.target.values.items() if name in known}
        right = unit(Driver(record_target(OPTIMIZERS[claims], values, claims, claims)), seed)
        if found != right:
            return FAILED, f"its learning rate is measured {_unit(found)}, that of {claims} {_unit(right)}"
    if found is None:
        return SKIPPED, f"its learning rate is measured {_unit(None)}"
    return PASSED, f"the same way, weights being 1/8 or 8 times as large: the learning rate is measured {_unit(found)}"


def unit(driver: Driver, seed: int) -> int | None:
    """The power of the weights' unit that the learning rate is measured in."""
    gradients = 4.0 * walk(seed, STEPS)
    plain = driver.follow(gradients) - START
    for power in (2, 1, 0):
        fits = True
        for scale in SCALES:
            other = driver.target.at(learning_rate=driver.rate * scale**power)
            start, course = START * scale, Given(gradients / scale)
            path = driver.drive(
                driver.begin(course, start, other), course, start, STEPS, run=f"{scale:g} times, rate {scale**power:g} times"
            )
            fits = fits and np.allclose(path / scale - START, plain, rtol=0.0, atol=1e-4 * np.abs(plain).max())
        if fits:
            return power
    return None


def _unit(power: int | None) -> str:
    return {None: "in no one unit", 0: "without a unit", 1: "in units of the weights", 2: "in units of the weights squared"}[power]


def comes_down(disturb: Callable[[int], Callable[[int, Floats], Floats]] | None, told: str) -> Callable[[Driver, int], Answer]:
    """A parabola whose curvature is 0.005 / learning rate, from 100 learning rates away: gentle ground for whatever steps by rates."""

    def asked(driver: Driver, seed: int) -> Answer:
        if disturb is not None and driver.is_method:
            return EXACT
        parabola = Parabola(np.array([1.0, 0.5, 2.0, 1.0]) * 0.005 / driver.rate)
        start = START * 100.0 * driver.rate
        course = parabola if disturb is None else Disturbed(parabola, disturb(seed))
        steps = 40 if driver.is_method else 400
        with seeded(seed):
            path = driver.drive(driver.begin(course, start), course, start, steps)
        before, after = parabola.loss(start), parabola.loss(path[-1])
        if not after < before:
            return FAILED, f"{told} the loss went from {before:.3g} to {after:.3g} in {steps} steps"
        return PASSED, f"{told} the loss came down to {after / before:.2g} of what it was in {steps} steps"

    return asked


def delayed(_seed: int) -> Callable[[int, Floats], Floats]:
    """The gradient of the step before."""
    kept: list[Floats] = []

    def disturb(_step: int, gradient: Floats) -> Floats:
        kept.append(gradient.copy())
        return kept[-2] if len(kept) > 1 else kept[-1]

    return disturb


def quantised(_seed: int) -> Callable[[int, Floats], Floats]:
    """Rounded to multiples of a quarter of the first gradient."""
    grain: list[Floats] = []

    def disturb(_step: int, gradient: Floats) -> Floats:
        if not grain:
            grain.append(np.where(gradient == 0.0, 1.0, 0.25 * np.abs(gradient)))
        return np.asarray(grain[0] * np.round(gradient / grain[0]), dtype=np.float64)

    return disturb


def flipped(seed: int) -> Callable[[int, Floats], Floats]:
    """Each sign is turned with a probability of a tenth."""
    turns = np.where(np.random.default_rng((seed, 8)).random((400, len(START))) < 0.1, -1.0, 1.0)
    return lambda step, gradient: gradient * turns[step]


def same(one: Floats, other: Floats, what: str, exactly: bool) -> Answer:
    """Whether two ways (steps + 1, n) are one: to the bit, or to rounding."""
    with np.errstate(invalid="ignore"):
        moved = np.abs(one - one[0])
        room = 0.0 if exactly else 1e-9 * max(1e-300, float(np.where(np.isnan(moved), 0.0, moved).max()))
        off = np.abs(one - other)
    off[np.isnan(one) & np.isnan(other) | (one == other)] = 0.0
    off = np.where(np.isnan(off), np.inf, off)
    if (off <= room).all():
        return PASSED, f"{what} took the same way{'' if off.any() else ', to the bit'}"
    step, weight = np.argwhere(off > room)[0]
    return (
        FAILED,
        f"{what} left the way in step {step}: weight {weight + 1} is {other[step, weight]:.12g} and not {one[step, weight]:.12g}",
    )


def _draws(driver: Driver, seed: int) -> bool:
    """Whether runs differ by the random numbers that there are, and by nothing else."""
    course, paths = driver.course(walk(seed, 3)), []
    for other in (seed, seed, seed + 1):
        with seeded(other):
            paths.append(Driver(driver.target).drive(driver.begin(course), course, START, 3))
    once, again, otherwise = paths
    return np.array_equal(once, again, equal_nan=True) and not np.array_equal(once, otherwise, equal_nan=True)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Everybody's random numbers begin anew, and go on afterwards from where they were."""
    torch = sys.modules.get("torch")
    plain, numbers = random.getstate(), np.random.get_state()
    torchs = torch.get_rng_state() if torch is not None else None
    random.seed(seed)
    np.random.seed(seed % 2**32)
    if torch is not None:
        torch.manual_seed(seed)
    try:
        yield
    finally:
        random.setstate(plain)
        np.random.set_state(numbers)
        if torch is not None:
            torch.set_rng_state(torchs)
