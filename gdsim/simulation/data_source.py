"""Which data a problem is made of, as a scenario says it: the keys of ``[problem]`` that name points, and how they are cut up."""

import os
from collections.abc import Callable
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, PrivateAttr, SerializeAsAny, ValidationInfo, WrapValidator, create_model, model_validator
from pydantic_core import InitErrorDetails

from gdsim.networks import csv_file
from gdsim.networks.dataset import DataError, Dataset
from gdsim.networks.features import FEATURES, with_features
from gdsim.networks.generators import DATASETS
from gdsim.networks.split import Split, Standardise, split
from gdsim.simulation import complaints
from gdsim.simulation.complaints import Allowed
from gdsim.simulation.table import Line, Model, Number, fields, item

if TYPE_CHECKING:
    from gdsim.simulation.scenario import Scenario

MOST_POINTS = 10_000
SOURCES = ("dataset", "csv", "points")
KEPT = 4
"""Data sets and splits that are held ready."""

A_DATASET = "the name of a data set (gdsim list datasets)"
A_FILE = "the path of a CSV file, relative to the scenario file's folder, of at most 4096 characters"
A_TABLE = "a table [problem.data] of the data set's parameters"
A_POINT = "[x, target], or [x1, x2, class] with a class that is a whole number >= 0 or a text"
SOME_POINTS = f"an array of 2 to {MOST_POINTS:,} points, all {A_POINT}"
SOME_FEATURES = f"an array of {', '.join(repr(name) for name in FEATURES)}, each at most once"
A_SPLIT = "three numbers from 0 to 1, the shares of training (more than 0), validation and test, whose sum is 1"
A_SEED = "a whole number from 0 to 2^63 - 1"
A_SWITCH = "true or false"
DELIMITERS = {name: sign for sign, name in csv_file.DELIMITERS.items()}


class CsvPath(str):
    """The path of a CSV file as it stands in a scenario, and the ``folder`` from which it leads: that of the scenario file.

    Equal to its text alone: what the file holds is compared by the table that has read it.
    """

    folder: str

    def __new__(cls, text: str, folder: str | os.PathLike[str] = "") -> "CsvPath":
        path = super().__new__(cls, text)
        path.folder = os.fspath(folder)
        return path

    def __reduce__(self) -> tuple[Any, ...]:
        return CsvPath, (str(self), self.folder)


def located(tables: dict[str, Any], folder: str | os.PathLike[str]) -> dict[str, Any]:
    """The tables of a scenario whose CSV file, if it has one, is looked for from ``folder``."""
    problem = tables.get("problem")
    if not isinstance(problem, dict) or not isinstance(text := problem.get("csv"), str):
        return tables
    return tables | {"problem": problem | {"csv": CsvPath(text, folder)}}


def reachable_from(scenario: "Scenario", folder: str | os.PathLike[str]) -> "Scenario":
    """The same scenario for a file in ``folder``: the path of a CSV file that does not lead there from it is written in full."""
    problem = scenario.problem
    if not isinstance(problem, DataSource) or problem.csv is None or os.path.isabs(problem.csv):
        return scenario
    if os.path.realpath(problem.folder) == os.path.realpath(folder):
        return scenario
    return scenario.changed(problem=problem.model_copy(update={"csv": CsvPath(os.path.abspath(problem.file))}))


def _path(value: Any, plain: Callable[[Any], Any]) -> Any:
    """A path keeps its folder."""
    return CsvPath(plain(str(value)), value.folder) if isinstance(value, CsvPath) else plain(value)


@cache
def data_model(name: str) -> type[Model]:
    """The table ``[problem.data]`` of one generator."""
    record = DATASETS[name]
    seed = (
        Annotated[int, Field(strict=True, ge=0, lt=2**63), Allowed(A_SEED)],
        Field(default=0, description="names the random numbers of the data: the same seed gives the same points"),
    )
    own: dict[str, Any] = {**fields(record.parameters), "seed": seed}
    return create_model(f"{name}_data", __base__=Model, __doc__=record.doc, **own)


def _data(value: Any, plain: Callable[[Any], Any], info: ValidationInfo) -> Any:
    """The parameters of the data set that the table above names; without a table, its defaults."""
    name = info.data.get("dataset")
    if name is None:  # or nobody knows which is meant
        return None if isinstance(value, dict | Model) else plain(value)
    if isinstance(value, Model):
        value = {key: getattr(value, key) for key in type(value).model_fields}
    return data_model(name).model_validate({} if value is None else value)


def _name(value: Any, plain: Callable[[Any], Any]) -> Any:
    name = plain(value)
    if name is None or name in DATASETS:
        return name
    raise complaints.together("dataset", [complaints.line((), complaints.unknown_name("data set", name, DATASETS), name)])


def _points(value: Any, plain: Callable[[Any], Any]) -> Any:
    """Rows that are all of one form, or a complaint about the first that is not."""
    if value is None or not isinstance(value, list | tuple):
        return plain(value)
    if not 2 <= len(value) <= MOST_POINTS:
        raise complaints.together("points", [complaints.line((), complaints.out_of_place(value, SOME_POINTS), value)])
    width = len(value[0]) if isinstance(value[0], list | tuple) else 0
    kind = str if width and isinstance(value[0][-1], str) else float
    for i, row in enumerate(value):
        if not isinstance(row, list | tuple) or len(row) != width or width not in (2, 3) or not _fits(row, kind):
            text = complaints.out_of_place(row, A_POINT if i == 0 else f"{A_POINT}; all of one form")
            raise complaints.together("points", [complaints.line((i,), text, row)])
    return tuple((*map(float, row[:-1]), _target(row[-1], width)) for row in value)


def _three(value: Any, plain: Callable[[Any], Any]) -> Any:
    """Shares, if there are three."""
    if isinstance(value, list | tuple) and len(value) != 3:
        raise complaints.together("split", [complaints.line((), complaints.out_of_place(value, A_SPLIT), value)])
    return plain(value)


def _target(value: Any, width: int) -> float | int | str:
    """One form for each target: the class of a point with two inputs is a whole number, if it is one."""
    if isinstance(value, str):
        return value
    return int(value) if width == 3 and value == int(value) else float(value)


def _fits(row: Any, kind: type) -> bool:
    *inputs, target = row
    return all(_is_number(value) for value in inputs) and (isinstance(target, str) if kind is str else _is_number(target))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 1e300


Switch = Annotated[bool, Field(strict=True)]


class DataSource(Model):
    """The keys of ``[problem]`` that say which data: a part of the problems that learn from data.

    ``loaded`` is the whole data set, ``parts`` the split after features and standardisation. Reading is checked with everything else: data
    that cannot be used are a complaint about their key. A problem of this kind may say other defaults in ``SHARES``.
    """

    DATA_KEYS: ClassVar[tuple[str, ...]] = (
        *("dataset", "csv", "target", "delimiter", "header", "missing", "points", "classification"),
        *("features", "split", "split_seed", "standardise", "standardise_target"),
    )
    """The keys in the order of writing, but for the table ``data``."""
    SHARES: ClassVar[tuple[float, ...]] = (0.7, 0.15, 0.15)

    dataset: Annotated[Annotated[str, Field(strict=True)] | None, WrapValidator(_name), Allowed(A_DATASET)] = Field(
        default=None, description="a data set that is made"
    )
    data: Annotated[SerializeAsAny[Model] | None, WrapValidator(_data), Allowed(A_TABLE)] = Field(
        default=None, validate_default=True, description="the parameters of the data set, and its seed"
    )
    csv: Annotated[Annotated[Line, Field(min_length=1, max_length=4096)] | None, WrapValidator(_path), Allowed(A_FILE)] = Field(
        default=None, description="a file of comma-separated values"
    )
    target: Annotated[Annotated[Line, Field(min_length=1)] | None, Allowed("the name of a column")] = Field(
        default=None, description="the column of the CSV file that is to be predicted; without it, the last one"
    )
    delimiter: Annotated[Literal[tuple(DELIMITERS)] | None, Allowed(f"one of {', '.join(DELIMITERS)}")] = Field(  # type: ignore[valid-type]
        default=None, description="what separates the values of the CSV file; without it, found out"
    )
    header: Annotated[Switch | None, Allowed(A_SWITCH)] = Field(
        default=None, description="whether the first line of the CSV file names the columns; without it, found out"
    )
    missing: Annotated[Literal[csv_file.MISSING] | None, Allowed(f"one of {', '.join(csv_file.MISSING)}")] = Field(  # type: ignore[valid-type]
        default=None, description="what is done with points of the CSV file that lack an input; without it, they are left out (drop)"
    )
    points: Annotated[
        Annotated[tuple[tuple[float | int | str, ...], ...], Field(min_length=2, max_length=MOST_POINTS)] | None,
        WrapValidator(_points),
        Allowed(SOME_POINTS),
    ] = Field(default=None, description="the points themselves")
    classification: Annotated[Switch | None, Allowed(A_SWITCH)] = Field(
        default=None, description="whether whole numbers as targets of the CSV file or the points are classes"
    )
    features: Annotated[
        Annotated[tuple[Literal[tuple(FEATURES)], ...], Field(min_length=1)] | None,  # type: ignore[valid-type]
        Allowed(SOME_FEATURES),
    ] = Field(default=None, description="what the model sees of points with two inputs; without it, both")
    split: Annotated[tuple[Number, Number, Number] | None, WrapValidator(_three), Allowed(A_SPLIT)] = Field(
        default=None, description="the shares of training, validation and test part"
    )
    split_seed: Annotated[int, Field(strict=True, ge=0, lt=2**63), Allowed(A_SEED)] = Field(
        default=0, description="names the random numbers by which the data are split"
    )
    standardise: Annotated[Switch, Allowed(A_SWITCH)] = Field(
        default=False, description="whether inputs are shifted and scaled to mean 0 and deviation 1 on the training part"
    )
    standardise_target: Annotated[Switch, Allowed(A_SWITCH)] = Field(default=False, description="the same for the targets of a regression")

    _read_then: Dataset | None = PrivateAttr(default=None)
    """What a CSV file held when this table was checked: it may change, or go, while there are pictures of it. Tables with the same text are
    equal if they read the same.
    """

    @property
    def loaded(self) -> Dataset:
        """The whole data set as it was made, read or typed. Raises DataError while the table is checked."""
        if self._read_then is not None:
            return self._read_then
        if self.dataset is not None:
            return _made(self.dataset, tuple(self.data.model_dump().items()) if self.data else ())
        if self.csv is not None:
            options = {"delimiter": DELIMITERS.get(str(self.delimiter)), "header": self.header, "missing": self.missing or "drop"}
            file = self.file
            return _read(file, _stamp(file), self.target, tuple(options.items()), bool(self.classification), str(self.csv))
        return _typed(self.points or (), self.classification)

    @property
    def folder(self) -> str:
        """The folder from which the path of the CSV file leads: the scenario file's where that is known, else the working folder ("")."""
        return self.csv.folder if isinstance(self.csv, CsvPath) else ""

    @property
    def file(self) -> str:
        """The path of the CSV file."""
        return os.path.join(self.folder, str(self.csv))

    @property
    def shares(self) -> tuple[float, ...]:
        return self.split if self.split is not None else self.SHARES

    @property
    def parts(self) -> Split:
        """Training, validation and test part as the model sees them."""
        return _prepared(self.loaded, self.features, self.shares, self.split_seed, self.standardise, self.standardise_target)[0]

    @property
    def standardisation(self) -> Standardise | None:
        """What the parts were shifted and scaled by, fitted on the training part; None where they were not."""
        return _prepared(self.loaded, self.features, self.shares, self.split_seed, self.standardise, self.standardise_target)[1]

    def read_again(self) -> Self:
        """The same table with what its CSV file holds now. Raises pydantic.ValidationError where that cannot be used."""
        return type(self).model_validate({name: getattr(self, name) for name in self.model_fields_set})

    @classmethod
    def conflicts(cls, data: Any, bad: set[str]) -> list[InitErrorDetails]:
        return [*super().conflicts(data, bad), *_at_odds(data)]

    @model_validator(mode="after")
    def _usable(self) -> Self:
        """Reads the data: what is wrong with them belongs to what is wrong with the scenario."""
        key = next((name for name in SOURCES if getattr(self, name) is not None), "dataset")
        try:
            data = self.loaded
            self._read_then = data if self.csv is not None else None
            key = "features"
            data = with_features(data, self.features) if self.features else data
            key = "split"
            _ = split(data, self.shares, self.split_seed)
            key = "standardise_target"
            _ = self.parts
        except DataError as error:
            raise complaints.together("problem", [complaints.line((key,), str(error), None)]) from None
        return self


def _at_odds(data: Any) -> list[InitErrorDetails]:
    """What is wrong between the keys: no source of data, or two; keys of another source."""
    given = [key for key in SOURCES if item(data, key) is not None]
    if not given:
        text = f"this key is missing; needed: {A_DATASET}, or csv or points in its place"
        return [complaints.line(("dataset",), text)]
    found = [complaints.line((key,), f"found {given[0]} and {key}; allowed: one of them", item(data, key)) for key in given[1:]]
    of_source = {"dataset": ("data",), "csv": ("target", "delimiter", "header", "missing", "classification"), "points": ("classification",)}
    for key in dict.fromkeys(key for keys in of_source.values() for key in keys):
        if item(data, key) is not None and key not in of_source[given[0]]:
            owners = " or ".join(source for source, keys in of_source.items() if key in keys)
            found.append(complaints.line((key,), f"found {key} with {given[0]}; allowed: only with {owners}", item(data, key)))
    return found


@lru_cache(maxsize=KEPT)
def _made(name: str, values: tuple[tuple[str, Any], ...]) -> Dataset:
    return DATASETS[name].make(**dict(values))


@lru_cache(maxsize=KEPT)
def _read(
    file: str, _stamp: tuple[int, ...], target: str | None, options: tuple[tuple[str, Any], ...], classification: bool, shown: str
) -> Dataset:
    return csv_file.read(file, target, classification=classification, shown=shown, **dict(options))


def _stamp(file: str) -> tuple[int, ...]:
    """Changes when the file does."""
    try:
        state = Path(file).stat()
    except (OSError, ValueError):
        return ()
    return state.st_mtime_ns, state.st_size, state.st_ino


@lru_cache(maxsize=KEPT)
def _typed(points: tuple[tuple[Any, ...], ...], classification: bool | None) -> Dataset:
    """The data set of points as a scenario holds them."""
    inputs, targets = [row[:-1] for row in points], [row[-1] for row in points]
    classes = isinstance(targets[0], str) or (classification if classification is not None else len(points[0]) == 3)
    if not classes:
        return Dataset.from_arrays(inputs, [[float(target)] for target in targets], name="points")
    if not isinstance(targets[0], str):
        for i, target in enumerate(targets):
            if target != int(target) or target < 0:
                raise DataError(f"found {complaints.shown(target)} as the class of point {i}; allowed: {A_POINT}")
        targets = [int(target) for target in targets]
    return Dataset.from_arrays([[float(value) for value in row] for row in inputs], targets, target="class", name="points")


@lru_cache(maxsize=KEPT)
def _prepared(
    data: Dataset, features: tuple[str, ...] | None, shares: tuple[float, ...], seed: int, inputs: bool, targets: bool
) -> tuple[Split, Standardise | None]:
    parts = split(with_features(data, features) if features else data, shares, seed)
    if not inputs and not targets:
        return parts, None
    scale = Standardise.fit(parts.train, inputs=inputs, targets=targets)
    return Split(*(scale.apply(part) if part else None for part in parts)), scale  # type: ignore[arg-type]
