"""``gdsim list`` and ``gdsim show``: what there is, told by the records themselves."""

import inspect
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from gdsim import shipped
from gdsim.cli import entries
from gdsim.cli.bad_input import BAD_INPUT, refuse
from gdsim.cli.entries import Entry
from gdsim.cli.report import console, number
from gdsim.landscapes import LANDSCAPES, Landscape
from gdsim.landscapes.motion import MOTIONS
from gdsim.landscapes.noise import NOISES
from gdsim.landscapes.prototypes import PROTOTYPES, PrototypeError, prototype
from gdsim.networks.generators import DATASETS
from gdsim.optimizers import OPTIMIZERS
from gdsim.schedules import SCHEDULES
from gdsim.schedules.batch_size import BATCH_SCHEDULES
from gdsim.simulation.complaints import did_you_mean, shown


@dataclass(frozen=True)
class Kind:
    """How a kind of thing is listed: its entries, and which of their keys are columns."""

    entries: Callable[[], list[Entry]]
    columns: tuple[str, ...]


KINDS = {
    "landscapes": Kind(entries.landscapes, ("name", "title", "family", "weights", "formula")),
    "optimizers": Kind(entries.optimizers, ("name", "title", "family", "formula")),
    "schedules": Kind(entries.schedules, ("name", "title", "formula")),
    "batch-schedules": Kind(entries.batch_schedules, ("name", "title", "formula")),
    "noises": Kind(entries.noises, ("name", "title", "notes")),
    "motions": Kind(entries.motions, ("name", "title", "notes")),
    "prototypes": Kind(entries.prototypes, ("name", "notes")),
    "datasets": Kind(entries.datasets, ("name", "title", "kind", "notes")),
    "scenarios": Kind(entries.scenarios, ("name", "title", "problem", "runs")),
    "plugins": Kind(entries.plugins, ("name", "group", "record", "error")),
}
NOTHING = {"plugins": "No plugins are installed. docs/your-own.md tells how to write one; --plugin FILE.py runs it."}
"""What is said in place of an empty table."""


def print_list(kind: str, *, as_json: bool) -> None:
    """Prints the names of one kind of thing, one a line, or everything about them as JSON."""
    found = KINDS[kind].entries()
    if as_json:
        sys.stdout.write(json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False) + "\n")
        return
    if not found and kind in NOTHING:
        sys.stdout.write(NOTHING[kind] + "\n")
        return
    columns = KINDS[kind].columns
    table = _table(columns)
    table.columns[0].no_wrap = True
    for entry in found:
        table.add_row(*(Text("" if entry[column] is None else str(entry[column])) for column in columns))
    console().print(table)


def print_one(name: str, to: Path | None = None) -> int:
    """Prints all about what bears that name (several schedules and a prototype share some); a landscape is also painted ``to`` a file.

    Returns the exit code.
    """
    found = list(_of_name(name))
    if not found:
        return _unknown(name)
    if to is not None:
        if _landscape(name) is None:
            return refuse("--to", f"{name} is no landscape; allowed: with a landscape or a prototype (gdsim render paints scenarios)")
        if code := _paint(name, to):
            return code
    for position, tell in enumerate(found):
        sys.stdout.write("\n" if position else "")
        tell()
    return 0


def _of_name(name: str) -> Iterator[Callable[[], None]]:
    """What tells of each thing of that name."""
    if name in OPTIMIZERS:
        rule = OPTIMIZERS[name]
        yield partial(_print_record, entries.optimizer_entry(rule), rule.update or rule.take_step)
    if name in SCHEDULES:
        yield partial(_print_record, entries.schedule_entry(SCHEDULES[name]))
    if name in BATCH_SCHEDULES:
        yield partial(_print_record, entries.batch_schedule_entry(BATCH_SCHEDULES[name]))
    if name in NOISES:
        yield partial(_print_record, entries.noise_entry(NOISES[name]), NOISES[name].disturb)
    if name in MOTIONS:
        yield partial(_print_record, entries.motion_entry(MOTIONS[name]), MOTIONS[name].place)
    if name in DATASETS:
        yield partial(_print_record, entries.dataset_entry(DATASETS[name]), DATASETS[name].point)
    record = _landscape(name)
    if record is not None:
        yield partial(_print_landscape, record, name)
    if name in shipped.scenarios():
        yield partial(_print_scenario, shipped.scenarios()[name])
    for plugin in entries.plugins():
        if name in (plugin["name"], f"{plugin['group']}: {plugin['name']}") and name != plugin["record"]:
            yield partial(_print_plugin, plugin)


def _landscape(name: str) -> Landscape | None:
    """The landscape of this name, or of a prototype's text."""
    if name in LANDSCAPES:
        return LANDSCAPES[name]
    try:
        return prototype(name) if any(piece in name for piece in PROTOTYPES) else None
    except PrototypeError:
        return None


def _print_scenario(file: Path) -> None:
    sys.stdout.write(f"# {file}\n\n{file.read_text(encoding='utf-8')}")


def _print_plugin(plugin: Entry) -> None:
    if plugin["error"] is None:
        print_one(plugin["record"])
    else:
        sys.stdout.write(f"{plugin['name']} ({plugin['group']}) cannot be used: {plugin['error']}\n")


def _names() -> tuple[str, ...]:
    return (*LANDSCAPES, *OPTIMIZERS, *SCHEDULES, *BATCH_SCHEDULES, *NOISES, *MOTIONS, *PROTOTYPES, *DATASETS, *shipped.scenarios())


def _unknown(name: str) -> int:
    kinds = "landscape, optimizer, schedule, batch-size schedule, noise, motion, prototype, data set, scenario or plugin"
    sys.stderr.write(f"there is no {kinds} named {shown(name)}{did_you_mean(name, _names())} (allowed: {', '.join(_names())})\n")
    return BAD_INPUT


def _paint(name: str, to: Path) -> int:
    from gdsim.cli.landscape_picture import paint_landscape

    return paint_landscape({"landscape" if name in LANDSCAPES else "prototype": name}, to)


def _print_landscape(record: Landscape, name: str) -> None:
    entry = entries.landscape_entry(record) | {"name": name}
    axes = "xy"[: record.dim]
    out = console()
    _print_record(entry)
    _print_map(record)
    for axis, (low, high), start in zip(axes, record.domain, record.start, strict=True):
        out.print(Text(f"{axis} from {number(low)} to {number(high)}, starting at {number(start)}"))
    points = entry["stationary_points"]
    if points:
        table = _table(("stationary point", *axes, "loss"))
        for column in table.columns[1:]:
            column.justify = "right"
        for point in points:
            table.add_row(point["kind"], *map(number, point["position"]), number(point["loss"]))
        out.print()
        out.print(table)
    _print_code(record.value_and_gradient)
    _print_code(record.second_derivatives)


def _print_map(record: Landscape) -> None:
    from gdsim.cli.small_map import can_show, small_map

    out = console()
    if can_show(out):
        out.print(small_map(record))
        out.print()


def _print_code(leaf: Callable[..., Any] | None) -> None:
    """The Python text of a leaf function, where there is a file to read it from (a formula's leaf has none)."""
    try:
        text = inspect.getsource(leaf) if leaf else ""
    except (OSError, TypeError):
        return
    if text:
        console().print()
        console().print(Text(text.rstrip()), soft_wrap=True)


def _print_record(entry: Entry, leaf: Callable[..., Any] | None = None) -> None:
    out = console()
    out.print(Text(f"{entry['title']} ({entry['name']})", "bold"), soft_wrap=True)
    for key in ("formula", "notes", "source"):
        if entry.get(key):
            out.print(Text(entry[key] if key == "notes" else f"{key}: {entry[key]}"), soft_wrap=not out.is_terminal)
    if entry["parameters"]:
        table = _table(("parameter", "default", "allowed", "meaning"))
        for param in entry["parameters"]:
            table.add_row(*map(Text, (param["name"], _default(param), param["allowed"], param["doc"])))
        out.print()
        out.print(table)
        out.print()
    _print_code(leaf)


def _table(columns: Iterable[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _default(param: dict[str, Any]) -> str:
    """The default of a parameter in a table."""
    default = param["default"]
    if default is None:
        return "needed" if param["needed"] else "none"
    if isinstance(default, bool | str):
        return str(default).lower()
    return number(default)
