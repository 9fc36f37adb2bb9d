"""Registry: records by name, read-only for its users, to which installed packages and a user's own file may add."""

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Protocol, TypeVar


class Named(Protocol):
    @property
    def name(self) -> str: ...


Record = TypeVar("Record", bound=Named)

BROKEN: dict[str, str] = {}
"""Plugins that could not be used, ``group: name`` and why. They stop nothing; ``gdsim doctor`` tells of them."""

LOADED: dict[str, str] = {}
"""Plugins in use, by the same names: the record that each of them gave."""


class Registry(Mapping[str, Record]):
    """Records in the order in which menus show them.

    ``group`` is the entry point group (``gdsim.landscapes``) under which installed packages offer records; they are looked for when the
    registry is first read. An entry point names a record, or a function without arguments that returns one.
    """

    def __init__(self, kind: type[Record], group: str, records: Iterable[Record]) -> None:
        self._kind, self._group = kind, group
        self._records: dict[str, Record] = {}
        self._discovered = False
        for record in records:
            self.add(record)

    def add(self, record: Record, *, replace: bool = False) -> None:
        """Adds a record. Raises TypeError for anything else, and ValueError for a name that is taken (unless it may be replaced)."""
        if not isinstance(record, self._kind):
            raise TypeError(f"expected a {self._kind.__name__}, found {type(record).__name__}")
        if record.name in self._records and not replace:
            raise ValueError(f"two {self._group.removeprefix('gdsim.')} are named {record.name!r}")
        self._records[record.name] = record

    def __getitem__(self, name: str) -> Record:
        if name not in self._records:
            self._discover()
        try:
            return self._records[name]
        except KeyError as error:
            near = get_close_matches(str(name).lower(), self._records, n=1)
            if near:
                error.add_note(f"did you mean {near[0]!r}?")
            raise

    def __contains__(self, name: object) -> bool:
        if name not in self._records:
            self._discover()
        return name in self._records

    def __iter__(self) -> Iterator[str]:
        self._discover()
        return iter(tuple(self._records))

    def __len__(self) -> int:
        self._discover()
        return len(self._records)

    def __repr__(self) -> str:
        return f"<{len(self)} {self._group.removeprefix('gdsim.')}: {', '.join(self)}>"

    def _discover(self) -> None:
        if self._discovered:
            return
        self._discovered = True
        from importlib.metadata import entry_points

        for point in entry_points(group=self._group):
            name = f"{self._group}: {point.name}"
            try:
                found = point.load()
                record = found if isinstance(found, self._kind) else found()
                self.add(record)
            except Exception as error:  # whatever a stranger's package does, gdsim works without it
                BROKEN[name] = f"{type(error).__name__}: {error}"
            else:
                LOADED[name] = record.name
