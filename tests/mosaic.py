"""Puts every optimizer of the catalogue, with its defaults, to the unit trials and paints the mosaic of their verdicts: ``make mosaic``.

A row is a trial, a column an optimizer, the best first; rows stand in their blocks, and within a block in the order of the best learning
rate of gradient descent, as far as the trials tell it.
"""

import argparse
import sys
from pathlib import Path

from gdsim.harness.check import check
from gdsim.harness.mosaic_picture import paint_mosaic
from gdsim.harness.report import Report
from gdsim.harness.report_json import read_json, write_json
from gdsim.harness.targets import target
from gdsim.harness.trial import Family, Verdict
from gdsim.optimizers import OPTIMIZERS

FOLDER = Path("assets/screenshots")


def reports(kept: Path | None, quick: bool) -> list[Report]:
    """A report of every optimizer that is put to some. With a folder, each is kept there, and one that is there is not made again."""
    found = []
    for name in OPTIMIZERS:
        file = None if kept is None else kept / f"{name}.json"
        if file is not None and file.exists():
            report = read_json(file)
        else:
            report = check(target(name), ["unit"], quick)
            if file is not None:
                write_json(report, file)
        counts = report.counts(Family.UNIT)
        if set(counts) - {Verdict.SKIPPED}:
            found.append(report)
        told = ", ".join(f"{count:,} {verdict}" for verdict, count in counts.items())
        sys.stdout.write(f"{name}: {told} ({report.seconds:.1f} s)\n")
        sys.stdout.flush()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kept", type=Path, help="a folder in which reports are kept, so that what was stopped goes on")
    parser.add_argument("--quick", action="store_true", help="a cross-section of the trials")
    options = parser.parse_args()
    made = reports(options.kept, options.quick)
    for theme in ("light", "dark"):
        paint_mosaic(made, FOLDER / f"mosaic-{theme}.png", dark=theme == "dark")


if __name__ == "__main__":
    main()
