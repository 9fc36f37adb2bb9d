"""A report as JSON and as JUnit's XML: nothing is lost, and a stranger's file is read or refused in words."""

import json
import math
import xml.etree.ElementTree as ET

import pytest

from gdsim.harness.report import Report
from gdsim.harness.report_json import FORMAT, ReportError, read_json, write_json
from gdsim.harness.report_junit import as_junit, write_junit
from gdsim.harness.trial import Family, Outcome, Trial, Verdict
from tests.draws import fresh
from tests.harness.made_up import HOSTILE, report

# What Jenkins' schema of JUnit's files (junit-10.xsd) lets an element have: attributes (those with a star it must have), and children.
ALLOWED = {
    "testsuites": ("name time tests failures errors", "testsuite"),
    "testsuite": ("name* tests* failures* errors* skipped time timestamp hostname id package", "properties testcase system-out system-err"),
    "properties": ("", "property"),
    "property": ("name* value*", ""),
    "testcase": ("name* time classname group", "skipped error failure system-out system-err"),
    "failure": ("type message", ""),
    "skipped": ("type message", ""),
}
WRITERS = {"json": write_json, "xml": write_junit}


def random_report() -> Report:
    rng = fresh()

    def number() -> float:
        return float(rng.choice([rng.normal(), 10.0 ** rng.uniform(-308, 308), math.inf, -math.inf, math.nan, -0.0, 5e-324]))

    def text() -> str:
        return "".join(map(chr, rng.choice([*range(32, 127), 9, 10, 0xE4, 0x2028, 0x1F600], 12).tolist()))

    outcomes = []
    for _ in range(int(rng.integers(1, 40))):
        family = Family(str(rng.choice(list(Family))))
        trial = Trial(f"{family}/{text()}", family, text(), text())
        interval = (number(), number()) if rng.random() < 0.5 else None
        scenario = text() if rng.random() < 0.5 else None
        figures = {text(): number() for _ in range(3)}
        outcomes.append(Outcome(trial, Verdict(str(rng.choice(list(Verdict)))), text(), number(), interval, figures, scenario))
    values = {text(): number(), text(): bool(rng.random() < 0.5)}
    return Report(text(), values, tuple(outcomes), int(rng.integers(2**62)), abs(number()), text(), text())


@pytest.mark.parametrize("turn", range(20))
def test_json_brings_the_same_report_back(turn, tmp_path):
    before = random_report()
    write_json(before, tmp_path / "report.json")
    assert repr(read_json(tmp_path / "report.json")) == repr(before)  # repr, as not a number is unequal to itself


def test_json_is_json(tmp_path):
    write_json(report(), tmp_path / "report.json")

    def refuse(word):
        raise AssertionError(f"{word} is not JSON")

    data = json.loads((tmp_path / "report.json").read_text(), parse_constant=refuse)
    assert data["format"] == FORMAT
    assert len(data["outcomes"]) == 46


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no JSON file"),
        (b"\xff\xfe", "no JSON file"),
        (b"[" * 100_000, "no JSON file"),
        (b"[1, 2]", "no report"),
        (b'{"format": "something else"}', "no report"),
        (b'{"format": "gdsim report 1"}', "damaged report: target: "),
        (b'{"format": "gdsim report 1", "target": 3}', "damaged report: target: "),
    ],
)
def test_what_is_no_report_is_refused(content, said, tmp_path):
    (tmp_path / "report.json").write_bytes(content)
    with pytest.raises(ReportError, match=said):
        read_json(tmp_path / "report.json")


def test_every_cut_of_a_report_is_refused(tmp_path):
    write_json(report(units=3), tmp_path / "report.json")
    whole = (tmp_path / "report.json").read_bytes()
    for cut in fresh().integers(0, len(whole) - 3, 30):
        (tmp_path / "cut.json").write_bytes(whole[:cut])
        with pytest.raises(ReportError):
            read_json(tmp_path / "cut.json")


@pytest.mark.parametrize("kind", WRITERS)
def test_nothing_is_written_by_halves(kind, tmp_path):
    place = tmp_path / f"report.{kind}"
    place.write_text("before")
    with pytest.raises((AttributeError, TypeError)):
        WRITERS[kind]("no report", place)
    assert place.read_text() == "before"
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError):
        WRITERS[kind](report(), tmp_path / "folder")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder", place.name]


@pytest.mark.parametrize("made", [report(), report(hostile=HOSTILE), *(random_report() for _ in range(5))], ids=lambda one: "report")
def test_junit_is_as_its_schema_has_it(made, tmp_path):
    write_junit(made, tmp_path / "report.xml")
    root = ET.parse(tmp_path / "report.xml").getroot()
    assert root.tag == "testsuites"
    for element in root.iter():
        attributes, children = (words.split() for words in ALLOWED[element.tag])
        assert set(element.keys()) <= {name.rstrip("*") for name in attributes}
        assert {name[:-1] for name in attributes if name.endswith("*")} <= set(element.keys())
        assert {child.tag for child in element} <= set(children)
    for suite in root:
        assert int(suite.get("tests")) == len(suite.findall("testcase"))
        assert int(suite.get("failures")) == len(suite.findall("testcase/failure"))
        assert int(suite.get("skipped")) == len(suite.findall("testcase/skipped"))
    assert int(root.get("tests")) == len(made.outcomes)
    assert int(root.get("failures")) == len(made.failures)


def test_failures_have_their_sentences():
    found = {case.get("name"): case.find("failure") for case in as_junit(report()).iter("testcase")}
    for outcome in report().outcomes:
        failure = found[outcome.trial.id]
        assert (failure is not None) == outcome.verdict.is_failure
        if failure is not None:
            assert failure.get("message") == outcome.sentence
            assert outcome.trial.title in failure.text


def test_what_xml_cannot_say_is_replaced(tmp_path):
    trial = Trial("robust/\x00\x0b\ud800", Family.ROBUST, "\ufffe", "\x1f")
    made = Report("my\udc80.py", {}, (Outcome(trial, Verdict.FAILED, "\x07 <&>\"'"),), 0, 0.0, "", "")
    write_junit(made, tmp_path / "report.xml")
    case = ET.parse(tmp_path / "report.xml").getroot().find(".//testcase")
    assert case.get("name") == "robust/\ufffd\ufffd\ufffd"
    assert case.find("failure").get("message") == "\ufffd <&>\"'"
