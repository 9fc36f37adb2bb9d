"""A recorded run with noise, or on ground that moves, judged by what a sweep keeps of it: so its verdict is that of the sweep."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from gdsim.engine.descend import CONVERGED, DIVERGED
from gdsim.landscapes import Landscape
from gdsim.simulation.outcome import OUTCOMES, Outcome
from gdsim.simulation.scenario import Run
from gdsim.simulation.shaken import Late, Shaken, late_marks, settle
from gdsim.simulation.sweep_verdict import Ends, ground_of, judge

if TYPE_CHECKING:
    from gdsim.simulation.trajectory import Steps


def outcome_of(landscape: Landscape, run: Run, steps: "Steps", status: int, factor: float, planned: int) -> Outcome:
    """What became of the ``run`` of ``planned`` steps, of which ``steps`` were recorded, beside the landscape at rest; ``factor`` is the
    scale of the loss at the end, ``status`` how the engine ended it. It is never ``OSCILLATING``: a sweep does not tell that.
    """
    last, still = len(steps.losses) - 1, replace(landscape, noise=(), motion=None)
    positions = np.zeros((last + 1, 2))
    positions[:, : landscape.dim] = steps.positions
    moments = [min(mark, last) for mark in (0, planned // 2, max(0, planned - 2), max(0, planned - 1), planned)]
    marks = late_marks(planned)
    seen = np.minimum(np.array(marks, dtype=np.intp), last)
    late = Late(marks, positions[seen, :, np.newaxis], steps.losses[seen, np.newaxis])
    best = np.inf if landscape.motion is not None else float(np.fmin.reduce(steps.losses))
    ends = Ends(np.array([best]), np.array([last]), np.array([status], np.int8))
    ways = tuple(positions[moment, :, np.newaxis] for moment in moments)
    ground = ground_of(still)
    parameters = np.array(landscape.values).reshape(-1, 1)
    judged = judge(still, [ground], np.zeros(1, np.intp), parameters, ways, ends, planned, compiled=False)
    shaken = Shaken(
        landscape=landscape,
        run=run,
        grounds=[still],
        ground=np.zeros(1, np.intp),
        least=np.array([min(ground.least, best)]),
        converged=np.array([status == CONVERGED]),
        diverged=np.array([status == DIVERGED]),
        hyper=run.settings,
        squares=np.array([sum(float(noise.values[0]) ** 2 for noise in landscape.noise)]),
        factor=np.array([factor]),
    )
    settle(shaken, late, judged)
    return OUTCOMES[int(judged.verdict[0])]
