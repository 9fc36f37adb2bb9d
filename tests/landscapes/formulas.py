"""A landscape's formula text as exact mathematics: sympy differentiates it, mpmath evaluates it with 40 digits."""

from functools import lru_cache

import mpmath
import sympy
from sympy.parsing.sympy_parser import convert_xor, parse_expr, rationalize, standard_transformations

X, Y = sympy.symbols("x y", real=True)
FUNCTIONS = {name: getattr(sympy, name) for name in ("sin", "cos", "exp", "log", "tanh", "sqrt", "pi")} | {"abs": sympy.Abs}
DIGITS = 40


def parse(landscape):
    """The formula as an expression in X, Y and its parameters' symbols; decimal fractions are exact."""
    names = {param.name: sympy.Symbol(param.name, real=True) for param in landscape.parameters} | {"x": X, "y": Y}
    expression = parse_expr(landscape.formula, {**FUNCTIONS, **names}, (*standard_transformations, convert_xor, rationalize))
    assert expression.free_symbols <= set(names.values())
    return expression


def size(expression):
    """An expression for the largest number that rounding errors of ``expression`` are relative to: all signs made plus."""
    if expression.is_Atom:
        return sympy.Abs(expression)
    if isinstance(expression, sympy.sign):
        return sympy.Integer(1)
    if isinstance(expression, sympy.Abs):
        return size(expression.args[0])
    if expression.is_Add:
        return sympy.Add(*map(size, expression.args))
    if expression.is_Mul:
        return sympy.Mul(*map(size, expression.args))
    if expression.is_Pow and expression.exp.is_Integer and expression.exp > 0:
        return size(expression.base) ** expression.exp
    inner = sympy.Dummy(real=True)
    argument = expression.base if expression.is_Pow and expression.base is not sympy.E else expression.args[-1]
    steepness = slope(expression.subs(argument, inner), inner).subs(inner, argument)
    return sympy.Abs(expression) + sympy.Abs(steepness) * size(argument)


def slope(expression, variable):
    """The derivative away from kinks: where a sign changes sympy adds an impulse, which is left out."""
    return sympy.diff(expression, variable).replace(sympy.DiracDelta, lambda *_: sympy.Integer(0))


@lru_cache
def compiled(landscape):
    """``f(x, y, *parameters) -> (J, Jx, Jy, Jxx, Jxy, Jyy and the size of each)``, in mpmath."""
    loss = parse(landscape)
    slopes = [slope(loss, v) for v in (X, Y)]
    wanted = [loss, *slopes, slope(slopes[0], X), slope(slopes[0], Y), slope(slopes[1], Y)]
    symbols = [X, Y, *(sympy.Symbol(param.name, real=True) for param in landscape.parameters)]
    return sympy.lambdify(symbols, [*wanted, *map(size, wanted)], "mpmath", cse=True)


def exact(landscape, position):
    """(values, sizes), each [J, Jx, Jy, Jxx, Jxy, Jyy] at one point."""
    x, y = (*position, 0.0)[:2]
    defaults = landscape.with_parameters(**{param.name: param.default for param in landscape.parameters})
    with mpmath.workdps(DIGITS):
        numbers = [float(n) for n in compiled(defaults)(*map(mpmath.mpf, map(float, (x, y, *landscape.values))))]
    return numbers[:6], numbers[6:]
