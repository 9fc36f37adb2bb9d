"""A graph as text again: as a formula with every product written out, and as LaTeX."""

from collections.abc import Callable

from gdsim.landscapes.formula.functions import FUNCTIONS
from gdsim.landscapes.formula.graph import Graph

SUM, PRODUCT, SIGN, POWER, ATOM = range(5)
"""How tightly what is written holds together."""

Written = tuple[str, int]
INFIX = {"add": (" + ", SUM), "subtract": (" - ", SUM), "multiply": ("*", PRODUCT), "divide": ("/", PRODUCT)}


def as_text(graph: Graph, root: int) -> str:
    """A formula that parses to the same graph."""
    return _written(graph, root, _plain)


def as_latex(graph: Graph, root: int) -> str:
    return _written(graph, root, _latex)


def _written(graph: Graph, root: int, form: Callable[[str, list[Written], str], Written]) -> str:
    written: dict[int, Written] = {}
    for place in graph.used((root,)):
        node = graph[place]
        name = _digits(float(node.value)) if node.kind == "number" else str(node.value)  # type: ignore[arg-type]
        written[place] = form(node.kind, [written[arg] for arg in node.args], name)
    return written[root][0]


def _digits(value: float) -> str:
    short = f"{value:g}"
    return short if float(short) == value else repr(value)


def _held(part: Written, least: int, brackets: tuple[str, str] = ("(", ")")) -> str:
    """A part within a form of tightness ``least``: in brackets, unless it holds together by itself."""
    text, tightness = part
    return text if tightness >= least else f"{brackets[0]}{text}{brackets[1]}"


def _plain(kind: str, args: list[Written], name: str) -> Written:
    match kind:
        case "number" | "constant" | "variable" | "parameter":
            return name, ATOM
        case "add" | "subtract" | "multiply" | "divide":
            sign, tightness = INFIX[kind]
            # On the right, what holds no tighter needs brackets: a - (b - c). A sign there would read badly.
            right = POWER if tightness == PRODUCT else PRODUCT
            right_text = f"({args[1][0]})" if args[1][1] == SIGN else _held(args[1], right)
            return f"{_held(args[0], tightness)}{sign}{right_text}", tightness
        case "negate":
            return f"-{_held(args[0], SIGN)}", SIGN
        case "power":
            return f"{_held(args[0], ATOM)}^{_held(args[1], POWER)}", POWER
        case _:
            return f"{kind}({', '.join(text for text, _ in args)})", ATOM


TALL = (r"\left(", r"\right)")


def _latex(kind: str, args: list[Written], name: str) -> Written:
    match kind:
        case "number":
            digits, _, exponent = name.partition("e")
            return (rf"{digits} \cdot 10^{{{int(exponent)}}}", PRODUCT) if exponent else (digits, ATOM)
        case "constant":
            return {"pi": r"\pi"}.get(name, r"\mathrm{e}"), ATOM
        case "variable":
            return name, ATOM
        case "parameter":
            return (name if len(name) == 1 else rf"\mathit{{{name.replace('_', chr(92) + '_')}}}"), ATOM
        case "add" | "subtract":
            right = _held(args[1], PRODUCT, TALL) if args[1][1] != SIGN else rf"\left({args[1][0]}\right)"
            return f"{args[0][0]} {'+' if kind == 'add' else '-'} {right}", SUM
        case "multiply":
            left, right = _held(args[0], PRODUCT, TALL), _held(args[1], POWER, TALL)
            return f"{left} {chr(92) + 'cdot' if right[0].isdigit() else chr(92) + ','} {right}", PRODUCT
        case "divide":
            return rf"\frac{{{args[0][0]}}}{{{args[1][0]}}}", PRODUCT
        case "negate":
            return f"-{_held(args[0], SIGN, TALL)}", SIGN
        case "power":
            return f"{_held(args[0], ATOM, TALL)}^{{{args[1][0]}}}", POWER
        case "sqrt":
            return rf"\sqrt{{{args[0][0]}}}", ATOM
        case "abs":
            return rf"\left|{args[0][0]}\right|", ATOM
        case _:
            return rf"{FUNCTIONS[kind].latex}\left({', '.join(text for text, _ in args)}\right)", ATOM
