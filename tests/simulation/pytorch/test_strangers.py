"""Whatever stands in a scenario or a CSV file, nothing of it becomes code in a script."""

import ast
import csv
import io
import subprocess
import sys

import numpy as np
import pytest

from gdsim.networks.dataset import Dataset
from gdsim.networks.network import Network
from gdsim.networks.split import split
from gdsim.simulation.network_problem import GivenNetwork
from gdsim.simulation.pytorch.exportable import ExportError
from gdsim.simulation.pytorch.script import export_pytorch
from gdsim.simulation.pytorch.writing import Call, heading, literal, number, prose, string, wrapped
from gdsim.simulation.scenario import Scenario, validated

HOSTILE = [
    '"""\nimport os\nos.system("true")\n"""',
    "'''\nimport os\n'''",
    '"); import os; ("',
    "'); import os; ('",
    "\\",
    '\\"\\"\\"',
    "\\N{BULLET}",
    "\\x22\\x22\\x22",
    "a\nimport os",
    "a\rimport os",
    "a\x0cimport os",
    "a\u2028import os",
    "a\u0085import os",
    "\u202eimport os",
    "\x00",
    "\ud800",
    "# -*- coding: utf-7 -*-",
    "+ACIAIgAi-import os",
    "{__import__('os')}",
    "%s%n{0}{",
    "import os",
    "é€😀",
    '"' * 3,
    "'" * 3,
    "x" * 5000,
]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_a_text_is_a_literal_and_prose_is_a_docstring(text):
    assert ast.literal_eval(string(text)) == text
    assert string(text).isprintable()
    tree = ast.parse(f'"""{prose(text)}."""\n')
    assert [type(node) for node in tree.body] == [ast.Expr]
    assert isinstance(tree.body[0].value, ast.Constant)
    assert "\n" not in tree.body[0].value.value


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_a_title_is_in_the_docstring_alone(text):
    for title in (text, ""):
        tree = ast.parse(heading(title, text))
        assert [type(node) for node in tree.body] == [ast.Expr]
        assert isinstance(tree.body[0].value, ast.Constant)
    clean = "".join(character for character in text if character.isprintable())[:200]
    base = {"problem": {"landscape": "sphere"}, "runs": [{"optimizer": "sgd"}]}
    scripts = [export_pytorch(validated(base | {"title": title})).text for title in (clean or "x", "plain")]
    bodies = [ast.parse(script).body for script in scripts]
    assert [ast.dump(node) for node in bodies[0][1:]] == [ast.dump(node) for node in bodies[1][1:]]
    assert not any(line.lstrip().startswith("#") for line in scripts[0].splitlines()[:2])


@pytest.mark.parametrize("value", [1e-8, 1.0, -0.0, 1e22, 5e-324, 1.7976931348623157e308, 0.1, -2.5e-300, 123456.789])
def test_a_number_is_itself(value):
    assert ast.literal_eval(number(value)) == value
    assert literal((value,)) == f"({number(value)},)"


def nodes(text):
    return {type(node).__name__ for node in ast.walk(ast.parse(text))}


def calls(text):
    return {ast.unparse(node.func) for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)}


def imports(text):
    tree = ast.parse(text)
    plain = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    return plain | {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}


RUNS = [{"optimizer": "adam", "learning_rate": 0.1, "batch_size": 4, "epochs": 2, "label": "'''\\\"{}"}]
EXPECTED_IMPORTS = {"csv", "pathlib", "torch", "safetensors.torch", "torch.utils.data", "itertools"}


def given(text, classes):
    """A scenario of data in which every name is ``text``."""
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 2, 30) if classes else rng.normal(size=30)
    names = {"features": [text, text + "2"], "target": text, "name": text}
    data = Dataset.from_arrays(rng.normal(size=(30, 2)), targets, **names, **({"classes": [text, text + "b"]} if classes else {}))
    network = Network([2, 3, 2 if classes else 1], loss="cross_entropy" if classes else "mse", dropout=0.1, l1=0.1, l2=0.1)
    return Scenario(problem=GivenNetwork(network=network, given=split(data)), runs=RUNS, title="a title")


@pytest.mark.parametrize("classes", [False, True])
@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_names_of_data_are_in_no_statement(text, classes):
    plain = export_pytorch(given("plain", classes), exact=False)
    script = export_pytorch(given(text, classes), exact=False)
    # The same tree but for the docstring of the module.
    trees = [ast.parse(each.text) for each in (plain, script)]
    for tree in trees:
        assert isinstance(tree.body[0], ast.Expr)
        del tree.body[0]
    assert ast.dump(trees[0]) == ast.dump(trees[1])
    assert imports(script.text) <= EXPECTED_IMPORTS
    first_lines = script.text.encode("utf-8").split(b"\n")[:2]
    assert not any(line.lstrip().startswith(b"#") for line in first_lines)  # no declaration of an encoding


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_the_points_are_read_back(text):
    script = export_pytorch(given(text, classes=True), exact=False)
    rows = list(csv.reader(io.StringIO(script.files[".points.csv"].decode("utf-8"), newline="")))
    parts = given(text, classes=True).problem.parts
    assert len(rows[0]) == 4
    for name, part in zip(("train", "validation", "test"), parts, strict=True):
        found = [row[1:] for row in rows[1:] if row[0] == name]
        assert np.array_equal([[float(value) for value in row[:2]] for row in found], part.inputs)
        assert [int(row[2]) for row in found] == part.targets.tolist()
    assert rows[0][0] not in ("train", "validation", "test")


FORMULA_NODES = {
    *("Module", "Expr", "Constant", "Import", "ImportFrom", "alias", "FunctionDef", "arguments", "arg", "Assign", "Tuple", "Name", "Store"),
    *("Load", "Return", "BinOp", "UnaryOp", "Add", "Sub", "Mult", "Div", "Pow", "USub", "Call", "Attribute", "keyword", "List", "For"),
    *("If", "Compare", "Eq", "Mod", "JoinedStr", "FormattedValue"),
}
NAMES = ["lambda", "torch", "math", "W", "abs", "min", "__import__", "eval", "print", "None", "True", "class", "import", "range", "x1"]


@pytest.mark.parametrize("name", NAMES)
def test_the_parameters_of_a_formula_are_names_of_its_own(name):
    problem = {"formula": f"({name} - x)^2 + min(x, {name})*sqrt(2) + abs(y) + max(x, y)", "parameters": {name: 0.5}}
    try:
        scenario = validated({"problem": problem, "runs": [{"optimizer": "adam"}]})
    except ValueError:
        return  # no name of a parameter
    script = export_pytorch(scenario)
    assert nodes(script.text) <= FORMULA_NODES
    assert imports(script.text) <= {"torch", "math"}
    stored = {node.id for node in ast.walk(ast.parse(script.text)) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    assert not stored & {"torch", "math", "abs", "min", "max"}


def test_every_call_is_one_that_is_known():
    text = "asin(x)*acos(y) + sigmoid(x)*relu(y) + min(x, y) + max(x, 2) + abs(-2)*log(3) + sign(x)*sign(2) + x^y^2 - e^x"
    script = export_pytorch(validated({"problem": {"formula": text}, "runs": [{"optimizer": "sgd"}]}))
    torchs = {"asin", "acos", "sigmoid", "relu", "minimum", "clamp", "sign", "exp", "tensor", "set_default_dtype", "optim.SGD"}
    methods = {"loss.backward", "loss.item", "optimizer.zero_grad", "optimizer.step", "W.tolist", "loss_function(W).item"}
    assert calls(script.text) <= {f"torch.{name}" for name in torchs} | methods | {"math.log", "abs", "loss_function", "range", "print"}


@pytest.mark.parametrize("length", [10, 200, 1999])
def test_long_sums_are_broken_into_short_lines(length):
    text = " + ".join(["x**2"] * (length // 7 + 1))
    assert all(len(line) <= 100 for line in f"    return {wrapped(text, 4)}".split("\n"))
    assert ast.dump(ast.parse(wrapped(text, 0), mode="eval")) == ast.dump(ast.parse(text, mode="eval"))


def test_a_long_call_is_broken():
    call = Call("f", ("first", "x" * 60, "y" * 60))
    assert call.text("a = ", 4).split("\n") == ["a = f(", "        first,", f"        {'x' * 60},", f"        {'y' * 60},", "    )"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"problem": {"landscape": "sphere", "noise": {"kind": "gaussian"}}}, "noise"),
        ({"problem": {"landscape": "sphere", "motion": {"kind": "drift"}}}, "motion"),
        ({"problem": {"prototype": "quad_bowl-cliff"}}, "no single formula"),
        ({"runs": [{"optimizer": "bfgs"}]}, "torch.optim has no BFGS; allowed: sgd, asgd, rprop"),
        ({"runs": [{"optimizer": "rprop", "weight_decay": 0.1}]}, "weight decay"),
        ({"runs": [{"optimizer": "lbfgs", "curvature": 0.5}]}, "found curvature = 0.5, which is 0.9 in torch's LBFGS"),
        ({"runs": [{"optimizer": "lbfgs"}], "tolerance": 1e-6}, "tolerance"),
        ({"problem": {"dataset": "line", "model": "line"}, "runs": [{"optimizer": "lbfgs"}]}, "several times a step"),
        ({"runs": [{"optimizer": "sgd", "lookahead": {}}]}, "Lookahead"),
        ({"runs": [{"optimizer": "sgd", "schedule": {"name": "points", "steps": [0], "rates": [0.1]}}]}, "Drawn points"),
        ({"runs": [{"optimizer": "sgd", "schedule": {"name": "one_cycle", "total_steps": 5}}]}, "a cycle of 5 steps in a run of 200"),
        ({"runs": [{"optimizer": "sgd", "schedule": {"name": "chained", "parts": [{"name": "warm_restarts", "t_0": 5}]}}]}, "no product"),
        ({"problem": {"dataset": "line", "model": "line"}, "tolerance": 1e-3}, "tolerance"),
    ],
)
def test_what_torch_does_not_have_is_refused(change, words):
    base = {"problem": {"landscape": "sphere"}, "runs": [{"optimizer": "sgd"}]}
    scenario = validated(base | change)
    with pytest.raises(ExportError, match=words):
        export_pytorch(scenario)


def test_a_run_that_there_is_not():
    with pytest.raises(IndexError, match="no run 3; allowed: 0 to 0"):
        export_pytorch(validated({"problem": {"landscape": "sphere"}, "runs": [{"optimizer": "sgd"}]}), 3)


def test_only_what_is_needed_is_there():
    text = export_pytorch(validated({"problem": {"landscape": "sphere"}, "runs": [{"optimizer": "sgd"}]})).text
    for word in ("math", "scheduler", "clip_grad", "break", "momentum", "DataLoader"):
        assert word not in text


TIDY = {
    "a formula": {"problem": {"landscape": "hills"}, "runs": [{"optimizer": "yogi", "clip_norm": 1.0, "schedule": {"name": "cosine"}}]},
    "a search along lines": {"problem": {"landscape": "himmelblau"}, "runs": [{"optimizer": "lbfgs"}]},
    "two weights": {"problem": {"dataset": "line", "model": "line"}, "runs": [{"optimizer": "sgd", "batch_size": 3, "replacement": True}]},
    "an unfinished epoch": {"problem": {"dataset": "line", "model": "line"}, "steps": 5, "runs": [{"optimizer": "sgd", "batch_size": 3}]},
    "a network": {
        "problem": {"dataset": "moons", "network": {"layers": [4, 4], "dropout": 0.1, "l2": 0.1, "initialisation": "he", "scale": 2.0}},
        "runs": [{"optimizer": "adan", "batch_size": 8, "epochs": 3, "early_stopping": {"patience": 2}}],
    },
    "a regression without validation": {
        "problem": {"dataset": "plane", "split": [0.8, 0, 0.2], "network": {"layers": []}},
        "runs": [{"optimizer": "adam", "epochs": 3}],
    },
}


@pytest.mark.parametrize("exact", [False, True])
def test_scripts_are_tidy(exact, tmp_path):
    """No import and no name that is not used, no line that is too long."""
    for name, tables in TIDY.items():
        export_pytorch(validated(tables), exact=exact).save(tmp_path / f"{name}.py")
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--select", "E,F,W,I,B,UP,SIM,C4,RET,PIE"]
    found = subprocess.run(
        [*command, "--line-length", "100", *map(str, tmp_path.glob("*.py"))], capture_output=True, text=True, check=False
    )
    if "No module named ruff" in found.stderr:
        pytest.skip("ruff is not installed")
    assert found.returncode == 0, found.stdout + found.stderr
