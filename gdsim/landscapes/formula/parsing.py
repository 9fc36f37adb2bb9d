"""From text to a graph that says what was written: nothing is simplified yet."""

import difflib
import functools
from collections.abc import Collection
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from gdsim.landscapes.formula.complaint import FormulaError
from gdsim.landscapes.formula.functions import ARITIES, CONSTANTS, ELSEWHERE, VARIABLES
from gdsim.landscapes.formula.grammar import DEEPEST, syntax_tree
from gdsim.landscapes.formula.graph import Graph

MOST_NODES = 500
MOST_PARAMETERS = 8
LONGEST_NAME = 32
RESERVED = {"self", "text", "domain"}
"""Names that a Python call of ``formula`` has for other things."""
LARGEST = 1.7976931348623157e308


@dataclass(frozen=True, eq=False)
class Parsed:
    """A formula understood: ``graph`` up to ``root``. ``parameters`` are the names that need a value, in the order of their first use.

    ``dim`` is 2 with a y, 1 with x alone (a curve), 0 with neither.
    """

    text: str
    graph: Graph
    root: int
    dim: int
    parameters: tuple[str, ...]
    places: MappingProxyType[str, int]

    def require(self, given: Collection[str]) -> None:
        """Raises FormulaError unless every parameter is among ``given``, listing those that are not, and there is an x or a y."""
        missing = [name for name in self.parameters if name not in given]
        if not missing:
            if not self.dim:
                raise FormulaError("there is no x and no y in this formula, so that there is nothing to minimise", self.text)
            return
        hints = {name: hint for name in missing if (hint := self._hint(name, given))}
        first = next(iter(hints), missing[0])
        reason = f"there is no value for {' and '.join(_listed(missing))}"
        rule = "every name but x, y, pi and e is a parameter that needs a value, in a scenario under [problem.parameters]"
        raise FormulaError(f"{reason}; {hints[first] + '; ' if hints else ''}{rule}", self.text, self.places[first])

    def _hint(self, name: str, given: Collection[str]) -> str:
        called = self.text[self.places[name] + len(name) :].lstrip().startswith("(")
        return _hint(name, called, {*given, *self.parameters} - {name})


@functools.lru_cache(maxsize=256)
def parse(text: str) -> Parsed:
    """What ``text`` means. Raises FormulaError; takes milliseconds and little memory, whatever the text."""
    builder = Builder(text)
    root = builder.built(syntax_tree(text))
    used = {builder.graph[place].value for place in builder.graph.used((root,)) if builder.graph[place].kind == "variable"}
    dim = 2 if "y" in used else len(used)
    places = dict(sorted(builder.places.items(), key=lambda each: each[1]))
    return Parsed(text, builder.graph, root, dim, tuple(places), MappingProxyType(places))


class Builder:
    """Turns lark's tree into a graph, from the leaves up, and keeps count."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.graph = Graph()
        self.places: dict[str, int] = {}
        self.count = 0
        self.depths: dict[int, int] = {}

    def built(self, tree: Any) -> int:
        done: dict[int, int] = {}
        for part in tree.iter_subtrees():  # children first, and no recursion
            children = [done[id(child)] if hasattr(child, "data") else child for child in part.children]
            done[id(part)] = getattr(self, part.data)(*children)
        return done[id(tree)]

    def node(self, kind: str, *args: int, value: float | str | None = None) -> int:
        place = self.graph.node(kind, *args, value=value)
        self.count += 1
        if self.count > MOST_NODES:
            raise FormulaError(f"found more than {MOST_NODES} numbers, names and operations in one formula")
        # A chain of sums or products is not deep: only what stands to the right of a sign, in brackets, lies deeper.
        depths = [self.depths[arg] for arg in args]
        chained = kind in ("add", "subtract", "multiply", "divide")
        self.depths[place] = max(depths[0], depths[1] + 1) if chained else 1 + max(depths, default=0)
        if self.depths[place] > DEEPEST:
            raise FormulaError(f"found operations nested more than {DEEPEST} deep")
        return place

    def start(self, root: int) -> int:
        return root

    def add(self, a: int, b: int) -> int:
        return self.node("add", a, b)

    def subtract(self, a: int, b: int) -> int:
        return self.node("subtract", a, b)

    def multiply(self, a: int, b: int) -> int:
        return self.node("multiply", a, b)

    def divide(self, a: int, b: int) -> int:
        return self.node("divide", a, b)

    def negate(self, a: int) -> int:
        return self.node("negate", a)

    def power(self, a: int, b: int) -> int:
        return self.node("power", a, b)

    def superscript(self, a: int, sign: Any) -> int:
        return self.node("power", a, self.node("number", value=2.0 if sign == "²" else 3.0))

    def bars(self, a: int) -> int:
        return self.node("abs", a)

    def root(self, a: int) -> int:
        return self.node("sqrt", a)

    def number(self, token: Any) -> int:
        value = float(token)
        if value > LARGEST:
            raise FormulaError("found a number that is too large; the largest is about 1.8e308", self.text, token.start_pos)
        return self.node("number", value=value)

    def name(self, token: Any) -> int:
        name = "pi" if token == "π" else str(token)
        if name in CONSTANTS:
            return self.node("constant", value=name)
        if name in VARIABLES:
            return self.node("variable", value=VARIABLES[name])
        if name in RESERVED:
            raise FormulaError(f"'{name}' cannot be the name of a parameter; take another", self.text, token.start_pos)
        if len(name) > LONGEST_NAME:
            raise FormulaError(f"found a name of {len(name)} characters; the longest has {LONGEST_NAME}", self.text, token.start_pos)
        self.places.setdefault(name, token.start_pos)
        if len(self.places) > MOST_PARAMETERS:
            raise FormulaError(
                f"found more than {MOST_PARAMETERS} names besides x and y ({', '.join(self.places)})", self.text, token.start_pos
            )
        return self.node("parameter", value=name)

    def call(self, token: Any, *args: int) -> int:
        least, most = ARITIES[token]
        if not least <= len(args) <= most:
            allowed = f"{least} argument" if most == 1 else f"{least} to {most} arguments"
            raise FormulaError(
                f"found {token} of {len(args)} argument{'s' * (len(args) != 1)}; it takes {allowed}", self.text, token.start_pos
            )
        name = {"ln": "log", "relu": "max"}.get(token, str(token))
        if token == "relu":
            args = (*args, self.node("number", value=0.0))
        place = args[0]
        if len(args) == 1:
            return self.node(name, place)
        for arg in args[1:]:
            place = self.node(name, place, arg)
        return place


def _listed(names: list[str]) -> list[str]:
    quoted = [f"'{name}'" for name in names]
    return [", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted


def _hint(name: str, called: bool, known: Collection[str]) -> str:
    """What may have been meant by a name that is not known."""
    if name in ELSEWHERE:
        return f"write {ELSEWHERE[name]}"
    if called:
        close = difflib.get_close_matches(name.lower(), ARITIES, n=1, cutoff=0.6)
        if close:
            return f"did you mean {close[0]}(...)?"
        return f"there is no function named '{name}' (there are {', '.join(ARITIES)})"
    parts = _product(name, {*VARIABLES, *CONSTANTS, *known})
    if parts:
        return f"for a product write {'*'.join(parts)}"
    for function in sorted(ARITIES, key=len, reverse=True):
        if name.startswith(function) and name[len(function) :] in {*VARIABLES, *CONSTANTS, *known}:
            return f"write {function}({name[len(function) :]})"
    if len(name) == 2 and name[0] in VARIABLES and name[1].isdigit():
        return f"write {name[0]}*{name[1]} or {name[0]}^{name[1]}"
    return "names are case-sensitive" if name.lower() in {*VARIABLES, *CONSTANTS, *ARITIES} else ""


def _product(name: str, known: Collection[str]) -> list[str]:
    """The known names that ``name`` consists of, written one after the other; nothing where it does not."""
    parts: list[str] = []
    while name:
        part = max((each for each in known if name.startswith(each)), key=len, default="")
        if not part:
            return []
        parts.append(part)
        name = name[len(part) :]
    return parts
