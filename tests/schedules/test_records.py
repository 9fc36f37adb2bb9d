"""What every schedule's record promises."""

import re

import pytest

from gdsim.parameter import Param
from gdsim.schedules import SCHEDULES
from tests.golden.record_schedules import DRAWN

RECORDS = pytest.mark.parametrize("schedule", SCHEDULES.values(), ids=SCHEDULES)


def test_the_table_is_read_only_and_keyed_by_name():
    assert all(name == schedule.name for name, schedule in SCHEDULES.items())
    with pytest.raises(TypeError):
        SCHEDULES["step"] = SCHEDULES["cosine"]


@RECORDS
def test_texts_are_written(schedule):
    for text in (schedule.title, schedule.formula, schedule.latex, schedule.source, schedule.notes):
        assert text.strip() == text != ""
    if schedule.name in DRAWN:
        assert "torch.optim.lr_scheduler." in schedule.source
    assert schedule.latex.count("{") == schedule.latex.count("}")
    assert re.search(r"\(\d{4}\)", schedule.source), "a source has a year"
    for param in schedule.parameters:
        assert 10 < len(param.doc) <= 120
        assert not param.doc.endswith(".")


@RECORDS
def test_defaults_are_allowed(schedule):
    for param in schedule.parameters:
        if param.choices:
            assert param.default in param.choices
        elif param.default is not None and not param.is_switch:
            assert param.admits(param.default)
        assert not (param.needed and param.default is not None)


@RECORDS
def test_what_it_keeps_and_what_it_is_made_of(schedule):
    assert (schedule.pace is None) == (schedule.calm == ())
    assert set(schedule.parts) <= set(SCHEDULES)
    assert not any(SCHEDULES[part].pace or schedule.name in (part, *SCHEDULES[part].parts) for part in schedule.parts), "no way round"


@pytest.mark.parametrize(
    ("param", "words"),
    [
        (Param("n", 1, "", low=1, whole=True), "a whole number >= 1"),
        (Param("n", None, "", whole=True), "a whole number"),
        (Param("n", None, "", low=0.0, many=True), "an array of 1 to 1000 numbers >= 0"),
        (Param("n", "a", "", choices=("a", "b")), "one of 'a', 'b'"),
        (Param("n", 0.5, "", low=0.0, low_open=True, high=1.0), "a number > 0 and <= 1"),
        (Param("n", 0.5, ""), "a finite number"),
    ],
)
def test_what_is_allowed_in_words(param, words):
    assert param.allowed == words


def test_whole_numbers_are_whole():
    assert Param("n", 1, "", low=1, whole=True).admits(3)
    assert not Param("n", 1, "", low=1, whole=True).admits(3.5)
    assert not Param("n", 1, "", low=1, whole=True).admits(0)
