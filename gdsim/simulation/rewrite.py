"""TOML text changed as little as possible: new values go where the old ones stand, comments stay where they are."""

from collections.abc import Mapping, MutableMapping
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT

Tables = Mapping[str, Any]

INLINE = ({"normal"}, {"k", "alpha"})
"""The keys of small tables that stand on one line: a random start, lookahead."""

CALLED_BY = ("name", "over")
"""A table with one of these keys stands on one line, too: a schedule, an axis of a sweep."""


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
        elif _is_tables(value) and _is_inline(value[0]) and _all_same(before, new.get(key, value), value):
            continue
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


def _all_same(before: Any, new: list[Tables], complete: list[Tables]) -> bool:
    """Whether tables on one line each say what they should, with or without their defaults."""
    plain = before.unwrap() if hasattr(before, "unwrap") else before
    if not _is_tables(plain) or len(plain) != len(new):
        return False
    triples = zip(plain, new, complete, strict=True)
    return all(
        all(key in whole and whole[key] == item for key, item in table.items()) and table.keys() >= short.keys()
        for table, short, whole in triples
    )


def _is_inline(table: Tables) -> bool:
    return set(table) in INLINE or any(key in table for key in CALLED_BY)


def _is_tables(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


def _fill(table: Any, content: Tables) -> None:
    for key, value in content.items():
        table.add(key, _item(value))


def _item(value: Any) -> Any:
    """A value as TOML: a random start, lookahead, a schedule and the axes of a sweep inline, other tables under their own heading."""
    if _is_tables(value) and _is_inline(value[0]):
        array = tomlkit.array()
        for item in value:
            array.append(_item(item))
        return array.multiline("over" in value[0])
    if _is_tables(value):
        tables = tomlkit.aot()
        for item in value:
            tables.append(_item(item))
        return tables
    if isinstance(value, dict):
        table = tomlkit.inline_table() if _is_inline(value) else tomlkit.table()
        for key, item in value.items():
            table.add(key, _item(item))
        return table
    return tomlkit.item(value)
