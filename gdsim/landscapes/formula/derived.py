"""A formula with its derivatives: simplified, as leaf functions for the engine, and as arrays for a search."""

import functools
from dataclasses import dataclass
from typing import Any

from gdsim.landscapes.formula.algebra import Algebra, Products
from gdsim.landscapes.formula.differentiate import derivative
from gdsim.landscapes.formula.emit import leaf
from gdsim.landscapes.formula.parsing import parse

KINKED = {"abs", "sign", "min", "max", "sqrt", "steep", "steep_root", "of_smaller"}


@dataclass(frozen=True, eq=False)
class Derived:
    """``roots`` in ``graph``: J, Jx, Jy, Jxx, Jxy, Jyy; those of a curve are 0 where y is in them."""

    graph: Algebra
    roots: tuple[int, int, int, int, int, int]
    parameters: tuple[str, ...]
    value_and_gradient: Any
    second_derivatives: Any

    @property
    def kinked(self) -> bool:
        """Whether there may be points where the loss has no gradient."""
        return any(self.graph[place].kind in KINKED for place in self.graph.used(self.roots[:1]))


@functools.lru_cache(maxsize=128)
def derived(text: str) -> Derived:
    """The derivatives of the formula ``text``, found symbolically. Raises FormulaError."""
    parsed = parse(text)
    simple = Algebra()
    (loss,) = simple.copied(parsed.graph, (parsed.root,))
    gx, gy = (derivative(simple, loss, axis) for axis in "xy")
    second = (derivative(simple, gx, "x"), derivative(simple, gx, "y"), derivative(simple, gy, "y"))
    graph = Products()
    roots = graph.copied(simple, (loss, gx, gy, *second))
    first_leaf = leaf(graph, roots[:3], parsed.parameters, "formula")
    second_leaf = leaf(graph, roots[3:], parsed.parameters, "formula_second")
    return Derived(graph, roots, parsed.parameters, first_leaf, second_leaf)  # type: ignore[arg-type]
