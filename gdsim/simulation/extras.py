"""Packages that gdsim can do without: those that ``pip install 'gdsim[tables]'`` adds."""

from importlib import import_module
from typing import Any


def extra(name: str) -> Any:
    """The package ``name``. Raises ImportError with what installs it."""
    try:
        return import_module(name)
    except ImportError:
        raise ImportError(f"{name} is not installed; it comes with: pip install 'gdsim[tables]'") from None
