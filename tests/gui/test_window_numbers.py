"""Numbers in the window: what is typed, what sliders reach, how text is set."""

# ruff: noqa: RUF001  (minus signs are meant)

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdsim.app.changes import SetParam
from gdsim.gui.number_edit import ROOM, brief, parse_number, spell
from gdsim.gui.slider import NOTCHES, ParamSlider, slider_range
from gdsim.gui.typeset import sentence, typeset
from gdsim.landscapes import LANDSCAPES
from gdsim.optimizers import OPTIMIZERS
from gdsim.parameter import Param
from tests.gui.conftest import Bench

RATE = Param("learning_rate", 1e-3, "length of the steps", low=0.0, log=True)
PARAMS = {
    f"{record.name}.{param.name}": param
    for record in (*OPTIMIZERS.values(), *LANDSCAPES.values())
    for param in record.parameters
    if not param.is_switch
}


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e-3", 1e-3), ("0.01", 0.01), (".5", 0.5), ("5.", 5.0), ("  2 ", 2.0), ("+3", 3.0), ("1E-2", 0.01), ("0", 0.0), ("1e+2", 100.0)],
)
def test_numbers_that_are_understood(text: str, value: float) -> None:
    assert parse_number(text, RATE) == value


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("0,01", "use a point, not a comma: 0.01"),
        ("", "type a number >= 0"),
        ("abc", "'abc' is not a number"),
        ("nan", "is not a number"),
        ("inf", "is not a number"),
        ("1_000", "is not a number"),
        ("٣", "is not a number"),
        ("0x10", "is not a number"),
        ("1e999", "1e999 is not allowed"),
        ("-1", "-1 is not allowed; type a number >= 0"),
        ("1,000,000", "is not a number"),
        ("1 2", "is not a number"),
    ],
)
def test_numbers_that_are_refused(text: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        parse_number(text, RATE)
    assert complaint in str(refused.value)


@given(st.text(max_size=20))
def test_whatever_is_typed_is_admitted_or_refused(text: str) -> None:
    try:
        value = parse_number(text, RATE)
    except ValueError:
        return
    assert RATE.admits(value)


@given(st.floats(0.0, 1e300))
def test_a_number_is_read_back_as_it_is_spelled(value: float) -> None:
    assert parse_number(spell(value), RATE) == pytest.approx(value, rel=1e-11, abs=0.0)


@pytest.mark.parametrize("name", PARAMS)
def test_every_notch_of_every_slider_is_allowed_and_rising(name: str, qtbot) -> None:
    param = PARAMS[name]
    slider = ParamSlider(param, lambda *_: None)
    qtbot.addWidget(slider)
    values = [slider.value_at(notch) for notch in range(NOTCHES + 1)]
    assert all(param.admits(value) for value in values)
    assert values == sorted(values)
    low, high = slider_range(param)
    assert values[0] == pytest.approx(low, rel=0.01, abs=(high - low) / 500)
    assert values[-1] == pytest.approx(high, rel=0.01, abs=(high - low) / 500)


@pytest.mark.parametrize("name", PARAMS)
def test_a_slider_shows_the_default_and_says_nothing(name: str, qtbot) -> None:
    param = PARAMS[name]
    said: list[float] = []
    slider = ParamSlider(param, lambda value, live: said.append(value))
    qtbot.addWidget(slider)
    slider.show_value(float(param.default))
    low, high = slider_range(param)
    assert low <= float(param.default) <= high or (param.log and param.default == 0.0)
    if param.default != 0.0 or not param.log:
        near = slider.value_at(slider.value())
        assert math.isclose(near, float(param.default), rel_tol=0.03, abs_tol=(high - low) / NOTCHES if not param.log else 0.0)
    assert said == []


@given(st.floats(1e-6, 10.0))
def test_the_rate_slider_is_within_one_notch_of_what_it_shows(rate: float) -> None:
    low, high = slider_range(RATE)
    share = math.log(rate / low) / math.log(high / low)
    nearest = low * (high / low) ** (round(share * NOTCHES) / NOTCHES)
    assert nearest == pytest.approx(rate, rel=0.01)


@pytest.mark.parametrize(
    ("plain", "printed"),
    [
        ("eta x lambda_max = 2.3, the limit is 2", "η λmax = 2.3, the limit is 2"),
        ("(a - x)^2 + b*(y - x^2)^2", "(a − x)² + b·(y − x²)²"),
        ("exp(-x^12)", "exp(−x¹²)"),
        ("mini-batch", "mini-batch"),
        ("w <- w - learning_rate v", "w ← w − learning_rate v"),
        ("2*pi*x", "2·π·x"),
        ("beta1, zeta, music", "beta1, zeta, music"),
    ],
)
def test_text_is_set_as_mathematics(plain: str, printed: str) -> None:
    assert typeset(plain) == printed


def test_sentences_begin_with_a_capital_but_symbols_stay() -> None:
    assert sentence("each step jumps") == "Each step jumps"
    assert sentence("eta x lambda_max = 3") == "η λmax = 3"
    assert sentence("") == ""


@pytest.mark.parametrize("value", [3.1200059959971334e-05, 0.0009984019187190827, 1234567.89, 0.5, 1e-300, -1.25e-7])
def test_a_number_too_long_for_its_field_is_rounded_and_not_cut(value: float) -> None:
    assert len(brief(spell(value))) <= ROOM + 2
    assert float(brief(spell(value))) == pytest.approx(value, rel=5e-3)


def test_a_field_shows_all_digits_while_it_is_edited_and_keeps_them(bench: Bench) -> None:
    exact = 3.1200059959e-05
    bench.session.send(SetParam(0, "learning_rate", exact))
    field = bench.window.panel.cards[0]._rows["learning_rate"].number
    assert field.text() == "3.12e-05"
    field.setFocus()
    assert float(field.text()) == exact
    bench.window.centralWidget().setFocus()
    assert field.text() == "3.12e-05"
    assert bench.state.scenario.runs[0].learning_rate == exact
