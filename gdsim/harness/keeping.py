"""What an optimizer keeps: any nest of numbers as arrays by name, and what is left of it once it was saved and read again."""

import pickle
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from gdsim.harness.target import Floats, TargetError


class Unsavable(TargetError):
    """A target that offers no way to save what it keeps."""


def named_arrays(kept: Any) -> dict[str, Floats]:
    """Every number and array in a nest of mappings, sequences, named tuples, dataclasses and objects, by its way there: ``mean``,
    ``0.mu``. Arrays are flat. What is no number is left out.
    """
    return dict(_named(kept, "", set()))


def _named(kept: Any, name: str, above: set[int]) -> Iterator[tuple[str, Floats]]:
    if kept is None or isinstance(kept, str | bytes) or callable(kept) or id(kept) in above:
        return
    below = above | {id(kept)}
    if isinstance(kept, Mapping):
        pairs = [(str(key), value) for key, value in kept.items()]
    elif hasattr(kept, "_fields"):
        pairs = [(field, getattr(kept, field)) for field in kept._fields]
    elif isinstance(kept, list | tuple):
        pairs = [(str(place), value) for place, value in enumerate(kept)]
    elif is_dataclass(kept):
        pairs = [(field.name, getattr(kept, field.name)) for field in fields(kept)]
    elif (numbers := _numbers(kept)) is not None:
        yield name or "state", numbers
        return
    else:
        pairs = list(vars(kept).items()) if hasattr(kept, "__dict__") else []
    for key, value in pairs:
        yield from _named(value, f"{name}.{key}" if name else key, below)


def _numbers(kept: Any) -> Floats | None:
    kept = kept.detach().cpu().numpy() if hasattr(kept, "detach") else kept
    try:
        array = np.array(kept, dtype=np.float64)
    except (TypeError, ValueError):
        return None
    return array.reshape(-1)


def saved_and_read(kept: Any, name: str) -> Any:
    """A copy of ``kept`` as a file would bring it back. Raises TargetError for what cannot be saved."""
    try:
        return pickle.loads(pickle.dumps(kept))  # noqa: S301 (what was dumped a moment ago)
    except Exception as error:
        raise TargetError(f"{name}: its state cannot be saved: {type(error).__name__}: {error}") from error
