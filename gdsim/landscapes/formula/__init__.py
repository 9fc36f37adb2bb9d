"""A formula that a user typed, made a landscape like any other: exact derivatives, compiled, and nothing of the text ever executed.

The text passes through a grammar of our own (``grammar``) into a list of nodes (``graph``), is simplified (``algebra``), differentiated
(``differentiate``) and emitted as a leaf function (``emit``). ``preview`` evaluates it with NumPy before anything is compiled.
"""

from gdsim.landscapes.formula.complaint import FormulaError
from gdsim.landscapes.formula.parsing import Parsed, parse
from gdsim.landscapes.formula.previewing import Preview, preview
from gdsim.landscapes.formula.record import formula

__all__ = ["FormulaError", "Parsed", "Preview", "formula", "parse", "preview"]
