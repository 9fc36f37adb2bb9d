"""Param: one knob, declared once.

The slider, its tooltip, the ``--help`` text, the validation message and the documentation are all made from it.
"""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Param:
    """A named number (or switch) with its default, its bounds and one line of explanation.

    ``low`` and ``high`` are the smallest and largest value allowed; ``low_open`` and ``high_open`` exclude the bound itself.
    ``log`` asks for a slider that moves in decades. A ``bool`` default makes the parameter a switch.
    """

    name: str
    default: float | bool
    doc: str
    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False
    log: bool = False
    unit: str = ""

    @property
    def is_switch(self) -> bool:
        return isinstance(self.default, bool)

    @property
    def allowed(self) -> str:
        """The values allowed, in words: ``a number > 0`` or ``a number >= 0 and < 1``."""
        if self.is_switch:
            return "true or false"
        parts = []
        if self.low > -math.inf:
            parts.append(f"{'>' if self.low_open else '>='} {self.low:g}")
        if self.high < math.inf:
            parts.append(f"{'<' if self.high_open else '<='} {self.high:g}")
        return "a number " + " and ".join(parts) if parts else "a finite number"

    def admits(self, value: float) -> bool:
        """Whether ``value`` is finite and within the bounds."""
        if not math.isfinite(value):
            return False
        above = value > self.low if self.low_open else value >= self.low
        below = value < self.high if self.high_open else value <= self.high
        return above and below
