"""An ensemble in files: ``summary.json``, ``members.parquet`` (where each seed ended) and ``bands.parquet`` (quantiles of the loss); and as
it stands in one file, for another process.
"""

from dataclasses import fields
from pathlib import Path

import numpy as np

from gdsim.simulation.ensemble import Ensemble, EnsembleRun, seeds_of
from gdsim.simulation.scenario import Scenario


def write_ensemble_files(ensemble: Ensemble, folder: Path) -> None:
    """Writes the files into ``folder``, which is there. Raises OSError."""
    import pyarrow as pa
    import pyarrow.parquet

    members, bands = [], []
    for index, run in enumerate(ensemble.runs):
        count, looks = len(run.losses), len(run.looks)
        members.append(
            pa.table(
                {
                    "run": np.full(count, index, np.int32),
                    "seed": seeds_of(ensemble.scenario, count),
                    **{name: np.ascontiguousarray(run.positions[:, axis]) for axis, name in enumerate("xy"[: run.positions.shape[1]])},
                    "loss": run.losses,
                    "converged": run.converged,
                    "diverged": run.diverged,
                    "hovering": run.hovering,
                }
            )
        )
        quantiles = dict(zip(("low", "median", "high"), run.band, strict=True))
        bands.append(pa.table({"run": np.full(looks, index, np.int32), "step": run.looks, **quantiles}))
    (folder / "summary.json").write_text(ensemble.to_json() + "\n", encoding="utf-8", newline="\n")
    for name, tables in (("members", members), ("bands", bands)):
        with open(folder / f"{name}.parquet", "wb") as stream:  # pyarrow itself opens no file whose name is not UTF-8
            pyarrow.parquet.write_table(pa.concat_tables(tables), stream)


ARRAYS = tuple(field.name for field in fields(EnsembleRun) if field.name != "label")


def keep_ensemble(ensemble: Ensemble, path: Path) -> None:
    """Writes all numbers of the ensemble, but not its scenario, into ``path`` (.npz). Raises OSError."""
    np.savez(path, **{f"{index} {name}": getattr(run, name) for index, run in enumerate(ensemble.runs) for name in ARRAYS})


def kept_ensemble(scenario: Scenario, path: Path) -> Ensemble:
    """The ensemble of ``scenario`` that ``keep_ensemble`` wrote. Raises OSError."""
    with np.load(path) as kept:
        runs = (
            EnsembleRun(run.label or run.optimizer, **{name: kept[f"{index} {name}"] for name in ARRAYS})
            for index, run in enumerate(scenario.runs)
        )
        return Ensemble(scenario, tuple(runs))
