"""Expressions as nested tuples: random ones, from and to graphs, and their value in multiple precision."""

import mpmath
from hypothesis import strategies as st

from gdsim.landscapes.formula.functions import ARITIES, CONSTANTS
from gdsim.landscapes.formula.graph import Graph

ONE_ARGUMENT = sorted({name for name, (least, _) in ARITIES.items() if least == 1} - {"ln", "relu"})
OPERATORS = ("add", "subtract", "multiply", "divide", "power", "min", "max")
NUMBERS = st.sampled_from([0.0, 1.0, 2.0, 3.0, 0.5, 1.5, 10.0, 0.1, 1e-3, 1e20]) | st.floats(0.0, 100.0)

LEAVES = st.sampled_from([("variable", "x"), ("variable", "y"), ("constant", "pi"), ("constant", "e"), ("parameter", "a")]) | NUMBERS.map(
    lambda value: ("number", value + 0.0)
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.tuples(st.sampled_from([*ONE_ARGUMENT, "negate"]), inner) | st.tuples(st.sampled_from(OPERATORS), inner, inner),
    max_leaves=12,
)


def built(tree):
    """(graph, root) of a nested tuple."""
    graph = Graph()

    def place(node):
        kind, *rest = node
        if kind in ("number", "variable", "constant", "parameter"):
            return graph.node(kind, value=rest[0])
        return graph.node(kind, *map(place, rest))

    return graph, place(tree)


def nested(graph, root):
    """The nested tuple of what stands at ``root``."""
    found = {}
    for place in graph.used((root,)):
        node = graph[place]
        found[place] = (node.kind, *(found[arg] for arg in node.args)) if node.args else (node.kind, node.value)
    return found[root]


LARGEST = 10_000
"""Exponentials of more than this, and functions of its exponential, would keep multiple precision busy for hours."""
EXPONENTIAL = {"exp", "sinh", "cosh", "tanh", "sigmoid"}
OPERATIONS = {"add", "subtract", "multiply", "divide", "negate", "min", "max", "abs", "sign", "of_smaller", "power", "steep"}


def _applied(kind, *args):
    bound = LARGEST if kind in EXPONENTIAL else 1e30
    if kind not in OPERATIONS and any(abs(arg) > bound for arg in args):
        raise OverflowError
    return _real(MULTIPLE[kind](*args))


def _real(value):
    if isinstance(value, mpmath.mpc):
        if value.imag != 0:
            raise ValueError("not real")
        value = value.real
    if not mpmath.isfinite(value):
        raise ValueError("not finite")
    return value


def _power(a, b):
    if a == 0 and b == 0:
        return mpmath.mpf(1)
    if a != 0 and abs(b * mpmath.log(abs(a))) > LARGEST:
        raise OverflowError
    return mpmath.power(a, b)


MULTIPLE = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "negate": lambda a: -a,
    "power": _power,
    "min": min,
    "max": max,
    "abs": abs,
    "sign": mpmath.sign,
    "log": mpmath.log,
    "log2": lambda u: mpmath.log(u, 2),
    "log10": mpmath.log10,
    "sigmoid": lambda u: 1 / (1 + mpmath.exp(-u)),
    "steep": lambda a, b: mpmath.mpf(0) if a == 0 and b < 0 else _power(a, b),
    "steep_root": lambda u: mpmath.mpf(0) if u == 0 else 1 / mpmath.sqrt(u),
    "of_smaller": lambda a, b, p, q: p if a < b else q if a > b else (p + q) / 2,
    **{name: getattr(mpmath, name) for name in ["sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "exp", "sqrt"]},
}


def multiple(graph, roots, x, y, **parameters):
    """The values of ``roots`` in mpmath's precision. Raises ValueError (not real, not finite), ZeroDivisionError or OverflowError."""
    weights = {"x": x, "y": y}
    values = {}
    for place in graph.used(roots):
        node = graph[place]
        match node.kind:
            case "number":
                values[place] = mpmath.mpf(node.value)
            case "constant":
                values[place] = mpmath.mpf(CONSTANTS[node.value])
            case "variable":
                values[place] = weights[node.value]
            case "parameter":
                values[place] = mpmath.mpf(parameters[node.value])
            case kind:
                values[place] = _applied(kind, *(values[arg] for arg in node.args))
    return [values[root] for root in roots]
