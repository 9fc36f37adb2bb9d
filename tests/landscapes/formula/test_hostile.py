"""Hostile formulas, in a process of its own that may use little memory: refused, or evaluated to numbers, each within two seconds."""

import json
import subprocess
import sys

import pytest

from tests.landscapes.formula.hostile_formulas import BOMBS, ESCAPES, HOSTILE

SECONDS = 2.0
MEBIBYTES = 256

SCRIPT = """
import json, resource, sys, time
sys.setrecursionlimit(400)
from gdsim.landscapes.formula import FormulaError, formula, preview
from tests.landscapes.formula.hostile_formulas import HOSTILE
preview("x + y")  # what is loaded once is not the formula's doing
formula("sin(x)^2 + |y|").minima
pages = int(open("/proc/self/statm").read().split()[0])
limit = pages * resource.getpagesize() + %d * 2**20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
answers = []
for text in HOSTILE:
    begin = time.process_time()
    try:
        landscape = formula(text)
        numbers = [*landscape.value_and_gradient(0.3, 0.7, landscape.values), *landscape.second_derivatives(0.3, 0.7, landscape.values)]
        points = landscape.points(landscape.values)
        preview(text)
        answer = "evaluated" if all(type(n) is float for n in numbers) else f"strange numbers {numbers}"
    except FormulaError as error:
        answer = "refused"
        if not error.reason or len(str(error)) > 1000:
            answer = f"strange words {str(error)[:2000]!r}"
    except BaseException as error:
        answer = f"{type(error).__name__}: {error}"
    answers.append((answer, time.process_time() - begin))
json.dump(answers, sys.stdout)
"""


@pytest.fixture(scope="module")
def answers():
    done = subprocess.run([sys.executable, "-c", SCRIPT % MEBIBYTES], capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return dict(zip(HOSTILE, json.loads(done.stdout), strict=True))


def test_the_corpus_is_large():
    assert len(HOSTILE) >= 200


def test_each_is_refused_or_evaluated_in_time(answers):
    assert not {text[:80]: answer for text, (answer, _) in answers.items() if answer not in ("refused", "evaluated")}
    assert not {text[:80]: seconds for text, (_, seconds) in answers.items() if seconds > SECONDS}


def test_what_would_be_code_is_refused(answers):
    assert {text for text in ESCAPES if answers[text][0] == "evaluated"} == {"1e x"}, "which is 1*e*x"


def test_some_are_formulas_after_all(answers):
    assert sum(answers[text][0] == "evaluated" for text in BOMBS) >= 15
    assert answers["x^0"][0] == answers["x - x"][0] == answers["min(" * 60 + "x" + ",y)" * 60][0] == "evaluated"
    assert answers["9**9**9 x"][0] == answers["x/0"][0] == "refused"
