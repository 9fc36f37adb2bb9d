"""The verbs of ``gdsim`` with their options."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from gdsim.cli.options import (
    Changes,
    Claims,
    DeviceName,
    Fast,
    File,
    FilesOrNone,
    Kind,
    MapColour,
    Params,
    Plugins,
    Precision,
    Program,
    Rate,
    Table,
    ThemeName,
    Workers,
    Yes,
    arithmetic,
)
from gdsim.cli.trial_commands import check, check_gradient, race
from gdsim.version import __version__

app = typer.Typer(
    help="A wind tunnel for gradient descent. Without a command: the window.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gdsim {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    if context.invoked_subcommand is None:
        show_window(None)


@app.command()
def run(
    context: typer.Context,
    files: FilesOrNone = None,
    formula: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="Minimise this formula of x and y in place of a FILE's landscape, or without a FILE."),
    ] = None,
    optimizer: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="With --formula and no FILE: run this, at a stable rate found by trying (or --set). Repeatable. [default: sgd]",
        ),
    ] = None,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write summary.json, tables, weights and picture.png there.")] = None,
    changes: Changes = None,
    table: Annotated[Table, typer.Option("--format", help="Format of the trajectories.")] = Table.PARQUET,
    checkpoints: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Keep the training of networks there, and go on from what is there already.")
    ] = None,
    plugins: Plugins = None,
) -> None:
    """Run scenarios, print what became of every run, and write the numbers and a picture."""
    from gdsim.cli.bad_input import refuse
    from gdsim.cli.running import run_all, run_formula

    if files:
        if optimizer:
            raise typer.Exit(refuse("--optimizer", "a FILE has its own optimizers; allowed: only with --formula and no FILE"))
        raise typer.Exit(run_all(files, changes or [], out, table.value, formula, checkpoints))
    if formula is None:
        raise typer.BadParameter("missing; a scenario file, the name of a shipped scenario, or --formula", ctx=context, param_hint="FILE")
    raise typer.Exit(run_formula(formula, optimizer or ["sgd"], changes or [], out, table.value))


@app.command()
def predict(
    weights: Annotated[Path, typer.Argument(metavar="WEIGHTS", help="A trained network: weights/NAME.safetensors of gdsim run.")],
    data: Annotated[Path, typer.Argument(metavar="DATA.csv", help="Points: a CSV file with the columns of its inputs.")],
    out: Annotated[Path, typer.Option(metavar="PREDICTIONS.csv", help="Where to.")],
) -> None:
    """Let a trained network predict the points in a CSV file."""
    from gdsim.cli.predicting import predict_one

    raise typer.Exit(predict_one(weights, data, out))


@app.command()
def render(
    file: File,
    to: Annotated[Path, typer.Option(metavar="PICTURE", help="Where to: a name ending in .png, .svg, .pdf or .gif.")],
    theme: Annotated[ThemeName, typer.Option(help="Colours.")] = ThemeName.LIGHT,
    size: Annotated[str, typer.Option(metavar="WIDTHxHEIGHT", help="Size in pixels.")] = "1280x800",
    changes: Changes = None,
    plugins: Plugins = None,
) -> None:
    """Paint the views of the window into a file, without a window."""
    from gdsim.cli.rendering import render_one

    raise typer.Exit(render_one(file, changes or [], to, theme.value, size))


@app.command()
def sweep(
    file: File,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Write the table, shard by shard, and summary.json there.")],
    device: Annotated[DeviceName, typer.Option(help="Where to compute.")] = DeviceName.AUTO,
    executor: Annotated[
        str | None,
        typer.Option(
            metavar="dask://HOST:PORT", help="Compute on the workers of this Dask scheduler; --workers is how many shards at a time."
        ),
    ] = None,
    workers: Workers = None,
    precision: Precision = None,
    fast: Fast = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the sweep that is in DIR.")] = False,
    estimate: Annotated[bool, typer.Option("--estimate", help="Only say what it would cost.")] = False,
    yes: Yes = False,
    changes: Changes = None,
    plugins: Plugins = None,
) -> None:
    """Run every combination of the values of a scenario's sweep, and write what became of each run."""
    from gdsim.cli.sweeping import SweepOptions, sweep_one

    options = SweepOptions(device.value, workers, executor, resume, yes, estimate)
    raise typer.Exit(sweep_one(file, [*(changes or []), *arithmetic(precision, fast)], out, options))


@app.command("map")
def map_(
    file: File,
    to: Annotated[Path, typer.Option(metavar="PICTURE", help="Where to: a name ending in .png, .svg or .pdf.")],
    colour: Annotated[MapColour, typer.Option(help="What the colours tell.")] = MapColour.AUTO,
    theme: Annotated[ThemeName, typer.Option(help="Colours.")] = ThemeName.LIGHT,
    size: Annotated[str | None, typer.Option(metavar="WIDTHxHEIGHT", help="Size in pixels. [default: what the map needs]")] = None,
    precision: Precision = None,
    fast: Fast = False,
    workers: Workers = None,
    yes: Yes = False,
    changes: Changes = None,
    plugins: Plugins = None,
) -> None:
    """Paint the sweep of a scenario, or the folder of a finished one, as a map: every pixel is a whole run."""
    from gdsim.cli.mapping import map_one

    changes = [*(changes or []), *arithmetic(precision, fast)]
    raise typer.Exit(map_one(file, changes, to, colour=colour.value, theme=theme.value, size=size, workers=workers, yes=yes))


@app.command()
def ensemble(
    file: File,
    seeds: Annotated[int, typer.Option(metavar="N", help="How many seeds: the scenario's and those that follow.")] = 1000,
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Write numbers and picture.png there, as gdsim run does.")] = None,
    changes: Changes = None,
    workers: Workers = None,
    plugins: Plugins = None,
) -> None:
    """Run a scenario with many seeds: where they end, how many converge, and the band of their losses."""
    from gdsim.cli.ensembles import run_ensemble

    raise typer.Exit(run_ensemble(file, seeds, out, changes or [], workers))


app.command()(check)
app.command()(race)
app.command("check-gradient")(check_gradient)


@app.command("list")
def list_(
    kind: Annotated[Kind, typer.Argument(help="What to list.")],
    json: Annotated[bool, typer.Option("--json", help="As JSON, with every detail.")] = False,
    plugins: Plugins = None,
) -> None:
    """List what there is."""
    from gdsim.cli.catalogue import print_list

    print_list(kind.value, as_json=json)


@app.command()
def show(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Anything that gdsim list tells of, or a prototype such as quad_convex-cliff.")
    ],
    to: Annotated[
        Path | None, typer.Option(metavar="PICTURE", help="Paint the landscape, with its minima, there: .png, .svg or .pdf.")
    ] = None,
    plugins: Plugins = None,
) -> None:
    """Show everything about one thing that gdsim list tells of."""
    from gdsim.cli.catalogue import print_one

    raise typer.Exit(print_one(name, to))


@app.command()
def export(
    file: File,
    to: Annotated[Program, typer.Option(help="For which program.")] = Program.PYTORCH,
    out: Annotated[
        Path | None, typer.Option(metavar="SCRIPT.py", help="Where to, with what it reads beside it; without it, standard output.")
    ] = None,
    run: Annotated[int, typer.Option(metavar="N", min=0, help="Which run of the scenario, counted from 0.")] = 0,
    exact: Annotated[
        bool, typer.Option("--exact", help="The same first weights and batches as here, so that losses are the same.")
    ] = False,
    changes: Changes = None,
    plugins: Plugins = None,
) -> None:
    """Write a scenario as a complete script for another program: data, model, training and test."""
    from gdsim.cli.exporting import export_one

    raise typer.Exit(export_one(file, changes or [], run, out, exact=exact))


@app.command()
def schema(plugins: Plugins = None) -> None:
    """Print the JSON Schema of scenario files, for editors that check as you type."""
    import json

    from gdsim.simulation.schema import schema as schema_of_scenarios

    typer.echo(json.dumps(schema_of_scenarios(), indent=2, ensure_ascii=False))


@app.command()
def doctor() -> None:
    """Say what gdsim finds on this computer, what is wrong, and what to do about it."""
    from gdsim.cli.doctor import examine

    raise typer.Exit(examine())


@app.command("open")
def open_(
    file: Annotated[
        str | None, typer.Argument(metavar="[FILE]", help="A scenario file, the name of a shipped scenario, or data (.csv, .tsv).")
    ] = None,
    trial: Annotated[str | None, typer.Option(metavar="ID", help="The run of a trial of gdsim check, with --target.")] = None,
    target: Annotated[str | None, typer.Option(metavar="TARGET", help="The target of the trial, as for gdsim check.")] = None,
    learning_rate: Rate = None,
    params: Params = None,
    claims: Claims = None,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="The seed of the trial.")] = 0,
    table: Annotated[bool, typer.Option("--table", help="Print the run of the trial in place of a window.")] = False,
    plugins: Plugins = None,
) -> None:
    """Open the window; with --trial on the run of a trial, or print it where no scenario shows it."""
    if trial is None:
        show_window(file)
        return
    from gdsim.cli.bad_input import refuse
    from gdsim.cli.checking import Named
    from gdsim.cli.replaying import open_trial

    if target is None or file is not None:
        raise typer.Exit(refuse("--trial", "allowed: with --target TARGET and without FILE"))
    raise typer.Exit(open_trial(Named(target, learning_rate, params or [], claims), trial, seed, table))


def show_window(file: str | None) -> None:
    from gdsim.cli.display import display_problem
    from gdsim.networks.csv_file import SUFFIXES

    if file is not None and Path(file).suffix.lower() not in SUFFIXES:  # the window says what is wrong with data
        from gdsim.cli.bad_input import complain
        from gdsim.simulation.complaints import ScenarioError
        from gdsim.simulation.scenario_file import load

        try:
            load(file)
        except ScenarioError as error:
            raise typer.Exit(complain([error])) from None
    if problem := display_problem():
        typer.echo(f"gdsim: {problem}\nWithout a window: gdsim render {file or 'three-learning-rates'} --to picture.png", err=True)
        raise typer.Exit(2)
    from gdsim.cli.endings import give_to_the_window

    give_to_the_window()
    from gdsim.gui.main import main

    sys.exit(main(file))
