"""Kernels for graphics cards: the only place that knows numba's CUDA compiler, as ``gdsim.engine.cuda_driver`` alone knows its driver.

Leaves and template are the same Python functions as elsewhere. Here they are bound into device functions, always inlined, whose intrinsics
become the card's operations; the card's own numbers are IEEE 754 as the processor's are, so without contraction the bits are the same.
"""

# mypy: disable-error-code="no-untyped-call,untyped-decorator"

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from types import FunctionType
from typing import Any

import numpy as np

from gdsim.engine import cuda_templates
from gdsim.engine.cache import KernelCache, folder
from gdsim.engine.cuda_driver import cuda, driving
from gdsim.engine.descend import Rule
from gdsim.engine.device import simulated
from gdsim.engine.intrinsics import Intrinsic
from gdsim.engine.precision import DOUBLE, Precision
from gdsim.engine.specialise import Binding, Bindings, digest, free_names, names

REGISTERS = 65_536
"""Registers of a multiprocessor, on every card since 2012."""


@cache
def _intrinsics() -> Mapping[str, Callable[..., Any]]:
    """What stands for ``gdsim.engine.intrinsics`` on a card, by name."""
    from numba.cuda import types
    from numba.cuda.extending import intrinsic

    def real(*given):  # type: ignore[no-untyped-def]
        return types.float32 if all(one == types.float32 for one in given) else types.float64

    def fma(_context, a, b, c):  # type: ignore[no-untyped-def]
        kind = real(a, b, c)
        return kind(kind, kind, kind), lambda _c, builder, _s, arguments: builder.fma(*arguments)

    def divide(_context, a, b):  # type: ignore[no-untyped-def]
        kind = real(a, b)
        return kind(kind, kind), lambda _c, builder, _s, arguments: builder.fdiv(*arguments)

    def borrowed(_context, array):  # type: ignore[no-untyped-def]
        return array(array), lambda _c, _b, _s, arguments: arguments[0]

    def place(context, builder, array, arguments):  # type: ignore[no-untyped-def]
        return builder.gep(context.make_array(array)(context, builder, arguments[0]).data, [arguments[1]])

    def get(_context, array, i):  # type: ignore[no-untyped-def]
        return array.dtype(array, types.int64), lambda c, builder, s, given: builder.load(place(c, builder, s.args[0], given))

    def put(_context, array, i, number):  # type: ignore[no-untyped-def]
        def lower(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
            builder.store(arguments[2], place(context, builder, signature.args[0], arguments))
            return context.get_dummy_value()

        return types.void(array, types.int64, array.dtype), lower

    def cast(wanted, given):  # type: ignore[no-untyped-def]
        def one(_context, number):  # type: ignore[no-untyped-def]
            def lower(context, builder, signature, arguments):  # type: ignore[no-untyped-def]
                return builder.bitcast(arguments[0], context.get_value_type(signature.return_type))

            return wanted(given), lower

        return one

    casts = {
        "bits": cast(types.int64, types.float64),
        "from_bits": cast(types.float64, types.int64),
        "bits_32": cast(types.int32, types.float32),
        "from_bits_32": cast(types.float32, types.int32),
    }
    plain = {"fma": fma, "divide": divide, "borrowed": borrowed, "get": get, "put": put}
    return {name: intrinsic(function) for name, function in (plain | casts).items()}


class Plain:
    """The module math for the simulator, where numbers of float32 stay so, as they do where compiled."""

    def __getattr__(self, name: str) -> Any:
        known = getattr(math, name)

        def function(*numbers: Any) -> Any:
            found = known(*numbers)
            return np.float32(found) if isinstance(found, float) and all(isinstance(one, np.float32) for one in numbers) else found

        return function if callable(known) else known


def _rebound(function: FunctionType, bound: Mapping[str, Binding], name: str) -> FunctionType:
    """A copy of ``function`` in which every name means what it means on the card (compare ``gdsim.engine.specialise``)."""
    scope = dict(function.__globals__)
    for used in names(function.__code__):
        value = scope.get(used, bound.get(used))
        if value is math and simulated():
            scope[used] = Plain()
        elif isinstance(value, FunctionType):
            scope[used] = _leaf(value, free_names(value, bound))
        elif isinstance(value, Intrinsic) and not simulated():
            scope[used] = _intrinsics()[value.__name__]
        elif used not in scope and used in bound:
            scope[used] = value
    return FunctionType(function.__code__, scope, name, function.__defaults__)


@cache
def _leaf(function: FunctionType, bindings: Bindings) -> Callable[..., Any]:
    copy = _rebound(function, {name: value for name, _, value in bindings}, function.__name__)
    if simulated():
        return cuda.jit(device=True)(copy) if "cuda" in copy.__globals__ else copy
    inlined: Callable[..., Any] = cuda.jit(device=True, forceinline=True)(copy)
    return inlined


def kernel_of(template: Callable[..., Any], bound: Mapping[str, Any]) -> FunctionType:
    """``template`` as Python, every name bound, among them ``cuda``; it is called by the digest of all that it computes with."""
    assert isinstance(template, FunctionType)
    bound = dict(bound) | {"cuda": cuda}
    name = f"{template.__name__}.{digest(template, bound)}"
    copy = _rebound(template, bound, template.__name__ if simulated() else name)
    copy.__qualname__ = copy.__name__
    return copy


def _function(rule: Rule, precision: Precision) -> FunctionType:
    return kernel_of(precision.leaf(cuda_templates.one_run), precision.bound(rule.bindings() | {"TROUBLE": rule.trouble}))


def number_types() -> Any:
    """The compiler's types, by name."""
    from numba.cuda import types

    return types


def _signature(precision: Precision) -> Any:
    """The types of a kernel's arguments, in order."""
    types = number_types()
    real, whole = types.float32 if precision.single else types.float64, types.int64
    row = {kind: types.Array(kind, 1, "C") for kind in (real, whole, types.int8)}
    table = types.Array(real, 2, "C")
    state = (row[real],) * 5
    given = (row[real], table, row[real], row[real], row[real], table)
    stages = types.Array(whole, 2, "C")
    batches = (stages, stages, row[whole], types.Array(types.int32, 2, "C"), row[whole])
    numbers = (whole, whole, whole, real, real, row[whole], row[whole], whole, whole)
    return types.void(*state, *given, *batches, *numbers, row[whole], row[real], row[real], row[whole], row[types.int8])


@contextmanager
def _without_contraction(wanted: bool) -> Iterator[None]:
    """Compiles one thing at a time. NVVM fuses products into sums unless it is told not to, and numba-cuda has no option that tells it."""
    from numba.cuda.core.compiler_lock import global_compiler_lock
    from numba.cuda.cudadrv import nvvm

    with global_compiler_lock:
        given = nvvm.compile_ir
        if wanted:
            nvvm.compile_ir = lambda code, **options: given(code, **options, fma=False)
        try:
            yield
        finally:
            nvvm.compile_ir = given


class CardCache(KernelCache):
    """Kernels for cards on disk, ready to be loaded by the driver."""

    def _packed(self, compiled: Any) -> bytes:
        from numba.cuda.serialize import dumps

        return bytes(dumps(compiled._reduce_states()))

    def _unpacked(self, _target_context: Any, state: Any) -> Any:
        from numba.cuda.dispatcher import _Kernel

        return _Kernel._rebuild(**state)


@cache
def compiled(rule: Rule, precision: Precision = DOUBLE, fast: bool = False) -> tuple[Any, int]:
    """The kernel of ``rule`` on the card at hand, and the threads of a block that suit it. ``fast`` allows contraction."""
    kernel = compiled_kernel(_function(rule, precision), _signature(precision) if not simulated() else None, fast)
    if simulated():
        return kernel, 8
    with driving("loading a kernel"):
        (registers,) = kernel.get_regs_per_thread().values()
    return kernel, threads_for(registers)


def compiled_kernel(function: FunctionType, signature: Any, fast: bool = False) -> Any:
    """``function`` on the card at hand, from the disk where it is there."""
    if simulated():
        return cuda.jit(function)
    from numba.cuda.core import config

    config.CUDA_LOW_OCCUPANCY_WARNINGS = 0  # a block may be small
    with driving("compiling"), _without_contraction(not fast):
        kernel = cuda.jit(lto=False)(function)
        name = f"{function.__name__}.{version('numba-cuda')}{'.fast' if fast else ''}"
        kernel._cache = CardCache(name, folder())
        kernel.compile(signature)
        # A call with other types would compile by itself, and contract.
        kernel.disable_compile()
    return kernel


def threads_for(registers: int) -> int:
    """Threads of a block: the most with which four blocks share a multiprocessor, so that one that waits for memory leaves it to others."""
    fitting = REGISTERS // 4 // max(1, registers)
    return max(32, min(256, 1 << (fitting.bit_length() - 1)))


class _Pretended:
    def __init__(self, capability: tuple[int, int]) -> None:
        self.compute_capability = capability


def ptx(rule: Rule, capability: tuple[int, int], precision: Precision = DOUBLE, fast: bool = False) -> str:
    """The kernel of ``rule`` in NVIDIA's intermediate language, for cards of that compute capability; no card is needed."""
    return ptx_of(_function(rule, precision), _signature(precision), capability, fast)


def ptx_of(function: FunctionType, signature: Any, capability: tuple[int, int], fast: bool = False) -> str:
    """``function`` likewise."""
    from numba.cuda import dispatcher

    given = dispatcher.get_current_device
    with _without_contraction(not fast):
        dispatcher.get_current_device = lambda: _Pretended(capability)
        try:
            text, _ = cuda.compile_ptx(function, signature, cc=capability)
        finally:
            dispatcher.get_current_device = given
    return str(text)
