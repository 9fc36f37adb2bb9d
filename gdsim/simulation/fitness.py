"""Which optimizers go with which problems: a method that looks around needs a landscape that it can look at."""

from typing import Any

from gdsim.landscapes import LANDSCAPES, Landscape
from gdsim.networks.method_learner import too_wide, unsuited
from gdsim.optimizers import OPTIMIZERS, Optimizer
from gdsim.simulation.problem import Problem
from gdsim.simulation.run_batches import sees_batches
from gdsim.simulation.table import item


def misfit(landscape: Landscape, optimizer: Optimizer, clipped: bool = False, sampled: bool = False) -> str | None:
    """Why ``optimizer`` cannot run on ``landscape``, in one sentence; None where it can."""
    if optimizer.is_elementwise:
        return None
    if optimizer.needs_residuals and landscape.residuals is None:
        having = ", ".join(name for name, record in LANDSCAPES.items() if record.residuals is not None)
        return f"{optimizer.name} needs a loss that is known as a sum of squares, which {landscape.name} is not (allowed: {having})"
    met = {"noise": bool(landscape.noise), "motion": landscape.motion is not None, "clipping": clipped, "mini-batches": sampled}
    return _blinded(optimizer, met)


def _blinded(optimizer: Optimizer, present: dict[str, bool]) -> str | None:
    for what in present:
        if present[what]:
            return f"{optimizer.name} looks at the landscape itself before it steps, and cannot do so with {what}"
    return None


def misfit_of_tables(problem: Any, run: Any) -> str | None:
    """The same for the tables of a scenario, validated or not; None where nobody can tell."""
    optimizer = OPTIMIZERS.get(str(item(run, "optimizer")))
    if optimizer is None or optimizer.is_elementwise:
        return None
    clipped = item(run, "clip_value") is not None or item(run, "clip_norm") is not None
    if (network := item(problem, "network")) is not None:
        shape = getattr(problem, "shape", None)  # where the tables are valid
        return _misfit_of_network(optimizer, network, run, clipped) or (too_wide(optimizer, shape) if shape else None)
    if isinstance(problem, Problem):
        return misfit(problem.record, optimizer, clipped, sees_batches(problem, run))
    for kind in ("formula", "prototype"):
        if isinstance(text := item(problem, kind), str) and optimizer.needs_residuals:
            return f"{optimizer.name} needs a loss that is known as a sum of squares, which the {kind} {text!r} is not"
    met = {"noise": bool(item(problem, "noise")), "motion": item(problem, "motion") is not None, "clipping": clipped}
    if (text := _blinded(optimizer, met)) is not None:
        return text
    landscape = LANDSCAPES.get(str(item(problem, "landscape")))
    return misfit(landscape, optimizer, clipped) if landscape else None


def _misfit_of_network(optimizer: Optimizer, network: Any, run: Any, clipped: bool) -> str | None:
    """What ``gdsim.networks.method_learner.misfit`` would say, as far as tables tell."""
    return unsuited(
        optimizer,
        whole=item(run, "batch_size") in (None, "full") and item(run, "replacement") is not True,
        steady=not (item(network, "dropout") or item(network, "batch_norm")),
        clipped=clipped,
        squares=item(network, "loss") in (None, "mse") and not item(network, "l1"),
    )
