"""Plain text from the records and verdicts, set as mathematics is printed."""

import re

_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_WORDS = (("lambda_max", "λmax"), ("lambda", "λ"), ("eta", "η"), ("mu", "μ"), ("pi", "π"))


def typeset(text: str) -> str:
    """Powers raised, products as dots, minus signs for hyphens, Greek letters for their names: ``eta x lambda_max`` as ``η λmax``."""
    text = re.sub(r"\beta x (?=lambda)", "η ", text)
    for word, sign in _WORDS:
        text = re.sub(rf"\b{word}\b", sign, text)
    text = re.sub(r"\^(-?\d+)", lambda found: found[1].translate(_SUPERSCRIPTS), text)
    text = re.sub(r"\binf\b", "∞", text)
    text = re.sub(r"\s*\*\s*", "·", text.replace("<-", "←").replace("sqrt(", "√("))
    return re.sub(r"(?<![A-Za-z])-", "−", text)  # noqa: RUF001  (a minus sign; a hyphen follows a letter)


def sentence(text: str) -> str:
    """``text`` typeset, beginning with a capital letter."""
    made = typeset(text)
    return made[:1].upper() + made[1:] if made[:1].islower() and made[:1].isascii() else made
