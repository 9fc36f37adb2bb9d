"""``gdsim list`` and ``gdsim show``: what there is, told by the records themselves."""

import inspect
import json
import math
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from gdsim import shipped
from gdsim.cli.bad_input import BAD_INPUT
from gdsim.cli.report import console, number
from gdsim.landscapes import LANDSCAPES, Landscape
from gdsim.optimizers import OPTIMIZERS, Optimizer
from gdsim.parameter import Param
from gdsim.schedules import SCHEDULES, Schedule
from gdsim.simulation.complaints import did_you_mean, shown


def print_list(kind: str, *, as_json: bool) -> None:
    """Prints the names of one kind of thing, one a line, or everything about them as JSON."""
    entries = {"landscapes": landscapes, "optimizers": optimizers, "schedules": schedules, "scenarios": scenarios}[kind]()
    if as_json:
        sys.stdout.write(json.dumps(entries, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
        return
    columns = {
        "landscapes": ("name", "title", "family", "weights", "formula"),
        "optimizers": ("name", "title", "family", "formula"),
        "schedules": ("name", "title", "formula"),
        "scenarios": ("name", "title", "landscape", "runs"),
    }[kind]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold", no_wrap=column == "name")
    for entry in entries:
        table.add_row(*(Text(str(entry[column])) for column in columns))
    console().print(table)


def landscapes() -> list[dict[str, Any]]:
    return [landscape_entry(record) for record in LANDSCAPES.values()]


def optimizers() -> list[dict[str, Any]]:
    return [optimizer_entry(record) for record in OPTIMIZERS.values()]


def schedules() -> list[dict[str, Any]]:
    return [schedule_entry(record) for record in SCHEDULES.values()]


def scenarios() -> list[dict[str, Any]]:
    return [_scenario_entry(name, file) for name, file in shipped.scenarios().items()]


def _scenario_entry(name: str, file: Path) -> dict[str, Any]:
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    landscape, runs = tables["problem"]["landscape"], tables["runs"]
    return {"name": name, "title": tables["title"], "landscape": landscape, "runs": len(runs), "file": str(file)}


def landscape_entry(record: Landscape) -> dict[str, Any]:
    """Everything about a landscape at its default parameters, as JSON can hold it."""
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
        "parameters": [param_entry(param) for param in record.parameters],
        "stationary_points": points,
        "source": record.source,
        "notes": record.notes,
    }


def optimizer_entry(record: Optimizer) -> dict[str, Any]:
    """Everything about an optimizer, as JSON can hold it."""
    return {
        "name": record.name,
        "title": record.title,
        "family": record.family,
        "formula": record.formula,
        "latex": record.latex,
        "parameters": [param_entry(param) for param in record.parameters],
        "source": record.source,
        "notes": record.notes,
    }


def schedule_entry(record: Schedule) -> dict[str, Any]:
    """Everything about a schedule, as JSON can hold it; ``parts`` are the schedules that it may be made of."""
    return {
        "name": record.name,
        "title": record.title,
        "formula": record.formula,
        "latex": record.latex,
        "parameters": [param_entry(param) for param in record.parameters],
        "parts": list(record.parts),
        "source": record.source,
        "notes": record.notes,
    }


def param_entry(param: Param) -> dict[str, Any]:
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


def print_one(name: str) -> int:
    """Prints all about the landscape, optimizer, schedule or scenario of that name. Returns the exit code."""
    if name in LANDSCAPES:
        _print_landscape(LANDSCAPES[name])
    elif name in OPTIMIZERS:
        _print_record(optimizer_entry(OPTIMIZERS[name]))
        _print_code(OPTIMIZERS[name].update or OPTIMIZERS[name].take_step)
    elif name in SCHEDULES:
        _print_record(schedule_entry(SCHEDULES[name]))
    elif name in shipped.scenarios():
        file = shipped.scenarios()[name]
        sys.stdout.write(f"# {file}\n\n{file.read_text(encoding='utf-8')}")
    else:
        names = (*LANDSCAPES, *OPTIMIZERS, *SCHEDULES, *shipped.scenarios())
        hint = did_you_mean(name, names)
        sys.stderr.write(
            f"there is no landscape, optimizer, schedule or scenario named {shown(name)}{hint} (allowed: {', '.join(names)})\n"
        )
        return BAD_INPUT
    return 0


def _print_landscape(record: Landscape) -> None:
    entry = landscape_entry(record)
    axes = "xy"[: record.dim]
    _print_record(entry)
    out = console()
    for axis, (low, high), start in zip(axes, record.domain, record.start, strict=True):
        out.print(Text(f"{axis} from {number(low)} to {number(high)}, starting at {number(start)}"))
    points = entry["stationary_points"]
    if points:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in ("stationary point", *axes, "loss"):
            table.add_column(column, justify="left" if column == "stationary point" else "right")
        for point in points:
            table.add_row(point["kind"], *map(number, point["position"]), number(point["loss"]))
        out.print()
        out.print(table)
    _print_code(record.value_and_gradient, record.second_derivatives)


def _print_code(*leaves: Callable[..., Any] | None) -> None:
    """The Python text of leaf functions, where there is a file to read it from (a formula's leaf has none)."""
    for leaf in leaves:
        try:
            text = inspect.getsource(leaf) if leaf else ""
        except (OSError, TypeError):
            continue
        if text:
            console().print()
            console().print(Text(text.rstrip()), soft_wrap=True)


def _print_record(entry: dict[str, Any]) -> None:
    out = console()
    out.print(Text(f"{entry['title']} ({entry['name']})", "bold"), soft_wrap=True)
    for key in ("formula", "notes", "source"):
        if entry[key]:
            out.print(Text(entry[key] if key == "notes" else f"{key}: {entry[key]}"), soft_wrap=not out.is_terminal)
    if entry["parameters"]:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for column in ("parameter", "default", "allowed", "meaning"):
            table.add_column(column, overflow="fold")
        for param in entry["parameters"]:
            table.add_row(*map(Text, (param["name"], _default(param), param["allowed"], param["doc"])))
        out.print()
        out.print(table)
        out.print()


def _default(param: dict[str, Any]) -> str:
    """The default of a parameter in a table."""
    default = param["default"]
    if default is None:
        return "needed" if param["needed"] else "none"
    if isinstance(default, bool | str):
        return str(default).lower()
    return number(default)
