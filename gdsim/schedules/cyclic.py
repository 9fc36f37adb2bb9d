"""Schedules that come back: warm restarts, one cycle, and the triangles of cyclic learning rates."""

from itertools import pairwise

import numpy as np

from gdsim.parameter import Param
from gdsim.schedules.decaying import ETA_MIN, TORCH, no_lowest
from gdsim.schedules.numbers import half_cosine, integer_power
from gdsim.schedules.schedule import Floats, Schedule, Values, Whole, never, whole

NO_MOMENTUM = "torch's scheduler can cycle the momentum as well; here it stays as it is (cycle_momentum=False)."


def warm_restarts(k: Whole, _total: int, values: Values) -> tuple[Floats, Floats]:
    length, growth = values["t_0"], values["t_mult"]
    starts, lengths = [0], [length]
    while growth > 1 and starts[-1] + lengths[-1] <= k.max(initial=0):
        starts.append(starts[-1] + lengths[-1])
        lengths.append(lengths[-1] * growth)
    period = np.searchsorted(starts, k, side="right") - 1
    since = k % length if growth == 1 else k - np.array(starts)[period]
    factor = half_cosine(since / np.array(lengths, dtype=np.float64)[period])
    return values["eta_min"] * (1.0 - factor), factor


def one_cycle(k: Whole, total: int, values: Values) -> tuple[Floats | float, Floats | float]:
    steps = total if values["total_steps"] is None else values["total_steps"]
    low = 1.0 / values["div_factor"]
    turn = values["pct_start"] * steps - 1.0
    ends, levels = [turn, steps - 1.0], [low, 1.0, low / values["final_div_factor"]]
    if values["three_phase"]:
        ends, levels = [turn, 2.0 * values["pct_start"] * steps - 2.0, steps - 1.0], [low, 1.0, low, levels[-1]]
    at = np.minimum(k, steps - 1)
    phase = np.minimum(np.searchsorted(ends, at, side="left"), len(ends) - 1)
    if values["three_phase"]:
        # The second phase ends before the first where pct_start is below 1 / steps, and the first that has not ended counts.
        phase = np.where(at <= ends[0], 0, np.where(at <= ends[1], 1, 2))
    share = np.empty(k.shape)
    for i, (begin, end) in enumerate(pairwise([0.0, *ends])):
        here = phase == i
        share[here] = (at[here] - begin) / (end - begin) if end != begin else 1.0
    start, end = np.array(levels)[phase], np.array(levels)[phase + 1]
    shape = end + (start - end) * (half_cosine(share) if values["anneal_strategy"] == "cos" else 1.0 - share)
    return (0.0, shape) if values["max_lr"] is None else (values["max_lr"] * shape, 0.0)


def peak_of_learning_rate(values: Values) -> bool:
    """``multiplies`` of one cycle: where no ``max_lr`` is given, its peak is the run's learning rate."""
    return values["max_lr"] is None


def cyclic(k: Whole, _total: int, values: Values) -> tuple[Floats, Floats | float]:
    up = values["step_size_up"]
    down = up if values["step_size_down"] is None else values["step_size_down"]
    cycle, since = k // (up + down), k % (up + down)
    height = np.where(since <= up, since / up, (up + down - since) / down)
    if values["mode"] == "triangular2":
        height = height * integer_power(0.5, cycle)
    elif values["mode"] == "exp_range":
        height = height * integer_power(values["gamma"], k)
    base, top = values["base_lr"], values["max_lr"]
    return (top * height, 1.0 - height) if base is None else (base + (top - base) * height, 0.0)


WARM_RESTARTS = Schedule(
    name="warm_restarts",
    title="Cosine annealing with warm restarts (SGDR)",
    parameters=(
        whole("t_0", None, "steps until the first restart (T_0 in torch)", needed=True),
        Param("t_mult", 1, "factor by which each period is longer than the last (T_mult in torch)", low=1, high=1000, whole=True),
        ETA_MIN,
    ),
    rows=warm_restarts,
    multiplies=no_lowest,
    formula="eta_k = eta_min + (eta - eta_min) (1 + cos(pi t_cur / t_i)) / 2; t_cur steps since the last restart, t_i = t_0 t_mult^i",
    latex=r"\eta_k = \eta_{\min} + (\eta - \eta_{\min}) \tfrac{1}{2} \left(1 + \cos(\pi T_{cur} / T_i)\right),\quad T_i = T_0 T_{mult}^i",
    source=f"Loshchilov and Hutter (2017), ICLR, arXiv:1608.03983, equation 5; {TORCH}.CosineAnnealingWarmRestarts",
    notes="At a restart the rate jumps back to the whole learning rate, which may throw the run out of a minimum, into another.",
)

ONE_CYCLE = Schedule(
    name="one_cycle",
    title="One cycle",
    parameters=(
        Param("max_lr", None, "rate at the peak; without it, the run's learning rate", low=0.0),
        whole("total_steps", None, "length of the cycle; without it, all steps there are"),
        Param("pct_start", 0.3, "share of the cycle in which the rate grows", low=0.0, high=1.0),
        Param("anneal_strategy", "cos", "whether it moves along half cosines or straight lines", choices=("cos", "linear")),
        Param("div_factor", 25.0, "the cycle begins at the peak divided by this", low=1.0),
        Param("final_div_factor", 1e4, "and ends at its beginning divided by this", low=1.0),
        Param("three_phase", False, "fall back to the initial rate first, as quickly as it grew, and only then to the final one"),
    ),
    rows=one_cycle,
    multiplies=peak_of_learning_rate,
    formula="from max_lr / div_factor up to max_lr, then down to max_lr / (div_factor final_div_factor)",
    latex=r"\frac{\eta_{\max}}{d} \nearrow \eta_{\max} \searrow \frac{\eta_{\max}}{d\, d_{final}}",
    source=f"Smith and Topin (2019), Proc. SPIE 11006, arXiv:1708.07120; {TORCH}.OneCycleLR",
    notes=f"With a max_lr the run's own learning rate does not count. {NO_MOMENTUM} After the cycle the final rate stays.",
)

CYCLIC = Schedule(
    name="cyclic",
    title="Cyclic (triangles)",
    parameters=(
        Param("base_lr", None, "rate at the foot of the triangles; without it, the run's learning rate", low=0.0),
        Param("max_lr", None, "rate at the top of the first one", low=0.0, needed=True),
        whole("step_size_up", 2000, "steps from the foot to the top"),
        whole("step_size_down", None, "steps from the top to the foot; without it, as many as upwards"),
        Param(
            "mode",
            "triangular",
            "equal triangles, each half as high as the last, or all under gamma^k",
            choices=("triangular", "triangular2", "exp_range"),
        ),
        Param("gamma", 1.0, "factor of the height after every step, in the mode exp_range", low=0.0, high=1.0),
    ),
    rows=cyclic,
    multiplies=never,
    formula="eta_k = base_lr + (max_lr - base_lr) h_k s_k; h_k between 0 and 1 in triangles, s_k = 1, 2^-cycle or gamma^k",
    latex=r"\eta_k = \eta_{base} + (\eta_{\max} - \eta_{base})\, h_k\, s_k",
    source=f"Smith (2017), IEEE WACV, arXiv:1506.01186; {TORCH}.CyclicLR",
    notes=f"With a base_lr the run's own learning rate does not count. {NO_MOMENTUM}",
)

SCHEDULES = (WARM_RESTARTS, ONE_CYCLE, CYCLIC)
