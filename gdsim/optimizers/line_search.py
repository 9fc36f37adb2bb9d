"""How far along a direction: Armijo's backtracking, and a search for the strong conditions of Wolfe.

Leaf functions. ``value_and_gradient`` is the landscape's; ``specialise`` binds it. (px, py) is the direction, ``slope`` the derivative of
the loss along it, which must be below 0. A point whose loss is no finite number counts as too far.
"""

import math

# mypy: disable-error-code="no-untyped-def, no-untyped-call, name-defined"
# ruff: noqa: F821

HALVINGS = 60
"""Points that ``armijo`` tries before it gives up: 2^-60 of a step changes nothing that float64 could tell."""

TRIALS = 25
"""Points that ``strong_wolfe`` tries before it gives up, as in torch.optim.LBFGS."""


def armijo(x, y, loss, px, py, slope, length, decrease, shrink, values):
    """(length, points tried): the first of length, shrink length, ... that lowers the loss by at least decrease * length * -slope.

    The length is 0.0 if none of ``HALVINGS`` does.
    """
    for tried in range(1, HALVINGS + 1):
        value, _, _ = value_and_gradient(x + length * px, y + length * py, values)
        if value <= loss + decrease * length * slope:
            return length, tried
        length = length * shrink
    return 0.0, HALVINGS


def strong_wolfe(x, y, loss, gx, gy, px, py, slope, length, decrease, curvature, values):
    """(length, gx there, gy there, points tried), ``length`` being the first one tried.

    The length found lowers the loss by at least decrease * length * -slope, and leaves at most ``curvature`` of the slope. If ``TRIALS``
    points do not suffice, the best of those that lowered the loss enough is taken, and the length is 0.0 if there is none.

    Nocedal and Wright (2006), algorithms 3.5 and 3.6: lengths grow until an interval holds a solution, whose better end then is ``low``.
    The choice of the next length is minFunc's (Schmidt 2005), as in torch.optim.LBFGS: the minimum of a cubic, kept from creeping.
    """
    low, low_loss, low_slope, low_gx, low_gy = 0.0, loss, slope, gx, gy
    high, high_loss, high_slope = 0.0, loss, slope
    enclosed = False
    creeping = False
    for tried in range(1, TRIALS + 1):
        value, ax, ay = value_and_gradient(x + length * px, y + length * py, values)
        along = ax * px + ay * py
        before, before_loss, before_slope = low, low_loss, low_slope
        # A comparison with NaN is false: nowhere is too far.
        if not value <= loss + decrease * length * slope or (tried > 1 and value >= low_loss):
            high, high_loss, high_slope = length, value, along
            enclosed = True
        else:
            ahead = high - low if enclosed else 1.0
            if not abs(along) <= -curvature * slope and along * ahead >= 0.0:
                high, high_loss, high_slope = low, low_loss, low_slope
                enclosed = True
            low, low_loss, low_slope, low_gx, low_gy = length, value, along, ax, ay
            if abs(along) <= -curvature * slope:
                return low, low_gx, low_gy, tried
        if enclosed:
            least, most = (low, high) if low < high else (high, low)
            length = cubic_minimum(low, low_loss, low_slope, high, high_loss, high_slope, least, most)
            margin = 0.1 * (most - least)
            close = not (length - least >= margin and most - length >= margin)
            # Close to an end for the second time, or at it: a tenth of the interval away from that end.
            if close and (creeping or length >= most or length <= least):
                length = most - margin if most - length < length - least else least + margin
                creeping = False
            else:
                creeping = close
        else:
            farther = length + 0.01 * (length - before)
            length = cubic_minimum(before, before_loss, before_slope, low, low_loss, low_slope, farther, 10.0 * length)
    return low, low_gx, low_gy, TRIALS


def cubic_minimum(a, loss_a, slope_a, b, loss_b, slope_b, least, most):
    """Where the cubic with these values and slopes at a and b has its minimum, kept within [least, most]; the middle if it has none."""
    middle = 0.5 * (least + most)
    width = b - a
    if width == 0.0:
        return middle
    d = slope_a + slope_b - 3.0 * ((loss_b - loss_a) / width)
    square = d * d - slope_a * slope_b
    if not square >= 0.0:
        return middle
    root = math.sqrt(square) if width > 0.0 else -math.sqrt(square)
    divisor = slope_b - slope_a + 2.0 * root
    if divisor == 0.0:
        return middle
    place = b - width * ((slope_b + root - d) / divisor)
    if not abs(place) < math.inf:
        return middle
    place = least if place < least else place
    return most if place > most else place
