"""A report as JSON: all of it, and back again."""

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from gdsim.harness.report import Report
from gdsim.staged import staged

FORMAT = "gdsim report 1"
MOST_BYTES = 512 << 20
"""Some hundred times what all trials of one optimizer take."""


class ReportError(ValueError):
    """A file that is no report, and why, in words for whoever named it."""


def write_json(report: Report, path: str | Path) -> None:
    """Writes the report to ``path``, whole or not at all. Raises OSError.

    JSON has no word for what is not a number: such numbers are written as "NaN", "Infinity" and "-Infinity".
    """
    text = json.dumps({"format": FORMAT, **plain(asdict(report))}, allow_nan=False, indent=1)
    path = Path(path)
    with staged(path.parent) as stage:
        (stage / path.name).write_text(text + "\n", encoding="utf-8", newline="\n")


def read_json(path: str | Path) -> Report:
    """The report that ``write_json`` wrote. Raises OSError, and ReportError for any other file."""
    with Path(path).open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ReportError(f"{path} is larger than any report is ({MOST_BYTES >> 20} MiB)")
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise ReportError(f"{path} is no JSON file") from None
    if not isinstance(data, dict) or data.pop("format", None) != FORMAT:
        raise ReportError(f"{path} is no report of trials: its format is not “{FORMAT}”")
    try:
        return TypeAdapter(Report).validate_python(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        raise ReportError(f"{path} is a damaged report: {place}: {first['msg'].lower()}") from None


def plain(value: Any) -> Any:
    """``value``, made of dicts, sequences, texts and numbers, as what JSON can say. Halves of characters, which file names may have, become
    question marks.
    """
    match value:
        case dict():
            return {plain(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case str():
            return str(value).encode("utf-8", "replace").decode("utf-8")
        case float() if not math.isfinite(value):
            return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
        case _:
            return value
