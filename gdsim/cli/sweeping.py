"""``gdsim sweep``: costs told first, progress on the way, shares and the best run at the end."""

import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from rich import box
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from gdsim.cli.bad_input import complain, folder_problem, refuse, workers_problem
from gdsim.cli.endings import INTERRUPTED
from gdsim.cli.report import console, number
from gdsim.cli.sources import load_all
from gdsim.cli.waiting import EACH_SECOND, CompilingColumn
from gdsim.engine.device import DeviceError, Wanted, card, chosen
from gdsim.simulation.cluster import Cluster, ClusterError, connected
from gdsim.simulation.complaints import ScenarioError
from gdsim.simulation.sweep_block import Computer
from gdsim.simulation.sweep_elsewhere import SweepWorkerError
from gdsim.simulation.sweep_estimate import LIMITS, Estimate, SweepTooLargeError, duration, estimate, size
from gdsim.simulation.sweep_estimate import refuse as refuse_costs
from gdsim.simulation.sweep_plan import Plan
from gdsim.simulation.sweep_result import SweepResult
from gdsim.simulation.sweep_store import MANIFEST, SweepStoreError, read, write


@dataclass(frozen=True)
class SweepOptions:
    """How ``gdsim sweep`` was asked to do it."""

    device: Wanted = "auto"
    workers: int | None = None
    executor: str | None = None
    resume: bool = False
    yes: bool = False
    only_estimate: bool = False


def sweep_one(source: str, changes: list[str], out: Path, options: SweepOptions) -> int:
    """Runs the sweep of a scenario into the folder ``out``. Returns the exit code."""
    plan, code = planned(source, changes, options.device)
    if (problem := folder_problem(out)) is not None:
        code = refuse("--out", problem)
    elif (out / MANIFEST).is_file() and not (options.resume or options.only_estimate):
        code = refuse("--out", f"found a sweep in {out} already; allowed: --resume to go on with it, or another folder")
    if problem := workers_problem(options.workers):
        code = refuse("--workers", problem)
    if options.executor is None:
        try:
            if plan is None:
                chosen(options.device)
            else:
                Computer(plan)
        except DeviceError as error:
            code = refuse("--device", str(error))
    if code or plan is None:
        return code
    try:
        with _cluster(options) as cluster:
            return _sweep(plan, out, options, cluster)
    except ClusterError as error:
        return refuse("--executor", str(error))


def _cluster(options: SweepOptions) -> AbstractContextManager[Cluster | None]:
    return nullcontext() if options.executor is None else connected(options.executor)


def _sweep(plan: Plan, out: Path, options: SweepOptions, cluster: Cluster | None) -> int:
    # What workers of a cluster compute on is their own affair: costs are measured on the processor of here.
    here, threads = (plan, options.workers) if cluster is None else (replace(plan, device="cpu"), max(1, cluster.threads))
    try:
        costs = estimate(here, threads, written=True)
    except DeviceError as error:
        sys.stderr.write(f"{error}; the sweep runs on the processor\n")
        plan = replace(plan, device="cpu")
        costs = estimate(plan, threads, written=True)
    _print_costs(plan, costs, cluster)
    if options.only_estimate:
        return 0
    if not options.yes:
        try:
            refuse_costs(costs, LIMITS, out)
        except SweepTooLargeError as error:
            return refuse("--yes", f"{error}; allowed: --yes to do so all the same")
    if cluster is not None and not cluster.workers:
        sys.stderr.write("No worker is there yet: the sweep begins when one comes\n")
    try:
        _run(plan, out, options, cluster)
        print_shares(read(out))
    except SweepStoreError as error:
        return refuse("--resume" if options.resume else "--out", str(error))
    except SweepWorkerError as error:
        return refuse("--executor", f"{error}; what is finished stays, and --resume goes on")
    except OSError as error:
        return refuse("--out", f"the sweep stopped, what is finished stays and --resume goes on: {error.strerror or error}")
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted; --resume goes on from here\n")
        return INTERRUPTED
    sys.stdout.write(f"Written to {out}\n")
    return 0


def planned(source: str, changes: list[str], device: Wanted = "auto") -> tuple[Plan | None, int]:
    """The plan of a scenario's sweep, or the exit code after every complaint."""
    scenarios, errors = load_all([source], changes)
    if errors:
        return None, complain(errors)
    try:
        return Plan(scenarios[0], device), 0
    except ScenarioError as error:
        return None, complain([ScenarioError(source, error.complaints)])


def _run(plan: Plan, out: Path, options: SweepOptions, cluster: Cluster | None) -> None:
    executor = None if cluster is None else cluster.executor
    workers = options.workers if cluster is None or options.workers is not None else cluster.ahead
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), CompilingColumn())
    with Progress(
        *columns, console=Console(stderr=True), transient=True, refresh_per_second=EACH_SECOND, disable=not sys.stderr.isatty()
    ) as bar:
        task = bar.add_task("runs", total=plan.size)
        for told in write(plan, out, workers=workers, executor=executor, resume=options.resume):
            if told.notice:
                sys.stderr.write(f"{told.notice}\n")
            bar.update(task, completed=told.done)


def _print_costs(plan: Plan, costs: Estimate, cluster: Cluster | None) -> None:
    axes = " x ".join(f"{len(axis.values):,} of {axis.name}" for axis in plan.axes)
    runs = f"{costs.runs:,} runs: {axes}" + (f", for each of {len(plan.scenario.runs)} runs" if len(plan.scenario.runs) > 1 else "")
    threads = "1 thread" if costs.threads == 1 else f"{costs.threads} threads"
    where = card().said if costs.device == "cuda" else f"{threads} of the CPU"
    if cluster is not None:
        where = f"{threads} of {cluster.workers} worker{'' if cluster.workers == 1 else 's'}, were each as fast as one of here"
    rest = f"at most {costs.steps:,} steps at {costs.nanoseconds:.3g} ns, about {duration(costs.seconds)} on {where}"
    console().print(Text(f"{runs}\n{rest}; {size(costs.memory)} of memory, {size(costs.disk)} on the disk"), soft_wrap=True)
    if note := _arithmetic(plan, costs):
        console().print(Text(note), soft_wrap=True)


def _arithmetic(plan: Plan, costs: Estimate) -> str:
    """What is to be said of a sweep whose runs are not computed as one alone is."""
    single = plan.sweep.precision == "float32"
    said = ["float32: a run that is played alone is in float64, and ends near what stands here"] if single else []
    if plan.sweep.fast:
        said.append("fast: no effect on the processor" if costs.device == "cpu" else "fast: bits of this card's own")
    return "; ".join(said)


def print_shares(result: SweepResult) -> None:
    """The share of each verdict, and the best run."""
    table = Table(title=Text(result.scenario.title or "Sweep"), title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    table.add_column("verdict")
    table.add_column("runs", justify="right")
    table.add_column("share", justify="right")
    for outcome, share in result.shares().items():
        table.add_row(str(outcome), f"{round(share * result.size):,}", f"{share:.1%}")
    out = console()
    out.print(table)
    best = result.best()
    values = ", ".join(f"{name} = {number(value)}" for name, value in best.values.items())
    ended = f"loss {number(best.numbers['final_loss'])} after {best.numbers['steps']:,} steps, {best.verdict}"
    out.print(Text(f"best: {best.label}, {values}: {ended}"), soft_wrap=True)
