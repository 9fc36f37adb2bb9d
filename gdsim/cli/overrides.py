"""``--set KEY=VALUE``: changes to the tables of a scenario before they are validated."""

import re
from typing import Any

from gdsim.simulation.complaints import Complaint, ScenarioError, shown
from gdsim.simulation.scenario_file import parse

WORD = re.compile(r"[A-Za-z_][\w-]*")
LONGEST = 10_000


def apply(tables: dict[str, Any], changes: list[str]) -> None:
    """Puts every change into ``tables``. Raises ScenarioError with a complaint for each change that cannot be."""
    complaints = []
    for change in changes:
        try:
            _apply_one(tables, change)
        except _WrongError as error:
            complaints.append(Complaint(shown(change).strip("'"), str(error)))
    if complaints:
        raise ScenarioError("--set", complaints)


class _WrongError(Exception):
    pass


def _apply_one(tables: dict[str, Any], change: str) -> None:
    path, equals, text = change.partition("=")
    keys = [key.strip() for key in path.split(".")]
    if not equals or not all(re.fullmatch(r"[A-Za-z0-9_-]+", key) for key in keys) or len(change) > LONGEST:
        raise _WrongError("this is not of the form KEY=VALUE; allowed: such as runs.0.learning_rate=0.01")
    value = _value(text.strip())
    place: Any = tables
    for done, key in enumerate(keys[:-1]):
        place = place.setdefault(key, {}) if isinstance(place, dict) else place[_index(place, key, keys[:done])]
    if isinstance(place, dict):
        place[keys[-1]] = value
    else:
        place[_index(place, keys[-1], keys[:-1])] = value


def _index(place: Any, key: str, before: list[str]) -> int:
    name = ".".join(before)
    if not isinstance(place, list):
        raise _WrongError(f"found {shown(place)} at {name}, which has no keys")
    if not place:
        raise _WrongError(f"{name} is empty")
    if not key.isdecimal() or len(key) > 9 or int(key) >= len(place):
        raise _WrongError(f"there is no {name}.{key}; allowed: a number from 0 to {len(place) - 1}")
    return int(key)


def _value(text: str) -> Any:
    """TOML, or a bare word, which is text."""
    if WORD.fullmatch(text) and text not in ("true", "false", "nan", "inf"):
        return text
    try:
        tables = parse(f"value = {text}")
    except ScenarioError:
        tables = {}
    if set(tables) != {"value"}:
        raise _WrongError(f"found the value {shown(text)}; allowed: a number, true, false, a word, 'text', or [array]")
    return tables["value"]
