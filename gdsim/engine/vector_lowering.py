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

from gdsim.engine.layout import pad
from gdsim.engine.vectors import TILES, fill_registers, get, load, multiply_add, put, spread, square_sum, store, transpose, width


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
    square_sum: [signature(number, array, int64, int64) for _, array, number in PRECISIONS],
    fill_registers: [signature(void)],
    multiply_add: [signature(vector, vector, vector, vector) for vector, _, _ in PRECISIONS],
}
SIGNATURES |= {tile: [signature(void, array, *[int64] * 10) for _, array, _ in PRECISIONS] for tile in TILES.values()}
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
    return everywhere(builder, number, context.get_value_type(signature.return_type))


def everywhere(builder: Any, number: Any, kind: Any) -> Any:
    """A vector that has the number in every place."""
    first = builder.insert_element(ir.Constant(kind, ir.Undefined), number, ir.Constant(ir.IntType(32), 0))
    return builder.shuffle_vector(first, ir.Constant(kind, ir.Undefined), ir.Constant(ir.VectorType(ir.IntType(32), kind.count), None))


@lower_builtin(multiply_add, Vector, Vector, Vector)
def lower_multiply_add(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    return fused(builder, signature.args[0].number, arguments)


def fused(builder: Any, number: Any, vectors: Any) -> Any:
    kind = vectors[0].type
    function_type = ir.FunctionType(kind, [kind] * 3)
    function = cgutils.get_or_insert_function(builder.module, function_type, f"llvm.fma.v{kind.count}f{number.bitwidth}")
    return builder.call(function, vectors)


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


@lower_builtin(square_sum, types.Array, int64, int64)
def lower_square_sum(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    array, begin, count = arguments
    number = signature.return_type
    vector = Vector(number)
    kind, many = context.get_value_type(vector), 4 * pad(number.name)
    before, body, after = builder.block, builder.append_basic_block("squares"), builder.append_basic_block("squared")
    end = builder.add(begin, count)
    builder.branch(body)
    builder.position_at_end(body)
    at = builder.phi(begin.type)
    sums = [builder.phi(kind) for _ in range(0, many, vector.count)]
    added = []
    for k, total in enumerate(sums):
        address = place(context, builder, signature.args[0], array, builder.add(at, ir.Constant(at.type, k * vector.count)))
        numbers = builder.load(builder.bitcast(address, kind.as_pointer()), align=number.bitwidth // 8)
        added.append(fused(builder, number, (numbers, numbers, total)))
    following = builder.add(at, ir.Constant(at.type, many))
    builder.cbranch(builder.icmp_signed("<", following, end), body, after)
    for phi, first, later in zip((at, *sums), (begin, *[ir.Constant(kind, None)] * len(sums)), (following, *added), strict=True):
        phi.add_incoming(first, before)
        phi.add_incoming(later, body)
    builder.position_at_end(after)
    while len(added) > 1:
        half = len(added) // 2
        added = [builder.fadd(a, b) for a, b in zip(added[:half], added[half:], strict=True)]
    (total,) = added
    while total.type.count > 1:
        half = total.type.count // 2
        parts = (ir.Constant(ir.VectorType(ir.IntType(32), half), list(range(first, first + half))) for first in (0, half))
        total = builder.fadd(*[builder.shuffle_vector(total, ir.Constant(total.type, ir.Undefined), part) for part in parts])
    return builder.extract_element(total, ir.Constant(ir.IntType(32), 0))


@lower_builtin(fill_registers)
def lower_fill_registers(context: Any, builder: Any, _signature: Any, _arguments: Any) -> Any:
    # llvmlite knows no attributes with a value, and would not add one by itself.
    set.add(builder.function.attributes, '"prefer-vector-width"="512"')
    return context.get_dummy_value()


def lower_tile(rows: int, vectors: int) -> Any:
    """A loop over the terms whose sums are carried from turn to turn in registers."""

    def lower(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array, out, out_row, start, start_row, x, x_row, x_term, y, y_term, terms = arguments
        vector = Vector(signature.args[0].dtype)
        kind, align = context.get_value_type(vector), vector.number.bitwidth // 8
        data = context.make_array(signature.args[0])(context, builder, array).data

        def whole(number: int) -> Any:
            return ir.Constant(x.type, number)

        def row(at: Any, stride: Any, m: int) -> Any:
            return builder.gep(data, [builder.add(at, builder.mul(stride, whole(m)))])

        def vectors_at(address: Any) -> list[Any]:
            places = [builder.gep(address, [whole(n * vector.count)]) for n in range(vectors)]
            return [builder.bitcast(place, kind.as_pointer()) for place in places]

        sums = [[builder.load(p, align=align) for p in vectors_at(row(start, start_row, m))] for m in range(rows)]
        before, body, after = builder.block, builder.append_basic_block("terms"), builder.append_basic_block("summed")
        builder.cbranch(builder.icmp_signed(">", terms, whole(0)), body, after)
        builder.position_at_end(body)
        carried = {name: builder.phi(x.type) for name in ("term", "x", "y")}
        phis = [[builder.phi(kind) for _ in range(vectors)] for _ in range(rows)]
        columns = [builder.load(p, align=align) for p in vectors_at(builder.gep(data, [carried["y"]]))]
        added = []
        for m in range(rows):
            factor = everywhere(builder, builder.load(row(carried["x"], x_row, m)), kind)
            added.append([fused(builder, vector.number, (factor, columns[n], phis[m][n])) for n in range(vectors)])
        following = {"term": whole(1), "x": x_term, "y": y_term}
        following = {name: builder.add(carried[name], step) for name, step in following.items()}
        builder.cbranch(builder.icmp_signed("<", following["term"], terms), body, after)
        for name, first in (("term", whole(0)), ("x", x), ("y", y)):
            carried[name].add_incoming(first, before)
            carried[name].add_incoming(following[name], body)
        builder.position_at_end(after)
        results = [[builder.phi(kind) for _ in range(vectors)] for _ in range(rows)]
        for m in range(rows):
            for n in range(vectors):
                for phi in (phis[m][n], results[m][n]):
                    phi.add_incoming(sums[m][n], before)
                    phi.add_incoming(added[m][n], body)
        for m in range(rows):
            for result, address in zip(results[m], vectors_at(row(out, out_row, m)), strict=True):
                builder.store(result, address, align=align)
        return context.get_dummy_value()

    return lower


for (rows, vectors), intrinsic in TILES.items():
    lower_builtin(intrinsic, types.Array, *[int64] * 10)(lower_tile(rows, vectors))
