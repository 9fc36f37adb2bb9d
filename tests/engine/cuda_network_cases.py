"""Trainings side by side on the processor and on a card: every kind of thing that a kernel for them may hold, at least once.

    NUMBA_ENABLE_CUDASIM=1 python -m tests.engine.cuda_network_cases [NAME ...]

runs them in numba's simulator, where a card's thread is a thread of Python; without that variable, on the card at hand.
"""

import sys
import warnings
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any
from unittest.mock import patch

import numpy as np

from gdsim.engine import cuda_launches
from gdsim.engine.cuda_layout import CardLayout
from gdsim.engine.device import card, simulated
from gdsim.networks.dataset import Dataset
from gdsim.networks.many import ManyLearners
from gdsim.networks.network import Network
from gdsim.optimizers import OPTIMIZERS
from gdsim.optimizers.lookahead import lookahead
from gdsim.simulation.run_schedule import schedule_of
from gdsim.simulation.trainer import Pacing
from tests.draws import fresh


@dataclass(frozen=True)
class Case:
    """``rule`` trains ``net`` on ``points`` at a ``schedule``; ``limits`` are those of gradients by value and by norm. ``places`` are what
    takes the place of the layout's own choices.
    """

    net: Network
    points: int
    rule: Any
    layered: bool = False
    schedule: dict[str, Any] | None = None
    tolerance: float | None = None
    limits: tuple[float | None, float | None] = (None, None)
    places: dict[str, Any] = field(default_factory=dict)


SHAPES = (
    Network([3, 5, 1], activation="tanh", loss="mse"),
    Network([2, 4, 3, 2], activation="relu", loss="cross_entropy", l1=0.01, l2=0.02),
    Network([2, 6, 1], activation="softplus", loss="bce", precision="float32"),
    Network([1, 4, 2], activation="gelu", loss="huber", output="sigmoid"),
    Network([2, 3, 3], activation="leaky_relu", loss="cross_entropy", precision="float32"),
    Network([4, 2], activation="identity", loss="mse", l2=0.1),
    Network([2, 4, 1], activation="sigmoid", loss="huber", precision="float32", l1=0.01),
)
EXTRAS: tuple[dict[str, Any], ...] = (
    {},
    {"layered": True, "limits": (None, 0.5)},
    {"tolerance": 0.05, "places": {"tile": 3}},
    {"schedule": {"name": "reduce_on_plateau", "patience": 0}, "places": {"near": False}},
    {"limits": (0.1, 0.2), "schedule": {"name": "exponential", "gamma": 0.8}, "layered": True},
    {"limits": (0.1, None), "places": {"tile": 4, "near": False}},
)
RULES = [record for record in OPTIMIZERS.values() if record.is_elementwise] + [lookahead(OPTIMIZERS["adamw"])]
CASES = {
    f"{rule.name}, {shape.activation}, {shape.loss}, {shape.precision}": Case(shape, 7 if len(shape.layers) == 3 else 6, rule, **extras)
    for rule, shape, extras in zip(RULES, cycle(SHAPES), cycle(EXTRAS), strict=False)
}
RUNS, STEPS = 4, 5


def data_for(case, rng):
    inputs, outputs = rng.normal(size=(case.points, case.net.layers[0])), case.net.layers[-1]
    if case.net.loss in ("cross_entropy", "bce"):
        classes = max(2, outputs)
        return Dataset.from_arrays(inputs, np.arange(case.points) % classes, classes=tuple("abc"[:classes]))
    return Dataset.from_arrays(inputs, rng.normal(size=(case.points, outputs)))


def run(name, device, seed, runs=RUNS, steps=STEPS):
    """All that is known of the trainings of a case."""
    case, rng = CASES[name], np.random.default_rng(seed)
    method = case.rule
    hyper, on = method.pack(method.defaults | {key: True for key in method.switches if isinstance(method.defaults[key], bool)})
    rows = np.repeat(np.array(hyper)[:, np.newaxis], runs, axis=1)
    rows[0] *= 10.0 ** rng.uniform(-1.0, 1.0, runs)
    rows[0, 0] = 1e30  # diverges, where a step has its length
    limits = [limit * rng.uniform(0.5, 2.0, runs) for limit in case.limits if limit is not None]
    plan = schedule_of(case.schedule) if case.schedule else None
    many = ManyLearners(
        case.net,
        data_for(case, rng),
        method,
        on,
        Pacing(plan.pace, plan.table(steps), plan.numbers, plan.record.calm) if plan else None,
        case.tolerance,
        tuple(limit is not None for limit in case.limits),
        case.layered,
        device,
    )
    weights = many.start(rng.integers(0, 5, runs), rng.uniform(0.2, 2.0, runs))
    rates = 10.0 ** rng.uniform(-1.0, 0.5, (len(case.net.layers) - 1, runs)) if case.layered else ()
    with ExitStack() as changes:
        changes.enter_context(patch.object(cuda_launches, "FIRST_STEPS", 2))  # several launches, however few steps
        for place, value in case.places.items():
            changes.enter_context(patch.object(CardLayout, place, value))
        ends = many.advance(weights, rows, steps, limits, rates)
    return {"weights": weights} | {key: getattr(ends, key) for key in ends.__dataclass_fields__}


def different(name, **more):
    """The names of what differs by a bit (NaN from NaN does not)."""
    seed = int(fresh().integers(2**40))
    one, other = run(name, "cpu", seed, **more), run(name, "cuda", seed, **more)
    return [key for key, values in one.items() if not np.array_equal(values, other[key], equal_nan=values.dtype.kind == "f")]


def main(names):
    where = "in the simulator" if simulated() else f"on {card().said}"
    bad = 0
    for name in names or CASES:
        with warnings.catch_warnings():
            if simulated():
                warnings.simplefilter("ignore", RuntimeWarning)  # Python warns of infinities, kernels do not
            wrong = different(name)
        bad += bool(wrong)
        print(f"{name}: {'differs in ' + ', '.join(wrong) if wrong else 'the same bits'} {where}", flush=True)  # noqa: T201
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
