"""Transformations of optax as targets."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.harness.arguments import Arguments
from gdsim.harness.keeping import named_arrays, saved_and_read
from gdsim.harness.target import Floats, Target, TargetError
from gdsim.harness.user_code import file_of, needs, running

optax_module = needs("optax", "optax")
jax_module = needs("jax", "jax")


def is_transformation(thing: Any) -> bool:
    return callable(getattr(thing, "init", None)) and callable(getattr(thing, "update", None)) and not isinstance(thing, type)


@contextmanager
def double_precision() -> Iterator[None]:
    jax = jax_module()
    with jax.enable_x64(True) if hasattr(jax, "enable_x64") else __import__("jax.experimental").experimental.enable_x64():
        yield


class TransformationStepper:
    """``update`` is jitted once, so a step costs no more than its arithmetic and a call."""

    def __init__(self, rule: Any, weights: NDArray[Any], name: str, file: str | None, update: Callable[..., Any] | None = None) -> None:
        self._rule, self._name, self._file = rule, name, file
        self._dtype = weights.dtype
        jax, optax = jax_module(), optax_module()
        with running(name, file), double_precision():
            whole = optax.with_extra_args_support(rule)
            self._weights = jax.numpy.array(weights)
            self._kept = rule.init(self._weights)
            self._update = update or jax.jit(_applied(whole, optax))

    def step(self, gradient: Floats, loss: float) -> Floats:
        with running(self._name, self._file), double_precision():
            given = np.array(gradient, self._dtype)
            self._weights, self._kept = self._update(self._weights, given, self._kept, self._dtype.type(loss))
            return np.array(self._weights)

    def state(self) -> dict[str, Floats]:
        return named_arrays(self._kept)

    def restored(self) -> "TransformationStepper":
        other = TransformationStepper(self._rule, np.array(self._weights), self._name, self._file, self._update)
        jax = jax_module()
        with running(self._name, self._file), double_precision():
            leaves, shape = jax.tree_util.tree_flatten(self._kept)
            drawing = [jax.dtypes.issubdtype(jax.numpy.asarray(leaf).dtype, jax.dtypes.prng_key) for leaf in leaves]
            plain = [np.asarray(jax.random.key_data(leaf) if draws else leaf) for leaf, draws in zip(leaves, drawing, strict=True)]
            read = map(jax.numpy.asarray, saved_and_read(plain, self._name))
            kept = [jax.random.wrap_key_data(leaf) if draws else leaf for leaf, draws in zip(read, drawing, strict=True)]
            other._kept = jax.tree_util.tree_unflatten(shape, kept)
        return other


def _applied(whole: Any, optax: Any) -> Callable[..., Any]:
    def applied(weights: Any, gradient: Any, kept: Any, loss: Any) -> Any:
        changes, kept = whole.update(gradient, kept, weights, value=loss, grad=gradient)
        return optax.apply_updates(weights, changes), kept

    return applied


def transformation_target(thing: Any, values: Mapping[str, float | bool], name: str, claims: str | None) -> Target:
    """``thing`` is a transformation, or a function that makes one, whose arguments are then the hyper-parameters."""
    optax_module()
    ready = is_transformation(thing)
    arguments = Arguments(lambda: None, skip=0) if ready else Arguments(thing, skip=0)
    full = arguments.complete(values, name)
    file = file_of(thing) if not ready else None
    with running(name, file), double_precision():
        rule = thing if ready else thing(**arguments.theirs(full))
    if not is_transformation(rule):
        raise TargetError(f"{name}: it made {type(rule).__name__}; allowed: an optax.GradientTransformation")
    update: list[Callable[..., Any]] = []  # jitted at the first start, and shared by all

    def begin(weights: NDArray[Any]) -> TransformationStepper:
        stepper = TransformationStepper(rule, weights, name, file, update[0] if update else None)
        update[:] = [stepper._update]
        return stepper

    return Target(name, full, begin, lambda others: transformation_target(thing, others, name, claims), None, claims)


CATALOGUE = {
    "adam": "adam",
    "adamw": "adamw",
    "adamax": "adamax",
    "lion": "lion",
    "sgd": "sgd",
    "sign_sgd": "sign_sgd",
    "amsgrad": None,
}
"""What those of optax that follow a convention of the catalogue are there; others place eps elsewhere, or start from other numbers."""


def optax_target(name: str, values: Mapping[str, float | bool], claims: str | None) -> Target:
    """``optax:adam``."""
    optax = optax_module()
    thing = getattr(optax, name, None) or getattr(optax.contrib, name, None)
    if not callable(thing) or isinstance(thing, type):
        raise TargetError(f"optax:{name}: optax has no optimizer of that name; allowed: adam, sgd, and others that optax documents")
    return transformation_target(thing, values, f"optax:{name}", claims or CATALOGUE.get(name))
