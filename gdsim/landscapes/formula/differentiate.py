"""Derivatives of a graph, node by node from front to back.

At a kink stands the mean of the slopes beside it: 0 for ``abs`` and ``sign`` at 0, the mean of both branches at a tie of ``min`` or
``max``. Where a slope is infinite (``sqrt`` and other broken powers at 0, ``asin`` at 1) stands 0, the slope at the tip of a cone such as
``sqrt(x^2 + y^2)``.
"""

import math
from collections.abc import Callable

from gdsim.landscapes.formula.algebra import Algebra

LN_2, LN_10 = math.log(2.0), math.log(10.0)


def derivative(g: Algebra, root: int, variable: str) -> int:
    """The place of the derivative of ``root`` by ``variable``; new nodes are appended to ``g``."""
    zero, one = g.number(0.0), g.number(1.0)
    slopes: dict[int, int] = {}
    for place in list(g.used((root,))):
        node = g[place]
        if not node.args:
            slopes[place] = one if node.kind == "variable" and node.value == variable else zero
            continue
        inner = [slopes[arg] for arg in node.args]
        if all(slope == zero for slope in inner):
            slopes[place] = zero
        elif node.kind in SLOPES:
            slopes[place] = g.multiply(SLOPES[node.kind](g, place, node.args[0]), inner[0])
        else:
            slopes[place] = RULES[node.kind](g, place, node.args, inner)
    return slopes[root]


Slope = Callable[[Algebra, int, int], int]
Rule = Callable[[Algebra, int, tuple[int, ...], list[int]], int]


def _square(g: Algebra, u: int) -> int:
    return g.power(u, g.number(2.0))


def _reciprocal(g: Algebra, u: int, factor: float = 1.0) -> int:
    return g.divide(g.number(factor), u)


def _scaled(g: Algebra, factor: float, u: int) -> int:
    return g.multiply(g.number(factor), u)


def _arc(g: Algebra, u: int) -> int:
    one = g.number(1.0)
    return g.call("steep_root", g.multiply(g.subtract(one, u), g.add(one, u)))


SLOPES: dict[str, Slope] = {
    "sin": lambda g, f, u: g.call("cos", u),
    "cos": lambda g, f, u: g.negate(g.call("sin", u)),
    "tan": lambda g, f, u: g.add(g.number(1.0), _square(g, f)),
    "asin": lambda g, f, u: _arc(g, u),
    "acos": lambda g, f, u: g.negate(_arc(g, u)),
    "atan": lambda g, f, u: _reciprocal(g, g.add(g.number(1.0), _square(g, u))),
    "sinh": lambda g, f, u: g.call("cosh", u),
    "cosh": lambda g, f, u: g.call("sinh", u),
    "tanh": lambda g, f, u: _square(g, _reciprocal(g, g.call("cosh", u))),  # 1 - tanh^2 has no digits left where tanh is nearly 1
    "exp": lambda g, f, u: f,
    "log": lambda g, f, u: _reciprocal(g, u),
    "log2": lambda g, f, u: _reciprocal(g, u, 1.0 / LN_2),
    "log10": lambda g, f, u: _reciprocal(g, u, 1.0 / LN_10),
    "sqrt": lambda g, f, u: _scaled(g, 0.5, g.call("steep_root", u)),
    "steep_root": lambda g, f, u: _scaled(g, -0.5, g.power(f, g.number(3.0))),
    "sigmoid": lambda g, f, u: g.multiply(f, g.call("sigmoid", g.negate(u))),
    "abs": lambda g, f, u: g.call("sign", u),
    "sign": lambda g, f, u: g.number(0.0),
    "negate": lambda g, f, u: g.number(-1.0),
}
"""The slope of a function of one argument ``u`` whose value is at ``f``."""


def _multiply(g: Algebra, f: int, args: tuple[int, ...], slopes: list[int]) -> int:
    (a, b), (da, db) = args, slopes
    return g.add(g.multiply(da, b), g.multiply(a, db))


def _divide(g: Algebra, f: int, args: tuple[int, ...], slopes: list[int]) -> int:
    (_, b), (da, db) = args, slopes
    return g.divide(g.subtract(da, g.multiply(f, db)), b)


def _power(g: Algebra, f: int, args: tuple[int, ...], slopes: list[int]) -> int:
    (a, b), (da, db) = args, slopes
    exponent = g.value(b)
    less = g.subtract(b, g.number(1.0))
    whole = exponent is not None and exponent % 1.0 == 0.0
    lower = g.power(a, less) if whole or (exponent or 0.0) > 1.0 else g.call("steep", a, less)
    along_base = g.multiply(g.multiply(b, lower), da)
    along_exponent = g.multiply(g.multiply(f, g.call("log", a)), db) if g.value(db) != 0.0 else db
    return g.add(along_base, along_exponent)


RULES: dict[str, Rule] = {
    "add": lambda g, f, args, slopes: g.add(*slopes),
    "subtract": lambda g, f, args, slopes: g.subtract(*slopes),
    "multiply": _multiply,
    "divide": _divide,
    "power": _power,
    "steep": _power,
    "min": lambda g, f, args, slopes: g.call("of_smaller", *args, *slopes),
    "max": lambda g, f, args, slopes: g.call("of_smaller", args[1], args[0], slopes[0], slopes[1]),
    "of_smaller": lambda g, f, args, slopes: g.call("of_smaller", *args[:2], *slopes[2:]),
}
"""The derivative of a function of several arguments, from those of its arguments."""
