"""Data as the problem: which, how they are split, what learns from them, and in which batches."""

from dataclasses import replace
from typing import Any

from gdsim.app.answer import seeking
from gdsim.app.changes import OpenCsv, SetBatches, SetData, SetDataParam, SetDataset, SetModel, SetNetwork
from gdsim.app.edit import roles_of, without_own_starts
from gdsim.app.edit_points import own
from gdsim.app.edit_run import has_run
from gdsim.app.effects import FindRate, ReadCsv
from gdsim.app.history import Change, edited
from gdsim.app.messages import CsvRead
from gdsim.app.state import AppState, Notice
from gdsim.networks.dataset import Dataset
from gdsim.networks.generators import DATASETS
from gdsim.networks.two_weights import MODELS, misfit_of_data
from gdsim.simulation.data_source import SOURCES, DataSource
from gdsim.simulation.network_problem import NetworkProblem
from gdsim.simulation.run_batches import FULL, points_of
from gdsim.simulation.scenario import Run, Scenario, run_model
from gdsim.simulation.table import item

NETWORK = "network"
USUAL_MODELS = {"line": "line", "gaussians": "logistic"}
"""Made data that two weights can learn; all others are given to a network."""
USUAL_NETWORK = {"layers": (16, 16)}
USUAL_BATCH = 32
USUAL_STEPS = 2000
"""What a network is trained for where the runs before were made for a landscape."""

RESHAPING = ("layers", "batch_norm", "loss", "features", "target", "classification")
"""Keys on which the number of a network's weights depends."""

STAYING = ("split", "split_seed", "standardise", "standardise_target")
"""Keys that stay when other data come."""


def set_dataset(state: AppState, message: SetDataset) -> Change:
    record = DATASETS.get(message.name)
    if record is None:
        return edited(state, state.scenario.changed(problem={"dataset": message.name, "network": USUAL_NETWORK}))  # says what there is
    return on_data(state, {"dataset": message.name}, record.make(), USUAL_MODELS.get(message.name, NETWORK))


def open_csv(state: AppState, message: OpenCsv) -> Change:
    return state, (ReadCsv(message.path, message.target),)


def csv_read(state: AppState, message: CsvRead) -> Change:
    dataset = message.dataset
    state, effects = on_data(state, {"csv": message.path, "target": message.target}, dataset, NETWORK, standardise=True)
    if dataset.notes:  # nobody should wonder later where points have gone
        state = replace(state, notice=Notice(f"{dataset.name}: {'; '.join(dataset.notes)}"))
    return state, effects


def on_data(state: AppState, source: dict[str, Any], dataset: Dataset, usual: str, *, standardise: bool = False) -> Change:
    """``state`` with data in place of its problem."""
    before = state.scenario.problem
    table = dict(source)
    if isinstance(before, DataSource):
        table |= {key: getattr(before, key) for key in STAYING if key in before.model_fields_set}
        table["standardise_target"] = False if dataset.is_classification else table.get("standardise_target", False)
    if standardise:
        table |= {"standardise": True, "standardise_target": not dataset.is_classification}
    model = model_of(before) if isinstance(before, DataSource) else usual
    if model == NETWORK or misfit_of_data(MODELS[model], dataset) is not None:
        network = before.network.model_dump() | {"loss": None} if isinstance(before, NetworkProblem) else USUAL_NETWORK
        table["network"] = network
    else:
        table["model"] = model
    return on_problem(state, table)


def model_of(problem: Any) -> str:
    """What learns from data."""
    return NETWORK if isinstance(problem, NetworkProblem) else str(problem.model)


def on_problem(state: AppState, table: dict[str, Any]) -> Change:
    """``state`` with another problem of data: runs keep what they can, and what their learning rate was, for which one is looked for."""
    before, roles = state.scenario, roles_of(state)
    is_network = "network" in table
    runs = tuple(learning(run, is_network) for run in without_own_starts(before))
    steps = max(before.steps, USUAL_STEPS) if is_network and not before.is_network else before.steps
    scenario = in_smaller_batches(before, {"problem": table, "start": None, "sweep": None, "runs": runs, "steps": steps})
    state, effects = edited(state, scenario)
    if scenario == before:
        return state, effects
    state = replace(state, playhead=0.0, wanted=0.0, playing=True)
    if before.is_network and is_network:
        return state, effects  # rates of networks on other data are of about the same size
    state, searches = seeking(state, *(FindRate(scenario, run, role) for run, role in roles.items()))
    return state, (*effects, *searches)


def in_smaller_batches(before: Scenario, changes: dict[str, Any]) -> Scenario:
    """``before`` with other data: runs whose batches have more points than there are now take all of them."""
    fields = {name: getattr(before, name) for name in type(before).model_fields} | changes
    runs = tuple(run_model(item(run, "optimizer")).model_validate(run) for run in fields["runs"])
    if all(run.batch_size == FULL for run in runs):
        return Scenario.model_validate(fields)
    whole = Scenario.model_validate(fields | {"runs": tuple(run.changed(batch_size=FULL) for run in runs)})
    points = points_of(whole.problem) or 0
    fitting = tuple(run if run.batch_size == FULL or run.batch_size < points else run.changed(batch_size=FULL) for run in runs)
    return whole.changed(runs=fitting)


def learning(run: Run, is_network: bool) -> Run | dict[str, Any]:
    """``run`` as it can learn from data: a method that a network cannot have gives way to Adam. A network learns from batches, two weights
    from all points at once, unless it was chosen otherwise.
    """
    if not is_network:
        return run.changed(early_stopping=None, batch_size="full", batch_schedule=None, epochs=None)
    if run.rule.is_elementwise:
        return run.changed(batch_size=USUAL_BATCH) if run.batch_size == "full" and run.epochs is None else run
    return {"optimizer": "adam", "label": "" if run.label == run.rule.title else run.label, "batch_size": USUAL_BATCH}


def set_data_param(state: AppState, message: SetDataParam) -> Change:
    problem = state.scenario.problem
    if not isinstance(problem, DataSource) or problem.data is None:
        return state, ()
    whole = isinstance(getattr(problem.data, message.name, None), int)
    data = problem.data.model_dump() | {message.name: round(message.value) if whole else message.value}
    changed = in_smaller_batches(state.scenario, {"problem": own(problem) | {"data": data}})
    return edited(state, changed, key=f"data.{message.name}", live=message.live)


def fitting_runs(scenario: Scenario, key: str) -> tuple[Run, ...]:
    """The runs once ``key`` is another: first weights of their own go where there may be more or fewer of them."""
    return without_own_starts(scenario) if scenario.is_network and key in RESHAPING else scenario.runs


def set_data(state: AppState, message: SetData) -> Change:
    problem = state.scenario.problem
    if not isinstance(problem, DataSource) or message.name not in problem.DATA_KEYS or message.name in SOURCES:
        return state, ()
    table = {"problem": own(problem) | {message.name: message.value}, "runs": fitting_runs(state.scenario, message.name)}
    changed = in_smaller_batches(state.scenario, table)
    return edited(state, changed, key=f"problem.{message.name}", live=message.live)


def set_model(state: AppState, message: SetModel) -> Change:
    problem = state.scenario.problem
    if not isinstance(problem, DataSource) or model_of(problem) == message.name:
        return state, ()
    table = {name: value for name, value in own(problem).items() if name in (*problem.DATA_KEYS, "data")}
    table["split"] = None if problem.split is None else problem.split
    return on_problem(state, table | ({"network": USUAL_NETWORK} if message.name == NETWORK else {"model": message.name}))


def set_network(state: AppState, message: SetNetwork) -> Change:
    problem = state.scenario.problem
    if not isinstance(problem, NetworkProblem):
        return state, ()
    network = problem.network.model_dump() | {message.name: message.value}
    changed = state.scenario.changed(problem=own(problem) | {"network": network}, runs=fitting_runs(state.scenario, message.name))
    return edited(state, changed, key=f"network.{message.name}", live=message.live)


def set_batches(state: AppState, message: SetBatches) -> Change:
    if not has_run(state, message.run):
        return state, ()
    run = state.scenario.runs[message.run].changed(**{message.name: message.value})
    return edited(state, state.scenario.with_run(message.run, run), key=f"runs.{message.run}.{message.name}", live=message.live)
