"""Param: one knob, declared once.

The slider, its tooltip, the ``--help`` text, the validation message and the documentation are all made from it.
"""

import math
from dataclasses import dataclass
from typing import Any

MOST_NUMBERS = 1000
"""Numbers that an array may have at most."""


@dataclass(frozen=True, slots=True)
class Param:
    """A named number (or switch) with its default, its bounds and one line of explanation.

    ``low`` and ``high`` are the smallest and largest value allowed; ``low_open`` and ``high_open`` exclude the bound itself.
    ``log`` asks for a slider that moves in decades. A ``bool`` default makes the parameter a switch.

    ``whole`` allows integers only; with ``many`` the value is an array of such numbers; ``choices`` are words, one of which it is. Where
    the default is None the parameter may be left out and then has no value, or has to be given (``needed``).
    """

    name: str
    default: Any
    doc: str
    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False
    log: bool = False
    unit: str = ""
    whole: bool = False
    many: bool = False
    needed: bool = False
    choices: tuple[str, ...] = ()

    @property
    def is_switch(self) -> bool:
        return isinstance(self.default, bool)

    @property
    def allowed(self) -> str:
        """The values allowed, in words: ``a number > 0`` or ``a number >= 0 and < 1``."""
        if self.is_switch:
            return "true or false"
        if self.choices:
            return f"one of {', '.join(repr(choice) for choice in self.choices)}"
        parts = []
        if self.low > -math.inf:
            parts.append(f"{'>' if self.low_open else '>='} {self.low:g}")
        if self.high < math.inf:
            parts.append(f"{'<' if self.high_open else '<='} {self.high:g}")
        kind = "whole number" if self.whole else "number" if parts else "finite number"
        words = f"an array of 1 to {MOST_NUMBERS} {kind}s" if self.many else f"a {kind}"
        return f"{words} {' and '.join(parts)}" if parts else words

    def admits(self, value: float) -> bool:
        """Whether the number ``value`` is finite and within the bounds, and an integer where only those are allowed."""
        if not math.isfinite(value) or (self.whole and value != math.floor(value)):
            return False
        above = value > self.low if self.low_open else value >= self.low
        below = value < self.high if self.high_open else value <= self.high
        return above and below
