"""What is wrong between the tables of a scenario, each of which is right by itself: starts, batches and steps that do not fit the problem.

Tables may be validated or raw where a function takes them as ``Any``.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from pydantic_core import InitErrorDetails

from gdsim.simulation import complaints
from gdsim.simulation.fitness import misfit_of_tables
from gdsim.simulation.network_problem import Learning, NetworkProblem
from gdsim.simulation.problem import weights_of
from gdsim.simulation.run_batches import is_of_data, misfit_of_batches, steps_of
from gdsim.simulation.start import NormalStart
from gdsim.simulation.table import item

if TYPE_CHECKING:
    from gdsim.simulation.scenario import Run, Scenario

MOST_POINTS = 16_000_000
"""Points that the runs of a scenario may record together: 0.9 GB of trajectory, and about twice that while it is put together."""
BYTES_A_POINT = 56

DRAWN = "a network begins with weights drawn as problem.network.initialisation says"
FIRST_WEIGHTS = f"{DRAWN}; allowed: no start, or an array of all weights in the order of PyTorch's parameters"


def wrong_dimensions(problem: Any, shared: Any, runs: tuple[Any, ...]) -> Iterable[InitErrorDetails]:
    """A complaint for each start whose length is not the landscape's number of weights."""
    known = weights_of(problem)
    if known is None:
        return
    dim, name = known
    weights = "1 number, its weight" if dim == 1 else f"{dim} numbers, one for each weight"
    for keys, start in ((("start",), shared), *((("runs", i, "start"), item(run, "start")) for i, run in enumerate(runs))):
        if isinstance(start, list | tuple) and len(start) not in (0, dim):
            text = f"found {len(start)} number{'s' * (len(start) != 1)}; allowed: a start on {name} has {weights}"
            yield complaints.line(keys, text, start)


def for_networks(problem: Any, shared: Any, runs: tuple[Any, ...]) -> Iterable[InitErrorDetails]:
    """A complaint for each start that is none of a network's, and for each key of a run that only networks have where there is none."""
    is_network = item(problem, "network") is not None
    if is_network and shared is not None:
        yield complaints.line(("start",), f"{DRAWN}; allowed: no start, or one of each run", shared)
    for i, run in enumerate(runs):
        if is_network and isinstance(item(run, "start"), dict | NormalStart):
            yield complaints.line(("runs", i, "start"), f"found a random start; {FIRST_WEIGHTS}", None)
        if item(run, "layer_rates") is not None and not is_network:
            yield complaints.line(
                ("runs", i, "layer_rates"), "only a network has layers; allowed: no layer_rates", item(run, "layer_rates")
            )
        given = item(run, "early_stopping")
        if given is not None and not is_network:
            yield complaints.line(("runs", i, "early_stopping"), "only a network can stop early: it looks at the validation part", None)
        elif given is not None and not _validated(problem):
            yield complaints.line(("runs", i, "early_stopping"), "early stopping looks at the validation part, and the split leaves none")


def wrong_weights(scenario: "Scenario") -> Iterable[InitErrorDetails]:
    """A complaint for each start of a run that is not as long as its network has weights, and for layer rates that it cannot have."""
    if not isinstance(scenario.problem, Learning):
        return
    weights = scenario.problem.shape.weights
    for i, run in enumerate(scenario.runs):
        if (text := _wrong_layer_rates(run, len(scenario.problem.shape.layers) - 1)) is not None:
            yield complaints.line(("runs", i, "layer_rates"), text, run.layer_rates)
        if isinstance(run.start, tuple) and len(run.start) != weights:
            text = f"found {len(run.start):,} number{'s' * (len(run.start) != 1)}, and there are {weights:,} weights; {FIRST_WEIGHTS}"
            yield complaints.line(("runs", i, "start"), text, None)


def _wrong_layer_rates(run: "Run", layers: int) -> str | None:
    if run.layer_rates is None:
        return None
    if not run.method.is_elementwise:
        return f"{run.optimizer} looks at all weights together; allowed: layer_rates with a rule that treats each weight on its own"
    found = len(run.layer_rates)
    return None if found == layers else f"found {found} number{'s' * (found != 1)}; allowed: {layers}, one for each layer of the network"


def _validated(problem: Any) -> bool:
    """Whether the data of a network have a validation part."""
    if isinstance(problem, Learning):
        return problem.parts.validation is not None
    shares = item(problem, "split") or NetworkProblem.SHARES
    return not isinstance(shares, list | tuple) or len(shares) != 3 or shares[1] != 0


def batches_without_data(problem: Any, runs: tuple[Any, ...]) -> Iterable[InitErrorDetails]:
    """A complaint for each key that speaks of batches where there are no data to be cut into any."""
    for i, run in enumerate(runs) if not is_of_data(problem) else ():
        yield from misfit_of_batches(run, i, None)


def too_much(steps: Any, runs: int) -> Iterable[InitErrorDetails]:
    """A complaint if the recording would not fit."""
    if not isinstance(steps, int) or isinstance(steps, bool):
        return
    points = runs * (steps + 1)
    if MOST_POINTS < points < 10**18:  # where there are more, the bound of steps says enough
        found = f"found {runs} run{'s' * (runs != 1)} of {steps:,} steps, which would record {_size(points)}"
        yield complaints.line(("steps",), f"{found}; allowed: {_size(MOST_POINTS)}", steps)


def wrong_batches(scenario: "Scenario", points: int) -> Iterable[InitErrorDetails]:
    """What only a whole scenario with ``points`` training points can tell: sizes of batches, lengths of epochs, methods that see all."""
    found = []
    for i, run in enumerate(scenario.runs):
        found += misfit_of_batches(run, i, points)
        if (text := misfit_of_tables(scenario.problem, run)) is not None:
            found.append(complaints.line(("runs", i, "optimizer"), text, run.optimizer))
    yield from found
    each = [0] if found else [steps_of(scenario, i) for i in range(len(scenario.runs))]
    if (recorded := sum(each) + len(each)) > MOST_POINTS:
        longest = each.index(max(each))
        text = f"the runs would record {_size(recorded)}, {max(each):,} of them here; allowed: {_size(MOST_POINTS)}"
        yield complaints.line(("runs", longest, "epochs"), text, scenario.runs[longest].epochs)


def _size(points: int) -> str:
    return f"{points:,} points ({points * BYTES_A_POINT / 1e9:,.1f} GB)"
