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
    slow = weight if step == 1 else slots[-1]
    weight, kept = inner_update(weight, gradient, slots[:-1], shared[:-1], hyper[:-2], on, step)
    returned = slow + hyper[-1] * (weight - slow)
    returns = shared[-1] == 0.0
    slow = returned if returns else slow
    weight = returned if returns else weight
    return weight, (*kept, slow)


def lookahead_advance(shared, hyper, step):
    # The last number is how many steps ago the weights returned: for all runs of a block at once, as a remainder does not vectorise.
    return (*inner_advance(shared[:-1], hyper[:-2], step), step % hyper[-2])


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
        initial_shared=(*rule.initial_shared, 0.0),
        slot_names=(*rule.slot_names, "slow"),
        stable_product=None,
        source=f"{rule.source}; {SOURCE}",
    )
