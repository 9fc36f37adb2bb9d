"""Options that several commands have, and what they may be."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Table(StrEnum):
    PARQUET = "parquet"
    CSV = "csv"


class ThemeName(StrEnum):
    LIGHT = "light"
    DARK = "dark"


class Program(StrEnum):
    PYTORCH = "pytorch"


class DeviceName(StrEnum):
    AUTO = "auto"
    CPU = "cpu"
    CUDA = "cuda"


class PrecisionName(StrEnum):
    FLOAT64 = "float64"
    FLOAT32 = "float32"


class MapColour(StrEnum):
    AUTO = "auto"
    VERDICT = "verdict"
    MINIMUM = "minimum"
    LOSS = "loss"
    STEPS = "steps"
    TRAINABILITY = "trainability"


class Kind(StrEnum):
    LANDSCAPES = "landscapes"
    OPTIMIZERS = "optimizers"
    SCHEDULES = "schedules"
    BATCH_SCHEDULES = "batch-schedules"
    NOISES = "noises"
    MOTIONS = "motions"
    PROTOTYPES = "prototypes"
    DATASETS = "datasets"
    SCENARIOS = "scenarios"
    PLUGINS = "plugins"


File = Annotated[str, typer.Argument(metavar="FILE", help="A scenario file (TOML), or the name of a shipped scenario.", show_default=False)]
FilesOrNone = Annotated[
    list[str] | None, typer.Argument(metavar="FILE", help="Scenario files (TOML), or names of shipped scenarios.", show_default=False)
]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a key of the scenario, such as runs.0.learning_rate=0.01. Repeatable."),
]


Workers = Annotated[
    int | None, typer.Option(metavar="N", help="Threads to compute on. [default: one for each processor]", show_default=False)
]
Precision = Annotated[
    PrecisionName | None, typer.Option(help="Precision of the arithmetic, in place of the scenario's.", show_default=False)
]
Fast = Annotated[bool, typer.Option("--fast", help="Let a graphics card fuse products into sums: other bits, sooner.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do so however much time, memory and disk it takes.")]


Rate = Annotated[float | None, typer.Option("--learning-rate", metavar="NUMBER", help="Its learning rate.", show_default=False)]
Params = Annotated[
    list[str] | None, typer.Option("--param", metavar="NAME=VALUE", help="Another of its hyper-parameters, such as beta1=0.9. Repeatable.")
]
Claims = Annotated[
    str | None, typer.Option(metavar="NAME", help="The optimizer of the catalogue that it says it is, so that the claim is tested.")
]


def arithmetic(precision: PrecisionName | None, fast: bool) -> list[str]:
    """What ``--precision`` and ``--fast`` change in a scenario."""
    return [*([f"sweep.precision={precision.value}"] if precision else []), *(["sweep.fast=true"] if fast else [])]


def _load(files: list[Path] | None) -> list[Path] | None:
    """Runs the plugins that the user named, before anything else looks at names."""
    from gdsim.plugins import PluginError, load_file

    for file in files or []:
        try:
            load_file(file)
        except PluginError as error:
            typer.echo(f"--plugin: {error}", err=True)
            raise typer.Exit(2) from None
    return files


Plugins = Annotated[
    list[Path] | None,
    typer.Option(
        "--plugin",
        metavar="FILE.py",
        callback=_load,
        is_eager=True,
        help="Run this Python file first, for its landscapes and optimizers. Repeatable.",
    ),
]
