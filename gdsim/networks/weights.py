"""The weights of a network by PyTorch's names and shapes: a state dict that ``load_state_dict`` takes, in a safetensors file."""

import os
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.networks.network import Network, Part
from gdsim.networks.tensors import Array, WeightsError, load_tensors, save_tensors

Floats = NDArray[Any]
VARIANCE, COUNT = "running_var", "num_batches_tracked"


def state_dict(network: Network, weights: Floats, buffers: Floats | None = None, batches: int = 0) -> dict[str, Array]:
    """Every tensor of ``network`` by its name in an ``nn.Sequential``, in PyTorch's order and the network's precision.

    ``weights`` (network.weights,) and ``buffers`` are flat vectors. ``batches`` is how many batches batch normalisation has seen
    (num_batches_tracked, int64).
    """
    kind = np.dtype(network.precision)
    tensors = {part.name: _cut(weights, part).astype(kind) for part in network.parts}
    if network.buffers:
        if buffers is None:
            raise ValueError("a network with batch normalisation has buffers, its running means and variances, to be saved as well")
        tensors |= {part.name: _cut(buffers, part).astype(kind) for part in network.buffers}
        tensors |= {name: np.array(batches, dtype=np.int64) for name in _counts(network)}
    return tensors


def vectors(network: Network, tensors: Mapping[str, Array], file: str | os.PathLike[str] = "") -> tuple[Floats, Floats]:
    """``weights`` and ``buffers`` of ``network`` from a state dict, as vectors of the network's precision.

    All names may begin with a prefix such as "net.", as those of a Module that holds the ``nn.Sequential`` do. Raises WeightsError,
    which names ``file``, for tensors that are missing or too many, of another shape or type, and for numbers that are not finite.
    """
    own = _without_prefix(network, tensors, file)
    for name in _counts(network):
        if name in own and (own[name].shape or own[name].dtype.kind not in "iu" or own[name] < 0):
            raise WeightsError(file, name, _described(own[name]), "one whole number >= 0")
    return _joined(network.parts, own, network.precision, file), _joined(network.buffers, own, network.precision, file)


def save(
    path: str | os.PathLike[str],
    network: Network,
    weights: Floats,
    buffers: Floats | None = None,
    *,
    batches: int = 0,
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Writes the state dict of ``network`` as safetensors, whole or not at all. Raises OSError."""
    save_tensors(path, state_dict(network, weights, buffers, batches), metadata)


def load(path: str | os.PathLike[str], network: Network) -> tuple[Floats, Floats]:
    """``weights`` and ``buffers`` from a file that ``save`` or PyTorch wrote. Raises WeightsError."""
    tensors, _ = load_tensors(path)
    return vectors(network, tensors, path)


def _cut(vector: Floats, part: Part) -> Floats:
    return vector[part.place].reshape(part.shape)


def _joined(parts: Iterable[Part], tensors: Mapping[str, Array], precision: str, file: str | os.PathLike[str]) -> Floats:
    """The vector of ``parts``."""
    parts = tuple(parts)
    vector = np.empty(sum(part.size for part in parts), dtype=precision)
    for part in parts:
        found = tensors[part.name]
        if found.shape != part.shape:
            raise WeightsError(file, part.name, f"the shape {list(found.shape)}", f"{list(part.shape)} in this network")
        if found.dtype.kind != "f":
            raise WeightsError(file, part.name, f"numbers of type {found.dtype}", "float32 or float64")
        with np.errstate(over="ignore"):
            _cut(vector, part)[...] = found
        bad = ~np.isfinite(_cut(vector, part))
        if bad.any():
            value = found[bad].flat[0]
            reason = f" of {precision}" if np.isfinite(value) else ""
            raise WeightsError(file, part.name, f"{value}", f"finite numbers{reason}")
        if part.name.endswith(VARIANCE) and (found < 0.0).any():
            raise WeightsError(file, part.name, f"{found.min()}", "variances, numbers >= 0")
    return vector


def _counts(network: Network) -> list[str]:
    """The names under which PyTorch counts the batches that batch normalisation has seen."""
    return [part.name.removesuffix(VARIANCE) + COUNT for part in network.buffers if part.name.endswith(VARIANCE)]


def _without_prefix(network: Network, tensors: Mapping[str, Array], file: str | os.PathLike[str]) -> dict[str, Array]:
    """``tensors`` by the network's own names, all of them and no others; a count of batches may be missing."""
    needed = [part.name for part in (*network.parts, *network.buffers)]
    allowed = {*needed, *_counts(network)}
    prefix = max(_prefixes(tensors), key=lambda prefix: sum(prefix + name in tensors for name in needed))
    for name in needed:
        if prefix + name not in tensors:
            found = f"no such tensor ({_listed(tensors)})"
            raise WeightsError(file, prefix + name, found, f"the tensors of this network ({_listed(needed)})")
    for name in tensors:
        if name.removeprefix(prefix) not in allowed:
            raise WeightsError(file, name, "a tensor that this network does not have", _listed(needed))
    return {name.removeprefix(prefix): array for name, array in tensors.items()}


def _prefixes(names: Iterable[str]) -> list[str]:
    """The beginnings, up to a dot, that all ``names`` share; the empty one first."""
    names = list(names)
    words = names[0].split(".")[:-1] if names else []
    beginnings = ["", *(".".join(words[: count + 1]) + "." for count in range(len(words)))]
    return [each for each in beginnings if all(name.startswith(each) for name in names)]


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "") if names else "none"


def _described(array: Array) -> str:
    return f"{array.dtype} numbers of shape {list(array.shape)}" if array.shape else f"{array.dtype} {array}"
