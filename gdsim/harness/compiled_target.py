"""Records as targets: an update rule compiled for any number of weights, one step a call."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.engine.gather import gather, scatter
from gdsim.engine.single import in_single
from gdsim.engine.specialise import specialise
from gdsim.harness.method_target import MethodStepper
from gdsim.harness.target import Floats, Stepper, Target, TargetError
from gdsim.optimizers import Optimizer

# mypy: disable-error-code="name-defined"
# ruff: noqa: F821 (the names of leaves stand free in the template)


def one_step(weights, gradients, slots, rates, common, step):  # type: ignore[no-untyped-def]
    """Template: every weight moved by ``update``; slot k of weight i is ``slots[k * n + i]``."""
    hyper, shared, n = gather_hyper(rates, 0, 1), gather_shared(common, 0, 1), weights.size
    for i in range(n):
        weight, kept = update(weights[i], gradients[i], gather_slots(slots, i, n), shared, hyper, ON, step)
        weights[i] = weight
        scatter_slots(slots, i, n, kept)


def one_advance(common, rates, step):  # type: ignore[no-untyped-def]
    """Template: what all weights share, moved on."""
    scatter_shared(common, 0, 1, advance(gather_shared(common, 0, 1), gather_hyper(rates, 0, 1), step))


@cache
def kernels(record: Optimizer, on: tuple[bool, ...], single: bool) -> tuple[Callable[..., None], Callable[..., None]]:
    """``one_step`` and ``one_advance`` of a rule with these switches; the second always in double precision."""
    assert record.update is not None
    hyper, shared, slots = len(record.hyper_names), len(record.initial_shared), len(record.slot_names)
    gathered: dict[str, Any] = {"gather_hyper": gather(hyper), "gather_shared": gather(shared)}
    moved: dict[str, Any] = {"update": in_single(record.update) if single else record.update, "ON": on}
    step = specialise(one_step, **gathered, **moved, gather_slots=gather(slots), scatter_slots=scatter(slots))
    return step, specialise(one_advance, **gathered, advance=record.advance, scatter_shared=scatter(shared))


class SinglePrecisionError(TargetError):
    """A rule that cannot be computed in single precision."""


def uncompiled(error: Exception) -> str:
    """What the compiler says, in one line: the innermost of its messages, and the line of the source that it is about."""
    lines = [line.strip() for line in re.sub(r"\x1b\[\d+m", "", str(error)).splitlines()]
    told = next((line for line in lines if line and not line.startswith("Failed in")), type(error).__name__)
    place = next((found for line in lines if (found := re.match(r'File "(.+)", (line \d+)', line))), None)
    return f"{f'{place[1]}, {place[2]}: ' if place else ''}it cannot be compiled: {told}"


class RecordStepper:
    """A rule under way on n weights, all that it keeps in arrays of its own."""

    def __init__(self, record: Optimizer, values: Mapping[str, float | bool], weights: NDArray[Any]) -> None:
        self._record, self._values = record, values
        hyper, on = record.pack(values)
        dtype = np.float32 if weights.dtype == np.float32 else np.float64
        self._weights: NDArray[Any] = np.array(weights, dtype)
        self._hyper = np.array(hyper)
        self._rates = self._hyper.astype(dtype)
        self._slots = np.repeat(np.array(record.initial_slots(hyper), dtype), len(weights))
        self._shared = np.array(record.initial_shared, np.float64)
        self._done = 0
        try:
            self._step, self._advance = kernels(record, on, dtype == np.float32)
        except ValueError as error:
            raise SinglePrecisionError(f"{record.name}: {error}") from error

    def step(self, gradient: Floats, loss: float) -> Floats:
        if self._done:
            return self._stepped(gradient)
        try:  # it is compiled now, or found not to be what can be compiled
            return self._stepped(gradient)
        except Exception as error:
            raise TargetError(f"{self._record.name}: {uncompiled(error)}") from error

    def _stepped(self, gradient: Floats) -> Floats:
        self._done += 1
        dtype = self._weights.dtype
        if len(self._shared):
            self._advance(self._shared, self._hyper, self._done)
        with np.errstate(all="ignore"):
            given = np.array(gradient, dtype)
            shared = self._shared.astype(dtype)
        self._step(self._weights, given, self._slots, self._rates, shared, self._done)
        return self._weights.copy()

    def state(self) -> dict[str, Floats]:
        n = len(self._weights)
        kept = {name: self._slots[place * n : (place + 1) * n].copy() for place, name in enumerate(self._record.slot_names)}
        return {**kept, **({"shared": self._shared.copy()} if len(self._shared) else {}), "steps": np.array([float(self._done)])}

    def restored(self) -> "RecordStepper":
        other = RecordStepper(self._record, self._values, self._weights)
        other._slots, other._shared, other._done = self._slots.copy(), self._shared.copy(), self._done
        return other


def record_target(record: Optimizer, values: Mapping[str, float | bool], name: str, claims: str | None) -> Target:
    """Raises TargetError for values that the record does not allow."""
    full = complete(record, values, name)

    def begin(weights: NDArray[Any]) -> Stepper:
        return RecordStepper(record, full, weights) if record.is_elementwise else MethodStepper(record.name, full, weights)

    return Target(name, full, begin, lambda others: record_target(record, others, name, claims), record, claims)


def complete(record: Optimizer, values: Mapping[str, float | bool], name: str) -> dict[str, float | bool]:
    """``values`` with the defaults of all others. Raises TargetError for what is unknown, out of bounds or in conflict."""
    known = {param.name: param for param in record.parameters}
    for key, value in values.items():
        if key not in known:
            raise TargetError(f"{name}: there is no hyper-parameter {key!r}; allowed: {', '.join(known)}")
        param = known[key]
        fits = isinstance(value, bool) if param.is_switch else not isinstance(value, bool) and param.admits(float(value))
        if not fits:
            raise TargetError(f"{name}: {key}: found {value!r}; allowed: {param.allowed}")
    full = {key: value if known[key].is_switch else float(value) for key, value in (record.defaults | dict(values)).items()}
    if (text := record.conflict(full)) is not None:
        raise TargetError(f"{name}: {text}")
    return full
