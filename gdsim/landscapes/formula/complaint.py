"""FormulaError: what is wrong with a formula, in words, with a caret under the character."""

import unicodedata

WIDTH = 60


class FormulaError(ValueError):
    """A formula that cannot be used. ``reason`` is the sentence, ``at`` the index of the character meant (None for the whole)."""

    def __init__(self, reason: str, text: str = "", at: int | None = None) -> None:
        self.reason, self.text, self.at = reason, text, at
        super().__init__(reason if at is None else f"{reason}\n{caret_lines(text, at)}")


def caret_lines(text: str, at: int) -> str:
    """The part of ``text`` round index ``at`` and under it a line with a caret; characters that a terminal would obey are dots."""
    low = max(0, min(at - WIDTH // 2, len(text) - WIDTH))
    part = "".join(c if c.isprintable() and not unicodedata.combining(c) else "·" for c in text[low : low + WIDTH])
    before, after = "..." if low else "", "..." if low + WIDTH < len(text) else ""
    return f"    {before}{part}{after}\n    {' ' * (len(before) + at - low)}^"


def character(c: str) -> str:
    """A character for a message: itself, and its name where it is not plain ASCII."""
    if c.isascii() and c.isprintable():
        return f"'{c}'"
    name = unicodedata.name(c, "an unnamed character")
    return f"{name} (U+{ord(c):04X})"
