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
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from gdsim.version import __version__

Binding = Callable[..., Any] | bool | int | float | tuple[Any, ...]
Bindings = tuple[tuple[str, type, Binding], ...]


def specialise(template: Callable[..., Any], **bindings: Binding) -> Callable[..., Any]:
    """``template`` compiled with each free name in ``bindings`` fixed: functions are inlined, numbers become constants.

    A name is free that the module of the function does not define; those of bound functions, and of what they call, are fixed as well.

    The same arguments give the same compiled object within a process and, through the disk cache, native code across processes.
    Compilation itself happens at the first call with arguments of new types.
    """
    return _specialise(template, bindings_of(bindings))


@cache
def _specialise(template: FunctionType, bindings: Bindings) -> Callable[..., Any]:
    from gdsim.engine import cache, compiling

    compiling.watch()

    from numba import njit
    from numba.core.dispatcher import Dispatcher

    bound = {name: value for name, _, value in bindings}
    name = f"{template.__name__}.{digest(template, bound)}"
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
    kernel: Callable[..., Any] = njit(**options)(_rebound(template, bound, name))
    if isinstance(kernel, Dispatcher):  # a plain function where NUMBA_DISABLE_JIT is set
        setattr(kernel, "_cache", cache.KernelCache(name, cache.folder()))  # noqa: B010 (numba states no public way)
    return kernel


def _rebound(function: FunctionType, bound: Mapping[str, Binding], name: str) -> FunctionType:
    """A copy of ``function`` in which every name has its meaning: functions are jitted leaves, and what is free comes from ``bound``."""
    scope = dict(function.__globals__)
    for used in names(function.__code__):
        value = scope.get(used, bound.get(used))
        if isinstance(value, FunctionType):
            scope[used] = _leaf(value, free_names(value, bound))
        elif used not in scope and used in bound:
            scope[used] = value
    copy = FunctionType(function.__code__, scope, name, function.__defaults__)
    copy.__qualname__ = name
    return copy


@cache
def _leaf(function: FunctionType, bindings: Bindings = ()) -> Callable[..., Any]:
    """A leaf function compiled for inlining, together with the functions it calls. ``bindings`` give its free names their meaning."""
    from numba import njit

    from gdsim.engine.unoptimised import LeafCompiler

    bound = {name: value for name, _, value in bindings}
    # Kernels are all that calls a leaf: the ways in from Python and C, which take as long to compile as most leaves, are left out.
    options: dict[str, Any] = {"forceinline": True, "error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    compiled: Callable[..., Any] = njit(pipeline_class=LeafCompiler, **options)(_rebound(function, bound, function.__name__))
    return compiled


def bindings_of(bound: Mapping[str, Binding]) -> Bindings:
    """``bound`` as a key (1, 1.0 and True are three keys)."""
    return tuple((name, type(value), value) for name, value in sorted(bound.items()))


def free_names(function: FunctionType, bound: Mapping[str, Binding]) -> Bindings:
    """Those of ``bound`` that ``function`` or what it calls leaves free."""
    wanted: set[str] = set()
    waiting, seen = [function], set()
    while waiting:
        one = waiting.pop()
        if one in seen:
            continue
        seen.add(one)
        for used in names(one.__code__):
            free = used not in one.__globals__ and used in bound
            value = bound[used] if free else one.__globals__.get(used)
            if free:
                wanted.add(used)
            if isinstance(value, FunctionType):
                waiting.append(value)
    return bindings_of({name: bound[name] for name in wanted})


def names(code: CodeType) -> tuple[str, ...]:
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
            _absorb(state, constant, bound, seen)
        for name in names(code):
            state.update(name.encode())
            _absorb(state, value.__globals__.get(name, bound.get(name)), bound, seen)
    elif isinstance(value, CodeType):
        state.update(value.co_code + repr(value.co_names).encode())
    elif value is None or isinstance(value, bool | int | float | str | bytes | np.generic):
        state.update(f"{type(value).__name__} {value!r}".encode())
    elif isinstance(value, tuple):
        state.update(f"tuple {len(value)}".encode())
        for item in value:
            _absorb(state, item, bound, seen)
    else:  # modules, intrinsics: their names; what they do is covered by versions and by the engine's sources
        state.update(f"{type(value).__name__} {getattr(value, '__name__', '')}".encode())
