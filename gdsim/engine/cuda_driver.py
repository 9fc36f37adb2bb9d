"""The driver of a graphics card: which card it knows, and its errors in words."""

# mypy: disable-error-code="no-untyped-call"

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from numba import cuda as cuda

from gdsim.engine.device import INSTALL, OLDEST, Card, DeviceError, card, simulated

CHECK = "install NVIDIA's driver for this card, and check with nvidia-smi that it knows the card"

_lost = ExitStack()
"""What keeps numba from freeing what it had on a card that is lost."""


def examine() -> Card:
    """The card of this process, or why there is none."""
    if simulated():
        return Card(True, "numba's simulator, in Python")
    try:
        if not cuda.is_available():
            problem = _sentence(cuda.cuda_error())
            return Card(False, f"not used: {problem or 'the compiler NVVM is not installed'}", CHECK if problem else INSTALL)
        (driver, _), (compiler, _) = cuda.cudadrv.driver.get_version(), cuda.runtime.get_version()
        if driver < compiler:
            return Card(False, f"not used: its driver is one of CUDA {driver}, and the compiler one of CUDA {compiler}", INSTALL)
        if not len(cuda.gpus):
            return Card(False, "not used: the driver knows none", CHECK)
        device = cuda.get_current_device()
        name, capability = device.name, tuple(device.compute_capability)[:2]
        memory = cuda.current_context().get_memory_info().total
    except Exception as error:  # a card that is lost, or in use by another alone, is told of in many ways
        return Card(False, f"not used: {_sentence(error)}", CHECK)
    known = f"{name}, compute capability {capability[0]}.{capability[1]}, {memory / 1e9:.0f} GB"
    if capability < OLDEST:
        return Card(False, f"not used: {known} is older than compute capability {OLDEST[0]}.{OLDEST[1]}")
    return Card(True, known)


def _sentence(error: object) -> str:
    """The first that it says."""
    return " ".join(str(error).split()).split(". ")[0].removesuffix(".") if error else ""


@contextmanager
def driving(doing: str) -> Iterator[None]:
    """Makes every error of the driver or the compiler a DeviceError. MemoryError is the processor's, and stays."""
    try:
        yield
    except (DeviceError, MemoryError):
        raise
    except Exception as error:  # the driver's classes differ from one version of numba-cuda to the next
        text = _sentence(error)
        if "OUT_OF_MEMORY" in text.upper().replace(" ", "_"):
            raise DeviceError(f"the graphics card has too little memory for {doing}") from error
        card.cache_clear()
        _leave_if_lost()
        raise DeviceError(f"{doing} failed on CUDA: {text}") from error


def _leave_if_lost() -> None:
    """After some errors a card answers nothing more, and numba would print an error for each thing on it that it tries to free."""
    try:
        cuda.synchronize()
    except Exception:
        with suppress(Exception):
            _lost.enter_context(cuda.gpus[0].get_primary_context().defer_cleanup())
