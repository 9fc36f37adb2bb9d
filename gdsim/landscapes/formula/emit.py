"""A leaf function from a graph: Python's own syntax nodes, put together here, with names made here; no text is ever compiled.

One statement a node, children first; constants are floats, and the names it calls are the engine's. So ``gdsim.engine.specialise`` treats
it as one of its own, and its digest, made from bytecode and constants, is the same in every process.
"""

import ast
from collections.abc import Sequence
from types import CodeType, FunctionType, MappingProxyType
from typing import Any

from gdsim.engine.elementary import sincos
from gdsim.landscapes.formula.algebra import Algebra
from gdsim.landscapes.formula.functions import FUNCTIONS
from gdsim.landscapes.formula.graph import Node

OPERATORS: dict[str, ast.operator] = {"add": ast.Add(), "subtract": ast.Sub(), "multiply": ast.Mult()}
SCOPE = MappingProxyType({"__builtins__": {}, "sincos": sincos, **{name: function.leaf for name, function in FUNCTIONS.items()}})


def leaf(g: Algebra, roots: Sequence[int], parameters: Sequence[str], name: str) -> FunctionType:
    """``name(x, y, params) -> (root, root, ...)``, every number a float."""
    body: list[ast.stmt] = []
    if parameters:
        targets = ast.Tuple([_stored(f"p{i}") for i in range(len(parameters))], ast.Store())
        body.append(ast.Assign([targets], _named("params")))
    order = list(g.used(roots))
    known = {place: f"v{count}" for count, place in enumerate(order)}
    angles = {kind: {g[place].args[0]: place for place in order if g[place].kind == kind} for kind in ("sin", "cos")}
    for place in order:
        node = g[place]
        if node.kind in angles and all(node.args[0] in each for each in angles.values()):
            both = [angles[kind][node.args[0]] for kind in ("sin", "cos")]
            if place == min(both):
                pair = ast.Tuple([_stored(known[each]) for each in both], ast.Store())
                body.append(ast.Assign([pair], _call("sincos", _read(g, node.args[0], known, parameters))))
        elif node.args:
            body.append(ast.Assign([_stored(known[place])], _expression(g, node, known, parameters)))
    body.append(ast.Return(ast.Tuple([_read(g, root, known, parameters) for root in roots], ast.Load())))
    arguments = ast.arguments(
        posonlyargs=[], args=[ast.arg(each) for each in ("x", "y", "params")], kwonlyargs=[], kw_defaults=[], defaults=[]
    )
    function = ast.FunctionDef(name=name, args=arguments, body=body, decorator_list=[])
    module = compile(ast.fix_missing_locations(ast.Module([function], [])), "<formula>", "exec")
    (code,) = (constant for constant in module.co_consts if isinstance(constant, CodeType))
    return FunctionType(code, dict(SCOPE), name)


def _read(g: Algebra, place: int, known: dict[int, str], parameters: Sequence[str]) -> ast.expr:
    node = g[place]
    match node.kind:
        case "number":
            return ast.Constant(float(node.value))  # type: ignore[arg-type]
        case "variable":
            return _named(str(node.value))
        case "parameter":
            return _named(f"p{parameters.index(str(node.value))}")
        case _:
            return _named(known[place])


def _expression(g: Algebra, node: Node, known: dict[int, str], parameters: Sequence[str]) -> ast.expr:
    args = [_read(g, arg, known, parameters) for arg in node.args]
    if node.kind in OPERATORS:
        return ast.BinOp(args[0], OPERATORS[node.kind], args[1])
    if node.kind == "divide" and g.value(node.args[1]):
        return ast.BinOp(args[0], ast.Div(), args[1])
    if node.kind == "negate":
        return ast.UnaryOp(ast.USub(), args[0])
    return _call(node.kind, *args)


def _named(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _stored(name: str) -> ast.expr:
    return ast.Name(name, ast.Store())


def _call(name: str, *args: Any) -> ast.expr:
    return ast.Call(_named(name), list(args), [])
