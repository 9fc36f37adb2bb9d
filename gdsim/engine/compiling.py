"""Whether something is being compiled at this moment, for those who show what a user waits for."""

# mypy: disable-error-code="no-untyped-call"

from functools import cache
from typing import Any

_begun: list[Any] = []
"""One entry for each compilation that has begun and not ended; those of leaves lie within those of kernels."""


def under_way() -> bool:
    """Whether any thread is compiling. What is read from the disk does not count."""
    return bool(_begun)


@cache
def watch() -> None:
    """From now on numba's compilations are noticed. The first of them begins with numba itself, which takes long to import."""
    _begun.append(watch)
    from numba.core import event

    _begun.pop()

    class Compilations(event.Listener):
        def on_start(self, event: Any) -> None:
            _begun.append(event)

        def on_end(self, event: Any) -> None:
            _begun.pop()

    event.register("numba:compile", Compilations())
