"""Where the files are that gdsim ships: inside the package once installed, beside it in a checkout. They are only read."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

PACKAGE = Path(__file__).resolve().parent


@lru_cache(maxsize=1)
def assets() -> Path:
    """The folder with the shipped files. Raises FileNotFoundError if the installation lacks them."""
    for folder in (PACKAGE / "assets", PACKAGE.parent / "assets"):
        if (folder / "scenarios").is_dir():
            return folder
    raise FileNotFoundError(f"gdsim's own files are missing: no folder {PACKAGE / 'assets'}; install gdsim again")


@lru_cache(maxsize=1)
def scenarios() -> Mapping[str, Path]:
    """The shipped scenario files by name (``three-learning-rates``), in alphabetical order."""
    return MappingProxyType({file.stem: file for file in sorted((assets() / "scenarios").glob("*.toml"))})


@lru_cache(maxsize=1)
def races() -> Mapping[str, Path]:
    """The shipped races by name, in alphabetical order."""
    return MappingProxyType({file.stem: file for file in sorted((assets() / "races").glob("*.toml"))})
