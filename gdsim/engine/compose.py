"""Leaves made of leaves: a function whose free names get their meaning, so that ``specialise`` and Python alike can run it."""

from collections.abc import Callable
from types import FunctionType
from typing import Any


def composed(function: Callable[..., Any], **meanings: Any) -> Callable[..., Any]:
    """A copy of ``function`` in which the names that it leaves free mean what is given: leaves, or numbers fixed at compile time.

    Every call makes another function, which compiles for itself: whoever composes remembers what came out.
    """
    assert isinstance(function, FunctionType)
    return FunctionType(function.__code__, {**function.__globals__, **meanings}, function.__name__, function.__defaults__)
