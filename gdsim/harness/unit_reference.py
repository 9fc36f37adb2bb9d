"""What the best constant learning rate of gradient descent reaches on every unit trial.

It ships as data, for it takes 34 times as long as the trials themselves: ``python -m gdsim.harness.unit_reference`` computes it anew.
"""

import csv
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from gdsim.harness.unit_catalogue import CATALOGUE, UnitTrial
from gdsim.harness.unit_run import compiled, runs_of
from gdsim.harness.unit_verdict import Best
from gdsim.harness.unit_world import digest
from gdsim.optimizers import OPTIMIZERS
from gdsim.shipped import assets
from gdsim.staged import staged

FILE = "unit-reference.csv"
COLUMNS = ("trial", "rate", "loss", "start", "improved", "runs")
RATES = tuple(float(rate) for rate in np.logspace(-10.0, 0.0, 34))
SEED = 0


@lru_cache(maxsize=1)
def reference() -> Mapping[str, Best]:
    """The best rate on every trial of the catalogue, by id, from the shipped file."""
    _, *lines = (assets() / "data" / FILE).read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(lines)
    return MappingProxyType({row["trial"]: _best(row) for row in rows})


def _best(row: Mapping[str, str]) -> Best:
    return Best(float(row["rate"]), float(row["loss"]), float(row["start"]), int(row["improved"]), int(row["runs"]))


@lru_cache(maxsize=1)
def usable() -> Mapping[str, UnitTrial]:
    """The trials on which the best rate makes progress, by id."""
    return MappingProxyType({name: trial for name, trial in CATALOGUE.items() if reference()[name].makes_progress})


@lru_cache(maxsize=1)
def dropped() -> tuple[str, ...]:
    """The ids of the trials on which it makes none: nothing can be measured by it there."""
    return tuple(name for name in CATALOGUE if name not in usable())


def shipped_digest() -> str:
    """The digest of the catalogue for which the shipped file was computed."""
    with (assets() / "data" / FILE).open(encoding="utf-8") as file:
        return file.readline().split()[-1]


def computed(trials: Sequence[UnitTrial], told: Callable[[int], None] = lambda _: None) -> list[Best]:
    """The best of all rates on each of ``trials``, computed now. ``told`` is called with the number of rates that have been tried."""
    runs, rule = runs_of(trials, SEED), OPTIMIZERS["sgd"]
    starts = [float(losses[0]) for losses in runs.parted(compiled(rule, {}, runs, steps=0))]
    found = [Best(RATES[0], np.inf, start, 0, count) for start, count in zip(starts, runs.counts, strict=True)]
    for done, rate in enumerate(RATES, 1):
        for k, losses in enumerate(runs.parted(compiled(rule, {"learning_rate": rate}, runs))):
            median = float(np.median(losses))
            if median < found[k].loss:
                found[k] = Best(rate, median, starts[k], int((losses < starts[k]).sum()), len(losses))
        told(done)
    return found


def tell(done: int) -> None:
    sys.stdout.write(f"\r{done} of {len(RATES)} rates")
    sys.stdout.flush()


def main() -> None:
    found = computed(list(CATALOGUE.values()), tell)
    with staged(assets() / "data") as folder, (folder / FILE).open("w", encoding="utf-8", newline="") as file:
        file.write(f"# best of {len(RATES)} constant rates of gradient descent on the catalogue {digest()}\n")
        table = csv.writer(file, lineterminator="\n")
        table.writerow(COLUMNS)
        for name, best in zip(CATALOGUE, found, strict=True):
            table.writerow((name, repr(best.rate), repr(best.loss), repr(best.start), best.improved, best.runs))
    sys.stdout.write(f"\n{sum(not best.makes_progress for best in found)} of {len(found)} trials show no progress\n")


if __name__ == "__main__":
    main()
