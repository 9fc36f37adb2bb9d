"""Mini-batches of a run, as a scenario says them: ``batch_size``, ``epochs``, ``shuffle``, ``drop_last``, ``replacement``."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field
from pydantic_core import InitErrorDetails

from gdsim.engine import descend
from gdsim.landscapes import Landscape
from gdsim.landscapes.disturbance import displace
from gdsim.networks.batches import Batches, drawn, shuffle
from gdsim.simulation import complaints
from gdsim.simulation.complaints import Allowed
from gdsim.simulation.table import item

FULL = "full"
MOST_EPOCHS = 1_000_000
KEYS = ("batch_size", "epochs", "shuffle", "drop_last", "replacement")
"""The keys of a run that speak of its batches."""

A_SIZE = 'a whole number from 1 to the number of training points, or "full"'


BatchSize = Annotated[
    Annotated[int, Field(strict=True, ge=1)] | Literal["full"],
    Allowed(A_SIZE),
    Field(description="points that a step looks at: 1 is stochastic, some are a mini-batch, all are the full batch"),
]
Epochs = Annotated[
    Annotated[int, Field(strict=True, ge=1, le=MOST_EPOCHS)] | None,
    Allowed(f"a whole number from 1 to {MOST_EPOCHS:,}"),
    Field(description="how often the run goes through all training points, in the place of the scenario's steps"),
]
Switch = Annotated[bool, Field(strict=True), Allowed("true or false")]


def batches_of(run: Any, points: int) -> Batches:
    """How the ``points`` training points are cut into batches by ``run``, a table that is valid."""
    given = {name: item(run, name) for name in KEYS}
    size = given["batch_size"] if given["batch_size"] not in (None, FULL) else points
    switches = {
        "shuffle": given["shuffle"] is not False,
        "drop_last": given["drop_last"] is True,
        "replacement": given["replacement"] is True,
    }
    return Batches(points, size, **switches)


def looks_at_all(batches: Batches) -> bool:
    """Whether every step is taken on the whole set."""
    return batches.size >= batches.count and not batches.replacement


def steps_of_run(run: Any, steps: int, points: int | None) -> int:
    """Steps that ``run`` takes: ``steps``, or what its epochs come to on ``points`` training points."""
    epochs = item(run, "epochs")
    return steps if epochs is None or points is None else epochs * batches_of(run, points).steps


def in_batches(rule: descend.Rule, landscape: Landscape, *, whole: bool = True) -> descend.Rule:
    """``rule`` with an optimizer that sees mini-batches. Without ``whole`` a block does not look at the whole set at every step."""
    return replace(rule, term=landscape.term, shuffle=shuffle, drawn=drawn, displace=displace(landscape.motion), whole=whole)


def cut_up(conditions: descend.Conditions, batches: Batches, sizes: Any = None) -> descend.Conditions:
    """``conditions`` with these batches; ``sizes`` in the place of theirs for the runs of a block."""
    each = np.atleast_1d(np.asarray(batches.size if sizes is None else sizes, dtype=np.int64))
    return replace(conditions, sizes=each, cut=np.array([batches.shuffle, batches.drop_last, batches.replacement], dtype=np.int64))


def wrong_batches(run: Any, points: int | None) -> Iterable[tuple[str, str]]:
    """What is wrong with the batches in a run's table, as (key, sentence); ``points`` None is a problem that has none."""
    size = item(run, "batch_size")
    if points is None:
        usual = {"batch_size": FULL, "epochs": None, "shuffle": True, "drop_last": False, "replacement": False}
        for key in KEYS:
            if (value := item(run, key)) is not None and value != usual[key]:
                yield key, f"found {complaints.shown(value)}; {key} goes with problems made of data, and this one is none"
    elif isinstance(size, int) and not isinstance(size, bool) and size > points:
        yield "batch_size", f"found {size:,}; allowed: {A_SIZE}, and there are {points:,} training points"


def misfit_of_batches(run: Any, index: int, points: int | None) -> list[InitErrorDetails]:
    return [complaints.line(("runs", index, key), text, item(run, key)) for key, text in wrong_batches(run, points)]
