"""TOML text changed as little as possible: new values go where the old ones stand, comments stay where they are."""

from collections.abc import Mapping, MutableMapping
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT

Tables = Mapping[str, Any]

INLINE = ({"normal"}, {"k", "alpha"})
"""The keys of small tables that stand on one line: a random start, lookahead."""


def rewritten(text: str, tables: Tables, complete: Tables) -> str:
    """``text`` with the content ``tables``; written anew where ``text`` is empty or no TOML.

    ``complete`` has the same content with every default written out: a key that ``tables`` leaves out stays where ``text`` has it.
    """
    try:
        document = tomlkit.parse(text)
    except (TOMLKitError, ValueError, RecursionError):
        document = tomlkit.document()
    if document:
        _update(document, tables, complete)
    else:
        _fill(document, tables)
    return tomlkit.dumps(document)


def _update(old: MutableMapping[str, Any], new: Tables, complete: Tables) -> None:
    for key in list(old):
        if key not in complete:
            del old[key]
    for key, value in complete.items():
        before = old.get(key)
        if before is None and key not in new:
            continue
        if isinstance(value, dict) and isinstance(before, MutableMapping):
            _update(before, new.get(key, {}), value)
        elif isinstance(before, AoT) and _is_tables(value):
            _update_each(before, new[key], value)
        elif before is None or not _same(before, value):
            old[key] = _item(new.get(key, value))


def _update_each(old: AoT, new: list[Tables], complete: list[Tables]) -> None:
    while len(old) > len(new):
        del old[-1]
    for index, (table, whole) in enumerate(zip(new, complete, strict=True)):
        if index < len(old):
            _update(old[index], table, whole)
        else:
            old[-1].add(tomlkit.nl())
            old.append(_item(table))


def _same(before: Any, value: object) -> bool:
    plain = before.unwrap() if hasattr(before, "unwrap") else before
    return bool(plain == value) and isinstance(plain, bool) == isinstance(value, bool)


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _fill(table: Any, content: Tables) -> None:
    for key, value in content.items():
        table.add(key, _item(value))


def _item(value: Any) -> Any:
    """A value as TOML: a random start, lookahead and whatever has a name (a schedule) inline, other tables under their own heading."""
    if _is_tables(value) and "name" in value[0]:
        array = tomlkit.array()
        for item in value:
            array.append(_item(item))
        return array
    if _is_tables(value):
        tables = tomlkit.aot()
        for item in value:
            tables.append(_item(item))
        return tables
    if isinstance(value, dict):
        table = tomlkit.inline_table() if set(value) in INLINE or "name" in value else tomlkit.table()
        for key, item in value.items():
            table.add(key, _item(item))
        return table
    return tomlkit.item(value)
