"""Made data as functions: ``gdsim.datasets.spiral(count=500, noise=0.1, seed=0)``, one for each generator in ``gdsim.DATASETS``."""

from typing import TYPE_CHECKING

from gdsim.networks.generators import DATASETS

if TYPE_CHECKING:
    from collections.abc import Callable

    from gdsim.networks.dataset import Dataset


def __getattr__(name: str) -> "Callable[..., Dataset]":
    if name.startswith("_") or name not in DATASETS:
        raise AttributeError(f"there is no data set named {name!r}; there are {', '.join(DATASETS)}")
    return DATASETS[name].make


def __dir__() -> list[str]:
    return list(DATASETS)
