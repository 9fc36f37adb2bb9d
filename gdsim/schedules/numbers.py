"""Powers and cosines of whole arrays with the same bits on every machine: NumPy's own depend on the processor."""

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

import numpy as np

from gdsim.engine.elementary import cos
from gdsim.engine.evaluate import three_numbers
from gdsim.engine.powers import power as powered
from gdsim.schedules.schedule import Floats, Whole

LARGEST = np.finfo(np.float64).max


def cosine_leaf(x, _y, _params):
    c = cos(x)
    return c, c, c


def power_leaf(x, y, _params):
    p = powered(x, y)
    return p, p, p


def half_cosine(share: Floats) -> Floats:
    """(1 + cos(pi share)) / 2: from 1 at share 0 to 0 at share 1, and exactly both."""
    return 0.5 * (1.0 + three_numbers(cosine_leaf, (), np.pi * share, 0.0)[0])


def power(base: Floats | float, exponent: Floats | float) -> Floats:
    """base**exponent, for bases >= 0."""
    return three_numbers(power_leaf, (), base, exponent)[0]


def integer_power(base: float, exponent: Whole) -> Floats:
    """base**exponent for base >= 0 and integers >= 0, by squaring; what leaves float64 is its largest number."""
    result, square, rest = np.ones(exponent.shape), np.float64(base), exponent
    with np.errstate(over="ignore"):
        while rest.any():
            result = np.where(rest & 1, result * square, result)
            square, rest = square * square, rest >> 1
            result = np.minimum(result, LARGEST)
    return result
