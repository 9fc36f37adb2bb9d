"""Hyper-parameters of others under the names that they have here: ``lr`` is the learning rate, ``betas`` are beta1 and beta2."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from gdsim.harness.target import TargetError

ALIASES = {"lr": "learning_rate", "b1": "beta1", "b2": "beta2", "b3": "beta3"}
PAIRS = {"etas": ("eta_minus", "eta_plus"), "step_sizes": ("step_min", "step_max")}
"""torch's pairs that are not numbered."""

Values = Mapping[str, float | bool]


def ours(name: str) -> str:
    """What is called ``name`` elsewhere."""
    return ALIASES.get(name, name)


class Arguments:
    """The hyper-parameters of ``function``: those of its arguments after the first ``skip`` that are numbers or switches, or pairs of them.

    ``defaults`` are their values by our names; ``needed`` are arguments without a default that only a value can fill, ``optional`` those
    that are None unless they are given.
    """

    def __init__(self, function: Callable[..., Any], skip: int) -> None:
        try:
            found = list(inspect.signature(function).parameters.values())[skip:]
        except (TypeError, ValueError):
            found = []
        self.defaults: dict[str, float | bool] = {}
        self.needed: list[str] = []
        self.optional: list[str] = []
        self._whole: set[str] = set()
        self._tuples: dict[str, tuple[str | None, ...]] = {}
        self._theirs: dict[str, str] = {}
        self._fixed: dict[str, tuple[Any, ...]] = {}
        for one in found:
            if one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD):
                continue
            if one.default is one.empty or (one.default is None and ours(one.name) == "learning_rate"):
                self.needed.append(ours(one.name))
                self._theirs[ours(one.name)] = one.name
            elif isinstance(one.default, bool | int | float):
                self.defaults[ours(one.name)] = one.default if isinstance(one.default, bool) else float(one.default)
                self._theirs[ours(one.name)] = one.name
                if type(one.default) is int:
                    self._whole.add(one.name)
            elif one.default is None:
                self._theirs[ours(one.name)] = one.name
                self.optional.append(ours(one.name))
            elif isinstance(one.default, tuple) and any(_is_number(part) for part in one.default):
                self._add_tuple(one.name, one.default)

    def _add_tuple(self, name: str, default: tuple[Any, ...]) -> None:
        stem = name if name == "eps" else name.removesuffix("s")
        names = PAIRS.get(name, tuple(f"{stem}{place}" for place in range(1, len(default) + 1)))
        self._tuples[name] = tuple(own if _is_number(part) else None for own, part in zip(names, default, strict=True))
        self._fixed[name] = default
        self.defaults |= {own: float(part) for own, part in zip(names, default, strict=True) if _is_number(part)}

    def complete(self, values: Values, target: str) -> dict[str, float | bool]:
        """All hyper-parameters by our names. Raises TargetError for unknown ones, and for missing ones."""
        given = {ours(name): value for name, value in values.items()}
        known = {*self.defaults, *self.needed, *self.optional}
        if unknown := sorted(set(given) - known):
            has = f"allowed: {', '.join(sorted(known))}" if known else "it has none"
            raise TargetError(f"{target}: there is no hyper-parameter {unknown[0]!r}; {has}")
        if missing := [name for name in self.needed if name not in given]:
            option = "--learning-rate 0.01" if missing[0] == "learning_rate" else f"--param {missing[0]}=..."
            raise TargetError(f"{target}: {missing[0]} has no default; give it with {option}")
        return self.defaults | given

    def theirs(self, values: Values) -> dict[str, Any]:
        """``values``, complete and by our names, as keyword arguments of the function."""
        given: dict[str, Any] = {self._theirs[name]: value for name, value in values.items() if name in self._theirs}
        given |= {name: int(value) for name, value in given.items() if name in self._whole and value == int(value)}
        for name, parts in self._tuples.items():
            pairs = zip(parts, self._fixed[name], strict=True)
            given[name] = tuple(fixed if own is None else values[own] for own, fixed in pairs)
        return given


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
