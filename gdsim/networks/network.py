"""Network: the shape of a fully connected network and where each of its weights lies in one flat vector."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

ACTIVATIONS = ("identity", "sigmoid", "tanh", "relu", "leaky_relu", "gelu", "softplus")
LOSSES = ("mse", "bce", "cross_entropy", "huber")
INITIALISATIONS = ("default", "normal", "uniform", "xavier", "he", "zeros")
PRECISIONS = ("float64", "float32")

MOST_WEIGHTS = 10**6
MOST_LAYERS = 100

CHOICES = {"activation": ACTIVATIONS, "output": ACTIVATIONS, "loss": LOSSES, "initialisation": INITIALISATIONS, "precision": PRECISIONS}


@dataclass(frozen=True, slots=True)
class Part:
    """One tensor of the network: ``name`` is PyTorch's in an ``nn.Sequential`` ("0.weight"), ``shape`` PyTorch's, ``at`` its first place in
    the flat vector, in which it lies row by row. ``layer`` is the number of its linear layer, from 0.
    """

    name: str
    shape: tuple[int, ...]
    at: int
    layer: int

    @property
    def size(self) -> int:
        return math.prod(self.shape)

    @property
    def place(self) -> slice:
        """Where it lies in the flat vector."""
        return slice(self.at, self.at + self.size)


@dataclass(frozen=True)
class Network:
    """A fully connected network as ``torch.nn.Sequential`` would hold it: Linear [BatchNorm1d] activation [Dropout] for every hidden layer,
    then Linear and the output's activation (mostly the identity: bce and cross_entropy take logits).

    ``layers`` are the sizes from inputs to outputs, such as (2, 16, 16, 1). ``loss`` is the mean over points (and outputs) as in PyTorch;
    huber has delta 1. ``l1`` and ``l2`` add l1 * sum |w| and l2/2 * sum w^2 over linear weights (not biases, not batch normalisation).
    ``dropout`` is the share of hidden units that a training step leaves out. Weights are drawn by ``initialisation`` with ``scale``
    (the standard deviation of "normal", the half width of "uniform", a factor for the others). ``precision`` is that of all arithmetic.

    Modules are numbered as in the Sequential. A hidden layer's activation always is one ("identity" is ``nn.Identity``), batch
    normalisation and dropout are ones where they are used, and so is the output's activation unless it is the identity.

    Raises ValueError, with the reason, for what is no network.
    """

    layers: tuple[int, ...]
    activation: str = "tanh"
    loss: str = "mse"
    output: str = "identity"
    dropout: float = 0.0
    batch_norm: bool = False
    l1: float = 0.0
    l2: float = 0.0
    initialisation: str = "default"
    scale: float = 1.0
    precision: str = "float64"

    def __init__(self, layers: Sequence[int], **others: Any) -> None:
        known = {field.name: field.default for field in fields(self) if field.default is not MISSING}
        unknown = sorted(set(others) - set(known))
        if unknown:
            raise ValueError(f"a network has no {unknown[0]!r}; it has layers, {', '.join(known)}")
        for name, value in {"layers": _sizes(layers), **known, **others}.items():
            object.__setattr__(self, name, value)
        self._check()

    def _check(self) -> None:
        for name, allowed in CHOICES.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} is {getattr(self, name)!r} and must be one of {', '.join(allowed)}")
        for name in ("dropout", "l1", "l2", "scale"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0.0 <= value < math.inf:
                raise ValueError(f"{name} is {value!r} and must be a finite number >= 0")
            object.__setattr__(self, name, float(value))
        if self.dropout >= 1.0:
            raise ValueError(f"dropout is {self.dropout:g} and must be a share below 1")
        if not isinstance(self.batch_norm, bool):
            raise ValueError(f"batch_norm is {self.batch_norm!r} and must be true or false")
        if self.loss in ("bce", "cross_entropy") and self.output != "identity":
            raise ValueError(f"{self.loss} takes logits, so the output has no activation; it is {self.output!r}")
        if self.loss == "cross_entropy" and self.layers[-1] < 2:
            raise ValueError("cross_entropy needs an output for each class, and this network has one output; bce is for two classes")
        if self.weights > MOST_WEIGHTS:
            raise ValueError(f"layers {list(self.layers)} make {self.weights:,} weights, and {MOST_WEIGHTS:,} are the most")

    @property
    def parts(self) -> tuple[Part, ...]:
        """All trained tensors in PyTorch's order: of each layer weight, bias, then those of batch normalisation."""
        return self._tensors[0]

    @property
    def buffers(self) -> tuple[Part, ...]:
        """Running means and variances of batch normalisation, with places of their own vector.

        PyTorch has one more for each, the whole number ``num_batches_tracked``, on which nothing depends: it is not among them.
        """
        return self._tensors[1]

    @property
    def weights(self) -> int:
        """Length of the flat vector."""
        return self._tensors[2]

    @property
    def modules(self) -> tuple[str, ...]:
        """What stands at each number of the ``nn.Sequential``: "linear", "batch_norm", "dropout", or the name of an activation."""
        return tuple(kind for kind, _ in self._modules())

    def views(self, flat: NDArray[Any], parts: tuple[Part, ...] | None = None) -> dict[str, NDArray[Any]]:
        """The tensors by name, as views of the flat vector (with ``buffers``, of theirs). Raises ValueError for another length."""
        wanted = self.parts if parts is None else parts
        length = sum(part.size for part in wanted)
        if flat.shape != (length,):
            raise ValueError(f"the flat vector has the shape {flat.shape}, and layers {list(self.layers)} need ({length},)")
        return {part.name: flat[part.place].reshape(part.shape) for part in wanted}

    def flat(self, tensors: Mapping[str, ArrayLike], parts: tuple[Part, ...] | None = None) -> NDArray[Any]:
        """The flat vector of tensors by name, in the network's precision.

        ``parts`` may be ``buffers`` in place of the weights. Raises ValueError where a tensor is missing, unknown or of another shape.
        """
        wanted = self.parts if parts is None else parts
        names = [part.name for part in wanted]
        if odd := sorted(set(names) ^ set(tensors)):
            raise ValueError(f"{odd[0]!r} is {'missing' if odd[0] in names else 'no tensor of this network'}; it has {', '.join(names)}")
        out = np.empty(sum(part.size for part in wanted), dtype=self.precision)
        for part in wanted:
            tensor = np.asarray(tensors[part.name])
            if tensor.shape != part.shape:
                raise ValueError(f"{part.name!r} has the shape {tensor.shape}, and this network needs {part.shape}")
            out[part.place] = tensor.reshape(-1)
        return out

    def _modules(self) -> Iterator[tuple[str, int]]:
        """Kind and layer of every module."""
        last = len(self.layers) - 2
        for layer in range(last):
            yield "linear", layer
            if self.batch_norm:
                yield "batch_norm", layer
            yield self.activation, layer
            if self.dropout > 0.0:
                yield "dropout", layer
        yield "linear", last
        if self.output != "identity":
            yield self.output, last

    @cached_property
    def _tensors(self) -> tuple[tuple[Part, ...], tuple[Part, ...], int]:
        sizes = tuple(pairwise(self.layers))
        trained: list[Part] = []
        running: list[Part] = []
        ends = [0, 0]

        def add(to: list[Part], which: int, name: str, shape: tuple[int, ...], layer: int) -> None:
            to.append(Part(name, shape, ends[which], layer))
            ends[which] += math.prod(shape)

        for number, (kind, layer) in enumerate(self._modules()):
            before, after = sizes[layer]
            if kind == "linear":
                add(trained, 0, f"{number}.weight", (after, before), layer)
                add(trained, 0, f"{number}.bias", (after,), layer)
            elif kind == "batch_norm":
                add(trained, 0, f"{number}.weight", (after,), layer)
                add(trained, 0, f"{number}.bias", (after,), layer)
                add(running, 1, f"{number}.running_mean", (after,), layer)
                add(running, 1, f"{number}.running_var", (after,), layer)
        return tuple(trained), tuple(running), ends[0]


def _sizes(layers: Sequence[int]) -> tuple[int, ...]:
    if isinstance(layers, str) or not isinstance(layers, Sequence | np.ndarray):
        raise ValueError(f"layers is {layers!r} and must be a list of sizes, such as [2, 16, 16, 1]")
    for size in layers:
        if isinstance(size, bool) or not isinstance(size, int | np.integer) or size < 1:
            raise ValueError(f"layers holds {size!r}, and every size must be a whole number >= 1")
    if not 2 <= len(layers) <= MOST_LAYERS:
        raise ValueError(f"layers needs 2 to {MOST_LAYERS} sizes, from the inputs to the outputs, and has {len(layers)}")
    return tuple(int(size) for size in layers)
