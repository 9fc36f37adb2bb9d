"""What ``gdsim.engine.random`` has of its own in single precision; all else of it is the same, from the same words of the same names."""

# mypy: disable-error-code="no-untyped-def"

import numpy as np

BELOW_ONE = 1.0 - 2.0**-24
"""The largest float32 below 1."""


def unit_interval(high, low):
    """The float32 nearest to what float64 makes of the same bits, rounded once; never 0, and where that would be 1 the one below."""
    fraction = (high << 20) | (low >> 12)
    u = np.float32(2 * fraction + 1) * 1.1102230246251565e-16
    return u if u < BELOW_ONE else BELOW_ONE
