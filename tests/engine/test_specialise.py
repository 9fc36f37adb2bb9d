"""Binding: what is bound is what runs, and the digest sees every change that could alter a number."""

import subprocess
import sys
import threading
import time
from types import FunctionType

import numpy as np
import pytest

from gdsim.engine import compiling
from gdsim.engine.specialise import digest, specialise

SCALE = 3.0


def fill(out):
    out[0] = first(out[0]) + EXTRA  # noqa: F821


def double(x):
    return 2.0 * x


def triple(x):
    return SCALE * x


def through(x):
    return double(x)


def filled(**bindings):
    out = np.ones(1)
    specialise(fill, **bindings)(out)
    return out[0]


def test_functions_and_constants_are_bound():
    assert filled(first=double, EXTRA=0.5) == 2.5
    assert filled(first=triple, EXTRA=0.5) == 3.5
    assert filled(first=through, EXTRA=1.0) == 3.0


def test_what_is_compiled_is_noticed_and_what_is_read_or_known_is_not():
    def seen(kernel):
        found, done = [], threading.Event()

        def look():
            while not done.wait(0.001):
                found.append(compiling.under_way())

        thread = threading.Thread(target=look)
        thread.start()
        kernel(np.ones(1))
        done.set()
        thread.join()
        return any(found)

    assert seen(specialise(fill, first=double, EXTRA=time.time()))
    filled(first=double, EXTRA=0.5)
    assert not seen(specialise(fill, first=double, EXTRA=0.5))
    assert not compiling.under_way()


def test_the_same_arguments_give_the_same_kernel():
    assert specialise(fill, first=double, EXTRA=1.0) is specialise(fill, EXTRA=1.0, first=double)
    assert specialise(fill, first=double, EXTRA=1.0) is not specialise(fill, first=double, EXTRA=True)


def changed(function, old, new):
    """``function`` as if its source had ``new`` instead of ``old`` among its constants."""
    code = function.__code__
    constants = tuple(new if constant == old else constant for constant in code.co_consts)
    return FunctionType(code.replace(co_consts=constants), function.__globals__, function.__name__)


def test_digest_sees_a_changed_constant():
    assert digest(fill, {"first": double, "EXTRA": 0.0}) != digest(fill, {"first": changed(double, 2.0, 2.5), "EXTRA": 0.0})


def test_digest_sees_a_change_two_calls_down():
    scope = {**through.__globals__, "double": changed(double, 2.0, 2.5)}
    altered = FunctionType(through.__code__, scope, "through")
    assert digest(fill, {"first": through, "EXTRA": 0.0}) != digest(fill, {"first": altered, "EXTRA": 0.0})


def test_digest_sees_a_changed_global():
    altered = FunctionType(triple.__code__, {**triple.__globals__, "SCALE": 4.0}, "triple")
    assert digest(fill, {"first": triple, "EXTRA": 0.0}) != digest(fill, {"first": altered, "EXTRA": 0.0})


@pytest.mark.parametrize("other", [1, True, -0.0, 1.0000000000000002, (1.0,), (True, False)])
def test_digest_sees_constants_of_another_type_or_value(other):
    assert digest(fill, {"first": double, "EXTRA": other}) != digest(fill, {"first": double, "EXTRA": 1.0})


def test_digest_is_the_same_in_every_process():
    script = (
        "from gdsim.engine import templates; from gdsim.engine.specialise import digest; from gdsim.landscapes import LANDSCAPES;"
        "print(digest(templates.at_points, {'three_numbers': LANDSCAPES['ackley'].value_and_gradient}))"
    )
    answers = {subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout for _ in range(2)}
    assert len(answers) == 1
