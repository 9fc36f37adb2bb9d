"""Classes with the shape of ``torch.optim.Optimizer`` as targets: torch's own, a user's, and such as need no torch."""

import inspect
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.harness.arguments import Arguments
from gdsim.harness.keeping import Unsavable, named_arrays, saved_and_read
from gdsim.harness.target import Floats, Target, TargetError
from gdsim.harness.user_code import file_of, needs, running, uses
from gdsim.networks.methods import Ground
from gdsim.optimizers import OPTIMIZERS

torch_module = needs("torch", "torch")


class Parameter:
    """A parameter for classes that do without torch: ``data`` and ``grad`` are NumPy arrays."""

    def __init__(self, data: NDArray[Any]) -> None:
        self.data = data
        self.grad: NDArray[Any] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        return self.data.shape


class ClassStepper:
    """All weights are one parameter of the shape (n,). ``ground`` answers where the class asks for losses by a closure."""

    def __init__(self, kind: type[Any], given: Mapping[str, Any], weights: NDArray[Any], name: str) -> None:
        self._kind, self._given, self._name, self._file = kind, given, name, file_of(kind)
        self._torch = torch_module() if uses(kind, "torch") else None
        self._dtype = weights.dtype
        self.ground: Ground | None = None
        self.needs_ground = _asks_for_closure(kind)
        start = np.array(weights)
        self._parameter: Any = Parameter(start) if self._torch is None else self._torch.nn.Parameter(self._torch.tensor(start))
        with running(name, self._file), self._precision():
            self._optimizer = kind([self._parameter], **given)

    def step(self, gradient: Floats, loss: float) -> Floats:
        if self.ground is None and self.needs_ground:
            raise TargetError(f"{self._name} asks for losses at other points, and here there are only gradients")
        with running(self._name, self._file), self._precision():
            self._parameter.grad = self._array(np.array(gradient, self._dtype))
            if self.needs_ground:
                self._optimizer.step(self._closure)
            else:
                self._optimizer.step()
            return np.array(self._numbers(), self._dtype)

    def state(self) -> dict[str, Floats]:
        kept = getattr(self._optimizer, "state", {})
        if isinstance(kept, Mapping) and self._parameter in kept:
            kept = kept[self._parameter]
        own = {} if self._torch is not None else {key: value for key, value in vars(self._optimizer).items() if key != "params"}
        return named_arrays(kept) if kept else named_arrays(own)

    def restored(self) -> "ClassStepper":
        if not hasattr(self._optimizer, "state_dict"):
            raise Unsavable(f"{self._name}: it has no state_dict(), so what it keeps cannot be saved")
        with running(self._name, self._file):
            kept = saved_and_read(self._optimizer.state_dict(), self._name)
        other = ClassStepper(self._kind, self._given, np.array(self._numbers(), self._dtype), self._name)
        other.ground = self.ground
        with running(self._name, self._file), other._precision():
            other._optimizer.load_state_dict(kept)
        return other

    def _closure(self) -> Any:
        assert self.ground is not None
        loss, gradient = self.ground.loss_and_gradient(np.array(self._numbers(), np.float64))
        self._parameter.grad = self._array(np.array(gradient, self._dtype))
        return loss if self._torch is None else self._torch.tensor(loss)

    def _array(self, numbers: NDArray[Any]) -> Any:
        return numbers if self._torch is None else self._torch.tensor(numbers)

    def _numbers(self) -> Any:
        return self._parameter.data if self._torch is None else self._parameter.detach().numpy()

    @contextmanager
    def _precision(self) -> Iterator[None]:
        """torch keeps a few numbers of NAdam and ASGD in its default precision, whatever that of the weights is."""
        if self._torch is None:
            yield
            return
        before = self._torch.get_default_dtype()
        self._torch.set_default_dtype(self._torch.float32 if self._dtype == np.float32 else self._torch.float64)
        try:
            yield
        finally:
            self._torch.set_default_dtype(before)


def _asks_for_closure(kind: type[Any]) -> bool:
    try:
        found = list(inspect.signature(kind.step).parameters.values())[1:]
    except (TypeError, ValueError):
        return False
    return any(one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD for one in found)


def is_torch_shaped(thing: Any) -> bool:
    return inspect.isclass(thing) and callable(getattr(thing, "step", None))


def class_target(kind: type[Any], values: Mapping[str, float | bool], name: str, claims: str | None) -> Target:
    """``kind(params, ...)``, whose further arguments with a number, a switch or numbers as their default are hyper-parameters."""
    arguments = Arguments(kind, skip=1)
    full = arguments.complete(values, name)
    _tried(kind, arguments, full, name)

    def begin(weights: NDArray[Any]) -> ClassStepper:
        return ClassStepper(kind, arguments.theirs(full), weights, name)

    return Target(name, full, begin, lambda others: class_target(kind, others, name, claims), None, claims)


def _tried(kind: type[Any], arguments: Arguments, full: Mapping[str, float | bool], name: str) -> None:
    """Raises TargetError, at once, for values that the class itself refuses."""
    ClassStepper(kind, arguments.theirs(full), np.zeros(2), name)


OTHERWISE = {"Adafactor", "LBFGS"}
"""torch's that are not what the catalogue calls so: one knows the tensors, the other takes 20 steps in one."""


def torch_target(name: str, values: Mapping[str, float | bool], claims: str | None) -> Target:
    """``torch:Adam``."""
    optim: ModuleType = torch_module().optim
    kind = getattr(optim, name, None)
    if not is_torch_shaped(kind) or name == "Optimizer":
        there = sorted(key for key, value in vars(optim).items() if is_torch_shaped(value) and key != "Optimizer")
        raise TargetError(f"torch:{name}: torch.optim has no optimizer of that name; allowed: {', '.join(there)}")
    assert isinstance(kind, type)
    same = name.lower() if name.lower() in OPTIMIZERS and name not in OTHERWISE else None
    return class_target(kind, values, f"torch:{name}", claims or same)
