"""A formula as an expression of torch, written as a person would write it.

What holds no weight is plain arithmetic of Python; the rest are tensors. The text is made from the graph of the formula alone.
"""

import keyword
import math
import re
from collections import Counter
from collections.abc import Mapping
from itertools import chain, count

import numpy as np

from gdsim.landscapes.formula.evaluate import evaluate
from gdsim.landscapes.formula.parsing import Parsed
from gdsim.simulation.pytorch.writing import number

SUM, PRODUCT, SIGN, POWER, ATOM = range(5)
"""How tightly what is written holds together."""

INFIX = {"add": ("+", SUM), "subtract": ("-", SUM), "multiply": ("*", PRODUCT), "divide": ("/", PRODUCT)}
TAKEN = {"torch", "math", "W", "x", "y", "abs", "min", "max"}
LARGEST_WHOLE = 2.0**53
LETTERS = "uvrstpqh"
LONG = 14
"""Characters from which on something that is needed twice gets a name."""
TOO_LONG = 60
"""Characters beyond which everything but a term of the loss gets one."""


def local_name(name: str) -> str:
    """The name of a parameter as a variable of the script's own."""
    return f"{name}_" if keyword.iskeyword(name) or name in TAKEN else name


def expression(parsed: Parsed, values: Mapping[str, float]) -> tuple[dict[str, str], str]:
    """The loss in x, y and the parameters' ``local_name``, and before it what it names because it needs it more than once.

    ``values`` are those of the parameters.
    """
    writer = _Writer(parsed, values)
    return writer.named, writer.text(parsed.root)


Written = tuple[str, int]


class _Writer:
    def __init__(self, parsed: Parsed, values: Mapping[str, float]) -> None:
        self.graph = parsed.graph
        places = list(self.graph.used((parsed.root,)))
        self.depends: set[int] = set()
        for place in places:
            node = self.graph[place]
            if node.kind == "variable" or any(arg in self.depends for arg in node.args):
                self.depends.add(place)
        constant = [place for place in places if place not in self.depends]
        nowhere = np.zeros(1)
        self.values = {place: float(evaluate(self.graph, (place,), nowhere, nowhere, values)[0][0]) for place in constant}
        self.whole = all(abs(value) <= LARGEST_WHOLE for value in self.values.values())
        """Whether numbers may be written as integers: beyond 2^53 Python's arithmetic with them is not that of floats."""

        uses = Counter(arg for place in places for arg in self.graph[place].args)
        sums = self._sums(parsed.root)
        taken = {local_name(name) for name in parsed.parameters}
        free = (name for name in chain(LETTERS, (f"u{i}" for i in count(1))) if name not in taken)
        self.named: dict[str, str] = {}
        self.written: dict[int, Written] = {}
        for place in places:
            text, tightness = self._node(place)
            if (uses[place] > 1 and len(text) >= LONG) or (len(text) > TOO_LONG and place not in sums):
                name = next(free)
                self.named[name] = text
                text, tightness = name, ATOM
            self.written[place] = text, tightness

    def text(self, place: int) -> str:
        return self.written[place][0]

    def _node(self, place: int) -> Written:
        node = self.graph[place]
        if place in self.values and not (math.isfinite(self.values[place]) and self._is_plain(place)):
            return self._literal(self.values[place])
        match node.kind:
            case "number":
                return self._literal(self.values[place])
            case "constant":
                return f"math.{node.value}", ATOM
            case "parameter":
                return local_name(str(node.value)), ATOM
            case "variable":
                return str(node.value), ATOM
            case "add" | "subtract" | "multiply" | "divide":
                sign, tightness = INFIX[node.kind]
                # On the right, what holds no tighter needs brackets: a - (b - c).
                left, right = self._held(node.args[0], tightness), self._held(node.args[1], tightness + 1)
                return f"{left} {sign} {right}", tightness
            case "negate":
                return f"-{self._held(node.args[0], SIGN)}", SIGN
            case "power":
                return self._power(*node.args)
            case kind:
                return f"{self._call(kind, node.args)}", ATOM

    def _sums(self, root: int) -> set[int]:
        """The loss and its terms, which may stand on lines of their own."""
        found, open_ = set(), [root]
        while open_:
            place = open_.pop()
            found.add(place)
            if self.graph[place].kind in ("add", "subtract"):
                open_ += self.graph[place].args
        return found

    def _is_plain(self, place: int) -> bool:
        """Whether Python has the operation among numbers."""
        return self.graph[place].kind not in ("sign", "sigmoid")

    def _literal(self, value: float) -> Written:
        text = str(int(value)) if self.whole and value == int(value if math.isfinite(value) else 0) else number(value)
        return text, SIGN if text.startswith("-") else ATOM

    def _held(self, place: int, least: int) -> str:
        text, tightness = self.written[place]
        return text if tightness >= least else f"({text})"

    def _power(self, base: int, exponent: int) -> Written:
        if base in self.values and self.graph[base].value == "e" and exponent in self.depends:
            return f"torch.exp({self.text(exponent)})", ATOM
        # A sign may stand in the exponent, and an exponent that is a power itself needs no brackets.
        left, right = self._held(base, ATOM), self._held(exponent, SIGN)
        simple = all(re.fullmatch(r"-?[\w.]+", side) for side in (left, right))
        return f"{left}**{right}" if simple else f"{left} ** {right}", POWER

    def _call(self, kind: str, args: tuple[int, ...]) -> str:
        texts = [self.text(arg) for arg in args]
        tensors = [arg in self.depends for arg in args]
        if kind in ("min", "max"):
            if not any(tensors):
                return f"{kind}({', '.join(texts)})"
            if all(tensors):
                return f"torch.{kind}imum({', '.join(texts)})"
            tensor, bound = texts if tensors[0] else reversed(texts)
            if kind == "max" and bound == "0":
                return f"torch.relu({tensor})"
            return f"torch.clamp({tensor}, {'max' if kind == 'min' else 'min'}={bound})"
        if not any(tensors):
            return f"{'abs' if kind == 'abs' else f'math.{kind}'}({', '.join(texts)})"
        return f"torch.{kind}({', '.join(texts)})"
