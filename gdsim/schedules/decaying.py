"""Schedules that multiply the learning rate by a factor that changes once or all the time, and warm-up."""

import numpy as np

from gdsim.parameter import Param
from gdsim.schedules.numbers import half_cosine, integer_power, power
from gdsim.schedules.schedule import Floats, Schedule, Values, Whole, whole

TORCH = "torch.optim.lr_scheduler"
PYTORCH = "Paszke et al. (2019), NeurIPS 32, arXiv:1912.01703"


def constant(k: Whole, _total: int, values: Values) -> tuple[float, Floats]:
    return 0.0, np.where(k < values["total_iters"], values["factor"], 1.0)


def linear(k: Whole, _total: int, values: Values) -> tuple[float, Floats]:
    start, end, iters = values["start_factor"], values["end_factor"], values["total_iters"]
    return 0.0, start + (end - start) * (np.minimum(k, iters) / iters)


def step(k: Whole, _total: int, values: Values) -> tuple[float, Floats]:
    return 0.0, integer_power(values["gamma"], k // values["step_size"])


def multi_step(k: Whole, _total: int, values: Values) -> tuple[float, Floats]:
    passed = np.searchsorted(np.sort(values["milestones"]), k, side="right")
    return 0.0, integer_power(values["gamma"], passed)


def exponential(k: Whole, _total: int, values: Values) -> tuple[float, Floats]:
    return 0.0, integer_power(values["gamma"], k)


def polynomial(k: Whole, _total: int, values: Values) -> tuple[float, Floats]:
    iters = values["total_iters"]
    return 0.0, power((iters - np.minimum(k, iters)) / iters, values["power"])


def cosine(k: Whole, total: int, values: Values) -> tuple[Floats, Floats]:
    half = total if values["t_max"] is None else values["t_max"]
    factor = half_cosine((k % (2 * half)) / half)
    return values["eta_min"] * (1.0 - factor), factor


def no_lowest(values: Values) -> bool:
    """``multiplies`` of a schedule that comes down to ``eta_min``."""
    return bool(values["eta_min"] == 0.0)


def warmup(k: Whole, _total: int, values: Values) -> tuple[float, Floats]:
    return 0.0, np.minimum(k + 1, values["steps"]) / values["steps"]


ETA_MIN = Param("eta_min", 0.0, "rate at the bottom of the curve", low=0.0)
GAMMA = Param("gamma", 0.1, "factor by which the rate is multiplied each time", low=0.0)

CONSTANT = Schedule(
    name="constant",
    title="Constant factor",
    parameters=(
        Param("factor", 1.0 / 3.0, "share of the learning rate at which the run begins", low=0.0, high=1.0),
        whole("total_iters", 5, "steps that are taken with this share; from then on it is the whole rate"),
    ),
    rows=constant,
    formula="eta_k = factor eta for k < total_iters, then eta",
    latex=r"\eta_k = f \eta \ \text{for}\ k < T,\ \text{then}\ \eta",
    source=f"{TORCH}.ConstantLR; {PYTORCH}",
    notes="With a factor of 1 it is no schedule at all. Steps k are counted from 0.",
)

LINEAR = Schedule(
    name="linear",
    title="Linear",
    parameters=(
        Param("start_factor", 1.0 / 3.0, "share of the learning rate at the first step", low=0.0, low_open=True, high=1.0),
        Param("end_factor", 1.0, "share of the learning rate at the end", low=0.0, high=1.0),
        whole("total_iters", 5, "steps from the one to the other"),
    ),
    rows=linear,
    formula="eta_k = eta (start_factor + (end_factor - start_factor) min(k, total_iters) / total_iters)",
    latex=r"\eta_k = \eta \left(s + (e - s) \min(k, T) / T\right)",
    source=f"{TORCH}.LinearLR; {PYTORCH}",
    notes="Upwards it is a warm-up, downwards a decay that ends at end_factor and stays there.",
)

STEP = Schedule(
    name="step",
    title="Steps",
    parameters=(whole("step_size", None, "steps between two falls of the rate", needed=True), GAMMA),
    rows=step,
    formula="eta_k = eta gamma^floor(k / step_size)",
    latex=r"\eta_k = \eta\, \gamma^{\lfloor k / s \rfloor}",
    source=f"{TORCH}.StepLR; {PYTORCH}",
    notes="The rate is multiplied by gamma every step_size steps.",
)

MULTI_STEP = Schedule(
    name="multi_step",
    title="Steps at milestones",
    parameters=(whole("milestones", None, "steps at which the rate falls", low=0, many=True, needed=True), GAMMA),
    rows=multi_step,
    formula="eta_k = eta gamma^(number of milestones <= k)",
    latex=r"\eta_k = \eta\, \gamma^{\#\{m \le k\}}",
    source=f"{TORCH}.MultiStepLR; {PYTORCH}",
    notes="A milestone that is named twice counts twice; their order does not matter.",
)

EXPONENTIAL = Schedule(
    name="exponential",
    title="Exponential",
    parameters=(Param("gamma", None, "factor by which the rate is multiplied after every step", low=0.0, needed=True),),
    rows=exponential,
    formula="eta_k = eta gamma^k",
    latex=r"\eta_k = \eta\, \gamma^k",
    source=f"{TORCH}.ExponentialLR; {PYTORCH}",
    notes="A gamma above 1 makes the rate grow, which is a way to see from which rate on a run is thrown out.",
)

POLYNOMIAL = Schedule(
    name="polynomial",
    title="Polynomial",
    parameters=(
        whole("total_iters", 5, "steps until the rate is 0"),
        Param("power", 1.0, "exponent: 1 is a straight line, 2 falls quickly at first", low=0.0),
    ),
    rows=polynomial,
    formula="eta_k = eta (1 - min(k, total_iters) / total_iters)^power",
    latex=r"\eta_k = \eta \left(1 - \min(k, T) / T\right)^p",
    source=f"{TORCH}.PolynomialLR; {PYTORCH}",
    notes="From total_iters on the rate is 0 and the run stands still.",
)

COSINE = Schedule(
    name="cosine",
    title="Cosine annealing",
    parameters=(whole("t_max", None, "steps down to eta_min (T_max in torch); without it, all steps there are"), ETA_MIN),
    rows=cosine,
    multiplies=no_lowest,
    formula="eta_k = eta_min + (eta - eta_min) (1 + cos(pi k / t_max)) / 2",
    latex=r"\eta_k = \eta_{\min} + (\eta - \eta_{\min}) \tfrac{1}{2} \left(1 + \cos(\pi k / T_{\max})\right)",
    source=f"Loshchilov and Hutter (2017), ICLR, arXiv:1608.03983, equation 5, without restarts; {TORCH}.CosineAnnealingLR",
    notes="After t_max steps the rate climbs again, and is back where it was after t_max more.",
)

WARMUP = Schedule(
    name="warmup",
    title="Linear warm-up",
    parameters=(whole("steps", None, "steps until the whole learning rate is reached", needed=True),),
    rows=warmup,
    formula="eta_k = eta min(1, (k + 1) / steps)",
    latex=r"\eta_k = \eta \min\left(1, (k + 1) / n\right)",
    source=f"Goyal et al. (2017), arXiv:1706.02677, section 2.2; {TORCH}.LinearLR with start_factor = 1 / steps, total_iters = steps - 1",
    notes="The first step has the share 1 / steps and step number `steps` the whole rate, which stays. What should follow is said by a "
    "sequential schedule.",
)

SCHEDULES = (CONSTANT, LINEAR, STEP, MULTI_STEP, EXPONENTIAL, POLYNOMIAL, COSINE, WARMUP)
