"""The statements of one step: the same in every script."""

from collections.abc import Iterator

from gdsim.simulation.pytorch.exportable import LBFGS, ExportError
from gdsim.simulation.pytorch.writing import number
from gdsim.simulation.scenario import Run

LINES = 20
"""How many losses a script prints, about."""


def step_of(run: Run, loss: str, weights: str, tolerance: float | None = None) -> Iterator[str]:
    """The statements of one step that minimises the expression ``loss`` of the ``weights``."""
    if run.optimizer == LBFGS:
        if tolerance is not None:
            raise ExportError("found a tolerance, which torch's LBFGS has of another kind; allowed: a scenario without one")
        yield "loss = optimizer.step(closure)"
        if run.schedule:
            yield "scheduler.step()"
        return
    yield "optimizer.zero_grad()"
    yield f"loss = {loss}"
    yield "loss.backward()"
    if tolerance is not None:
        yield f"if {weights}.grad.norm() <= {number(tolerance)}:"
        yield "    break"
    if run.clip_value is not None:
        yield f"torch.nn.utils.clip_grad_value_({weights}, {number(run.clip_value)})"
    if run.clip_norm is not None:
        yield f"torch.nn.utils.clip_grad_norm_({weights}, {number(run.clip_norm)})"
    yield "optimizer.step()"
    if run.schedule:
        yield "scheduler.step(loss.item())" if run.schedule.name == "reduce_on_plateau" else "scheduler.step()"
