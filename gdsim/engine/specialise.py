"""Binds leaf functions and constants into a kernel template, and compiles the result with the disk cache.

Leaves and templates are plain Python functions. ``specialise`` gives a copy of the template new globals: the leaves it names, jitted
and always inlined (LLVM vectorises a loop only over inlined calls), and compile-time constants. Hyper-parameters are never bound:
they are data, so that no new value compiles anything.

Numba looks only at a function's own file and bytecode when it asks whether its cache is fresh. Here the name of the cache entry carries
a digest over everything that can change a number: the bytecode and constants of the template and of all that it calls, the engine's
sources, and the versions of Python, numba, llvmlite and gdsim.

Numba takes a third of a second to import, so it is imported at the first specialisation: a window can stand before.
"""

import hashlib
import sys
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from gdsim.version import __version__

Binding = Callable[..., Any] | bool | int | float | tuple[Any, ...]


def specialise(template: Callable[..., Any], **bindings: Binding) -> Callable[..., Any]:
    """``template`` compiled with each name in ``bindings`` fixed: functions are inlined, numbers become constants.

    The same arguments give the same compiled object within a process and, through the disk cache, native code across processes.
    Compilation itself happens at the first call with arguments of new types.
    """
    return _specialise(template, tuple((name, type(value), value) for name, value in sorted(bindings.items())))


@cache
def _specialise(template: FunctionType, bindings: tuple[tuple[str, type, Binding], ...]) -> Callable[..., Any]:
    from numba import njit
    from numba.core.dispatcher import Dispatcher

    from gdsim.engine import cache

    bound = {name: value for name, _, value in bindings}
    name = f"{template.__name__}.{digest(template, bound)}"
    kernel = njit(nogil=True, error_model="numpy")(_rebound(template, bound, name))
    if isinstance(kernel, Dispatcher):  # a plain function where NUMBA_DISABLE_JIT is set
        setattr(kernel, "_cache", cache.KernelCache(name, cache.folder()))  # noqa: B010 (numba states no public way)
    return kernel


def _rebound(function: FunctionType, bound: dict[str, Any], name: str) -> FunctionType:
    """A copy of ``function`` whose global functions are jitted leaves and whose names in ``bound`` have the values given."""
    scope = dict(function.__globals__)
    for used in _names(function.__code__):
        value = bound.get(used, scope.get(used))
        if used in bound or isinstance(value, FunctionType):
            scope[used] = leaf(value) if isinstance(value, FunctionType) else value
    copy = FunctionType(function.__code__, scope, name, function.__defaults__)
    copy.__qualname__ = name
    return copy


@cache
def leaf(function: FunctionType) -> Callable[..., Any]:
    """A leaf function compiled for inlining, together with the functions it calls."""
    from numba import njit

    compiled: Callable[..., Any] = njit(forceinline=True, error_model="numpy")(_rebound(function, {}, function.__name__))
    return compiled


def _names(code: CodeType) -> tuple[str, ...]:
    return tuple(sorted(set(code.co_names)))


def digest(function: FunctionType, bound: dict[str, Any]) -> str:
    """Hexadecimal digest of all that decides what ``function`` computes with ``bound`` put in place."""
    state = hashlib.sha256(_foundation())
    _absorb(state, function, bound, set())
    return state.hexdigest()[:24]


@lru_cache(maxsize=1)
def _foundation() -> bytes:
    """What every kernel rests on: versions, numba's settings, and the engine's sources (intrinsics have no bytecode to look at)."""
    import llvmlite
    import numba

    versions = (sys.version, numba.__version__, llvmlite.__version__, __version__)
    settings = tuple(getattr(numba.config, name) for name in ("BOUNDSCHECK", "OPT", "DEBUGINFO_DEFAULT"))
    state = hashlib.sha256(repr((versions, settings)).encode())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        state.update(source.name.encode() + source.read_bytes())
    return state.digest()


def _absorb(state: Any, value: Any, bound: dict[str, Any], seen: set[int]) -> None:
    if isinstance(value, FunctionType):
        if id(value) in seen:
            return
        seen.add(id(value))
        code = value.__code__
        state.update(repr((code.co_code, code.co_varnames, code.co_names, code.co_freevars, value.__defaults__)).encode())
        for constant in code.co_consts:
            _absorb(state, constant, {}, seen)
        for name in _names(code):
            state.update(name.encode())
            _absorb(state, bound[name] if name in bound else value.__globals__.get(name), {}, seen)
    elif isinstance(value, CodeType):
        state.update(value.co_code + repr(value.co_names).encode())
    elif value is None or isinstance(value, bool | int | float | str | bytes):
        state.update(f"{type(value).__name__} {value!r}".encode())
    elif isinstance(value, tuple):
        state.update(f"tuple {len(value)}".encode())
        for item in value:
            _absorb(state, item, bound, seen)
    else:  # modules, intrinsics: their names; what they do is covered by versions and by the engine's sources
        state.update(f"{type(value).__name__} {getattr(value, '__name__', '')}".encode())
