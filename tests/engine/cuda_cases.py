"""Blocks of runs on the processor and on a card, side by side: every kind of thing that a kernel may hold, at least once.

    NUMBA_ENABLE_CUDASIM=1 python -m tests.engine.cuda_cases [NAME:PRECISION ...]

runs them in numba's simulator, where a card's thread is a thread of Python; without that variable, on the card at hand.
"""

import sys
import warnings

import numpy as np

from gdsim.engine.device import card, simulated
from gdsim.engine.precision import PRECISIONS
from gdsim.landscapes import LANDSCAPES
from gdsim.landscapes.formula import formula
from gdsim.networks.batches import Batches
from gdsim.optimizers import OPTIMIZERS
from gdsim.optimizers.lookahead import lookahead
from gdsim.simulation.many import Many
from tests.engine.ptx_table import LINE, pairs
from tests.engine.test_descend import SETTINGS

TYPED = formula("exp(0.3 x) + tanh(x y)^2 + ln(1 + y^2) + 0.1 abs(y)^1.5")

CASES = {
    "plain": ("himmelblau", "sgd", {"learning_rate": np.geomspace(1e-3, 10.0, 6)}),
    "momentum": ("rosenbrock", "sgd", {"momentum": np.linspace(0.1, 0.9, 6), "nesterov": True}),
    "adam": ("rastrigin", "adam", {"learning_rate": 0.3, "amsgrad": True}),
    "adam, betas": ("ackley", "adam", {"beta1": np.linspace(0.0, 0.9, 6), "learning_rate": 0.1}),
    "a curve": ("double_well", "rmsprop", {"learning_rate": 0.1, "centered": True, "momentum": 0.5}),
    "quasi-Newton": ("himmelblau", "lbfgs", {}),
    "Newton": ("rosenbrock", "damped_newton", {}),
    "least squares": ("rosenbrock", "levenberg_marquardt", {}),
    "own parameters": ("quadratic", "nadam", {"parameters": {"a": np.linspace(0.1, 3.0, 6)}, "learning_rate": 0.2}),
    "Lookahead": ("beale", lookahead(OPTIMIZERS["adamw"]), {"learning_rate": 0.2}),
    "noise": (LANDSCAPES["himmelblau"].with_noise("brownian").with_noise("cauchy"), "adagrad", {"learning_rate": 0.2, "seed": 5}),
    "noise of their own": (
        LANDSCAPES["quadratic"].with_noise("gaussian"),
        "sgd",
        {"trouble": np.linspace(0.0, 2.0, 6)[np.newaxis], "seeds": np.arange(6), "streams": 0},
    ),
    "motion": (LANDSCAPES["quadratic"].moving("jump", scale=0.3, period=4.0), "lion", {"learning_rate": 0.2}),
    "a schedule": ("himmelblau", "sgd", {"schedule": {"name": "cosine", "t_max": 10}, "learning_rate": 0.02}),
    "a schedule that looks": ("ackley", "sgd", {"schedule": {"name": "reduce_on_plateau", "patience": 1}, "learning_rate": 0.5}),
    "clipped": ("rosenbrock", "sgd", {"clip_value": 3.0, "clip_norm": np.geomspace(0.1, 10.0, 6), "learning_rate": 0.01}),
    "a formula": (TYPED, "adam", {"learning_rate": 0.3}),
    "batches": (LINE, "adam", {"batches": Batches(7, 3), "learning_rate": 0.1, "batch_size": np.array([1, 2, 3, 4, 6, 7])}),
    "batches alone": (LINE, "sgd", {"batches": Batches(7, 2, replacement=True), "learning_rate": 0.1, "whole": False}),
}
PAIRS = {f"{landscape} with {optimizer}": (landscape, optimizer, SETTINGS[optimizer]) for landscape, optimizer in pairs()}
EVERY = [(name, precision) for precision in PRECISIONS for name in (*CASES, *PAIRS)]
STEPS = (4, 6)


def of_each(given, runs):
    """What is given with a number for each of so many runs, over and over."""
    if isinstance(given, dict):
        return {key: of_each(value, runs) for key, value in given.items()}
    return given[..., np.arange(runs) % given.shape[-1]] if isinstance(given, np.ndarray) else given


def made(name, device, runs=6, steps=STEPS, **more):
    """The runs of a case."""
    landscape, optimizer, given = (CASES | PAIRS)[name]
    landscape = LANDSCAPES[landscape] if isinstance(landscape, str) else landscape
    optimizer = OPTIMIZERS[optimizer] if isinstance(optimizer, str) else optimizer
    low, high = np.array(landscape.domain).T
    starts = np.random.default_rng(3).uniform(low, high, (runs, landscape.dim))
    starts[0] = landscape.minima[0].position if landscape.minima else starts[0]  # has converged
    starts[1] = 1e170  # has diverged
    tolerance = None if given.get("whole") is False else 1e-3
    return Many(landscape, optimizer, starts, sum(steps), tolerance, device=device, **of_each(given, runs), **more)


def run(name, device, runs=6, steps=STEPS, **more):
    """All that is known of the runs of a case after each of its legs, and what they leave behind that go through all legs at once."""
    found = dict(zip(("passed", "seen"), made(name, device, runs, steps, **more).through(steps), strict=True))
    many = made(name, device, runs, steps, **more)
    for leg in steps:
        many.walk(leg)
        summary = many.summary()
        found |= {f"{key} after {leg}": np.copy(getattr(summary, key)) for key in summary.__dataclass_fields__}
    return found


def different(name, **more):
    """The names of what differs by a bit (NaN from NaN does not)."""
    one, other = run(name, "cpu", **more), run(name, "cuda", **more)
    return [key for key, values in one.items() if not np.array_equal(values, other[key], equal_nan=values.dtype.kind == "f")]


def main(names):
    where = "in the simulator" if simulated() else f"on {card().said}"
    bad = 0
    for name, precision in (name.rsplit(":", 1) for name in names) if names else EVERY:
        with warnings.catch_warnings():
            if simulated():
                warnings.simplefilter("ignore", RuntimeWarning)  # Python warns of infinities, kernels do not
            wrong = different(name, precision=precision)
        bad += bool(wrong)
        print(f"{name}, {precision}: {'differs in ' + ', '.join(wrong) if wrong else 'the same bits'} {where}", flush=True)  # noqa: T201
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
