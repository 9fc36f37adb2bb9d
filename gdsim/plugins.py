"""One's own landscapes and optimizers: a plain Python function becomes a record of the running program.

The functions are compiled like gdsim's own, so they keep to what numba compiles: scalar arithmetic, functions of ``math`` and of
``gdsim.engine.elementary``, conditions, tuples. A gradient is checked against differences before its landscape is taken.
"""

import importlib.util
import math
import random
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from types import FunctionType
from typing import Any, TypeVar

from gdsim.landscapes import LANDSCAPES, Landscape, StationaryPoint
from gdsim.optimizers import OPTIMIZERS, Optimizer
from gdsim.optimizers.optimizer import ALL_AT_ZERO, learning_rate, nothing_shared
from gdsim.parameter import Param
from gdsim.registry import LOADED

Leaf = Callable[..., Any]
Function = TypeVar("Function", bound=Callable[..., Any])

AGREEMENT = 1e-5
"""Largest difference between a gradient and differences of the loss, in units of the larger one."""
POINTS = 40

RECORDS: dict[FunctionType, Optimizer] = {}
"""Optimizers by the function that each was made of, also after another one of the same name has taken its place."""


class PluginError(ValueError):
    """A function or a file that cannot be used, and why."""


def landscape(
    *,
    domain: Sequence[tuple[float, float]],
    start: Sequence[float],
    name: str | None = None,
    title: str = "",
    formula: str = "",
    parameters: Sequence[Param] = (),
    minima: Iterable[tuple[Sequence[float], float]] = (),
    second_derivatives: Leaf | None = None,
    **facts: Any,
) -> Callable[[Function], Function]:
    """Decorator: makes a landscape of ``value_and_gradient(x, y, params) -> (loss, dJ/dx, dJ/dy)``.

    ``domain`` has an interval for each weight: one makes it a curve, whose function returns 0.0 as its last number. ``minima`` are
    (position, loss) of those known, the least first. Without ``second_derivatives(x, y, params) -> (Jxx, Jxy, Jyy)`` they are taken from
    differences of the gradient. ``facts`` are other fields of ``gdsim.Landscape`` (notes, source, latex, bounded_below, log_levels).

    Raises PluginError if the gradient is not that of the loss, with both; a landscape of that name is replaced.
    """

    def register(function: Function) -> Function:
        leaf = _plain(function)
        known = [
            StationaryPoint(tuple(map(float, at)), float(loss), "global minimum" if i == 0 else "local minimum")
            for i, (at, loss) in enumerate(sorted(minima, key=lambda one: one[1]))
        ]
        record = Landscape(
            name=name or function.__name__,
            title=title or (name or function.__name__).replace("_", " "),
            dim=len(domain),
            family="your own",
            value_and_gradient=leaf,
            second_derivatives=_plain(second_derivatives) if second_derivatives else differences_of(leaf, len(domain)),
            formula=formula or "a function of its own",
            latex=facts.pop("latex", ""),
            domain=tuple((float(low), float(high)) for low, high in domain),
            start=tuple(map(float, start)),
            points=lambda _values: tuple(known),
            parameters=tuple(parameters),
            **facts,
        )
        check_gradient(record)
        LANDSCAPES.add(record, replace=True)
        return function

    return register


def optimizer(
    *,
    name: str | None = None,
    title: str = "",
    parameters: Sequence[Param] = (),
    slots: Sequence[str] = (),
    default_rate: float = 1e-2,
    initial_slots: Leaf = ALL_AT_ZERO,
    **facts: Any,
) -> Callable[[Function], Function]:
    """Decorator: makes an optimizer of ``update(weight, gradient, slots, shared, hyper, on, step) -> (weight, slots)``.

    ``slots`` names the numbers that are kept for each weight, 0.0 at first unless ``initial_slots(hyper)`` says otherwise. The learning
    rate is always the first parameter (``hyper[0]``); ``parameters`` are the others. ``facts`` are other fields of ``gdsim.Optimizer``.

    Raises PluginError if a step of it, tried once, does not give a weight and that many slots. One of that name is replaced.
    """

    def register(function: Function) -> Function:
        own = tuple(parameters)
        knobs = own if own and own[0].name == "learning_rate" else (learning_rate(default_rate), *own)
        record = Optimizer(
            name=name or function.__name__,
            title=title or (name or function.__name__).replace("_", " "),
            family="your own",
            parameters=knobs,
            update=_plain(function),
            formula=facts.pop("formula", "a rule of its own"),
            latex=facts.pop("latex", ""),
            source=facts.pop("source", ""),
            initial_slots=initial_slots,
            slot_names=tuple(slots),
            advance=facts.pop("advance", nothing_shared),
            switches=facts.pop("switches", tuple(param.name for param in knobs if param.is_switch)),
            **facts,
        )
        check_step(record)
        OPTIMIZERS.add(record, replace=True)
        RECORDS[_plain(function)] = record
        return function

    return register


def check_gradient(record: Landscape) -> None:
    """Compares the gradient with central differences of the loss at random points of the domain. Raises PluginError where they differ."""
    draw = random.Random(0)
    for _ in range(POINTS):
        at = [draw.uniform(low, high) for low, high in record.domain]
        _, *claimed = _called(record, at)
        for axis in range(record.dim):
            size = 1e-5 * (record.domain[axis][1] - record.domain[axis][0])
            ends = [_called(record, [w + sign * size * (i == axis) for i, w in enumerate(at)])[0] for sign in (1.0, -1.0)]
            measured = (ends[0] - ends[1]) / (2.0 * size)
            noise = 1e-14 * max(map(abs, ends)) / size
            if abs(claimed[axis] - measured) > AGREEMENT * max(abs(claimed[axis]), abs(measured), 1e-3) + 10.0 * noise:
                place = ", ".join(f"{w:.6g}" for w in at)
                raise PluginError(
                    f"{record.name}: the gradient does not fit the loss: at ({place}) its part {axis + 1} is {claimed[axis]:.8g}, "
                    f"but differences of the loss give {measured:.8g}"
                )


def _called(record: Landscape, at: Sequence[float]) -> tuple[float, ...]:
    """Loss and gradient as the function returns them, called as plain Python."""
    try:
        numbers = tuple(float(number) for number in record.value_and_gradient(at[0], at[1] if len(at) > 1 else 0.0, record.values))
    except Exception as error:
        raise PluginError(f"{record.name}: calling it at {tuple(at)} gave {type(error).__name__}: {error}") from error
    if len(numbers) != 3 or not all(map(math.isfinite, numbers)):
        raise PluginError(f"{record.name}: at {tuple(at)} it returned {numbers}; needed: three finite numbers (loss, dJ/dx, dJ/dy)")
    return numbers


def check_step(record: Optimizer) -> None:
    """Takes one step in plain Python. Raises PluginError unless it gives (weight, slots) of the declared length."""
    hyper, on = record.pack({})
    update: Any = record.update
    try:
        shared = record.advance(record.initial_shared, hyper, 1)
        weight, slots = update(1.0, 0.5, record.initial_slots(hyper), shared, hyper, on, 1)
        numbers = (float(weight), *map(float, slots))
    except Exception as error:
        raise PluginError(f"{record.name}: one step of it gave {type(error).__name__}: {error}") from error
    if len(numbers) - 1 != len(record.slot_names):
        raise PluginError(f"{record.name}: its step returned {len(numbers) - 1} slots, declared are {len(record.slot_names)}")


def differences_of(leaf: Leaf, dim: int) -> Leaf:
    """Second derivatives as central differences of ``leaf``'s gradient: a leaf too, good to about 9 digits."""
    template = _curve_differences if dim == 1 else _plane_differences
    return FunctionType(template.__code__, {**template.__globals__, "gradient_of": leaf}, f"second_derivatives_of_{leaf.__name__}")


def _plane_differences(x, y, params):  # type: ignore[no-untyped-def]
    hx = 1e-5 * (1.0 + abs(x))
    hy = 1e-5 * (1.0 + abs(y))
    _, right_x, right_y = gradient_of(x + hx, y, params)  # type: ignore[name-defined]  # noqa: F821
    _, left_x, left_y = gradient_of(x - hx, y, params)  # type: ignore[name-defined]  # noqa: F821
    _, up_x, up_y = gradient_of(x, y + hy, params)  # type: ignore[name-defined]  # noqa: F821
    _, down_x, down_y = gradient_of(x, y - hy, params)  # type: ignore[name-defined]  # noqa: F821
    mixed = 0.25 * ((right_y - left_y) / hx + (up_x - down_x) / hy)
    return 0.5 * (right_x - left_x) / hx, mixed, 0.5 * (up_y - down_y) / hy


def _curve_differences(x, y, params):  # type: ignore[no-untyped-def]
    h = 1e-5 * (1.0 + abs(x))
    _, right, _ = gradient_of(x + h, y, params)  # type: ignore[name-defined]  # noqa: F821
    _, left, _ = gradient_of(x - h, y, params)  # type: ignore[name-defined]  # noqa: F821
    return 0.5 * (right - left) / h, 0.0, 0.0


def _plain(function: Callable[..., Any]) -> FunctionType:
    """The plain Python function under ``function``: a leaf is compiled by gdsim. Raises PluginError for what has none."""
    inner = getattr(function, "py_func", function)
    if not isinstance(inner, FunctionType):
        raise PluginError(f"{function!r} is not a plain Python function")
    if inner.__closure__:
        names = ", ".join(inner.__code__.co_freevars)
        raise PluginError(f"{inner.__name__} uses {names} of the function around it; move it to the top of the file")
    return inner


def load_file(path: str | Path) -> None:
    """Runs a Python file, whose decorators register what is in it. Raises PluginError with what went wrong.

    It is the user who names the file; nothing in gdsim, and no scenario, ever does.
    """
    file = Path(path)
    if not file.is_file():
        raise PluginError(f"{file}: {'found a folder; allowed: a Python file' if file.is_dir() else 'there is no such file'}")
    try:
        file.open("rb").close()
    except OSError as error:
        raise PluginError(f"{file}: the file cannot be read: {str(error.strerror).lower()}") from None
    module_name = f"gdsim_plugin_{file.stem}"
    spec = importlib.util.spec_from_file_location(module_name, file)
    if spec is None or spec.loader is None:
        raise PluginError(f"{file}: this is no Python file (its name must end in .py)")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    before = _records()
    try:
        spec.loader.exec_module(module)
    except PluginError as error:
        raise PluginError(f"{file}: {error}") from None
    except SystemExit:
        text = "it ends the program when it is run; what is only for that belongs under if __name__ == '__main__'"
        raise PluginError(f"{file}: {text}") from None
    except Exception as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(file)]
        raise PluginError(f"{file}{f', line {lines[-1]}' if lines else ''}: {type(error).__name__}: {error}") from error
    LOADED.update({f"{file}: {name}": name for name, record in _records().items() if record is not before.get(name)})


def _records() -> dict[str, Landscape | Optimizer]:
    return {**LANDSCAPES, **OPTIMIZERS}
