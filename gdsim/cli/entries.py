"""What there is, one dictionary a thing, as JSON can hold it."""

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gdsim import shipped
from gdsim.landscapes import LANDSCAPES, Landscape
from gdsim.landscapes.motion import MOTIONS, Motion
from gdsim.landscapes.noise import NOISES, Noise
from gdsim.landscapes.prototypes import PROTOTYPES, prototype
from gdsim.landscapes.prototypes.described import DESCRIPTIONS
from gdsim.landscapes.prototypes.pieces import TURNING
from gdsim.networks.generators import DATASETS, LARGEST_SEED, Generator
from gdsim.optimizers import OPTIMIZERS, Optimizer
from gdsim.parameter import Param
from gdsim.registry import BROKEN, LOADED
from gdsim.schedules import SCHEDULES, Schedule
from gdsim.schedules.batch_size import BATCH_SCHEDULES, BatchSchedule

Entry = dict[str, Any]


def landscapes() -> list[Entry]:
    return [landscape_entry(record) for record in LANDSCAPES.values()]


def optimizers() -> list[Entry]:
    return [optimizer_entry(record) for record in OPTIMIZERS.values()]


def batch_schedules() -> list[Entry]:
    return [batch_schedule_entry(record) for record in BATCH_SCHEDULES.values()]


def schedules() -> list[Entry]:
    return [schedule_entry(record) for record in SCHEDULES.values()]


def noises() -> list[Entry]:
    return [noise_entry(record) for record in NOISES.values()]


def motions() -> list[Entry]:
    return [motion_entry(record) for record in MOTIONS.values()]


def prototypes() -> list[Entry]:
    return [prototype_entry(name) for name in PROTOTYPES]


def datasets() -> list[Entry]:
    return [dataset_entry(record) for record in DATASETS.values()]


def scenarios() -> list[Entry]:
    return [scenario_entry(name, file) for name, file in shipped.scenarios().items()]


def plugins() -> list[Entry]:
    """Installed packages' and the user's own, working or not, with the records that they gave or the reason why there are none."""
    for registry in (LANDSCAPES, OPTIMIZERS, SCHEDULES, DATASETS):
        len(registry)  # looks for what is installed
    return [plugin_entry(name, record=record) for name, record in LOADED.items()] + [
        plugin_entry(name, error=error) for name, error in BROKEN.items()
    ]


def plugin_entry(name: str, record: str | None = None, error: str | None = None) -> Entry:
    group, _, own = name.rpartition(": ")
    return {"name": own, "group": group, "record": record, "error": error}


def landscape_entry(record: Landscape) -> Entry:
    """Everything about a landscape at its default parameters."""
    points = [{"position": list(p.position), "loss": p.loss, "kind": p.kind} for p in record.points(record.values)]
    return {
        "name": record.name,
        "title": record.title,
        "family": record.family,
        "weights": record.dim,
        "formula": record.formula,
        "latex": record.latex,
        "domain": [list(interval) for interval in record.domain],
        "start": list(record.start),
        "parameters": params(record.parameters),
        "stationary_points": points,
        "source": record.source,
        "notes": record.notes,
    }


def optimizer_entry(record: Optimizer) -> Entry:
    return {
        "name": record.name,
        "title": record.title,
        "family": record.family,
        "formula": record.formula,
        "latex": record.latex,
        "parameters": params(record.parameters),
        "source": record.source,
        "notes": record.notes,
    }


def schedule_entry(record: Schedule) -> Entry:
    """``parts`` are the schedules that it may be made of."""
    return {
        "name": record.name,
        "title": record.title,
        "formula": record.formula,
        "latex": record.latex,
        "parameters": params(record.parameters),
        "parts": list(record.parts),
        "source": record.source,
        "notes": record.notes,
    }


def batch_schedule_entry(record: BatchSchedule) -> Entry:
    return {
        "name": record.name,
        "title": record.title,
        "formula": record.formula,
        "latex": record.latex,
        "parameters": params(record.parameters),
        "source": record.source,
        "notes": record.notes,
    }


def noise_entry(record: Noise) -> Entry:
    """``remembers`` is how many numbers the noise keeps a run; ``weights`` how many a landscape needs to have it."""
    return {
        "name": record.name,
        "title": record.title,
        "parameters": params(record.parameters),
        "remembers": record.memory,
        "weights": 2 if record.planar else 1,
        "source": record.source,
        "notes": record.doc,
    }


def motion_entry(record: Motion) -> Entry:
    return {
        "name": record.name,
        "title": record.title,
        "parameters": params(record.parameters),
        "source": record.source,
        "notes": record.doc,
    }


def dataset_entry(record: Generator) -> Entry:
    """``kind`` is classification or regression, ``inputs`` how many numbers a point has besides its target."""
    seed = Param("seed", 0, "names the random numbers of the data", low=0, high=LARGEST_SEED, whole=True)
    return {
        "name": record.name,
        "title": record.title,
        "kind": record.kind,
        "inputs": record.dim,
        "parameters": params((*record.parameters, seed)),
        "source": record.source,
        "notes": record.doc,
    }


def prototype_entry(name: str) -> Entry:
    """``ways`` may stand after the name, behind a colon."""
    record = prototype(name)
    return {
        "name": name,
        "title": name.replace("_", " "),
        "ways": ["up", "down"] if name in TURNING else [],
        "parameters": params(record.parameters),
        "source": record.source,
        "notes": DESCRIPTIONS[name],
    }


def scenario_entry(name: str, file: Path) -> Entry:
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    problem, runs = tables["problem"], tables["runs"]
    return {
        "name": name,
        "title": tables["title"],
        "problem": problem_of(problem),
        "landscape": problem.get("landscape"),
        "runs": len(runs),
        "file": str(file),
    }


def problem_of(table: Mapping[str, Any]) -> str:
    """What the table [problem] minimises, in a word."""
    return str(next((table[key] for key in ("landscape", "formula", "prototype", "dataset", "csv") if key in table), "points"))


def params(declared: tuple[Param, ...]) -> list[Entry]:
    return [param_entry(param) for param in declared]


def param_entry(param: Param) -> Entry:
    """A parameter; ``default`` is null where it may or must be told, ``low`` and ``high`` where there is no bound."""
    return {
        "name": param.name,
        "default": param.default,
        "needed": param.needed,
        "allowed": param.allowed,
        "low": param.low if math.isfinite(param.low) else None,
        "high": param.high if math.isfinite(param.high) else None,
        "doc": param.doc,
    }
