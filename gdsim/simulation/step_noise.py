"""The gradients of single points at one step of a run on a loss made of data: those of its batch, and what they tell of the noise."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdsim.networks.batches import Batches
from gdsim.simulation.gradient_noise import Ellipse, GradientNoise, noise_at
from gdsim.simulation.run import SHARED_STREAM
from gdsim.simulation.run_batches import batches_of, looks_at_all
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.trajectory import Floats


@dataclass(frozen=True, eq=False)
class StepNoise:
    """``noise`` has the gradients of all points at the weights ``position``; ``rows`` are the points of the step's batch, of those that
    ``batches`` cuts.
    """

    position: tuple[float, float]
    noise: GradientNoise
    batches: Batches
    rows: NDArray[np.int64]

    @property
    def looks_at_all(self) -> bool:
        return looks_at_all(self.batches)

    @property
    def batch(self) -> Floats:
        """The batch's mean gradient, (2,)."""
        return self.noise.of_batch(self.rows)

    @property
    def signal_to_noise(self) -> float:
        """Of batches of this size; of single points where the step looks at all."""
        if self.looks_at_all:
            return self.noise.signal_to_noise(1, replacement=True)
        return self.noise.signal_to_noise(self.batches.size, replacement=self.batches.replacement)

    @property
    def ellipse(self) -> Ellipse:
        """One standard deviation of the gradients of batches of this size, a point where there is but one batch."""
        size, replacement = self.batches.size, self.batches.replacement
        return self.noise.ellipse(size, replacement=replacement)


def has_cloud(scenario: Scenario) -> bool:
    """Whether the loss is a mean over points, on a landscape that stands still."""
    return not scenario.is_network and scenario.landscape.term is not None and scenario.landscape.motion is None


def noise_of_step(scenario: Scenario, index: int, step: int, position: Floats) -> StepNoise | None:
    """The noise of step ``step`` (from 0) of run ``index``, which is taken at ``position`` (2,); None where that is not finite."""
    if not np.isfinite(position).all():
        return None
    landscape = scenario.landscape
    with np.errstate(all="ignore"):
        noise = noise_at(landscape, position)
    if not np.isfinite(noise.gradients).all() or np.abs(noise.gradients).max() > 1e100:
        return None
    batches = batches_of(scenario.runs[index], noise.count)
    rows = batches.rows(step + 1, scenario.seed, SHARED_STREAM)
    return StepNoise((float(position[0]), float(position[1])), noise, batches.at(step + 1), rows)
