"""What numba makes of ``gdsim.engine.intrinsics``: a type and one machine operation each."""

# mypy: disable-error-code="no-untyped-call,untyped-decorator"

from typing import Any

from numba import float64, int64, types
from numba.core.typing.templates import make_concrete_template, signature
from numba.extending import lower_builtin

from gdsim.engine.intrinsics import bits, divide, fma, from_bits

SIGNATURES = {
    fma: signature(float64, float64, float64, float64),
    divide: signature(float64, float64, float64),
    bits: signature(int64, float64),
    from_bits: signature(float64, int64),
}
TYPES = {intrinsic: types.Function(make_concrete_template(intrinsic.__name__, intrinsic, [s])) for intrinsic, s in SIGNATURES.items()}


@lower_builtin(fma, float64, float64, float64)
def lower_fma(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
    return builder.fma(*arguments)


@lower_builtin(divide, float64, float64)
def lower_divide(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
    return builder.fdiv(*arguments)


@lower_builtin(bits, float64)
@lower_builtin(from_bits, int64)
def lower_bits(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return builder.bitcast(arguments[0], context.get_value_type(signature.return_type))
