"""Tuning on an equal budget: which settings an optimizer may try. Every tuner is a generator that is told how good each setting was."""

import math
from collections.abc import Generator, Iterator, Mapping

import numpy as np

from gdsim.harness.drawing import philox

Intervals = Mapping[str, tuple[float, float]]
Setting = dict[str, float]


def is_log(name: str, low: float, high: float) -> bool:
    """Whether an interval is looked at in decades: one of positive numbers that spans more than ten times."""
    return low > 0.0 and high / low > 10.0


def between(name: str, interval: tuple[float, float], share: float) -> float:
    """The place in an interval, 0 to 1, as a number."""
    low, high = interval
    if share in (0.0, 1.0):
        return high if share else low
    return math.exp(math.log(low) + share * math.log(high / low)) if is_log(name, low, high) else low + share * (high - low)


def grid(intervals: Intervals, trials: int) -> list[Setting]:
    """As even a grid as ``trials`` settings make: the learning rate gets what the others leave over."""
    if not intervals:
        return [{}]
    names = list(intervals)
    each = max(1, int(round(trials ** (1.0 / len(names)), 9)))
    counts = [max(1, trials // each ** (len(names) - 1)), *[each] * (len(names) - 1)]
    axes = [
        [between(name, intervals[name], 0.5 if count == 1 else place / (count - 1)) for place in range(count)]
        for name, count in zip(names, counts, strict=True)
    ]
    points = np.meshgrid(*axes, indexing="ij")
    return [dict(zip(names, map(float, values), strict=True)) for values in zip(*(axis.ravel() for axis in points), strict=True)]


def drawn(intervals: Intervals, trials: int, seed: int, stream: int) -> list[Setting]:
    """``trials`` settings, each number drawn evenly from its interval (in decades where it spans more than one)."""
    if not intervals:
        return [{}]
    rng = philox(seed, stream)
    return [{name: between(name, interval, float(rng.random())) for name, interval in intervals.items()} for _ in range(trials)]


def tpe(intervals: Intervals, trials: int, seed: int) -> Generator[Setting, float, None]:
    """Settings by the tree-structured Parzen estimator (Bergstra et al., 2011, NeurIPS), each after hearing what the last was worth, the
    least the best. Raises ImportError without ``optuna``.
    """
    import optuna

    if not intervals:
        yield {}
        return
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed % 2**32))
    for _ in range(trials):
        trial = study.ask()
        setting = {name: trial.suggest_float(name, *ends, log=is_log(name, *ends)) for name, ends in intervals.items()}
        worth = yield setting
        study.tell(trial, worth)


def in_blocks(tuner: str, intervals: Intervals, trials: int, seed: int, stream: int) -> Iterator[list[Setting]] | None:
    """All settings at once, where they do not wait for each other."""
    if tuner == "grid":
        return iter([grid(intervals, trials)])
    return iter([drawn(intervals, trials, seed, stream)]) if tuner == "random" else None
