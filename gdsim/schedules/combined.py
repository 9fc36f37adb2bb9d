"""Schedules made of others: their product, and one after the other."""

from itertools import pairwise

import numpy as np

from gdsim.schedules.cyclic import CYCLIC, ONE_CYCLE, WARM_RESTARTS
from gdsim.schedules.decaying import PYTORCH, TORCH
from gdsim.schedules.decaying import SCHEDULES as DECAYING
from gdsim.schedules.numbers import LARGEST
from gdsim.schedules.points import POINTS
from gdsim.schedules.schedule import Floats, Parts, Schedule, Values, Whole, stacked, whole

FACTORS = tuple(schedule.name for schedule in (*DECAYING, WARM_RESTARTS, ONE_CYCLE))


def chained(k: Whole, total: int, values: Values) -> tuple[Floats | float, Floats | float]:
    parts: Parts = values["parts"]
    factor: Floats = np.ones(k.shape)
    for part, own in parts:
        factor = factor * part.rows(k, total, own)[1]
    return 0.0, np.minimum(factor, LARGEST)


def chained_conflict(values: Values) -> str | None:
    for part, own in values["parts"]:
        if not part.multiplies(own):
            reason = "have no max_lr" if part is ONE_CYCLE else "have eta_min 0"
            return f"in a product each part multiplies the learning rate, so {part.name} must {reason}"
    return None


def sequential(k: Whole, total: int, values: Values) -> tuple[Floats, Floats]:
    parts: Parts = values["parts"]
    begins = (0, *values["milestones"])
    out = np.empty((2, len(k)))
    for (part, own), (begin, end) in zip(parts, pairwise((*begins, None)), strict=True):
        here = k >= begin if end is None else (k >= begin) & (k < end)
        length = (total if end is None else end) - begin
        out[:, here] = stacked(part.rows(k[here] - begin, max(1, length), own), int(here.sum()))
    return out[0], out[1]


def sequential_multiplies(values: Values) -> bool:
    return all(part.multiplies(own) for part, own in values["parts"])


def sequential_conflict(values: Values) -> str | None:
    milestones, parts = values["milestones"], values["parts"]
    if len(milestones) != len(parts) - 1:
        return f"there must be one milestone less than parts (found milestones: {len(milestones)}, parts: {len(parts)})"
    for before, after in pairwise(milestones):
        if before >= after:
            return f"each milestone must be larger than the one before (found {before}, then {after})"
    return None


CHAINED = Schedule(
    name="chained",
    title="Chained (product)",
    parameters=(),
    rows=chained,
    conflict=chained_conflict,
    parts=FACTORS,
    formula="eta_k = eta f_k g_k ...",
    latex=r"\eta_k = \eta\, f_k\, g_k \cdots",
    source=f"{TORCH}.ChainedScheduler; {PYTORCH}",
    notes="The product of the parts' factors at every step. torch multiplies the running rate instead, which is the same but where a part "
    "comes back from 0: there it forgets what the others did, as it does at once with warm restarts and one cycle.",
)

SEQUENTIAL = Schedule(
    name="sequential",
    title="One after the other",
    parameters=(whole("milestones", None, "steps at which the next part begins", many=True, needed=True),),
    rows=sequential,
    multiplies=sequential_multiplies,
    conflict=sequential_conflict,
    parts=(*FACTORS, CYCLIC.name, POINTS.name, CHAINED.name),
    formula="eta_k of the first part for k < milestones_1, of the second, whose step 0 that is, for k < milestones_2, ...",
    latex=r"\eta_k = \eta^{(i)}_{k - m_i}\quad\text{for}\ m_i \le k < m_{i+1}",
    source=f"{TORCH}.SequentialLR; {PYTORCH}",
    notes="Each part begins anew at its milestone, from the run's learning rate. To a part, all steps there are means those until the "
    "next milestone, so that a warm-up followed by `cosine` comes down at the end of the run.",
)

SCHEDULES = (CHAINED, SEQUENTIAL)
