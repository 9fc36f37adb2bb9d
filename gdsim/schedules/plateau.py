"""The schedule that looks at the losses: the rate falls when they no longer do."""

import math

from gdsim.parameter import Param
from gdsim.schedules.decaying import PYTORCH, TORCH
from gdsim.schedules.schedule import Schedule, Values, never, unchanged, whole

# mypy: disable-error-code="no-untyped-def"

NOT_YET = -1.0
"""Stands for the rate before the first step, which is the run's."""


def reduce_on_plateau(rate, offset, factor, loss, calm, numbers):
    now, best, bad, cooling = calm
    fall, patience, threshold, absolute, cooldown, min_lr, eps = numbers
    now = rate if now < 0.0 else now
    bar = best - threshold if absolute > 0.0 else best * (1.0 - threshold)
    better = loss < bar
    best = loss if better else best
    bad = 0.0 if better | (cooling > 0.0) else bad + 1.0
    cooling = cooling - 1.0 if cooling > 0.0 else cooling
    worn = bad > patience
    less = now * fall
    less = less if less > min_lr else min_lr
    following = less if worn & (now - less > eps) else now
    return now, (following, best, 0.0 if worn else bad, cooldown if worn else cooling)


def numbers(values: Values) -> tuple[float, ...]:
    names = ("factor", "patience", "threshold", "threshold_mode", "cooldown", "min_lr", "eps")
    return tuple(float(values[name] == "abs" if name == "threshold_mode" else values[name]) for name in names)


REDUCE_ON_PLATEAU = Schedule(
    name="reduce_on_plateau",
    title="Reduce on plateau",
    parameters=(
        Param("factor", 0.1, "factor by which the rate is multiplied", low=0.0, high=1.0, high_open=True),
        whole("patience", 10, "steps without a better loss that are borne before the rate falls", low=0),
        Param("threshold", 1e-4, "how much better a loss must be to count", low=0.0),
        Param("threshold_mode", "rel", "whether the threshold is a share of the best loss or a difference", choices=("rel", "abs")),
        whole("cooldown", 0, "steps after a fall that do not count as bad ones", low=0),
        Param("min_lr", 0.0, "rate below which it does not fall", low=0.0),
        Param("eps", 1e-8, "a fall by no more than this is left out", low=0.0),
    ),
    rows=unchanged,
    multiplies=never,
    pace=reduce_on_plateau,
    calm=(NOT_YET, math.inf, 0.0, 0.0),
    numbers=numbers,
    formula="more than `patience` steps with loss >= best (1 - threshold): eta <- max(factor eta, min_lr)",
    latex=r"\text{more than } p \text{ steps with } J \ge J_{best} (1 - \theta):\ \eta \leftarrow \max(f \eta, \eta_{\min})",
    source=f"{TORCH}.ReduceLROnPlateau, with mode='min'; {PYTORCH}",
    notes="It is told the loss of every step, the one at the point before the step, as in the usual loop of torch: optimizer.step(), then "
    "scheduler.step(loss). So a loss acts from the next step on. A relative threshold is of use only where losses are positive.",
)

SCHEDULES = (REDUCE_ON_PLATEAU,)
