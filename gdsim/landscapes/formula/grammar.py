"""The grammar of formulas, for lark's LALR parser, and the tokens that it sees.

``^`` and ``**`` bind tightest and to the right; a sign comes next, so that ``-x^2`` is ``-(x^2)``; then ``*``, ``/`` and products without
a sign, from left to right; then sums. A product without a sign may not follow a quotient: ``1/2x`` could mean two things.
"""

import functools
from typing import Any

from gdsim.landscapes.formula.complaint import FormulaError, character
from gdsim.landscapes.formula.functions import ARITIES

LONGEST = 2_000
DEEPEST = 64

GRAMMAR = r"""
start: sum
?sum: product
    | sum _PLUS product  -> add
    | sum _MINUS product -> subtract
?product: factors | quotient
?quotient: factors _SLASH signed  -> divide
    | quotient _SLASH signed      -> divide
?factors: signed
    | factors _TIMES signed  -> multiply
    | quotient _TIMES signed -> multiply
    | factors power          -> multiply
?signed: power
    | _MINUS signed -> negate
    | _PLUS signed
?power: atom
    | atom _POWER exponent -> power
    | atom SUPERSCRIPT     -> superscript
?exponent: power
    | _MINUS exponent -> negate
    | _PLUS exponent
?atom: NUMBER -> number
    | NAME    -> name
    | FUNCTION _OPEN sum (_COMMA sum)* _CLOSE -> call
    | _ROOT atom -> root
    | _OPEN sum _CLOSE
    | _BAR_OPEN sum _BAR_CLOSE -> bars

NUMBER: /(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?/
NAME: /[A-Za-z][A-Za-z0-9_]*|π/
SUPERSCRIPT: "²" | "³"
_POWER: "^" | "**"
_TIMES: "*" | "\u00d7" | "\u00b7" | "\u22c5"
_SLASH: "/" | "\u00f7"
_PLUS: "+"
_MINUS: "-" | "\u2212"
_OPEN: "("
_CLOSE: ")"
_COMMA: ","
_ROOT: "√"
_BAR_OPEN: "|"
%declare FUNCTION _BAR_CLOSE
%ignore /[ \t]+/
"""

OPERAND_ENDS = {"NUMBER", "NAME", "SUPERSCRIPT", "_CLOSE", "_BAR_CLOSE"}
OPERAND_BEGINS = {"NUMBER", "NAME", "FUNCTION", "_ROOT", "_OPEN", "_BAR_OPEN"}
OTHER_BRACKETS = "[]{}⟨⟩"
AN_OPERAND = "a number, a name, a function or an opening bracket"


@functools.cache
def parser() -> Any:
    from lark import Lark  # takes a sixth of a second to import

    return Lark(GRAMMAR, parser="lalr", lexer="basic")


def tokens(text: str) -> list[Any]:
    """The tokens of ``text``, functions told from names and closing bars from opening ones. Raises FormulaError."""
    from lark.exceptions import UnexpectedCharacters

    if len(text) > LONGEST:
        raise FormulaError(f"found {len(text):,} characters; a formula has at most {LONGEST:,}")
    found: list[Any] = []
    opened: list[Any] = []
    try:
        for token in parser().lex(text):
            _sort(token, text, found[-1].type if found else "", opened)
            found.append(token)
    except UnexpectedCharacters as error:
        at = error.pos_in_stream or 0
        raise FormulaError(_stranger(text, at), text, at) from None
    if opened:
        raise FormulaError("this is opened and never closed", text, opened[-1].start_pos)
    return found


def _sort(token: Any, text: str, before: str, opened: list[Any]) -> None:
    """Gives ``token`` the type that it has after one of type ``before`` within the brackets ``opened``, and keeps those up to date."""
    if token.type == "NAME" and token in ARITIES:
        token.type = "FUNCTION"
    elif token.type == "NUMBER" and before in OPERAND_ENDS:
        raise FormulaError(f"found the number {token} right after something to multiply; write * or ^ before it", text, token.start_pos)
    elif token.type == "_BAR_OPEN" and opened and opened[-1].type == "_BAR_OPEN" and before in OPERAND_ENDS:
        token.type = "_BAR_CLOSE"
        opened.pop()
    elif token.type == "_CLOSE":
        if not opened or opened[-1].type != "_OPEN":
            within = "the bar | before it is not closed" if opened else "no bracket is open here"
            raise FormulaError(f"found ')', but {within}", text, token.start_pos)
        opened.pop()
    if token.type in ("_OPEN", "_BAR_OPEN"):
        opened.append(token)
        if len(opened) > DEEPEST:
            raise FormulaError(f"found brackets nested more than {DEEPEST} deep", text, token.start_pos)


def syntax_tree(text: str) -> Any:
    """Lark's tree of ``text``. Raises FormulaError, which points at the first character that does not fit."""
    from lark.exceptions import UnexpectedToken

    found = tokens(text)
    if not found:
        raise FormulaError("there is no formula here; such as (1 - x)^2 + 100*(y - x^2)^2 is one")
    feed = parser().parse_interactive("")
    for index, token in enumerate(found):
        try:
            feed.feed_token(token)
        except UnexpectedToken:
            raise FormulaError(_misplaced(found, index), text, token.start_pos) from None
    try:
        return feed.feed_eof(found[-1])
    except UnexpectedToken:
        last = found[-1]
        raise FormulaError(_unfinished(last), text, last.end_pos) from None


def _stranger(text: str, at: int) -> str:
    c = text[at]
    if c in OTHER_BRACKETS:
        return f"found {character(c)}; brackets are round here: ( and )"
    if c == "=":
        return "found '='; write the loss alone, without J(x, y) = before it"
    if c in "'\"`":
        return f"found {character(c)}; a formula has no quotation marks"
    if c in "\n\r":
        return "found a line break; a formula stands on one line"
    if c == "%":
        return "found '%'; there is no remainder and no percent here"
    return f"found {character(c)}, which means nothing in a formula"


def _unfinished(last: Any) -> str:
    if last.type == "FUNCTION":
        return f"{last} needs brackets: {last}(x)"
    return f"the formula ends here, where {AN_OPERAND} is missing"


def _misplaced(found: list[Any], index: int) -> str:
    """Why token ``index`` cannot stand where it does."""
    token = found[index]
    before = found[index - 1] if index else None
    shown = f"'{token}'"
    if before is not None and before.type == "FUNCTION":
        if token.type in ("_POWER", "SUPERSCRIPT"):
            return f"{before} needs brackets; a power of it is {before}(x)^2"
        return f"{before} needs brackets: {before}(x)"
    if token.type == "_COMMA":
        return "found ','; commas stand only between the arguments of a function, and decimals have a point"
    if before is not None and before.type in OPERAND_ENDS:
        if token.type in OPERAND_BEGINS:
            return f"found {shown} after a quotient without a sign, which could mean two things; write * or brackets: (1/2)*x or 1/(2*x)"
        if token.type == "SUPERSCRIPT":
            return f"found {shown} after a power; write brackets"
        return f"found {shown}, where an operator such as + or * is expected"
    return f"found {shown}, where {AN_OPERAND} is expected"
