"""Is a gradient that of its loss? Every part of it against the loss alone, at many points.

Where the function takes complex numbers the derivative is Im f(w + ih) / h, without a difference and so without rounding (Squire and
Trapp, SIAM Review 40 (1998) 110). Elsewhere it is a central difference extrapolated to h = 0 with an estimate of its own error (Ridders,
Advances in Engineering Software 4 (1982) 75). The first is believed only where it agrees with the second: functions that take the size of
a complex number, or look at the real part alone, give nonsense without complaint.
"""

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.exceptions import ComplexWarning
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Loss = Callable[[NDArray[Any]], Any]
Gradient = Callable[[Floats], Floats]

TOLERANCE = 1e-6
"""Largest difference between a gradient and the derivative, in units of the larger, beside the derivative's own error."""
LEVELS = 10
SHRINK = 2.0
BELIEVED = 1e-3
"""A derivative whose own error is larger than this share of it says nothing: there is a kink, or rounding hides the slope."""
TINY = 1e-200
"""Imaginary part of a complex step."""


@dataclass(frozen=True)
class Judged:
    """What came of ``parts`` parts of gradients. The worst is part ``part`` at ``point``: ``claimed`` by the gradient, ``measured`` with
    an error of about ``error``; ``off`` is their difference in units of what is allowed. ``unknown`` parts had
    no derivative to compare with.
    """

    passed: bool
    parts: int
    points: int
    unknown: int
    by: str
    off: float
    part: int
    point: Floats
    claimed: float
    measured: float
    error: float


def check_gradient(loss: Loss, gradient: Gradient, points: Floats, reach: Floats, parts: NDArray[np.int64] | None = None) -> Judged:
    """Compares ``gradient`` (n,) with derivatives of ``loss`` at ``points`` (m, n). ``reach`` (n,) is the first, largest step along each
    weight. ``parts`` are the weights to look at, all without.
    """
    chosen = np.arange(points.shape[1]) if parts is None else parts
    worst: tuple[float, Judged] | None = None
    asked = unknown = complex_parts = 0
    passed = True
    with np.errstate(all="ignore"):
        for point in points:
            if not math.isfinite(loss(point)):  # outside of where it is defined
                asked += len(chosen)
                unknown += len(chosen)
                continue
            claimed = gradient(point)
            for part in chosen:
                asked += 1
                measured, error = ridders(loss, point, int(part), float(reach[part]))
                exact = complex_step(loss, point, int(part))
                if exact is not None and abs(exact - measured) <= 20.0 * error + TOLERANCE * abs(exact):
                    measured, error = exact, 1e-14 * abs(exact)
                    complex_parts += 1
                number = float(claimed[part])
                larger = max(abs(number), abs(measured))
                if not error <= max(BELIEVED * larger, 1e-12):
                    unknown += 1
                    if math.isfinite(number):
                        continue
                wrong = not abs(number - measured) <= TOLERANCE * larger + 20.0 * error
                off = abs(number - measured) / (TOLERANCE * larger + 20.0 * error + 1e-300)
                off = off if math.isfinite(off) else math.inf
                passed = passed and not wrong
                if worst is None or off > worst[0]:
                    worst = off, Judged(True, 0, 0, 0, "", off, int(part), point.copy(), number, measured, error)
    by = "complex step" if complex_parts == asked else "differences" if not complex_parts else "complex step and differences"
    found = worst[1] if worst else Judged(True, 0, 0, 0, "", 0.0, 0, points[0], math.nan, math.nan, math.nan)
    at = found.off, found.part, found.point, found.claimed, found.measured, found.error
    return Judged(passed and worst is not None, asked, len(points), unknown, by, *at)


def ridders(loss: Loss, point: Floats, part: int, reach: float) -> tuple[float, float]:
    """(dJ/dw_part, its error): central differences with steps reach, reach / 2, ..., extrapolated by Neville's scheme."""
    before: list[float] = []
    best, error = math.nan, math.inf
    largest = 0.0
    for level in range(LEVELS):
        ahead, behind = point.copy(), point.copy()
        ahead[part] += reach / SHRINK**level
        behind[part] -= reach / SHRINK**level
        high, low = float(loss(ahead)), float(loss(behind))
        width = ahead[part] - behind[part]
        largest = max(largest, abs(high), abs(low))
        row = [(high - low) / width]
        power = 1.0
        for above in before:
            power *= SHRINK * SHRINK
            row.append((power * row[-1] - above) / (power - 1.0))
            doubt = max(abs(row[-1] - row[-2]), abs(row[-1] - above)) + 4e-16 * largest / width
            if doubt < error:
                best, error = row[-1], doubt
        before = row
    return best, error


def complex_step(loss: Loss, point: Floats, part: int) -> float | None:
    """The derivative by a complex step; None where the function does not take complex numbers."""
    stepped = point.astype(np.complex128)
    stepped[part] += 1j * TINY
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", ComplexWarning)  # an imaginary part was dropped
            value = np.asarray(loss(stepped)).reshape(-1)
    except Exception:  # whatever a function does with what it is not made for
        return None
    if value.size != 1 or not np.iscomplexobj(value):
        return None
    return float(value.imag[0] / TINY)
