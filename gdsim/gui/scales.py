"""Scales of the progress plots: decades, on both sides of zero where a loss has no known floor."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg

from gdsim.gui.canvas import Floats
from gdsim.gui.numbers import number, power
from gdsim.landscapes import Landscape
from gdsim.simulation.problem import Problem

# Decades of descent worth showing: what lies deeper is rounding.
DEPTH = 13.0
# Decades above where the runs began that a run may climb before it leaves the picture at the top.
HEADROOM = 2.0


@dataclass(frozen=True)
class Decades:
    """``log10(value - offset)``; what is not above the offset is below everything."""

    offset: float = 0.0

    def place(self, values: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return np.asarray(np.log10(np.maximum(values - self.offset, 0.0)))

    def tick(self, place: float) -> str:
        if abs(place - round(place)) > 1e-9:
            return number(10.0**place)
        return number(10.0**place) if -2.5 < place < 3.5 else power(round(place))

    def ticks(self, low: float, high: float, most: int) -> list[float]:
        first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
        if last - first < 2:
            between = [math.log10(m) + k for k in range(first - 1, last + 1) for m in ((1, 2, 5) if high - low > 0.7 else range(1, 10))]
            return [place for place in between if low <= place <= high]
        stride = next((s for s in (1, 2, 3, 5, 10, 20, 50, 100) if (last - first) / s < most), 200)
        return [float(k) for k in range(first, last + 1) if k % stride == 0]


@dataclass(frozen=True)
class SignedDecades:
    """Linear near zero, logarithmic beyond ``unit`` on both sides: ``sign(v) log10(1 + |v| / unit)``."""

    unit: float = 1.0

    def place(self, values: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return np.asarray(np.sign(values) * np.log10(1.0 + np.abs(values) / self.unit))

    def value(self, place: float) -> float:
        return math.copysign((10.0 ** min(abs(place), 300.0) - 1.0) * self.unit, place)

    def tick(self, place: float) -> str:
        return number(self.value(place), 2)

    def ticks(self, low: float, high: float, most: int) -> list[float]:
        reach = max(abs(low), abs(high))
        stride = next((s for s in (1, 2, 3, 5, 10, 20, 50, 100) if (high - low) / s < most), 200)
        unit = math.log10(self.unit)
        sizes = range(round(unit), int(reach + unit) + 2, stride)
        places = [math.log10(1.0 + 10.0 ** (k - unit)) for k in sizes]
        return [p for p in (*(-p for p in reversed(places)), 0.0, *places) if low <= p <= high]


@dataclass(frozen=True)
class Even:
    """Values as they are: scores, of which 1 is the best."""

    def place(self, values: Floats) -> Floats:
        return np.asarray(values, dtype=np.float64)

    def tick(self, place: float) -> str:
        return number(place, 3)

    def ticks(self, low: float, high: float, most: int) -> list[float]:
        stride = next((s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5) if (high - low) / s < most), 1.0)
        return [k * stride for k in range(math.ceil(low / stride), math.floor(high / stride) + 1)]


@dataclass(frozen=True)
class Plain:
    """Values as they are, of any size, at multiples of 1, 2 and 5."""

    def place(self, values: Floats) -> Floats:
        return np.asarray(values, dtype=np.float64)

    def tick(self, place: float) -> str:
        return number(place, 10)

    def ticks(self, low: float, high: float, most: int) -> list[float]:
        rough = (high - low) / max(most, 1)
        unit = 10.0 ** math.floor(math.log10(rough)) if rough > 0.0 else 1.0
        stride = next((unit * m for m in (1, 2, 5) if unit * m >= rough), 10.0 * unit)
        return [float(f"{k * stride:.12g}") for k in range(math.ceil(low / stride - 1e-9), math.floor(high / stride + 1e-9) + 1)]


Scale = Decades | SignedDecades | Even | Plain


def sight_of_scores(places: Sequence[Floats]) -> tuple[float, float]:
    """The range worth showing of scores: from the least, but not below 0 by more than a model without any use has it, to 1."""
    finite = [run[np.isfinite(run)] for run in places]
    least = min((float(run.min()) for run in finite if run.size), default=0.0)
    low = max(min(least, 0.9), -0.25)
    return low - 0.05 * (1.0 - low), 1.0 + 0.05 * (1.0 - low)


def loss_scale(ground: Landscape | Problem, losses: Sequence[Floats]) -> tuple[Scale, str]:
    """The scale for these losses on that ground, and what the axis shows."""
    least = [point.loss for point in ground.minima if point.kind == "global minimum"]
    if least:
        return Decades(least[0]), "loss" if least[0] == 0 else "loss above the least"
    if all(np.nanmin(run, initial=np.inf) > 0 for run in losses):
        return Decades(), "loss"
    return SignedDecades(), "loss (log both ways)"


def sight(places: Sequence[Floats], scale: Scale) -> tuple[float, float]:
    """The range worth showing of curves in ``scale``'s places: all that is finite, save what climbs far above where the runs began and what
    lies deeper than float64 can tell.
    """
    finite = [run[np.isfinite(run)] for run in places]
    finite = [run for run in finite if run.size]
    if not finite:
        return 0.0, 1.0
    start = max(float(run[0]) for run in finite)
    top = min(max(float(run.max()) for run in finite), start + HEADROOM)
    deepest = -abs(start) - 2 * HEADROOM if isinstance(scale, SignedDecades) else top - DEPTH
    bottom = max(min(float(run.min()) for run in finite), deepest)
    margin = max(0.06 * (top - bottom), 0.15)
    return bottom - margin, top + margin


class ScaleAxis(pg.AxisItem):  # type: ignore[misc]
    """Ticks of a Scale at round values."""

    def __init__(self, orientation: str = "left") -> None:
        super().__init__(orientation)
        self.scale_shown: Scale = Decades()

    def show_scale(self, scale: Scale) -> None:
        self.scale_shown = scale
        self.picture = None
        self.update()

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        return [(1.0, self.scale_shown.ticks(low, high, max(3, int(size / (26 if self.orientation == "left" else 70)))))]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        return [self.scale_shown.tick(value) for value in values]
