"""A family of trials whose outcomes are known: what the module of a family offers, without any work."""

import threading

from gdsim.harness.trial import Family, Outcome, Trial, Verdict
from tests.harness.made_up import SCENARIO

MORE = threading.Event()
"""Outcomes after the tenth wait until it is set."""


def trials(target, quick):
    return [
        Trial(f"truth/{number}", Family.TRUTH, f"Trial {number} of {target.name}", f"group {number % 3}")
        for number in range(5 if quick else 30)
    ]


def put(target, asked, seed, progress):
    for number, trial in enumerate(asked):
        if number >= 10:
            MORE.wait(30.0)
        if number % 4 == 1:
            scenario = SCENARIO.format(landscape="rosenbrock", rate=target.values["learning_rate"])
            yield Outcome(trial, Verdict.FAILED, f"Number {number} broke.", scenario=scenario if number != 5 else None)
        else:
            yield Outcome(trial, Verdict.PASSED, f"Number {number} held.")
