"""Targets: what a user names or hands over, made a ``Target``."""

import inspect
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import numpy as np

from gdsim.harness.arguments import ours
from gdsim.harness.callable_target import callable_target
from gdsim.harness.compiled_target import record_target
from gdsim.harness.optax_target import is_transformation, optax_target, transformation_target
from gdsim.harness.target import Target, TargetError
from gdsim.harness.torch_target import class_target, is_torch_shaped, torch_target
from gdsim.harness.user_code import found_in, module_of, running
from gdsim.optimizers import OPTIMIZERS, Optimizer
from gdsim.plugins import RECORDS

TRIED = 4
"""Weights of the step that is tried: as many as in trials, so that nothing is traced twice."""
FORMS = "a name that gdsim list optimizers tells, FILE.py:NAME, torch:NAME or optax:NAME"


def target_of(text: str, values: Mapping[str, float | bool] | None = None, claims: str | None = None) -> Target:
    """The target that ``text`` names: ``adam``, ``my.py:MyAdam``, ``torch:Adam``, ``optax:adam``.

    ``values`` are hyper-parameters, by our names or those that they have there; ``claims`` is a name of the catalogue: what it says it is.
    A file is run, because the user named it. Raises TargetError with what was found and what is allowed.
    """
    given = {ours(name): value for name, value in (values or {}).items()}
    if claims is not None and claims not in OPTIMIZERS:
        raise TargetError(f"{text}: it claims to be {claims!r}, which is no optimizer of the catalogue{_near(claims)}")
    head, colon, name = text.rpartition(":")
    if text.endswith(".py"):
        return _tried(_from_file(text, _only(text), given, claims))
    if colon and head.endswith(".py"):
        return _tried(_from_file(head, name, given, claims))
    if head == "torch":
        return _tried(torch_target(name, given, claims))
    if head == "optax":
        return _tried(optax_target(name, given, claims))
    if text in OPTIMIZERS:
        return _made(OPTIMIZERS[text], text, given, claims)
    raise TargetError(f"{text}: there is no optimizer of that name{_near(text)}; allowed: {FORMS}")


def target(thing: Any, *, name: str | None = None, claims: str | None = None, **values: float | bool) -> Target:
    """The target that ``thing`` is: a text as for ``target_of``, a record, a class with the shape of ``torch.optim.Optimizer``, a
    transformation of optax or a function making one, or a function ``step(weights, gradient, state) -> (weights, state)``.

    ``values`` are its hyper-parameters. Raises TargetError.
    """
    if isinstance(thing, Target):
        return thing.at(**values) if values else thing
    if isinstance(thing, str):
        return target_of(thing, values, claims)
    called = name or getattr(thing, "name", None) or getattr(thing, "__name__", None) or type(thing).__name__
    return _tried(_made(thing, str(called), {ours(key): value for key, value in values.items()}, claims))


def _tried(target: Target) -> Target:
    """``target``, of which one step was tried. Raises TargetError where it cannot take any."""
    stepper = target.begin(np.ones(TRIED))
    if not getattr(stepper, "needs_ground", False):
        stepper.step(np.ones(TRIED), 1.0)
    return target


def _from_file(path: str, name: str, values: Mapping[str, float | bool], claims: str | None) -> Target:
    found = getattr(module_of(path), name, None)
    if found is None:  # a record may have a name that is not its function's
        own = ((leaf, one) for leaf, one in reversed(RECORDS.items()) if leaf.__code__.co_filename == path)
        found = next((one for _, one in own if one.name == name), None) or found_in(path, name)
    return _made(found, f"{path}:{name}", values, claims)


def _made(thing: Any, name: str, values: Mapping[str, float | bool], claims: str | None) -> Target:
    record = thing if isinstance(thing, Optimizer) else _record(thing)
    if record is not None:
        ours_by_name = record.name if OPTIMIZERS.get(record.name) is record and record.family != "your own" else None
        return record_target(record, values, name, claims or ours_by_name)
    if is_torch_shaped(thing):
        return class_target(thing, values, name, claims)
    if is_transformation(thing):
        return transformation_target(thing, values, name, claims)
    if callable(thing) and not inspect.isclass(thing):
        return (
            callable_target(thing, values, name, claims)
            if _takes_a_step(thing, name)
            else transformation_target(thing, values, name, claims)
        )
    found = f"a class {thing.__name__} without the method step" if inspect.isclass(thing) else type(thing).__name__
    raise TargetError(
        f"{name}: found {found}; allowed: a function marked with gdsim.optimizer, a class with the shape of "
        "torch.optim.Optimizer, a transformation of optax, or a function step(weights, gradient, state)"
    )


def _takes_a_step(function: Any, name: str) -> bool:
    """Whether a function is a step of three arguments, and not one that makes a transformation."""
    with running(name):
        found = inspect.signature(function).parameters.values()
    plain = [one for one in found if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
    needed = [one for one in plain if one.default is one.empty]
    if len(needed) == 3 or (len(plain) >= 3 and [one.name for one in plain[:3]] == ["weights", "gradient", "state"]):
        return True
    if len(needed) <= 1:
        return False
    names = ", ".join(one.name for one in plain)
    raise TargetError(
        f"{name}: found a function of ({names}); allowed: step(weights, gradient, state), then hyper-parameters with defaults"
    )


def _record(thing: Any) -> Optimizer | None:
    """The record that the decorator ``gdsim.optimizer`` made of a function."""
    plain = getattr(thing, "py_func", thing)
    if not inspect.isfunction(plain):
        return None
    return RECORDS.get(plain) or next((record for record in OPTIMIZERS.values() if record.update is plain), None)


def _only(path: str) -> str:
    """The one thing in a file that can be tried. Raises TargetError where there are several."""
    module = module_of(path)
    own = {key: value for key, value in vars(module).items() if getattr(value, "__module__", None) == module.__name__}
    records = [key for key, value in own.items() if _record(value) is not None]
    classes = [key for key, value in own.items() if is_torch_shaped(value)]
    found = records + classes
    if len(found) == 1:
        return found[0]
    allowed = f"one of {', '.join(found)}" if found else "a name in it"
    raise TargetError(f"{path}: which optimizer of it is meant is not said; allowed: {path}:NAME, NAME being {allowed}")


def _near(name: str) -> str:
    near = get_close_matches(name, OPTIMIZERS, n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""
