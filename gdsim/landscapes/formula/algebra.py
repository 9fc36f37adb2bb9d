"""Algebra: nodes put together with what is plainly the same written more simply.

Only rewritings that change no rounding, and the folding of constants, with the functions that would compute them later. A term that is 0
disappears even where its other factor might be infinite: that is what derivatives need.
"""

import math

from gdsim.landscapes.formula.functions import CONSTANTS, FUNCTIONS
from gdsim.landscapes.formula.graph import Graph

MOST_SQUARINGS = 64
"""Whole powers up to this one are products."""


class Algebra(Graph):
    """A graph whose nodes are made by ``add``, ``multiply``, ... Arguments and results are places."""

    def value(self, place: int) -> float | None:
        """The number that stands at ``place``, if one does."""
        node = self.nodes[place]
        return float(node.value) if node.kind == "number" and node.value is not None else None

    def variable(self, name: str) -> int:
        return self.node("variable", value=name)

    def _negated(self, place: int) -> int | None:
        node = self.nodes[place]
        return node.args[0] if node.kind == "negate" else None

    def negate(self, a: int) -> int:
        value, inner = self.value(a), self._negated(a)
        if value is not None:
            return self.number(-value)
        if inner is not None:
            return inner
        if self.nodes[a].kind == "subtract":
            return self.subtract(*reversed(self.nodes[a].args))
        return self.node("negate", a)

    def add(self, a: int, b: int) -> int:
        one, other = self.value(a), self.value(b)
        if one is not None and other is not None and math.isfinite(one + other):
            return self.number(one + other)
        if one == 0.0:
            return b
        if other == 0.0:
            return a
        if (inner := self._negated(b)) is not None:
            return self.subtract(a, inner)
        if (inner := self._negated(a)) is not None:
            return self.subtract(b, inner)
        if a == b:
            return self.multiply(self.number(2.0), a)
        return self.node("add", min(a, b), max(a, b))

    def subtract(self, a: int, b: int) -> int:
        one, other = self.value(a), self.value(b)
        if one is not None and other is not None and math.isfinite(one - other):
            return self.number(one - other)
        if other == 0.0:
            return a
        if one == 0.0:
            return self.negate(b)
        if a == b:
            return self.number(0.0)
        if (inner := self._negated(b)) is not None:
            return self.add(a, inner)
        return self.node("subtract", a, b)

    def multiply(self, a: int, b: int) -> int:
        one, other = self.value(a), self.value(b)
        if one is not None and other is not None and math.isfinite(one * other):
            return self.number(one * other)
        if other is not None:
            a, b, one = b, a, other
        if one == 0.0:
            return self.number(0.0)
        if one == 1.0:
            return b
        if one == -1.0:
            return self.negate(b)
        if (inner := self._negated(a)) is not None:
            return self.negate(self.multiply(inner, b))
        if (inner := self._negated(b)) is not None:
            return self.multiply(self.number(-one), inner) if one is not None else self.negate(self.multiply(a, inner))
        node = self.nodes[b]
        if one is not None and node.kind == "multiply" and (factor := self.value(node.args[0])) is not None and _is_power_of_two(one):
            return self.multiply(self.number(one * factor), node.args[1])
        return self.node("multiply", min(a, b), max(a, b)) if one is None else self.node("multiply", a, b)

    def divide(self, a: int, b: int) -> int:
        one, other = self.value(a), self.value(b)
        if one is not None and other and math.isfinite(one / other):
            return self.number(one / other)
        if one == 0.0:
            return self.number(0.0)
        if other == 1.0:
            return a
        if (inner := self._negated(a)) is not None:
            return self.negate(self.divide(inner, b))
        if (inner := self._negated(b)) is not None:
            return self.negate(self.divide(a, inner))
        return self.node("divide", a, b)

    def power(self, a: int, b: int) -> int:
        base, exponent = self.value(a), self.value(b)
        if exponent == 0.0:
            return self.number(1.0)
        if exponent == 1.0:
            return a
        if exponent == 0.5:
            return self.call("sqrt", a)
        if base == math.e:
            return self.call("exp", b)
        return self.call("power", a, b)

    def call(self, name: str, *args: int) -> int:
        """A function of the table, folded where its arguments are numbers and its value is one too."""
        numbers = [value for arg in args if (value := self.value(arg)) is not None]
        if len(numbers) == len(args):
            folded = float(FUNCTIONS[name].leaf(*numbers))
            if math.isfinite(folded):
                return self.number(folded)
        return self.node(name, *args)

    def make(self, kind: str, *args: int) -> int:
        """The operator or function ``kind`` of ``args``."""
        match kind:
            case "add" | "subtract" | "multiply" | "divide" | "negate" | "power":
                made: int = getattr(self, kind)(*args)
                return made
            case _:
                return self.call(kind, *args)

    def copied(self, graph: Graph, roots: tuple[int, ...]) -> tuple[int, ...]:
        """``roots`` of another graph made anew in this one, simplified. Constants become numbers."""
        places: dict[int, int] = {}
        for place in graph.used(roots):
            node = graph[place]
            if node.kind == "constant":
                places[place] = self.number(CONSTANTS[str(node.value)])
            elif not node.args:
                places[place] = self.node(node.kind, value=node.value)
            else:
                places[place] = self.make(node.kind, *(places[arg] for arg in node.args))
        return tuple(places[root] for root in roots)

    def whole_power(self, a: int, n: int) -> int:
        """a^n for n >= 1 by repeated squaring."""
        result, square = -1, a
        while n:
            if n & 1:
                result = square if result < 0 else self.multiply(result, square)
            n >>= 1
            if n:
                square = self.multiply(square, square)
        return result


class Products(Algebra):
    """An algebra that writes whole and half powers as products, quotients and square roots: the last form before code is emitted."""

    def power(self, a: int, b: int) -> int:
        exponent = self.value(b)
        if exponent is None or abs(exponent) > MOST_SQUARINGS or (2.0 * exponent) % 1.0 or exponent == 0.0:
            return super().power(a, b)
        n, half = divmod(abs(exponent), 1.0)
        positive = self.whole_power(a, int(n)) if n else -1
        if half:
            root = self.call("sqrt", a)
            positive = root if positive < 0 else self.multiply(positive, root)
        return positive if exponent > 0.0 else self.divide(self.number(1.0), positive)

    def make(self, kind: str, *args: int) -> int:
        if kind == "steep":
            exponent = self.value(args[1])
            if exponent is not None and -MOST_SQUARINGS <= exponent < 0.0 and (2.0 * exponent) % 2.0 == 1.0:
                return self.whole_power(self.call("steep_root", args[0]), int(-2.0 * exponent))
            if exponent is not None and exponent > 0.0:
                return self.power(*args)
        return super().make(kind, *args)


def _is_power_of_two(number: float) -> bool:
    return abs(math.frexp(number)[0]) == 0.5
