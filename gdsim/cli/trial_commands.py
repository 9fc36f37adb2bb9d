"""The verbs that put optimizers and gradients to the test, with their options."""

from pathlib import Path
from typing import Annotated

import typer

from gdsim.cli.options import Claims, Params, Plugins, Rate, Table, Workers


def check(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            help="A name of gdsim list optimizers, FILE.py:NAME (the file is run), torch:Adam or optax:adam.",
            show_default=False,
        ),
    ],
    learning_rate: Rate = None,
    params: Params = None,
    claims: Claims = None,
    trials: Annotated[
        str | None, typer.Option(metavar="FAMILIES", help="Some of truth,robust,unit,landscapes. [default: all]", show_default=False)
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="OTHER", help="Compare with another TARGET on the same gradients, step by step; and trials only with --trials."
        ),
    ] = None,
    json: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the report there as JSON.")] = None,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it there as JUnit's XML.")] = None,
    html: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it there as one page for a browser.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A cross-section of the trials.")] = False,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Names everything random.")] = 0,
    plugins: Plugins = None,
) -> None:
    """Put an optimizer through the trials: where it works, where it breaks, and the run in which it broke."""
    from gdsim.cli.checking import Named, check_one

    files = {"--json": json, "--junit": junit, "--html": html}
    named = Named(target, learning_rate, params or [], claims)
    raise typer.Exit(check_one(named, trials, against, files, quick=quick, seed=seed))


def race(
    file: Annotated[str, typer.Argument(metavar="[FILE]", help="A race (TOML), or the name of a shipped one.")] = "default",
    target: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TARGET", help="Let this run as well, as for gdsim check: FILE.py:NAME (the file is run), torch:Adam. Repeatable."
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write summary.json, tables and picture.png there.")] = None,
    table: Annotated[Table, typer.Option("--format", help="Format of the tables.")] = Table.PARQUET,
    workers: Workers = None,
    seed: Annotated[int | None, typer.Option(metavar="N", min=0, help="Names everything random, in place of the file's seed.")] = None,
    plugins: Plugins = None,
) -> None:
    """Let optimizers race on a set of problems, each tuned on an equal budget."""
    from gdsim.cli.racing import race_one

    raise typer.Exit(race_one(file, target or [], out, table.value, workers, seed))


def check_gradient(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            help="A landscape, a formula of x and y, a scenario (its network), or FILE.py:NAME (the file is run).",
            show_default=False,
        ),
    ],
    at: Annotated[
        str | None, typer.Option(metavar="W,W,...", help="Where to look, for a function(weights) -> (loss, gradient) of a FILE.py.")
    ] = None,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Names the points that are drawn.")] = 0,
    plugins: Plugins = None,
) -> None:
    """Compare a gradient with derivatives of its loss, and tell the worst part and point."""
    from gdsim.cli.gradient_checking import check_one_gradient

    raise typer.Exit(check_one_gradient(target, at, seed))
