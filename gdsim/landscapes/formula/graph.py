"""Graph: mathematics as a list of nodes, each standing after those that it uses, and none of them twice.

A node is named by its number in the list. So every pass is one loop from front to back, whatever the depth, and what two expressions have
in common is computed once.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Node(NamedTuple):
    """``kind`` is ``number``, ``constant`` (pi, e), ``variable`` (x, y), ``parameter``, an operator or a function."""

    kind: str
    args: tuple[int, ...] = ()
    value: float | str | int | None = None


class Graph:
    """Nodes, children first."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self._places: dict[Node, int] = {}

    def __getitem__(self, place: int) -> Node:
        return self.nodes[place]

    def __len__(self) -> int:
        return len(self.nodes)

    def node(self, kind: str, *args: int, value: float | str | int | None = None) -> int:
        """The place of this node, new or known."""
        new = Node(kind, args, value)
        place = self._places.setdefault(new, len(self.nodes))
        if place == len(self.nodes):
            self.nodes.append(new)
        return place

    def number(self, value: float) -> int:
        return self.node("number", value=float(value) + 0.0)  # no negative zero, which would pass for the other

    def used(self, roots: Iterable[int]) -> Iterator[int]:
        """The places that ``roots`` need, children first."""
        needed = bytearray(len(self.nodes))
        for root in roots:
            needed[root] = 1
        for place in range(len(self.nodes) - 1, -1, -1):
            if needed[place]:
                for arg in self.nodes[place].args:
                    needed[arg] = 1
        return (place for place, need in enumerate(needed) if need)
