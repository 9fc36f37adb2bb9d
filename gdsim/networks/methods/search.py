"""How far along a direction, for any number of weights: the searches of ``gdsim.optimizers.line_search``, whose choices they share."""

from gdsim.networks.methods.ground import Floats, Ground, Here
from gdsim.optimizers.line_search import HALVINGS, TRIALS, cubic_minimum


def armijo(here: Here, direction: Floats, slope: float, length: float, decrease: float, shrink: float, ground: Ground) -> tuple[float, int]:
    """(length, points tried): the first of length, shrink length, ... that lowers the loss enough; 0.0 if none does."""
    for tried in range(1, HALVINGS + 1):
        if ground.loss(here.weights + length * direction) <= here.loss + decrease * length * slope:
            return length, tried
        length *= shrink
    return 0.0, HALVINGS


def strong_wolfe(
    here: Here, direction: Floats, slope: float, length: float, decrease: float, curvature: float, ground: Ground
) -> tuple[float, Floats, int]:
    """(length, gradient there, points tried), ``length`` being the first one tried; 0.0 if no point tried lowered the loss enough.

    Nocedal and Wright (2006), algorithms 3.5 and 3.6.
    """
    low, low_loss, low_slope, low_gradient = 0.0, here.loss, slope, here.gradient
    high, high_loss, high_slope = 0.0, here.loss, slope
    enclosed = creeping = False
    for tried in range(1, TRIALS + 1):
        value, gradient = ground.loss_and_gradient(here.weights + length * direction)
        along = float(gradient @ direction)
        before, before_loss, before_slope = low, low_loss, low_slope
        # A comparison with NaN is false: nowhere is too far.
        if not value <= here.loss + decrease * length * slope or (tried > 1 and value >= low_loss):
            high, high_loss, high_slope, enclosed = length, value, along, True
        else:
            ahead = high - low if enclosed else 1.0
            if not abs(along) <= -curvature * slope and along * ahead >= 0.0:
                high, high_loss, high_slope, enclosed = low, low_loss, low_slope, True
            low, low_loss, low_slope, low_gradient = length, value, along, gradient
            if abs(along) <= -curvature * slope:
                return low, low_gradient, tried
        if enclosed:
            least, most = min(low, high), max(low, high)
            length = cubic_minimum(low, low_loss, low_slope, high, high_loss, high_slope, least, most)  # type: ignore[no-untyped-call]
            length, creeping = _kept_inside(length, least, most, creeping)
        else:
            farther = length + 0.01 * (length - before)
            length = cubic_minimum(  # type: ignore[no-untyped-call]
                before, before_loss, before_slope, low, low_loss, low_slope, farther, 10.0 * length
            )
    return low, low_gradient, TRIALS


def _kept_inside(length: float, least: float, most: float, creeping: bool) -> tuple[float, bool]:
    """A length close to an end of the interval for the second time, or at it, moves a tenth of the interval away from that end."""
    margin = 0.1 * (most - least)
    close = not (length - least >= margin and most - length >= margin)
    if close and (creeping or length >= most or length <= least):
        return (most - margin if most - length < length - least else least + margin), False
    return length, close
