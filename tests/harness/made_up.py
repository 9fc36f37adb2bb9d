"""Reports made up for the tests of what shows them."""

import itertools
import math

from gdsim.harness.report import Report
from gdsim.harness.trial import Family, Outcome, Trial, Verdict

SCENARIO = """
steps = 40

[problem]
landscape = "{landscape}"

[[runs]]
optimizer = "sgd"
learning_rate = {rate}
"""
GRADES = (Verdict.EXCELLENT, Verdict.GOOD, Verdict.GOOD, Verdict.INSUFFICIENT, Verdict.GOOD, Verdict.UNRELIABLE, Verdict.DIVERGED)
HOSTILE = '</script><script>alert("1")</script><img src=x onerror=alert(2)>&amp;\u2028\x00"\'`${x}'


def outcomes(units: int, *, hostile: str = "", salt: int = 0):
    """Some outcomes of all families; ``hostile`` stands in every text."""
    for number in range(6):
        trial = Trial(f"truth/stability_{number}{hostile}", Family.TRUTH, f"Is the limit of stability {number}{hostile}?", "stability")
        verdict = (Verdict.PASSED, Verdict.FAILED, Verdict.PASSED, Verdict.SKIPPED)[(number + salt) % 4]
        scenario = SCENARIO.format(landscape="quadratic", rate=0.3) if verdict is Verdict.FAILED else None
        yield Outcome(
            trial, verdict, f"The rate of {number} was expected and was met{hostile}.", figures={"rate": number / 3}, scenario=scenario
        )
    groups = ("one weight, no noise", "one weight, heavy noise", "two weights, turned", "ten weights")
    for number, group in zip(range(units), itertools.cycle(groups), strict=False):
        trial = Trial(f"unit/piece_{number}{hostile}/normal", Family.UNIT, f"Piece {number}{hostile}", f"{group}{hostile}")
        verdict = GRADES[(number * number + 3 * number + salt) % len(GRADES)]
        scenario = SCENARIO.format(landscape="rosenbrock", rate=0.001) if verdict is Verdict.DIVERGED else None
        yield Outcome(
            trial,
            verdict,
            f"It made {number} times the progress{hostile}.",
            score=-number / 7,
            interval=(0.2, 0.65),
            figures={"progress": math.inf if number % 5 == 0 else number / 7, f"seeds{hostile}": 100.0},
            scenario=scenario,
        )


def report(target: str = "adam", units: int = 40, *, hostile: str = "", salt: int = 0, **values: float | bool) -> Report:
    values = values or {"learning_rate": 0.001, "nesterov": True}
    return Report(
        target + hostile, values, tuple(outcomes(units, hostile=hostile, salt=salt)), 7, 12.5, "x86_64 Linux, 2 processors", "1.0"
    )
