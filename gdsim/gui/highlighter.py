"""Python code in a few quiet colours: keywords, strings, comments, numbers."""

import keyword
import re

from PySide6.QtGui import QColor, QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from gdsim.gui.palette import LIGHT, Theme

STRINGS = {"light": "#0b6b50", "dark": "#7fd3b5"}
NUMBERS = {"light": "#8a4b00", "dark": "#e8b765"}
TOKENS = re.compile(
    r'(?P<string>[rbf]?"""(?:[^\\]|\\.)*?(?:"""|$)|[rbf]?"(?:[^"\\]|\\.)*"|[rbf]?\'(?:[^\'\\]|\\.)*\')'
    r"|(?P<comment>#.*)"
    rf"|(?P<keyword>\b(?:{'|'.join(keyword.kwlist)})\b)"
    r"|(?P<number>\b0[xX][\da-fA-F]+|\b\d+(?:\.\d*)?(?:[eE][+-]?\d+)?\b)"
)
QUOTES = '"""'


def spans(line: str, *, inside: bool = False) -> tuple[list[tuple[int, int, str]], bool]:
    """The coloured parts of a line as (start, end, kind), and whether a string in three quotes goes on after it; ``inside`` one already."""
    found: list[tuple[int, int, str]] = []
    start = 0
    if inside:
        end = line.find(QUOTES)
        if end < 0:
            return [(0, len(line), "string")], True
        start = end + len(QUOTES)
        found.append((0, start, "string"))
    for token in TOKENS.finditer(line, start):
        text = token.group()
        found.append((token.start(), token.end(), str(token.lastgroup)))
        if token.lastgroup == "string" and QUOTES in text and (text.count(QUOTES) < 2):
            return found, True
    return found, False


class Highlighter(QSyntaxHighlighter):
    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._formats: dict[str, QTextCharFormat] = {}
        self.show_theme(LIGHT)

    def show_theme(self, theme: Theme) -> None:
        colours = {"keyword": theme.accent, "string": STRINGS[theme.name], "comment": theme.muted, "number": NUMBERS[theme.name]}
        for kind, colour in colours.items():
            look = self._formats[kind] = QTextCharFormat()
            look.setForeground(QColor(colour))
            if kind == "keyword":
                look.setFontWeight(QFont.Weight.DemiBold)
            look.setFontItalic(kind == "comment")
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        found, goes_on = spans(text, inside=self.previousBlockState() == 1)
        for start, end, kind in found:
            self.setFormat(start, end - start, self._formats[kind])
        self.setCurrentBlockState(1 if goes_on else 0)
