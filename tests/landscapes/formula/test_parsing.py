"""What is typed means what it says; what is wrong is pointed at."""

import pytest
from hypothesis import given, settings

from gdsim.landscapes.formula import FormulaError, parse
from gdsim.landscapes.formula.parsing import MOST_NODES
from gdsim.landscapes.formula.writing import as_latex, as_text
from tests.landscapes.formula.table import PARAMETERS, WRITTEN, WRONG
from tests.landscapes.formula.trees import TREES, built, nested


def written(text):
    parsed = parse(text)
    return as_text(parsed.graph, parsed.root)


@pytest.mark.parametrize(("typed", "meant"), WRITTEN.items())
def test_typed_formulas_are_understood(typed, meant):
    assert written(typed) == meant
    parse(typed).require(PARAMETERS)


@pytest.mark.parametrize("typed", WRITTEN)
def test_what_is_written_is_read_again_as_the_same(typed):
    once, again = parse(typed), parse(written(typed))
    assert nested(once.graph, once.root) == nested(again.graph, again.root)
    assert (once.dim, once.parameters) == (again.dim, again.parameters)


@pytest.mark.parametrize("typed", WRITTEN)
def test_latex_is_balanced(typed):
    parsed = parse(typed)
    latex = as_latex(parsed.graph, parsed.root)
    assert latex.count("{") == latex.count("}")
    assert latex.count(r"\left") == latex.count(r"\right")
    assert all(name in latex.replace(r"\_", "_") for name in parsed.parameters)


@given(TREES)
@settings(max_examples=200, deadline=None)
def test_any_tree_survives_being_written_and_read(tree):
    graph, root = built(tree)
    parsed = parse(as_text(graph, root))
    assert nested(parsed.graph, parsed.root) == tree


@pytest.mark.parametrize(("typed", "words", "at"), [(typed, *expected) for typed, expected in WRONG.items()])
def test_what_is_wrong_is_said_and_pointed_at(typed, words, at):
    with pytest.raises(FormulaError) as caught:
        parse(typed).require(())
    error = caught.value
    assert words in error.reason
    assert error.at == at
    if at is not None:
        *_, shown, caret = str(error).split("\n")
        assert caret.strip() == "^"
        assert shown[len(caret) - 1 : len(caret)] == (typed[at : at + 1] if typed[at : at + 1].isprintable() else "·")


def test_dimension_and_parameters():
    assert (parse("x^2").dim, parse("w^2").dim, parse("y^2").dim, parse("w2").dim, parse("x + y").dim) == (1, 1, 2, 2, 2)
    assert parse("b x + a + x b").parameters == ("b", "a")
    assert parse("pi e x").parameters == ()


def test_a_formula_of_the_largest_size_is_taken():
    parsed = parse("+".join(["x"] * (MOST_NODES // 2)))
    assert len(list(parsed.graph.used((parsed.root,)))) == MOST_NODES // 2
    assert parse("(" * 64 + "x" + ")" * 64).dim == 1
    assert parse("x" + " " * 1999).dim == 1
