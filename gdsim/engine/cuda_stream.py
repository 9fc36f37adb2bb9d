"""A queue of work on a graphics card: copies there, launches, copies back, one after the other."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.engine.cuda_driver import cuda
from gdsim.engine.device import simulated


@dataclass(frozen=True)
class Launched:
    """A launch that can be waited for, which whoever has it does: until then it may read ``sent``, arrays and their copies on the card."""

    event: Any
    sent: list[Any]

    def synchronize(self) -> None:
        self.event.synchronize()


class Stream:
    """What is queued here is done in order, and beside what other streams have queued."""

    def __init__(self) -> None:
        self._stream = cuda.stream()
        self._sent: list[Any] = []

    def sent(self, array: NDArray[Any], dtype: Any = None) -> Any:
        """A copy on the card, in the order of C; what is too large for ``dtype`` becomes infinite.

        There are no empty arrays there: a kernel does not look at what it has no use for.
        """
        with np.errstate(over="ignore"):
            whole = np.ascontiguousarray(array if array.size else np.zeros((1,) * array.ndim), dtype or array.dtype)
        copy = cuda.to_device(whole, self._stream)
        self._sent.append((whole, copy))
        return copy

    def room(self, shape: int | tuple[int, ...], dtype: Any) -> Any:
        """An array on the card with nothing in it."""
        return cuda.device_array(shape, dtype, stream=self._stream)

    def launch(self, kernel: Any, blocks: int, threads: int, arguments: tuple[Any, ...], shared_bytes: int = 0) -> Launched:
        kernel[blocks, threads, self._stream, shared_bytes](*arguments)
        event = cuda.event() if simulated() else cuda.event(timing=False)
        event.record(self._stream)
        sent, self._sent = self._sent, []
        return Launched(event, sent)

    def fetched(self, *arrays: Any) -> list[NDArray[Any]]:
        """What they hold once all that is queued has been done."""
        found = [array.copy_to_host(stream=self._stream) for array in arrays]
        self.wait()
        return found

    def wait(self) -> None:
        """Until all that is queued has been done."""
        self._stream.synchronize()
        self._sent.clear()
