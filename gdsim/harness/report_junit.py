"""A report as JUnit's XML, which continuous integration shows: a test suite a family, a test case a trial."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

from gdsim.harness.report import Report
from gdsim.harness.trial import Family, Outcome, Verdict
from gdsim.staged import staged

UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 (section 2.2) has no way to say."""


def write_junit(report: Report, path: str | Path) -> None:
    """Writes the report to ``path``, whole or not at all: what broke as failures, each with its sentence. Raises OSError."""
    path = Path(path)
    with staged(path.parent) as stage:
        ET.ElementTree(as_junit(report)).write(stage / path.name, encoding="utf-8", xml_declaration=True)


def as_junit(report: Report) -> ET.Element:
    """The document: ``testsuites`` of a ``testsuite`` for each family that was asked."""
    root = ET.Element("testsuites", name=sayable(f"gdsim check {report.target}"), time=f"{report.seconds:.3f}")
    _count(root, report.outcomes)
    for family in Family:
        outcomes = [outcome for outcome in report.outcomes if outcome.trial.family is family]
        if outcomes:
            root.append(_suite(report, family, outcomes))
    ET.indent(root)
    return root


def sayable(text: str) -> str:
    """``text`` with a replacement character for each that XML does not have."""
    return UNSPEAKABLE.sub("\ufffd", text)


def _count(element: ET.Element, outcomes: list[Outcome] | tuple[Outcome, ...]) -> None:
    element.set("tests", str(len(outcomes)))
    element.set("failures", str(sum(outcome.verdict.is_failure for outcome in outcomes)))
    element.set("errors", "0")


def _suite(report: Report, family: Family, outcomes: list[Outcome]) -> ET.Element:
    suite = ET.Element("testsuite", name=sayable(f"{report.target}: {family}"))
    _count(suite, outcomes)
    suite.set("skipped", str(sum(outcome.verdict is Verdict.SKIPPED for outcome in outcomes)))
    properties = ET.SubElement(suite, "properties")
    told = {**report.values, "seed": report.seed, "hardware": report.hardware, "gdsim": report.version}
    for name, value in told.items():
        ET.SubElement(properties, "property", name=sayable(name), value=sayable(str(value)))
    for outcome in outcomes:
        trial = outcome.trial
        group = f".{trial.group.replace('.', ' ')}" if trial.group else ""
        case = ET.SubElement(suite, "testcase", classname=sayable(f"gdsim.{family}{group}"), name=sayable(trial.id), time="0")
        if outcome.verdict.is_failure:
            failure = ET.SubElement(case, "failure", type=str(outcome.verdict), message=sayable(outcome.sentence))
            failure.text = sayable("\n".join([trial.title, outcome.sentence, *figures(outcome)]))
        elif outcome.verdict is Verdict.SKIPPED:
            ET.SubElement(case, "skipped", message=sayable(outcome.sentence))
    return suite


def figures(outcome: Outcome) -> list[str]:
    """The numbers of an outcome, a line each."""
    interval = [] if outcome.interval is None else ["share that succeeded: {:.3g} to {:.3g}".format(*outcome.interval)]
    return [*interval, *(f"{name}: {value:.6g}" for name, value in outcome.figures.items())]
