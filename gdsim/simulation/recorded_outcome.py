"""What became of a recorded run, by what a sweep keeps of it: so its verdict is that of the sweep."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gdsim.engine.descend import DIVERGED
from gdsim.landscapes import Landscape
from gdsim.simulation.moments import moments_of
from gdsim.simulation.noise_floor import is_noisy
from gdsim.simulation.outcome import OUTCOMES, Outcome
from gdsim.simulation.scenario import Run
from gdsim.simulation.shaken import Late, Shaken, settle
from gdsim.simulation.sweep_verdict import Ends, ground_of, judge

if TYPE_CHECKING:
    from gdsim.simulation.trajectory import Steps


def outcome_of(landscape: Landscape, run: Run, steps: "Steps", status: int, factor: float, planned: int) -> Outcome:
    """What became of the ``run`` of ``planned`` steps, of which ``steps`` were recorded, beside the landscape at rest; ``factor`` is the
    scale of the loss at the end, ``status`` how the engine ended it. It is never ``OSCILLATING``: a sweep does not tell that.
    """
    last, still = len(steps.losses) - 1, replace(landscape, noise=(), motion=None)
    looked = moments_of(landscape, run, planned)
    seen = np.minimum(np.array(looked.steps), last)
    ways = np.zeros((len(seen), 2, 1))
    ways[:, : landscape.dim, 0] = steps.positions[seen]
    best = np.inf if landscape.motion is not None else float(np.fmin.reduce(steps.losses))
    ends = Ends(np.array([best]), np.array([last]), np.array([status], np.int8))
    ground = ground_of(still)
    parameters = np.array(landscape.values).reshape(-1, 1)
    judged = judge(still, [ground], np.zeros(1, np.intp), parameters, ways, looked.cuts, ends, compiled=False)
    if is_noisy(landscape, run):
        shaken = Shaken(
            landscape=landscape,
            run=run,
            grounds=[still],
            ground=np.zeros(1, np.intp),
            least=np.array([min(ground.least, best)]),
            diverged=np.array([status == DIVERGED]),
            hyper=run.settings,
            squares=np.array([sum(float(noise.values[0]) ** 2 for noise in landscape.noise)]),
            factor=np.array([factor]),
        )
        settle(shaken, Late.of(looked, ways, steps.losses[seen, np.newaxis]), judged.verdict)
    return OUTCOMES[int(judged.verdict[0])]
