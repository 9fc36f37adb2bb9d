"""Backpropagation at one step of a training: forward values and backward gradients of its batch, or of one of its points."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdsim.networks.chain import NO_CHAIN, Chain, chain, targets_of
from gdsim.simulation.network_problem import NetworkProblem
from gdsim.simulation.run import SHARED_STREAM
from gdsim.simulation.run_batches import batches_of
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.trajectory import Floats

MOST_WORK = 3_000_000
"""Weights times points of a batch whose numbers are worked out for a picture, in some milliseconds."""


@dataclass(frozen=True, eq=False)
class StepChain:
    """``chain`` of the training points ``rows``: one of the ``batch``, or all of them."""

    chain: Chain
    rows: NDArray[np.int64]
    batch: NDArray[np.int64]

    @property
    def is_mean(self) -> bool:
        return len(self.rows) > 1


def no_chain(problem: NetworkProblem) -> str | None:
    """Why backpropagation cannot be shown, in one sentence; None if it can."""
    return NO_CHAIN[:1].upper() + NO_CHAIN[1:] if problem.shape.batch_norm else None


def chain_of_step(scenario: Scenario, index: int, weights: Floats, step: int, place: int | None) -> StepChain:
    """Of step ``step`` (from 0) of run ``index``, whose weights before it are ``weights``: of the point at ``place`` in its batch (the last
    of a smaller one), or of all (None; of a batch that is too large, of its first point).
    """
    problem = scenario.problem
    assert isinstance(problem, NetworkProblem)
    train, network = problem.parts.train, problem.shape
    batch = batches_of(scenario.runs[index], len(train)).rows(step + 1, scenario.seed, SHARED_STREAM)
    if place is None and len(batch) * network.weights > MOST_WORK:
        place = 0
    rows = batch if place is None else batch[[min(place, len(batch) - 1)]]
    return StepChain(chain(network, weights, train.inputs[rows], targets_of(network, train, rows)), rows, batch)
