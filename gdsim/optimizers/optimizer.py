"""Optimizer: the record round the leaf functions of one update rule."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from gdsim.parameter import Param

Leaf = Callable[..., Any]
Values = Mapping[str, float | bool]

WEIGHT_DECAY = Param("weight_decay", 0.0, "pull of every weight towards zero: so much of the weight is added to its gradient (L2)", low=0.0)

DECOUPLED_WEIGHT_DECAY = Param(
    "weight_decay", 0.0, "pull of every weight towards zero: a step takes this share, times the learning rate, off the weight", low=0.0
)
DECOUPLED = Param("decoupled_weight_decay", False, "take weight decay off the weight itself instead of adding it to the gradient")


def learning_rate(default: float) -> Param:
    """The parameter that every rule begins with."""
    return Param("learning_rate", default, "length of the steps: each one is multiplied by this number", low=0.0, log=True)


@dataclass(frozen=True)
class Zeros:
    """``initial_slots`` of a rule whose numbers, ``count`` for each weight, all begin at 0."""

    count: int = 0

    def __call__(self, _hyper: tuple[float, ...]) -> tuple[float, ...]:
        return (0.0,) * self.count


ALL_AT_ZERO = Zeros()
"""Stands for the ``Zeros`` of a rule, whose ``slot_names`` say how many they are."""


def nothing_shared(_shared: tuple[float, ...], _hyper: tuple[float, ...], _step: int) -> tuple[float, ...]:
    """``advance`` of a rule whose step looks the same at every step number."""
    return ()


def no_conflict(_values: Values) -> str | None:
    """``conflict`` of a rule whose parameters are independent of each other."""
    return None


@dataclass(frozen=True)
class Optimizer:
    """An update rule, applied to every weight on its own; or a method that looks at all weights together (``update`` then is None).

    Leaf functions, plain scalar Python in numba's subset:

    - ``update(weight, gradient, slots, shared, hyper, on, step) -> (weight, slots)``: one step of one weight. ``slots`` is the tuple of
      numbers kept for that weight, ``hyper`` the tuple of float parameters in the order declared, ``on`` a tuple of compile-time
      booleans in the order of ``switches``, ``step`` the number of the step, from 1.
    - ``initial_slots(hyper) -> slots``; without it every slot in ``slot_names`` begins at 0.
    - ``take_step(x, y, loss, gx, gy, slots_x, slots_y, shared, hyper, values, step) -> (x, y, slots_x, slots_y, evaluations)``, in place
      of ``update``: one step of both weights. It may name ``value_and_gradient``, ``second_derivatives``, ``residuals`` (leaves of the
      landscape, whose parameters are ``values``) and ``ON``, the switches, without defining them. ``evaluations`` counts the points
      where it had to know the landscape: the one it starts from, and every one tried but the one it ends in, which the next step counts.
      Second derivatives, or the derivatives of residuals, count as one more. On a curve y stands still, because all derivatives are 0.
    - ``advance(shared, hyper, step) -> shared``: what all weights of a run share (running products such as beta1**t), before the update.
      It must not depend on the learning rate, so that a sweep over rates computes it once a step.

    ``switches`` names parameters that choose code and not a number: all booleans, and floats whose neutral value 0 lets the rule skip
    work (momentum, weight decay). A switch is on if the parameter is not 0 for any run of a block; with it on, a run whose own value
    is 0 gets the same bits as with it off.

    ``conflict(values)`` says in one sentence why values that are each within their own bounds do not go together, or None if they do.
    ``values`` holds every parameter by name. ``remedy`` names values that go together with any switch: what takes the place of those in
    conflict with a switch that a user turns on.

    ``stable_product(values)``, where theory knows it, is the limit of stability on a quadratic: runs with
    learning_rate * curvature below it converge, those above it diverge.

    ``needs_residuals`` says that the loss has to be a sum of squares (``Landscape.residuals``).
    """

    name: str
    title: str
    family: str
    parameters: tuple[Param, ...]
    update: Leaf | None
    formula: str
    latex: str
    source: str
    initial_slots: Leaf = ALL_AT_ZERO
    slot_names: tuple[str, ...] = ()
    advance: Leaf = nothing_shared
    initial_shared: tuple[float, ...] = ()
    switches: tuple[str, ...] = ()
    take_step: Leaf | None = None
    needs_residuals: bool = False
    conflict: Callable[[Values], str | None] = no_conflict
    remedy: tuple[tuple[str, float], ...] = ()
    stable_product: Callable[[Values], float] | None = None
    notes: str = ""

    def __post_init__(self) -> None:
        if (self.update is None) == (self.take_step is None):
            raise ValueError(f"{self.name}: there must be an update, or a take_step in its place")
        if not self.parameters or self.parameters[0].name != "learning_rate":
            raise ValueError(f"{self.name}: the first parameter must be learning_rate")
        names = {p.name for p in self.parameters}
        booleans = {p.name for p in self.parameters if p.is_switch}
        if not booleans <= set(self.switches) <= names:
            raise ValueError(f"{self.name}: switches must name every boolean parameter, and parameters only")
        if self.initial_slots is ALL_AT_ZERO:
            object.__setattr__(self, "initial_slots", Zeros(len(self.slot_names)))

    def __repr__(self) -> str:
        return f"<Optimizer {self.name}({', '.join(f'{name}={value}' for name, value in self.defaults.items())})>"

    @property
    def is_elementwise(self) -> bool:
        """Whether it treats every weight on its own, by the gradient at the point alone."""
        return self.update is not None

    @property
    def defaults(self) -> dict[str, float | bool]:
        return {p.name: p.default for p in self.parameters}

    @property
    def hyper_names(self) -> tuple[str, ...]:
        """Names of the float parameters, in the order of the leaf's ``hyper`` tuple."""
        return tuple(p.name for p in self.parameters if not p.is_switch)

    def reconciled(self, values: Values, name: str) -> dict[str, float | bool]:
        """``values`` with as few of the others changed as it takes for ``name`` to keep its value: a switch that is turned on brings along
        what it needs from ``remedy``, and a number turns off the switch that it does not go with, or has its counterpart (a bound on the
        other side) take its default or the same value. Unchanged where none of that helps.
        """
        if self.conflict(values) is None:
            return dict(values)
        if values[name] is True:
            choices = [dict(some) for count in range(1, len(self.remedy) + 1) for some in combinations(self.remedy, count)]
        else:
            choices = [{switch: False} for switch in self.switches if values[switch] is True]
            choices += [{other: self.defaults[other]} for other in self.hyper_names]
            choices += [{p.name: values[name]} for p in self.parameters if not p.is_switch and p.admits(float(values[name]))]
        settled = ({**values, **choice} for choice in choices if name not in choice)
        return next((full for full in settled if self.conflict(full) is None), dict(values))

    def pack(self, values: Values) -> tuple[tuple[float, ...], tuple[bool, ...]]:
        """``(hyper, on)`` for one run from parameter values by name; missing ones take their default. Raises KeyError for unknown names."""
        unknown = set(values) - set(self.defaults)
        if unknown:
            raise KeyError(f"{self.name} has no parameter {sorted(unknown)[0]!r}; it has {', '.join(self.defaults)}")
        full = self.defaults | dict(values)
        hyper = tuple(float(full[name]) for name in self.hyper_names)
        return hyper, tuple(bool(full[name]) for name in self.switches)
