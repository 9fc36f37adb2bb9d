"""Which devices there are to compute on, and in words why one is not there."""

import importlib.util
import os
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Wanted = Literal["auto", "cpu", "cuda"]
Device = Literal["cpu", "cuda"]

OLDEST = (7, 5)
"""The oldest compute capability that is compiled for and tested."""

INSTALL = "pip install 'gdsim[cuda13]', or cuda12 for a driver of CUDA 12"


class DeviceError(RuntimeError):
    """A device that is not there, has too little memory, or was lost; the message is a sentence."""


@dataclass(frozen=True)
class Card:
    """The graphics card that would be used. ``said`` names it, or says why there is none; ``advice`` what to do about that, if anything."""

    usable: bool
    said: str
    advice: str = ""

    @property
    def sentence(self) -> str:
        return f"{self.said} ({self.advice})" if self.advice else self.said


@lru_cache(maxsize=1)
def card() -> Card:
    """Looks for a card once a process."""
    if importlib.util.find_spec("numba_cuda") is None and not simulated():
        return Card(False, "not used: the package numba-cuda is not installed", INSTALL)
    from gdsim.engine import cuda_driver

    return cuda_driver.examine()


def simulated() -> bool:
    """Whether kernels run in numba's simulator: in Python, thread by thread, for those who look for a fault."""
    return os.environ.get("NUMBA_ENABLE_CUDASIM") == "1"


def chosen(wanted: Wanted) -> Device:
    """The device to use. Raises DeviceError where a card is asked for and there is none; ``auto`` takes the processor then."""
    if wanted == "cpu" or (wanted == "auto" and not card().usable):
        return "cpu"
    found = card()
    if not found.usable:
        raise DeviceError(f"CUDA is {found.sentence}; allowed: auto or cpu")
    return "cuda"
