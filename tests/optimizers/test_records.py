"""What every optimizer's record promises."""

import math
import re
from itertools import product

import pytest

from gdsim.landscapes import LANDSCAPES
from gdsim.optimizers import OPTIMIZERS, Optimizer
from gdsim.optimizers.optimizer import learning_rate
from gdsim.parameter import Param
from tests import naive
from tests.golden import record_torch

RECORDS = pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)


def test_the_table_is_read_only_and_keyed_by_name():
    assert all(name == optimizer.name for name, optimizer in OPTIMIZERS.items())
    with pytest.raises(TypeError):
        OPTIMIZERS["sgd"] = OPTIMIZERS["adam"]


@RECORDS
def test_texts_are_written(optimizer):
    for text in (optimizer.title, optimizer.family, optimizer.formula, optimizer.latex, optimizer.source, optimizer.notes):
        assert text.strip() == text != ""
    if optimizer.name in record_torch.CLASSES:
        assert f"torch.optim.{record_torch.CLASSES[optimizer.name]}" in optimizer.source
    assert optimizer.latex.count("{") == optimizer.latex.count("}")
    assert re.search(r"\(\d{4}\)", optimizer.source), "a source has a year"
    for param in optimizer.parameters:
        assert 10 < len(param.doc) <= 120
        assert not param.doc.endswith(".")


@RECORDS
def test_defaults_are_allowed_and_do_not_conflict(optimizer):
    assert all(param.is_switch or param.admits(param.default) for param in optimizer.parameters)
    assert optimizer.conflict(optimizer.defaults) is None
    assert all(param.low >= 0.0 for param in optimizer.parameters if param.log)


@RECORDS
def test_every_switch_can_be_turned_on_and_every_number_set(optimizer):
    """Whatever conflicts is reconciled, with the value that was set kept."""
    choices = {p.name: [True, False] if p.is_switch else [v for v in (0.0, 0.5, p.default) if p.admits(v)] for p in optimizer.parameters}
    table = [dict(zip(choices, values, strict=True)) for values in product(*choices.values())]
    for values in table[:: max(len(table) // 500, 1)]:
        for name, value in values.items():
            settled = optimizer.reconciled(values, name)
            assert optimizer.conflict(settled) is None
            assert settled[name] == value
            assert settled == values or optimizer.conflict(values) is not None


@RECORDS
def test_leaves_keep_as_many_numbers_as_the_record_says(optimizer):
    hyper, on = optimizer.pack({})
    assert len(optimizer.initial_slots(hyper)) == len(optimizer.slot_names)
    assert len(hyper) == len(optimizer.hyper_names)
    assert len(on) == len(optimizer.switches)
    shared = optimizer.advance(optimizer.initial_shared, hyper, 1)
    assert len(shared) == len(optimizer.initial_shared)
    if optimizer.is_elementwise:
        weight, slots = optimizer.update(1.0, 0.5, optimizer.initial_slots(hyper), shared, hyper, on, 1)
        assert math.isfinite(weight)
        assert len(slots) == len(optimizer.slot_names)
    else:
        bowl = LANDSCAPES["booth"]
        fresh = optimizer.initial_slots(hyper)
        state = (0.5, 0.25, *bowl.value_and_gradient(0.5, 0.25, ()), fresh, fresh)
        x, y, slots_x, slots_y, evaluations = naive.step_of(bowl, optimizer, on)(*state, shared, hyper, (), 1)
        assert math.isfinite(x + y)
        assert len(slots_x) == len(slots_y) == len(optimizer.slot_names)
        assert evaluations >= 1


@RECORDS
def test_what_runs_share_does_not_depend_on_the_learning_rate(optimizer):
    hyper, _ = optimizer.pack({"learning_rate": 0.1} | ({"lr_decay": 0.3} if "lr_decay" in optimizer.defaults else {}))
    shared = other = optimizer.initial_shared
    for number in range(1, 50):
        shared = optimizer.advance(shared, hyper, number)
        other = optimizer.advance(other, (math.nan, *hyper[1:]), number)
        assert shared == other


@RECORDS
def test_packing_takes_defaults_and_refuses_unknown_names(optimizer):
    hyper, on = optimizer.pack({"learning_rate": 0.25})
    assert hyper[0] == 0.25
    assert hyper[1:] == tuple(float(optimizer.defaults[name]) for name in optimizer.hyper_names[1:])
    assert on == tuple(bool(optimizer.defaults[name]) for name in optimizer.switches)
    with pytest.raises(KeyError, match="learning_rte"):
        optimizer.pack({"learning_rte": 0.25})


def test_a_record_that_contradicts_itself_is_refused():
    texts = {"title": "T", "family": "f", "formula": "", "latex": "", "source": "", "update": OPTIMIZERS["sgd"].update}
    with pytest.raises(ValueError, match="first parameter"):
        Optimizer(name="wrong", parameters=(Param("momentum", 0.0, "none"),), **texts)
    with pytest.raises(ValueError, match="take_step in its place"):
        Optimizer(name="wrong", parameters=(learning_rate(0.1),), **(texts | {"update": None}))
    with pytest.raises(ValueError, match="switches"):
        Optimizer(name="wrong", parameters=(learning_rate(0.1), Param("nesterov", False, "look ahead")), **texts)
    with pytest.raises(ValueError, match="switches"):
        Optimizer(name="wrong", parameters=(learning_rate(0.1),), switches=("momentum",), **texts)
