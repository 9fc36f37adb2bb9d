"""``gdsim list datasets`` and ``gdsim show`` of a data set."""

import json

import pytest

from gdsim.networks.generators import DATASETS


def test_the_list_names_every_data_set(gdsim):
    result = gdsim("list", "datasets")
    assert (result.exit_code, result.stderr) == (0, "")
    header, *rows = result.stdout.splitlines()
    assert header.split() == ["name", "title", "kind", "notes"]
    assert [row.split()[0] for row in rows if not row.startswith(" ")] == list(DATASETS)


def test_the_json_list_tells_every_parameter(gdsim):
    entries = json.loads(gdsim("list", "datasets", "--json").stdout, parse_constant=pytest.fail)
    assert [entry["name"] for entry in entries] == list(DATASETS)
    for entry in entries:
        record = DATASETS[entry["name"]]
        assert (entry["title"], entry["kind"], entry["inputs"], entry["notes"]) == (record.title, record.kind, record.dim, record.doc)
        *own, seed = entry["parameters"]
        assert [(p["name"], p["default"], p["doc"]) for p in own] == [(p.name, p.default, p.doc) for p in record.parameters]
        assert (seed["name"], seed["default"]) == ("seed", 0)


@pytest.mark.parametrize("name", DATASETS)
def test_show_tells_all_about_a_data_set(name, gdsim):
    result = gdsim("show", name)
    assert (result.exit_code, result.stderr) == (0, "")
    shown = " ".join(result.stdout.split())
    record = DATASETS[name]
    for text in (record.title, record.doc, record.source, f"def {name}(params, step, seed, stream, draw):"):
        assert " ".join(text.split()) in shown
    for param in record.parameters:
        assert param.name in shown
        assert param.doc in shown


def test_show_suggests_a_data_set(gdsim):
    result = gdsim("show", "spirall")
    assert result.exit_code == 2
    assert "did you mean 'spiral'" in result.stderr
