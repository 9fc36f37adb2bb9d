"""Reports as one page: counts, the worst, and a mosaic of verdicts in which every cell leads to its run.

The page is a single file that needs no network and may be shared. What stands in a report (names of targets, sentences) may come from
anyone: the template escapes it, the page's script puts it into the page as text only, and the page's own policy runs no other script.
"""

import base64
import hashlib
import json
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import Any

from gdsim.harness.mosaic import TITLES, Mosaic, mosaic, shown
from gdsim.harness.replay import command
from gdsim.harness.report import Report
from gdsim.harness.report_json import plain
from gdsim.harness.run_picture import Picture, picture
from gdsim.harness.trial import Family, Outcome, Verdict
from gdsim.harness.verdict_look import LOOKS
from gdsim.staged import staged

PICTURE_SECONDS = 10.0
"""What pictures of runs may take together; what broke comes first, and what is left has none."""
MOST_PICTURES = 60
WORST = 12
VERDICTS = tuple(Verdict)


def write_html(reports: Report | Sequence[Report], path: str | Path, picture_seconds: float = PICTURE_SECONDS) -> None:
    """Writes the page to ``path``, whole or not at all; a column of the mosaic is a report. Raises OSError."""
    text = page([reports] if isinstance(reports, Report) else reports, picture_seconds)
    path = Path(path)
    with staged(path.parent) as stage:
        (stage / path.name).write_text(text, encoding="utf-8", newline="\n")


def page(reports: Sequence[Report], picture_seconds: float = PICTURE_SECONDS) -> str:
    """The page. ``picture_seconds`` bounds the time for pictures of runs."""
    from jinja2 import Environment
    from markupsafe import Markup

    whole = mosaic(reports)
    pictures = _pictures(reports, picture_seconds)
    style, script = _asset("page.css"), _asset("page.js")
    met = [verdict for verdict in VERDICTS if any(one.verdict is verdict for report in reports for one in report.outcomes)]
    failures = sum(len(report.failures) for report in reports)
    worst = [(column, outcome) for _, column, outcome in _worst(reports, WORST)]
    template = Environment(autoescape=True, trim_blocks=False).from_string(_asset("page.html"))
    return template.render(
        title=_text(title_of(reports)),
        trials=sum(len(report.outcomes) for report in reports),
        failures=failures,
        reports=len(reports),
        verdicts=[str(verdict) for verdict in met],
        counts=list(_counts(reports, whole, met)),
        worst=[
            {
                "link": f"{place}/{_in_address(outcome.trial.id)}",
                "verdict": str(outcome.verdict),
                "title": _text(outcome.trial.title),
                "sentence": _text(outcome.sentence),
                "column": _text(whole.columns[place]),
            }
            for place, outcome in worst[:WORST]
        ],
        made=[
            _text(f"{name}: {values_of(report)}seed {report.seed}, {report.seconds:.3g} s on {report.hardware}, gdsim {report.version}")
            for name, report in zip(whole.columns, reports, strict=True)
        ],
        style=Markup(style),
        script=Markup(script),
        style_hash=_hash(style),
        script_hash=_hash(script),
        data=Markup(in_script(_data(reports, whole, pictures))),
    )


def in_script(data: Any) -> str:
    """``data`` as JSON that cannot end the script element it stands in."""
    text = json.dumps(plain(data), allow_nan=False, separators=(",", ":"))  # ASCII only, so no line separator of JavaScript's either
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def title_of(reports: Sequence[Report]) -> str:
    """Of one report with the values that were given, or all of them where nobody knows which are the target's own."""
    if len(reports) != 1:
        return f"Trials of {len(reports)} optimizers"
    only = reports[0]
    told = only.values if only.given is None else only.given
    return " ".join(["Trials of", only.target, *(f"{name}={shown(value)}" for name, value in told.items())])


def values_of(report: Report) -> str:
    return "".join(f"{name} {shown(value)}, " for name, value in report.values.items())


def _data(reports: Sequence[Report], whole: Mosaic, pictures: dict[tuple[int, str], Picture]) -> dict[str, Any]:
    numbers = {key: number for number, key in enumerate(pictures)}

    def cell(column: int, outcome: Outcome | None) -> dict[str, Any] | None:
        if outcome is None:
            return None
        told: dict[str, Any] = {"v": VERDICTS.index(outcome.verdict), "s": outcome.sentence, "c": command(reports[column], outcome)}
        if not math.isnan(outcome.score):
            told["x"] = _number(outcome.score)
        if outcome.interval is not None:
            told["i"] = [_number(limit) for limit in outcome.interval]
        if outcome.figures:
            told["f"] = {name: _number(value) for name, value in outcome.figures.items()}
        if (column, outcome.trial.id) in numbers:
            told["p"] = numbers[column, outcome.trial.id]
        return told

    return {
        "columns": [{"name": name} for name in whole.columns],
        "verdicts": [{"name": str(verdict), **asdict(LOOKS[verdict])} for verdict in VERDICTS],
        "blocks": [
            {
                "family": TITLES[block.family],
                "group": block.group,
                "trials": [
                    {"id": trial.id, "title": trial.title, "cells": [cell(column, one) for column, one in enumerate(cells)]}
                    for trial, cells in zip(block.trials, block.cells, strict=True)
                ],
            }
            for block in whole.blocks
        ],
        "pictures": [asdict(each) for each in pictures.values()],
    }


def _pictures(reports: Sequence[Report], seconds: float) -> dict[tuple[int, str], Picture]:
    """Pictures by column and trial: of what broke, then of what was graded low, the columns in turn, as many as the time allows."""
    found: dict[tuple[int, str], Picture] = {}
    end = time.monotonic() + seconds
    for _, column, outcome in _worst(reports, MOST_PICTURES):
        if len(found) >= MOST_PICTURES or time.monotonic() > end:
            break
        drawn = picture(outcome.scenario) if outcome.scenario is not None else None
        if drawn is not None:
            found[column, outcome.trial.id] = drawn
    return found


def _worst(reports: Sequence[Report], count: int) -> list[tuple[int, int, Outcome]]:
    """(rank, column, outcome): what broke, then what was graded low, the columns in turn."""
    found = [(rank, column, one) for column, report in enumerate(reports) for rank, one in enumerate(report.worst(count))]
    return sorted(found, key=lambda each: (not each[2].verdict.is_failure, each[:2]))


def _counts(reports: Sequence[Report], whole: Mosaic, verdicts: Sequence[Verdict]) -> Iterator[dict[str, Any]]:
    for name, report in zip(whole.columns, reports, strict=True):
        counted = {family: report.counts(family) for family in Family}
        rows = [{"family": str(family), "counts": [counts.get(one, 0) for one in verdicts]} for family, counts in counted.items() if counts]
        yield {"name": _text(name), "rows": rows}


def _number(value: float) -> str:
    return f"{value:.6g}".replace("inf", "∞").replace("nan", "not a number")


def _text(text: str) -> str:
    return str(plain(text))


def _in_address(text: str) -> str:
    from urllib.parse import quote

    return quote(_text(text), safe="-_.!~*'()")


def _asset(name: str) -> str:
    return (resources.files("gdsim.harness") / "page" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
