"""Prototypes as the problem: pieces chosen one by one, the norm that combines two curves, and the scale."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from gdsim.app.answer import seeking
from gdsim.app.changes import SetPrototype
from gdsim.app.edit import roles_of, without_data
from gdsim.app.effects import FindRate
from gdsim.app.history import Change, edited
from gdsim.app.state import AppState
from gdsim.landscapes.prototypes import PROTOTYPES
from gdsim.landscapes.prototypes.pieces import TURNING
from gdsim.landscapes.prototypes.text import MOST_PIECES
from gdsim.simulation.problem import PrototypeProblem
from gdsim.simulation.scenario import Scenario

FIRST = "quad_convex-cliff"
"""What a prototype begins as: a gentle descent that ends at a wall."""


@dataclass(frozen=True)
class Curves:
    """The pieces of the curve along w1 and, where two weights are combined, of that along w2 (None: the same)."""

    first: tuple[str, ...]
    second: tuple[str, ...] | None = None
    combine: str | None = None
    scale: str = "normal"

    @property
    def text(self) -> str:
        """As a scenario has it."""
        curves = [self.first] if self.second is None or self.combine is None else [self.first, self.second]
        return "|".join("-".join(pieces) for pieces in curves)

    @property
    def message(self) -> SetPrototype:
        return SetPrototype(self.text, self.combine, self.scale)

    def with_piece(self, curve: int, index: int, piece: str) -> "Curves":
        """Another piece in the place ``index``, or one more at the end."""
        pieces = self.along(curve)
        return self._with(curve, (*pieces[:index], piece, *pieces[index + 1 :]))

    def without_piece(self, curve: int, index: int) -> "Curves":
        """The last piece of a curve stays."""
        pieces = self.along(curve)
        return self._with(curve, (*pieces[:index], *pieces[index + 1 :]) or pieces)

    def with_second(self, own: bool) -> "Curves":
        """With a curve of its own along w2, or the same along both."""
        return replace(self, second=self.along(1) if own else None)

    def along(self, curve: int) -> tuple[str, ...]:
        return self.first if curve == 0 or self.second is None else self.second

    def _with(self, curve: int, pieces: tuple[str, ...]) -> "Curves":
        return replace(self, first=pieces[:MOST_PIECES]) if curve == 0 else replace(self, second=pieces[:MOST_PIECES])


def curves_of(scenario: Scenario) -> Curves | None:
    """The scenario's prototype; None where it has none."""
    problem = scenario.problem
    if not isinstance(problem, PrototypeProblem):
        return None
    first, *second = (tuple(piece.strip() for piece in curve.split("-")) for curve in problem.prototype.split("|"))
    combine = problem.combine or ("l1" if second else None)
    return Curves(first, second[0] if second else None, combine, problem.scale)


def choices() -> Iterator[str]:
    """Every piece, and each way that it may turn."""
    for name in PROTOTYPES:
        yield name
        if name in TURNING:
            yield from (f"{name}:up", f"{name}:down")


def set_prototype(state: AppState, message: SetPrototype) -> Change:
    """From another landscape runs keep what their rates were, as between landscapes; from prototype to prototype they keep the rates.

    Noise, motion and the start stay where the number of weights does, the start between prototypes only: elsewhere it lies elsewhere.
    """
    before = state.scenario
    scenario = with_prototype(before, message)
    was_prototype = isinstance(before.problem, PrototypeProblem)
    roles = {} if was_prototype else roles_of(state)
    if scenario == before:
        return state, ()
    state, effects = edited(state, scenario)
    state = replace(state, playhead=0.0, wanted=0.0, playing=True)
    state, searches = seeking(state, *(FindRate(state.scenario, run, role) for run, role in roles.items())) if roles else (state, ())
    return state, (*effects, *searches)


def with_prototype(scenario: Scenario, message: SetPrototype) -> Scenario:
    """``scenario`` with the prototype in place of its problem. Raises pydantic.ValidationError."""
    problem = scenario.problem
    table = {"prototype": message.text, "combine": message.combine, "scale": message.scale}
    dim = 1 if message.combine is None and "|" not in message.text else 2
    if dim == problem.dim:
        table |= {"noise": problem.noise, "motion": problem.motion}  # type: ignore[dict-item]
    if dim != problem.dim or not isinstance(problem, PrototypeProblem):
        return scenario.changed(problem=table, start=None, runs=without_data(scenario))
    angle = getattr(problem.parameters, "angle", 0.0)
    return scenario.changed(problem=table | ({"parameters": {"angle": angle}} if angle and dim == 2 else {}))
