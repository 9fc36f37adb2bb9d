"""Lookahead: a wrapper round any rule that treats every weight on its own. Some steps forward, then part of the way back."""

from dataclasses import replace
from functools import cache
from typing import Any

from gdsim.engine.compose import composed
from gdsim.optimizers.optimizer import Optimizer
from gdsim.parameter import Param

# mypy: disable-error-code="no-untyped-def, name-defined"
# ruff: noqa: F821 (inner_update and its like stand free: composed)

K = Param("lookahead_k", 5.0, "steps of the rule from one return to the next", low=1.0, high=1e6)
ALPHA = Param("lookahead_alpha", 0.5, "share of the way that is kept at a return", low=0.0, high=1.0)

SOURCE = (
    "Zhang, Lucas, Hinton and Ba (2019), NeurIPS, arXiv:1907.08610, algorithm 1. The numbers that the rule keeps are kept at a return; "
    "k = 5 and alpha = 0.5 are customary, the authors' own code has k = 5 and alpha = 0.8"
)


def lookahead_update(weight, gradient, slots, shared, hyper, on, step):
    k, alpha = hyper[-2], hyper[-1]
    slow = weight if step == 1 else slots[-1]
    weight, kept = inner_update(weight, gradient, slots[:-1], shared, hyper[:-2], on, step)
    if step % k == 0.0:
        slow = slow + alpha * (weight - slow)
        weight = slow
    return weight, (*kept, slow)


def lookahead_advance(shared, hyper, step):
    return inner_advance(shared, hyper[:-2], step)


@cache
def lookahead(rule: Optimizer) -> Optimizer:
    """``rule`` with slow weights beside its own: after every k steps they move by alpha of the way to the weights, which return to them.

    The record has two parameters more, ``lookahead_k`` (a whole number) and ``lookahead_alpha``, and one slot more. Raises ValueError for
    a method that looks at all weights together.
    """
    if rule.update is None:
        raise ValueError(f"lookahead wraps rules that treat every weight on its own, and {rule.name} looks at all of them together")

    def initial_slots(hyper: tuple[Any, ...]) -> tuple[Any, ...]:
        return (*rule.initial_slots(hyper[:-2]), 0.0)

    return replace(
        rule,
        parameters=(*rule.parameters, K, ALPHA),
        update=composed(lookahead_update, inner_update=rule.update),
        advance=composed(lookahead_advance, inner_advance=rule.advance),
        initial_slots=initial_slots,
        slot_names=(*rule.slot_names, "slow"),
        stable_product=None,
        source=f"{rule.source}; {SOURCE}",
    )
