"""A sweep as a map: which axes lie where, what each pixel means, and where theory draws the border. Colours are the painter's."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from gdsim.landscapes import Landscape
from gdsim.simulation.noise_floor import is_noisy, noise_floor
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.sweep_plan import Plan
from gdsim.simulation.sweep_result import SweepResult
from gdsim.simulation.sweep_verdict import OUTCOMES
from gdsim.simulation.trainability import border, box_count_dimension
from gdsim.simulation.verdict import Outcome

Floats = NDArray[np.float64]
Colour = Literal["auto", "verdict", "minimum", "loss", "steps", "trainability"]
COLOURS = ("auto", "verdict", "minimum", "loss", "steps", "trainability")
BORDER_POINTS = 65
ARRIVED = np.array([outcome in (Outcome.CONVERGED, Outcome.LOCAL_MINIMUM) for outcome in OUTCOMES])
"""Which codes of verdicts say that a run arrived."""
TIMES = ", times the run's"
"""What is said behind the rate of a layer, which multiplies that of its run."""
DEEPEST = 14.0
"""Decades of loss worth telling apart: what lies deeper is rounding."""


@dataclass(frozen=True, eq=False)
class MapAxis:
    """``name`` in words, the ``values`` of the pixels, and whether neighbours have equal ratios (``log``)."""

    name: str
    key: str
    values: Floats
    log: bool

    @property
    def edges(self) -> tuple[float, float]:
        """Where the first pixel begins and the last ends: half a pixel beyond their values."""
        places = self.place(self.values)
        half = 0.5 * abs(float(places[-1] - places[0])) / max(1, len(places) - 1) if len(places) > 1 else 0.5
        return self.value(float(places[0]) - half), self.value(float(places[-1]) + half)

    def place(self, values: Any) -> Floats:
        with np.errstate(all="ignore"):
            return np.asarray(np.log10(values) if self.log else values, dtype=np.float64)

    def value(self, place: float) -> float:
        return float(10.0**place) if self.log else place


@dataclass(frozen=True)
class MapClass:
    """One kind of pixel: those that reached the minimum of that number, or (None) those with that verdict."""

    outcome: Outcome
    minimum: int | None
    label: str
    share: float


@dataclass(frozen=True, eq=False)
class Border:
    """A line over the map, in values of its axes; without a second axis ``y`` is empty and it is a mark at each x."""

    label: str
    x: Floats
    y: Floats


@dataclass(frozen=True, eq=False)
class SweepMap:
    """``codes`` (ny, nx) say which of ``classes`` each pixel is of, from the bottom up; ``shades`` in [0, 1] how far along it is (NaN: not
    told). ``measure`` says what shades tell, ``ends`` what 0 and 1 stand for. Where ``painted`` is "shades", colours follow them; where it
    is "classes", each class has a colour and shades darken it; where "trainability", each of its two classes has a ramp. Without a second
    axis ``y`` is None, and rows are the runs of ``labels``.
    """

    title: str
    subtitle: str
    x: MapAxis
    y: MapAxis | None
    labels: tuple[str, ...]
    classes: tuple[MapClass, ...]
    codes: NDArray[np.integer[Any]]
    shades: Floats
    painted: Literal["classes", "shades", "trainability"]
    measure: str
    ends: tuple[float, float]
    borders: tuple[Border, ...]


def colour_problem(scenario: Scenario, colour: str) -> str | None:
    """Why no map of this scenario can be coloured so, in one sentence; None if it can."""
    if colour not in COLOURS:
        return f"found the colour {colour!r}; allowed: one of {', '.join(COLOURS)}"
    if colour == "minimum" and not scenario.problem.minima:
        name = "a network" if scenario.is_network else scenario.landscape.name
        return f"found the colour 'minimum'; allowed: another one, because no minimum of {name} is known"
    if colour == "trainability" and not scenario.is_network:
        return "found the colour 'trainability'; allowed: for a sweep over networks"
    return None


def map_of(result: SweepResult, colour: str = "auto", borders: tuple[Border, ...] | None = None) -> SweepMap:
    """The map of a sweep over one or two axes; ``borders`` where they are known already. Raises ValueError for what no map can show."""
    if (problem := colour_problem(result.scenario, colour)) is not None:
        raise ValueError(problem)
    axes = _axes(result)
    minima = len(result.scenario.problem.minima)
    if colour == "auto" and result.scenario.is_network:
        colour = "trainability"
    if colour == "auto":
        starts = all(axis.key.endswith(("start.x", "start.y")) for axis in axes)
        colour = "minimum" if starts and minima else "verdict"
    grid = _grid(result, axes)
    codes: NDArray[np.integer[Any]]
    codes, classes = _classes(result, grid, colour == "minimum")
    shades, measure, ends = _shades(result, grid, colour)
    if colour == "trainability":
        codes, classes, shades, measure = _trainability(result, grid)
    two = len(axes) > 1
    labels = tuple(run.label or run.optimizer for run in result.scenario.runs)
    return SweepMap(
        title=result.scenario.title or " and ".join(axis.name for axis in axes),
        subtitle=_subtitle(result.scenario, axes),
        x=axes[0],
        y=axes[1] if two else None,
        labels=labels,
        classes=classes,
        codes=codes,
        shades=shades,
        painted="shades" if colour in ("loss", "steps") else "trainability" if colour == "trainability" else "classes",
        measure=measure,
        ends=ends,
        borders=borders_of(result) if borders is None else borders,
    )


def words_for(key: str, landscape: Landscape | None, *, plain: bool = False) -> str:
    """The name of an axis as a reader would say it; ``plain`` where the learning rate that a layer multiplies is 1."""
    *before, name = key.split(".")
    run = f" of run {before[1]}" if before[:1] == ["runs"] else ""
    if landscape is not None and "start" in before and name in "xy":
        return f"start, {landscape.axis_names['xy'.index(name)].removeprefix('weight ')}{run}"
    if "start" in before:
        return f"spread of the start{run}"
    if before[-2:] == ["problem", "parameters"]:
        return f"parameter {name} of the landscape"
    if before[-1:] == ["layer_rates"]:
        layer = f"rate of layer {int(name) + 1}{run}"
        return f"learning {layer}" if plain else f"{layer}{TIMES}"
    if before[-2:] == ["problem", "network"]:
        return f"{name} of the first weights" if name == "scale" else f"{name} of the network"
    where = " of the noise" if "noise" in before else " of the motion" if "motion" in before else ""
    return f"{name.replace('_', ' ')}{where}{run}"


def _axes(result: SweepResult) -> tuple[MapAxis, ...]:
    scales = {axis.over: axis.scale for axis in result.scenario.sweep.axes} if result.scenario.sweep else {}
    landscape = None if result.scenario.is_network else result.scenario.landscape
    plain = "learning_rate" not in result.axes and all(run.learning_rate == 1.0 for run in result.scenario.runs)
    axes = tuple(
        MapAxis(words_for(name, landscape, plain=plain), name, values, scales.get(name) == "log" or _is_log(values))
        for name, values in result.axes.items()
        if len(values) > 1 or len(result.axes) == 1
    )
    if len(axes) > 2:
        raise ValueError(f"found {len(axes)} axes ({', '.join(axis.key for axis in axes)}); allowed: a map of one or two")
    if not axes:
        raise ValueError("found axes of one value each; allowed: a map of one or two axes with several values")
    if len(axes) == 2 and len(result.scenario.runs) > 1:
        raise ValueError(f"found {len(result.scenario.runs)} runs over two axes; allowed: a map of one run, or one axis and several runs")
    return axes


def _is_log(values: Floats) -> bool:
    """Whether listed values grow by the same ratio."""
    if len(values) < 3 or not np.all(values > 0.0):
        return False
    ratios = values[1:] / values[:-1]
    return bool(np.allclose(ratios, ratios[0], rtol=1e-6) and ratios[0] > 1.001)


def _grid(result: SweepResult, axes: tuple[MapAxis, ...]) -> Mapping[str, NDArray[Any]]:
    """The columns as rows from the bottom up: (ny, nx), or (runs, nx)."""
    nx = len(axes[0].values)
    if len(axes) == 2:
        return {name: values.reshape(nx, -1).T for name, values in result.columns.items()}
    return {name: values.reshape(-1, nx) for name, values in result.columns.items()}


def _classes(result: SweepResult, grid: Mapping[str, NDArray[Any]], by_minimum: bool) -> tuple[NDArray[np.int16], tuple[MapClass, ...]]:
    """Codes of pixels, and the classes that occur, in the order of verdicts, minima first."""
    minima = result.scenario.problem.minima
    kind = grid["verdict"] + np.int16(len(minima))
    if by_minimum and minima:
        np.copyto(kind, grid["minimum"], where=ARRIVED[grid["verdict"]] & (grid["minimum"] >= 0))
    counts = np.bincount(kind.ravel("K"), minlength=len(minima) + len(OUTCOMES))
    present = np.flatnonzero(counts)
    classes = []
    for code in present:
        share = float(counts[code] / kind.size)
        if code < len(minima):
            point = minima[code]
            outcome = Outcome.CONVERGED if point.kind == "global minimum" else Outcome.LOCAL_MINIMUM
            at = ", ".join(f"{weight:.3g}" for weight in point.position)
            false = "" if point.kind == "global minimum" else "false "
            classes.append(MapClass(outcome, int(code), f"{false}minimum at ({at})", share))
        else:
            outcome = OUTCOMES[code - len(minima)]
            classes.append(MapClass(outcome, None, str(outcome), share))
    code_of = np.zeros(len(counts), np.int16)
    code_of[present] = np.arange(len(present))
    return code_of[kind], tuple(classes)


def _shades(result: SweepResult, grid: Mapping[str, NDArray[Any]], colour: str) -> tuple[Floats, str, tuple[float, float]]:
    if colour == "loss":
        least = min((point.loss for point in result.scenario.problem.minima), default=0.0)
        with np.errstate(all="ignore"):
            gap = np.log10(np.maximum(grid["final_loss"] - least, np.finfo(np.float64).tiny))
        gap[~np.isfinite(grid["final_loss"]) | (grid["verdict"] == OUTCOMES.index(Outcome.DIVERGED))] = np.nan
        high = float(np.nanmax(gap, initial=-np.inf)) if np.any(np.isfinite(gap)) else 0.0
        low = max(float(np.nanmin(gap, initial=np.inf)), high - DEEPEST) if np.any(np.isfinite(gap)) else -1.0
        return _scaled(gap, low, high), "final loss" if least == 0.0 else "final loss above the least", (10.0**low, 10.0**high)
    if colour == "verdict" and result.scenario.tolerance is None:
        return np.full(grid["steps"].shape, np.nan), "", (0.0, 1.0)  # only runs that diverge end early
    steps = np.log10(np.maximum(grid["steps"], 1))
    ended = steps[ARRIVED[grid["verdict"]]] if colour != "steps" else steps
    # A few stragglers would leave one shade to all others.
    low, high = (float(end) for end in np.percentile(ended, (0.5, 99.5))) if ended.size else (0.0, 1.0)
    return _scaled(steps, low, high), "steps", (10.0**low, 10.0**high)


def _trainability(result: SweepResult, grid: Mapping[str, NDArray[Any]]) -> tuple[NDArray[np.intp], tuple[MapClass, ...], Floats, str]:
    """Two classes, what was trained and what was not; shades rank each network within its class, so that all are used equally."""
    measure = grid["trainability"]
    lost = measure > 0.0
    shades = np.zeros(measure.shape)
    for side in (lost, ~lost):
        _, rank = np.unique(np.abs(measure[side]), return_inverse=True)
        shades[side] = rank.ravel() / max(1, int(rank.max(initial=0)))
    share = float(np.mean(lost))
    classes = (MapClass(Outcome.CONVERGED, None, "trained", 1.0 - share), MapClass(Outcome.DIVERGED, None, "not trained", share))
    dimension = box_count_dimension(border(lost))
    told = "" if np.isnan(dimension) else f"border: box-count dimension {dimension:.2f}"
    return lost.astype(np.intp), classes, shades, told


def _scaled(values: Floats, low: float, high: float) -> Floats:
    return np.clip((values - low) / (high - low if high > low else 1.0), 0.0, 1.0)


def _subtitle(scenario: Scenario, axes: tuple[MapAxis, ...]) -> str:
    """What all pixels share."""
    own = {axis.key for axis in axes}
    parts = [scenario.problem.title if scenario.is_network else scenario.landscape.title]
    if len(scenario.runs) == 1:
        run = scenario.runs[0]
        parts.append(run.rule.title)
        parts += [f"learning rate {run.learning_rate:.4g}"] if "learning_rate" not in own else []
        momentum = run.values.get("momentum", 0.0)
        parts += [f"momentum {momentum:.4g}"] if momentum and "momentum" not in own else []
        parts += ["Nesterov"] if run.values.get("nesterov") is True and "nesterov" not in own else []
    return ", ".join([*parts, f"{scenario.steps:,} steps"])


def borders_of(result: SweepResult, most: int = BORDER_POINTS) -> tuple[Border, ...]:
    """The largest stable learning rate at the global minimum, where theory knows it, at up to ``most`` values of the other axis."""
    return tuple(_borders(result, _axes(result), most))


def _borders(result: SweepResult, axes: tuple[MapAxis, ...], most: int) -> list[Border]:
    key = next((axis.key for axis in axes if axis.key.endswith("learning_rate")), None)
    if key is None or result.scenario.is_network or len(result.scenario.runs) > 1 or result.scenario.runs[0].schedule is not None:
        return []
    rates = next(axis for axis in axes if axis.key == key)
    other = next((axis for axis in axes if axis.key != key), None)
    plan = Plan(result.scenario)
    names = list(result.axes)
    count = len(other.values) if other else 1
    chosen = np.unique(np.linspace(0, count - 1, min(count, most)).astype(int))
    limits = []
    for place in chosen:
        at = [0] * len(names)
        if other:
            at[names.index(other.key)] = int(place) * result.stride
        limits.append(_limit(plan, int(np.ravel_multi_index(at, plan.shape))))
    found = np.array(limits)
    if not np.any(np.isfinite(found)):
        return []
    low, high = rates.edges
    label = _words(result.scenario, own_momentum=other is not None and other.key.endswith("momentum"))
    if other is None:
        return [Border(label, found, np.empty(0))] if low <= found[0] <= high else []
    values = other.values[chosen]
    inside = [min(pair) <= high and max(pair) >= low for pair in pairwise(found) if np.all(np.isfinite(pair))]
    if not any(inside):
        return []
    return [Border(label, found, values) if rates is axes[0] else Border(label, values, found)]


def _limit(plan: Plan, row: int) -> float:
    try:
        scenario = plan.scenario_at(row)
    except ValidationError:  # numbers that do not go together at the rim of a map
        return np.nan
    run, landscape = scenario.runs[0], scenario.landscape
    if run.method.stable_product is None or not landscape.minima:
        return np.nan
    if landscape.data is not None and is_noisy(landscape, run):
        floor = noise_floor(landscape, run, np.array(landscape.minima[0].position))
        return floor.limit if floor is not None and floor.limit is not None else np.nan
    hessian = landscape.hessian(*landscape.minima[0].position)
    sharpness = float(np.linalg.eigvalsh(hessian)[-1]) if np.all(np.isfinite(hessian)) else 0.0
    sharpness += float(run.values.get("weight_decay", 0.0))
    return run.method.stable_product(run.settings) / sharpness if sharpness > 0.0 else np.nan


def _words(scenario: Scenario, own_momentum: bool) -> str:
    run = scenario.runs[0]
    if scenario.landscape.data is not None and is_noisy(scenario.landscape, run):
        return "theory: limit in the mean square"
    if run.optimizer != "sgd" or run.values.get("dampening", 0.0) != 0.0:
        return "theory: limit of stability"
    if own_momentum or run.values.get("momentum", 0.0) != 0.0:
        return "theory: (2 + 2β) / ((1 + 2β) λmax)" if run.values.get("nesterov") is True else "theory: 2 (1 + β) / λmax"
    return "theory: 2 / λmax"
