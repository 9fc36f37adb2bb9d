"""Complaints: what is wrong with a scenario, in sentences that a student understands. All wording of bad input is here.

Pydantic finds the errors; ``in_our_words`` replaces its messages by ours: what was found and what is allowed.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import InitErrorDetails, PydanticCustomError

MOST_COMPLAINTS = 100
"""More of them in one table are counted, not listed."""

LONGEST_SHOWN = 60
OURS = "complaint"

OTHER_NAMES = {
    **dict.fromkeys(("lr", "eta", "rate", "step_size", "stepsize"), "learning_rate"),
    **dict.fromkeys(("iterations", "epochs", "max_iter", "n_steps", "num_steps"), "steps"),
    **dict.fromkeys(("x0", "initial", "init", "start_point"), "start"),
    **dict.fromkeys(("betas", "beta"), "beta1"),
    **dict.fromkeys(("name", "legend"), "label"),
    **dict.fromkeys(("tol", "gtol"), "tolerance"),
    **dict.fromkeys(("params", "parameter"), "parameters"),
    **dict.fromkeys(("function", "loss", "surface"), "landscape"),
    **dict.fromkeys(("algorithm", "method"), "optimizer"),
    "constantlr": "constant",
    "linearlr": "linear",
    "steplr": "step",
    "multisteplr": "multi_step",
    "exponentiallr": "exponential",
    "polynomiallr": "polynomial",
    "cosineannealinglr": "cosine",
    **dict.fromkeys(("cosineannealingwarmrestarts", "sgdr"), "warm_restarts"),
    "onecyclelr": "one_cycle",
    "cycliclr": "cyclic",
    "reducelronplateau": "reduce_on_plateau",
    "chainedscheduler": "chained",
    "sequentiallr": "sequential",
    "run": "runs",
    "amsgrad": "adam",
}
"""What other programs call our keys, where the spelling alone would not tell."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may stand in a field, in words: metadata of the field's annotation."""

    words: str


@dataclass(frozen=True, slots=True)
class Complaint:
    """One error: ``key`` is the TOML path (``runs.0.momentum``; empty for the file as a whole), ``text`` the sentence."""

    key: str
    text: str

    def __str__(self) -> str:
        return f"{self.key}: {self.text}" if self.key else self.text


class ScenarioError(ValueError):
    """A scenario that cannot be used, with every reason: ``complaints``. ``source`` is the file (or whatever it came from)."""

    def __init__(self, source: str, complaints: Iterable[Complaint]) -> None:
        self.source = source
        self.complaints = tuple(complaints)
        super().__init__("\n".join(f"{source}: {complaint}" if source else str(complaint) for complaint in self.complaints))


def shown(value: object) -> str:
    """A value as it would stand in a TOML file, on one line and short."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        if len(value) > 4 or any(isinstance(item, dict | list | tuple) for item in value):
            return f"an array of {len(value)} value{'s' * (len(value) != 1)}"
        return f"[{', '.join(shown(item) for item in value)}]"
    if isinstance(value, int) and value.bit_length() > 200:
        return f"an integer of about {int(value.bit_length() * 0.30103)} digits"
    text = repr(value) if isinstance(value, str | int | float) else str(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}..."


def path(keys: Iterable[str | int]) -> str:
    """``("runs", 0, "momentum")`` as ``runs.0.momentum``. Keys that are no plain words are quoted, so that none can pass for another."""
    return ".".join(str(key) if isinstance(key, int) or re.fullmatch(r"[A-Za-z0-9_-]{1,60}", key) else shown(key) for key in keys)


def suggestion(name: str, choices: Iterable[str]) -> str | None:
    """The one of ``choices`` that ``name`` was probably meant to be."""
    choices = list(choices)
    plain = name[:LONGEST_SHOWN].strip().lower().replace(" ", "_")
    if (other := OTHER_NAMES.get(plain)) in choices:
        return other
    by_lower = {choice.lower(): choice for choice in choices}
    close = difflib.get_close_matches(plain, by_lower, n=1, cutoff=0.6)
    return by_lower[close[0]] if close else None


def did_you_mean(name: str, choices: Iterable[str]) -> str:
    """``; did you mean 'sgd'?``, or nothing."""
    close = suggestion(name, choices)
    return f"; did you mean '{close}'?" if close else ""


def unknown_name(kind: str, name: str, choices: Iterable[str]) -> str:
    choices = list(choices)
    return f"there is no {kind} named {shown(name)}{did_you_mean(name, choices)} (allowed: {', '.join(choices)})"


NO_SUCH_KEY, LISTED = "there is no such key", " (allowed: "


def unknown_key(name: str, choices: Iterable[str]) -> str:
    choices = list(choices)
    return f"{NO_SUCH_KEY}{did_you_mean(name, choices)}{LISTED}{', '.join(choices) or 'none'})"


def with_more_keys(one: Complaint, more: Iterable[str]) -> Complaint:
    """A complaint about an unknown key in a table that has keys besides those of a scenario's; any other complaint stays as it is."""
    if not one.text.startswith(NO_SUCH_KEY):
        return one
    choices = one.text.rpartition(LISTED)[2].removesuffix(")").split(", ")
    return Complaint(one.key, unknown_key(one.key.rpartition(".")[2], (*more, *choices)))


def out_of_place(value: object, allowed: str) -> str:
    return f"found {shown(value)}; allowed: {allowed}"


def line(keys: tuple[str | int, ...], text: str, value: object = None) -> InitErrorDetails:
    """A complaint in the form in which pydantic carries it up to the top of the scenario."""
    return InitErrorDetails(type=PydanticCustomError(OURS, "{text}", {"text": text}), loc=keys, input=value)


def lines(error: ValidationError) -> list[InitErrorDetails]:
    """The errors in ``error``, to be raised again with others."""
    return [
        InitErrorDetails(type=PydanticCustomError(found["type"], "{text}", {"text": found["msg"]}), loc=found["loc"], input=found["input"])
        for found in error.errors(include_url=False, include_context=False)
    ]


def together(title: str, found: list[InitErrorDetails]) -> ValidationError:
    return ValidationError.from_exception_data(title, found)


def in_our_words(fields: Mapping[str, FieldInfo], error: ValidationError) -> list[InitErrorDetails]:
    """The errors of a table with these fields. What is worded already stays, and so does what only the table above can word."""
    found = error.errors(include_url=False, include_context=False)
    worded = []
    inside = {one["loc"][:1] for one in found if len(one["loc"]) > 1}
    for one in found[:MOST_COMPLAINTS]:
        kind, keys, value = one["type"], one["loc"], one["input"]
        if kind == "too_short" and keys[:1] in inside:  # an array whose items were refused, each with its own complaint
            continue
        if kind == OURS or not keys:
            text = one["msg"]
        else:
            kind, text = OURS, _sentence(kind, str(keys[0]), value, fields)
        worded.append(InitErrorDetails(type=PydanticCustomError(kind, "{text}", {"text": text}), loc=keys, input=value))
    if len(found) > MOST_COMPLAINTS:
        worded.append(line((), f"and {len(found) - MOST_COMPLAINTS} more errors"))
    return worded


def _sentence(kind: str, key: str, value: object, fields: Mapping[str, FieldInfo]) -> str:
    if kind == "extra_forbidden":
        return unknown_key(key, fields)
    allowed = next((mark.words for mark in fields[key].metadata if isinstance(mark, Allowed)), "another value")
    if kind == "missing":
        return f"this key is missing; needed: {allowed}"
    return out_of_place(value, allowed)


def complaints(error: ValidationError) -> tuple[Complaint, ...]:
    """What a pydantic error about a scenario says, one Complaint an error, without repetitions."""
    found: list[Any] = error.errors(include_url=False, include_context=False, include_input=False)
    return tuple(dict.fromkeys(Complaint(path(one["loc"]), one["msg"]) for one in found))
