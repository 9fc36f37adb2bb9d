"""Pieces of Python as text: literals that nothing can break out of, calls and long lines broken as a formatter breaks them."""

import math
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WIDTH = 100


def number(value: float) -> str:
    """A float as its shortest literal: 1e-8 and not 1e-08."""
    if not math.isfinite(value):
        return "math.nan" if math.isnan(value) else "math.inf" if value > 0.0 else "-math.inf"
    return re.sub(r"e([+-])0*", lambda sign: "e" + sign[1].strip("+"), repr(float(value)))


def string(text: str) -> str:
    """A stranger's text as a literal, in double quotes where it has none itself."""
    plain = repr(text)
    return f'"{plain[1:-1]}"' if plain[0] == "'" and '"' not in plain else plain


def prose(text: str) -> str:
    """A stranger's text for a docstring: on one line, without what could end it or be an escape."""
    return "".join(character for character in text if character.isprintable()).replace("\\", "/").replace('"', "'")


def heading(title: str, what: str) -> str:
    """The docstring of a script: the scenario's title, if it has one, and what the script does."""
    first = f"{prose(title)}\n\n" if title else ""
    return f'"""{first}{prose(what)}.{chr(10) * bool(title)}"""'


class Ratio:
    """A fraction that a script shows as one."""

    def __init__(self, above: int, below: int) -> None:
        self.text = f"{above} / {below}"


def literal(value: Any) -> str:
    """A number, a switch, a text, or a tuple or list of them."""
    match value:
        case Ratio():
            return value.text
        case bool() | int():
            return repr(value)
        case float():
            return number(value)
        case str():
            return string(value)
        case tuple():
            return f"({', '.join(map(literal, value))}{',' * (len(value) == 1)})"
    return f"[{', '.join(map(literal, value))}]"


def arguments(values: Mapping[str, Any]) -> list[str]:
    """Arguments by name."""
    return [f"{name}={literal(value)}" for name, value in values.items()]


@dataclass(frozen=True)
class Call:
    """A call of ``function``. An argument is text, or a tuple of calls, which becomes an array with a call on each line."""

    function: str
    arguments: tuple["str | tuple[Call, ...]", ...] = ()

    def text(self, before: str = "", indent: int = 0) -> str:
        """The call after ``before`` (such as ``optimizer = ``) on a line that is indented by ``indent``."""
        plain = [each for each in self.arguments if isinstance(each, str)]
        line = f"{before}{self.function}({', '.join(plain)})"
        if len(plain) == len(self.arguments) and indent + len(line) <= WIDTH:
            return line
        pad = " " * (indent + 4)
        lines = [f"{before}{self.function}("]
        for argument in self.arguments:
            if isinstance(argument, str):
                lines.append(f"{pad}{argument},")
            else:
                inner = [f"{pad}    {part.text(indent=indent + 8)}," for part in argument]
                lines += [f"{pad}[", *inner, f"{pad}],"]
        return "\n".join([*lines, " " * indent + ")"])


def wrapped(text: str, indent: int) -> str:
    """An expression after ``return``: a long one in brackets, a term of its sum on each line."""
    if len(text) + indent + len("return ") <= WIDTH:
        return text
    inner = " " * (indent + 4)
    lines: list[str] = []
    for term in _terms(text):
        lines += textwrap.wrap(term, WIDTH - len(inner), break_long_words=False, break_on_hyphens=False, subsequent_indent="    ")
    return "\n".join(["(", *(inner + line for line in lines), " " * indent + ")"])


def _terms(text: str) -> list[str]:
    """The terms of a sum with their signs: cut before every plus and minus that stands in no bracket."""
    depth, begin, terms = 0, 0, []
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0 and text[at : at + 3] in (" + ", " - "):
            terms.append(text[begin:at])
            begin = at + 1
    return [*terms, text[begin:]]
