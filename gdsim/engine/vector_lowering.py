"""What numba makes of ``gdsim.engine.vectors``: a type for each precision, and one machine operation each."""

# mypy: disable-error-code="no-untyped-call,untyped-decorator"

from typing import Any

from llvmlite import ir
from numba import float32, float64, int64, types, void
from numba.core import cgutils
from numba.core.datamodel.models import PrimitiveModel
from numba.core.datamodel.registry import register_default
from numba.core.typing.templates import make_concrete_template, signature
from numba.extending import lower_builtin

from gdsim.engine.vectors import get, load, multiply_add, put, spread, store, transpose, width


class Vector(types.Type):
    def __init__(self, number: Any) -> None:
        self.number, self.count = number, width(number.name)
        super().__init__(f"vector({self.count} x {number.name})")


@register_default(Vector)
class VectorModel(PrimitiveModel):
    def __init__(self, manager: Any, kind: Vector) -> None:
        number = {float64: ir.DoubleType(), float32: ir.FloatType()}[kind.number]
        super().__init__(manager, kind, ir.VectorType(number, kind.count))


PRECISIONS = tuple((Vector(number), types.Array(number, 1, "C"), number) for number in (float64, float32))
SIGNATURES = {
    load: [signature(vector, array, int64) for vector, array, _ in PRECISIONS],
    store: [signature(void, array, int64, vector) for vector, array, _ in PRECISIONS],
    spread: [signature(vector, array, int64) for vector, array, _ in PRECISIONS],
    get: [signature(number, array, int64) for _, array, number in PRECISIONS],
    put: [signature(void, array, int64, number) for _, array, number in PRECISIONS],
    transpose: [signature(void, array, int64, int64, array, int64, int64) for _, array, _ in PRECISIONS],
    multiply_add: [signature(vector, vector, vector, vector) for vector, _, _ in PRECISIONS],
}
TYPES = {intrinsic: types.Function(make_concrete_template(intrinsic.__name__, intrinsic, s)) for intrinsic, s in SIGNATURES.items()}


def place(context: Any, builder: Any, array: Any, values: Any, i: Any) -> Any:
    """The address of ``array[i]``."""
    return builder.gep(context.make_array(array)(context, builder, values).data, [i])


@lower_builtin(load, types.Array, int64)
def lower_load(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    address = place(context, builder, signature.args[0], *arguments)
    pointer = builder.bitcast(address, context.get_value_type(signature.return_type).as_pointer())
    return builder.load(pointer, align=signature.return_type.number.bitwidth // 8)


@lower_builtin(store, types.Array, int64, Vector)
def lower_store(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    address = place(context, builder, signature.args[0], *arguments[:2])
    pointer = builder.bitcast(address, arguments[2].type.as_pointer())
    builder.store(arguments[2], pointer, align=signature.args[2].number.bitwidth // 8)
    return context.get_dummy_value()


@lower_builtin(get, types.Array, int64)
def lower_get(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return builder.load(place(context, builder, signature.args[0], *arguments))


@lower_builtin(put, types.Array, int64, types.Float)
def lower_put(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    builder.store(arguments[2], place(context, builder, signature.args[0], *arguments[:2]))
    return context.get_dummy_value()


@lower_builtin(spread, types.Array, int64)
def lower_spread(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    number = builder.load(place(context, builder, signature.args[0], *arguments))
    kind = context.get_value_type(signature.return_type)
    first = builder.insert_element(ir.Constant(kind, ir.Undefined), number, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(first, ir.Constant(kind, ir.Undefined), ir.Constant(ir.VectorType(ir.IntType(32), kind.count), None))


@lower_builtin(multiply_add, Vector, Vector, Vector)
def lower_multiply_add(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    kind = arguments[0].type
    name = f"llvm.fma.v{kind.count}f{signature.args[0].number.bitwidth}"
    function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(kind, [kind] * 3), name)
    return builder.call(function, arguments)


@lower_builtin(transpose, types.Array, int64, int64, types.Array, int64, int64)
def lower_transpose(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    out, o, out_stride, array, i, stride = arguments
    vector = Vector(signature.args[0].dtype)
    kind, count, align = context.get_value_type(vector), vector.count, vector.number.bitwidth // 8

    def addresses(number: int, values: Any, at: Any, step: Any) -> list[Any]:
        found = []
        for _ in range(count):
            found.append(builder.bitcast(place(context, builder, signature.args[number], values, at), kind.as_pointer()))
            at = builder.add(at, step)
        return found

    rows = [builder.load(address, align=align) for address in addresses(3, array, i, stride)]
    step = 1
    while step < count:  # exchanges the off-diagonal squares of ever larger ones
        for low in (k for k in range(count) if not k & step):
            a, b = rows[low], rows[low | step]
            upper = [k if not k & step else count + (k ^ step) for k in range(count)]
            lower = [k ^ step if not k & step else count + k for k in range(count)]
            rows[low], rows[low | step] = (
                builder.shuffle_vector(a, b, ir.Constant(ir.VectorType(ir.IntType(32), count), mask)) for mask in (upper, lower)
            )
        step *= 2
    for row, address in zip(rows, addresses(0, out, o, out_stride), strict=True):
        builder.store(row, address, align=align)
    return context.get_dummy_value()
