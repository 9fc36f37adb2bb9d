"""What numba makes of ``gdsim.engine.intrinsics``: a type and one machine operation each."""

# mypy: disable-error-code="no-untyped-call,untyped-decorator"

from typing import Any

from numba import float32, float64, int32, int64, types
from numba.core.typing.templates import AbstractTemplate, make_concrete_template, signature
from numba.extending import lower_builtin

from gdsim.engine import vector_lowering
from gdsim.engine.intrinsics import bits, bits_32, borrowed, divide, fma, from_bits, from_bits_32

SIGNATURES = {
    fma: [signature(float64, float64, float64, float64), signature(float32, float32, float32, float32)],
    divide: [signature(float64, float64, float64), signature(float32, float32, float32)],
    bits: [signature(int64, float64)],
    from_bits: [signature(float64, int64)],
    bits_32: [signature(int32, float32)],
    from_bits_32: [signature(float32, int32)],
}
TYPES = {intrinsic: types.Function(make_concrete_template(intrinsic.__name__, intrinsic, s)) for intrinsic, s in SIGNATURES.items()}
TYPES |= vector_lowering.TYPES


class Borrowing(AbstractTemplate):
    """An array of any kind is borrowed as one of the same kind."""

    key = borrowed

    def generic(self, arguments: Any, _keywords: Any) -> Any:
        (array,) = arguments
        return signature(array, array) if isinstance(array, types.Array) else None


TYPES[borrowed] = types.Function(Borrowing)


@lower_builtin(borrowed, types.Array)
def lower_borrowed(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
    (array,) = arguments
    for place in (0, 1):  # who counts the references, and whose memory it is
        array = builder.insert_value(array, array.type.elements[place](None), place)
    return array


@lower_builtin(fma, float64, float64, float64)
@lower_builtin(fma, float32, float32, float32)
def lower_fma(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
    return builder.fma(*arguments)


@lower_builtin(divide, float64, float64)
@lower_builtin(divide, float32, float32)
def lower_divide(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
    return builder.fdiv(*arguments)


@lower_builtin(bits, float64)
@lower_builtin(from_bits, int64)
@lower_builtin(bits_32, float32)
@lower_builtin(from_bits_32, int32)
def lower_bits(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return builder.bitcast(arguments[0], context.get_value_type(signature.return_type))
