"""``gdsim check-gradient``."""

import sys

from rich.text import Text

from gdsim.cli.bad_input import BAD_INPUT, refuse
from gdsim.cli.report import console
from gdsim.harness.gradient_targets import slope_of
from gdsim.harness.target import TargetError


def check_one_gradient(text: str, at: str | None, seed: int) -> int:
    """Prints the worst part of the gradient, and returns 0 where it is right, 1 where it is wrong, 2 for bad use."""
    try:
        place = None if at is None else [float(word) for word in at.split(",")]
    except ValueError:
        return refuse("--at", f"found {at!r}; allowed: numbers with commas between them, such as 1,-2.5")
    try:
        slope = slope_of(text, place, seed)
        judged = slope.judged()
    except TargetError as error:
        sys.stderr.write(f"{error}\n")
        return BAD_INPUT
    out = console()
    point = judged.point if len(judged.point) <= 8 else ()
    where = f" at ({', '.join(f'{weight:.8g}' for weight in point)})" if len(point) else ""
    told = f"{judged.parts} derivatives at {judged.points} points, by {judged.by}"
    if judged.unknown:
        told += f"; {judged.unknown} of them could not be measured"
    out.print(Text(f"{slope.name}: {told}"), soft_wrap=True)
    name = slope.weights[judged.part]
    numbers = f"the gradient says {judged.claimed:.12g}, the loss {judged.measured:.12g}"
    if judged.passed:
        out.print(Text(f"the gradient is that of the loss; worst along {name}{where}: {numbers}", "green"), soft_wrap=True)
        return 0
    if judged.unknown == judged.parts:
        out.print(Text("the loss has no derivative that can be measured at any of them", "red"), soft_wrap=True)
        return 1
    out.print(Text(f"the gradient is not that of the loss: along {name}{where} {numbers}", "bold red"), soft_wrap=True)
    return 1
