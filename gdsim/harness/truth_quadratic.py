"""Questions about quadratics, where theory knows every step: limit of stability, contraction, the ball under noise, gradient flow.

Weights are independent of each other in what theory speaks of, so one run on many curvatures at once answers for all of them.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdsim.harness.drawing import philox
from gdsim.harness.target import Target, TargetError
from gdsim.harness.truth_answer import Answer, Question, failed, passed, skipped
from gdsim.harness.truth_claim import claimed, values_of
from gdsim.harness.truth_theory import Momentum, momentum_of

Floats = NDArray[np.float64]

COMB = 64
"""Curvatures tried at once; each round narrows the limit 63 times."""
ROUNDS = 3
LIMIT_AGREES = 1e-3
FAR = 1e30
"""Times the distance at the start, from where no way comes back."""
NOISY, SAMPLES = 2000, 8
"""Weights under noise, and how often each of them is looked at."""
SIGMAS = 6.0
"""The mean of 16,000 squares of normal numbers is further from its expectation than that once in 10^8 trials."""


def linear(target: Target) -> Momentum | None:
    """The linear step that the target claims to be."""
    record = claimed(target)
    return momentum_of(record.name, values_of(target, record)) if record else None


def limit_of(target: Target) -> float:
    """The largest stable curvature in theory."""
    record = claimed(target)
    assert record is not None
    assert record.stable_product is not None
    values = values_of(target, record)
    rate = float(values["learning_rate"])
    return record.stable_product(values) / rate - float(values["weight_decay"]) if rate > 0.0 else math.inf


@dataclass(frozen=True)
class Faint:
    """A beginning far from all nonlinearity: gradients of the size ``slope``, after ``still`` steps in which they are 0."""

    slope: float
    still: int


def on_curvatures(
    target: Target,
    curvatures: Floats,
    steps: int,
    noise: np.random.Generator | None = None,
    keep: int | None = None,
    faint: Faint | None = None,
) -> Floats:
    """Weights that begin at 1 (with noise at 0), each on its own curvature: the last ``keep`` rows (by default all) of their way."""
    weights = np.zeros_like(curvatures) if noise else np.ones_like(curvatures) if faint is None else faint.slope / curvatures
    stepper = target.begin(weights.copy())
    rows = [weights]
    with np.errstate(all="ignore"):
        for _ in range(faint.still if faint else 0):
            stepper.step(np.zeros_like(curvatures), 0.0)
        for _ in range(steps):
            gradient = curvatures * weights
            if noise:
                gradient = gradient + noise.normal(size=len(weights))
            weights = np.asarray(stepper.step(gradient, 0.5 * float(np.sum(curvatures * weights**2))), dtype=np.float64)
            rows.append(weights)
            if keep is not None and len(rows) > keep:
                del rows[0]
    return np.array(rows)


def grows(target: Target, curvatures: Floats, steps: int, faint: Faint | None) -> NDArray[np.bool_]:
    """On which curvatures the distance still grows in the last quarter of the way, or has become ``FAR`` times what it was."""
    way = np.abs(on_curvatures(target, curvatures, steps, faint=faint))
    quarter = steps // 4
    with np.errstate(all="ignore"):
        way /= way[0]
        late, before = np.max(way[-quarter:], axis=0), np.max(way[-2 * quarter : -quarter], axis=0)
        found: NDArray[np.bool_] = ~(np.max(way, axis=0) < FAR) | (~(late < before) & ~(late < 1.0 / FAR))
    return found


def measured_limit(target: Target, step: Momentum, theory: float, faint: Faint | None = None) -> float:
    """The curvature from which on the target's own steps no longer shrink the distance; 0 or infinity where there is none."""
    steps = int(min(4000.0, 400.0 + 20.0 / (1.0 - step.memory)))
    # On lower curvatures steps with much momentum swing more slowly than can be watched.
    low, high = min(0.05 / step.rate, 0.1 * theory), max(1e4 / step.rate, 10.0 * theory)
    for _ in range(ROUNDS):
        comb = np.geomspace(low, high, COMB)
        wrong = grows(target, comb, steps, faint)
        if not np.any(wrong):
            return math.inf
        first = int(np.argmax(wrong))
        if first == 0:
            return 0.0
        low, high = float(comb[first - 1]), float(comb[first])
    return math.sqrt(low * high)


def stability(target: Target, seed: int) -> Answer:
    step = linear(target)
    if step is None:
        return skipped("theory knows the limit of gradient descent alone, which it does not claim to be")
    if step.rate == 0.0 or step.memory >= 1.0 or not 0.0 < (theory := limit_of(target)) < math.inf:
        return skipped("with these values nothing is stable, or nothing moves")
    return limit_answer(target, step, theory, "Steps grow from learning_rate * curvature")


def limit_answer(target: Target, step: Momentum, theory: float, words: str, faint: Faint | None = None) -> Answer:
    """Whether steps grow from the curvature ``theory`` on, and not before. ``words`` begin the sentence, up to the product at the limit."""
    found = measured_limit(target, step, theory, faint)
    products = {"measured": found * step.rate, "theory": theory * step.rate}
    if found == 0.0:
        return failed(f"{words} = 0 on: on every curvature; theory: {products['theory']:.5g}.", products)
    text = f"{words} = {products['measured']:.5g} on; theory: {products['theory']:.5g}"
    if abs(found - theory) <= LIMIT_AGREES * theory:
        return passed(f"{text}.", products)
    return failed(f"{text}{_other_kind(products['measured'], step)}.", products)


def _other_kind(product: float, step: Momentum) -> str:
    """Whose limit was measured instead, where it is that of another kind of momentum."""
    m = step.memory
    others = {
        "plain descent": 2.0,
        "the heavy ball": 2.0 * (1.0 + m),
        "Nesterov's momentum": 2.0 * (1.0 + m) / (1.0 + 2.0 * m),
        "a mean of gradients": 2.0 * (1.0 + m) / (1.0 - m) if m < 1.0 else math.inf,
    }
    found = next((name for name, limit in others.items() if abs(product - limit) <= LIMIT_AGREES * limit), None)
    return f"; {product:.4g} is the limit of {found}" if found else ""


def contraction(target: Target, seed: int) -> Answer:
    """Whether w obeys the recurrence w'' = trace w' - determinant w of the matrix of a step, on eight curvatures below the limit."""
    step = linear(target)
    if step is None:
        return skipped("theory knows the rate of gradient descent alone, which it does not claim to be")
    if step.rate == 0.0 or step.memory >= 1.0 or not 0.0 < (limit := limit_of(target)) < math.inf:
        return skipped("with these values nothing is stable, or nothing moves")
    curvatures = limit * np.array([0.02, 0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 0.95])
    way = on_curvatures(target, curvatures, 60)
    theory = np.array([step.radius(one) for one in curvatures])
    matrices = [step.matrix(one) for one in curvatures]
    trace, determinant = np.array([(np.trace(one), np.linalg.det(one)) for one in matrices]).T
    with np.errstate(all="ignore"):
        predicted = trace * way[2:-1] - determinant * way[1:-2]
        off = np.abs(way[3:] - predicted) / (np.abs(way[2:-1]) + np.abs(way[1:-2]) + np.abs(way[3:]) + 1e-280)
        size = np.hypot(way[1:], way[:-1])
        measured = (size[-1] / size[19]) ** (1.0 / (len(size) - 20))
    worst = int(np.argmax(np.nan_to_num(np.max(off, axis=0), nan=math.inf)))
    figures = {"worst deviation": float(np.max(off)), "measured": float(measured[worst]), "theory": float(theory[worst])}
    if np.all(off <= 1e-9):
        return passed("On eight curvatures every step shrinks the distance as theory has it, to a relative 1e-9.", figures)
    product = curvatures[worst] * step.rate
    text = f"At learning_rate * curvature = {product:.4g} a step multiplies the distance by {measured[worst]:.5g}"
    return failed(f"{text}; theory: {theory[worst]:.5g}.", figures)


def ball(target: Target, seed: int) -> Answer:
    """The variance of the weights under noise, against the fixed point of its law."""
    step = linear(target)
    if step is None:
        return skipped("theory knows the ball of gradient descent alone, which it does not claim to be")
    if step.rate == 0.0 or step.memory > 0.995 or not 0.0 < (limit := limit_of(target)) < math.inf:
        return skipped("with these values nothing is stable, or it takes too long to settle")
    curvature = 0.25 * limit
    radius = step.radius(curvature)
    lag = math.ceil(math.log(1e-4) / math.log(radius)) if radius > 1e-4 else 1
    steps = lag * (SAMPLES + 1)
    way = on_curvatures(target, np.full(NOISY, curvature), steps, philox(seed, 1_000), keep=lag * SAMPLES)
    with np.errstate(all="ignore"):
        seen = way[lag - 1 :: lag]
        found = float(np.mean(seen**2))
    theory = step.variance(curvature)
    spread = math.sqrt(2.0 / seen.size)
    figures = {"measured": found, "theory": theory, "allowed share": SIGMAS * spread}
    text = f"Under noise of variance 1 its weights scatter with the variance {found:.5g}; theory: {theory:.5g}"
    if abs(found / theory - 1.0) <= SIGMAS * spread:
        return passed(f"{text}, and chance alone may make a difference of {SIGMAS * spread:.0%}.", figures)
    if not found < 1e6 * theory:
        return failed(f"Under noise of variance 1 its weights run away; theory: they scatter with the variance {theory:.5g}.", figures)
    return failed(f"{text}: {found / theory:.4g} times as much, where chance makes a difference of {SIGMAS * spread:.0%} at most.", figures)


def flow(target: Target, seed: int) -> Answer:
    """Whether it is the solution of w' = -gradient to first order: half the rate, half the distance."""
    step = linear(target)
    if step is None:
        return skipped("only gradient descent follows the flow, which it does not claim to be")
    if step.memory > 0.99 or step.gain <= 0.0:
        return skipped("it remembers for too long for this question")
    curvatures = np.array([0.2, 0.5, 1.0, 2.0])
    counts = [math.ceil(part / (1.0 - step.memory)) for part in (200.0, 400.0)]
    truth = np.exp(-(curvatures + step.decay))
    apart = []
    for count in counts:
        try:
            slow = target.at(learning_rate=1.0 / (step.gain * count))
        except TargetError:
            return skipped("its learning rate cannot be changed")
        apart.append(float(np.max(np.abs(on_curvatures(slow, curvatures, count, keep=1)[-1] - truth))))
    order = math.log(apart[0] / apart[1]) / math.log(counts[1] / counts[0]) if min(apart) > 0.0 and max(apart) < 1e100 else math.nan
    figures = {"order": order, "distance": apart[1]}
    text = f"With {counts[0]} steps it is {apart[0]:.2e} away from the gradient flow, with {counts[1]} shorter ones {apart[1]:.2e}"
    if abs(order - 1.0) <= 0.1 and apart[1] < 0.02:
        return passed(f"{text}: first order in the learning rate.", figures)
    return failed(f"{text}: of order {order:.3g} in the learning rate, which should be 1.", figures)


def with_momentum(momentum: float, nesterov: bool) -> Question:
    """``stability`` asked of gradient descent with this momentum, whatever the target has."""

    def ask(target: Target, seed: int) -> Answer:
        if target.claims != "sgd":
            return skipped("it does not claim to be sgd")
        wanted: dict[str, float | bool] = {"momentum": momentum, "nesterov": nesterov, "dampening": 0.0}
        missing = [key for key, value in wanted.items() if value and key not in target.values]
        if missing:
            return skipped(f"it has no {missing[0]}")
        try:
            other = target.at(**{key: value for key, value in wanted.items() if key in target.values})
        except TargetError as error:
            return skipped(str(error))
        return stability(other, seed)

    return ask
