"""``gdsim list``, ``show`` and ``schema``."""

import json

import pytest

from gdsim import shipped
from gdsim.landscapes import LANDSCAPES
from gdsim.optimizers import OPTIMIZERS
from gdsim.schedules import SCHEDULES
from gdsim.schedules.batch_size import BATCH_SCHEDULES
from gdsim.simulation.schema import schema

LISTS = {
    "landscapes": LANDSCAPES,
    "optimizers": OPTIMIZERS,
    "schedules": SCHEDULES,
    "batch-schedules": BATCH_SCHEDULES,
    "scenarios": shipped.scenarios(),
}


@pytest.mark.parametrize("kind", LISTS)
def test_lists_name_everything(kind, gdsim):
    result = gdsim("list", kind)
    assert (result.exit_code, result.stderr) == (0, "")
    header, *rows = result.stdout.splitlines()
    assert header.split()[:2] == ["name", "title"]
    assert [row.split()[0] for row in rows] == list(LISTS[kind])


@pytest.mark.parametrize("kind", LISTS)
def test_json_lists_hold_the_same(kind, gdsim):
    entries = json.loads(gdsim("list", kind, "--json").stdout, parse_constant=pytest.fail)
    assert [entry["name"] for entry in entries] == list(LISTS[kind])
    for entry in entries:
        if kind == "scenarios":
            continue
        record = LISTS[kind][entry["name"]]
        assert (entry["title"], entry["formula"]) == (record.title, record.formula)
        assert [(p["name"], p["default"], p["allowed"], p["doc"]) for p in entry["parameters"]] == [
            (p.name, p.default, p.allowed, p.doc) for p in record.parameters
        ]


@pytest.mark.parametrize("name", [*LANDSCAPES, *OPTIMIZERS, *SCHEDULES])
def test_show_tells_all_about_a_record(name, gdsim):
    result = gdsim("show", name)
    assert (result.exit_code, result.stderr) == (0, "")
    record = LANDSCAPES.get(name) or OPTIMIZERS.get(name) or SCHEDULES[name]
    shown = " ".join(result.stdout.split())
    for text in (record.title, record.formula, record.source, record.notes):
        assert " ".join(text.split()) in shown
    for param in record.parameters:
        for text in (param.name, param.allowed, param.doc):
            assert text in shown
    if name in LANDSCAPES:
        assert shown.count("global minimum") >= sum(point.kind == "global minimum" for point in record.minima)


@pytest.mark.parametrize("name", shipped.scenarios())
def test_show_prints_a_scenario_as_it_is(name, gdsim):
    assert shipped.scenarios()[name].read_text(encoding="utf-8") in gdsim("show", name).stdout


@pytest.mark.parametrize(
    ("name", "line"), [("booth", "def booth(x, y, params):"), ("sgd", "def sgd(weight, gradient"), ("newton", "def newton(x, y")]
)
def test_show_prints_the_code(name, line, gdsim):
    answer = gdsim("show", name)
    assert answer.exit_code == 0
    assert line in answer.stdout


def test_show_suggests(gdsim):
    result = gdsim("show", "rosenbruck")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "did you mean 'rosenbrock'" in result.stderr


def test_schema(gdsim):
    assert json.loads(gdsim("schema").stdout) == schema()
