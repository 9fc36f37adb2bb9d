"""The report as a page: all of it is there, a stranger's text stays text, and a browser shows it."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from gdsim.harness.report_html import VERDICTS, in_script, page, write_html
from gdsim.harness.trial import Verdict
from gdsim.harness.verdict_look import LOOKS
from tests.harness.made_up import HOSTILE, report


class Reader(HTMLParser):
    """What a page is made of: elements with their attributes, and the text inside scripts and styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements, self.inside, self.words = [], {}, []
        self._open = None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag in ("script", "style", "title"):
            self._open = f"{tag} {dict(attributes).get('id', '')}".strip()

    def handle_endtag(self, tag):
        self._open = None

    def handle_data(self, data):
        if self._open:
            self.inside[self._open] = self.inside.get(self._open, "") + data
        else:
            self.words.append(data)


@pytest.fixture(scope="module", params=["plain", "hostile"])
def shown(request):
    hostile = HOSTILE if request.param == "hostile" else ""
    reports = [report("adam", 30, hostile=hostile), report("my.py:Mine", 30, hostile=hostile, salt=1)]
    return reports, Reader(page(reports))


def data_of(reader):
    return json.loads(reader.inside["script data"])


def test_every_outcome_is_in_the_page(shown):
    reports, reader = shown
    data = data_of(reader)
    cells = {(trial["id"], k): cell for block in data["blocks"] for trial in block["trials"] for k, cell in enumerate(trial["cells"])}
    assert len(cells) == sum(len(each.outcomes) for each in reports)
    for column, each in enumerate(reports):
        for outcome in each.outcomes:
            cell = cells[outcome.trial.id, column]
            assert data["verdicts"][cell["v"]]["name"] == str(outcome.verdict)
            assert cell["s"] == outcome.sentence
            assert set(cell.get("f", ())) == set(outcome.figures)
            assert outcome.trial.id in cell["c"].replace("'\"'\"'", "'")


def test_what_broke_has_a_picture_of_its_run(shown):
    reports, reader = shown
    data = data_of(reader)
    for block in data["blocks"]:
        for trial in block["trials"]:
            for column, cell in enumerate(trial["cells"]):
                (outcome,) = [one for one in reports[column].outcomes if one.trial.id == trial["id"]]
                assert ("p" in cell) == (outcome.scenario is not None)
                if "p" in cell:
                    assert data["pictures"][cell["p"]]["caption"].startswith("sgd on ")


def test_links_to_the_worst_lead_to_a_cell(shown):
    reports, reader = shown
    links = [attributes["href"] for tag, attributes in reader.elements if tag == "a"]
    assert len(links) == 12
    for link in links:
        column, name = link.removeprefix("#").split("/", 1)
        outcome = next(one for one in reports[int(column)].outcomes if one.trial.id == unquote(name))
        assert outcome.verdict in (Verdict.FAILED, Verdict.DIVERGED, Verdict.UNRELIABLE, Verdict.INSUFFICIENT)


def test_a_strangers_text_stays_text(shown):
    reports, reader = shown
    tags = [tag for tag, _ in reader.elements]
    assert tags.count("script") == 2
    assert "img" not in tags
    assert not [name for _, attributes in reader.elements for name in attributes if name.startswith("on")]
    assert reader.inside["title"] == "Trials of 2 optimizers"
    assert reports[0].target in " ".join(reader.words)


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ({"learning_rate": 0.1}, "Trials of sgd learning_rate=0.1"),
        ({}, "Trials of sgd"),
        (None, "Trials of sgd learning_rate=0.001 nesterov=true"),
    ],
)
def test_the_heading_of_a_single_target_has_its_values(given, title):
    reader = Reader(page([replace(report("sgd", 3), given=given)], 0.0))
    assert reader.inside["title"] == title
    assert reader.words.count(title) == 1


def test_the_page_runs_its_own_script_alone_and_loads_nothing(shown):
    _, reader = shown
    policy = next(attributes["content"] for tag, attributes in reader.elements if attributes.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none';")
    for kind in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(reader.inside[kind].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    assert not [
        attributes for tag, attributes in reader.elements if {"src", "action"} & set(attributes) or tag in ("link", "iframe", "base")
    ]
    outside = re.findall(r"https?://[^\"' )]+", reader.inside["script"] + reader.inside["style"])
    assert set(outside) <= {"http://www.w3.org/2000/svg"}  # a name, which nothing fetches


def test_data_cannot_end_its_script():
    text = in_script({"</script>": [HOSTILE, "<!--", float("nan")]})
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == {"</script>": [HOSTILE, "<!--", "NaN"]}


def test_the_page_is_written_whole_or_not_at_all(tmp_path):
    (tmp_path / "report.html").write_text("before")
    with pytest.raises(AttributeError):
        write_html(["no report"], tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text() == "before"
    write_html(report(units=3), tmp_path / "report.html")
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]
    assert "Trials of adam" in (tmp_path / "report.html").read_text()


def test_no_trials_make_a_page_too():
    reader = Reader(page([]))
    assert data_of(reader)["blocks"] == []


def test_pictures_take_no_more_time_than_they_may():
    assert data_of(Reader(page([report(units=30)], picture_seconds=-1.0)))["pictures"] == []


def test_the_page_knows_every_verdict():
    assert tuple(LOOKS) == VERDICTS
