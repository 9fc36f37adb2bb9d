import os
import random

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest

from tests.draws import SEED, fresh


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    if config.getoption("--hypothesis-seed") is None:
        config.option.hypothesis_seed = str(SEED)


def pytest_report_header():
    return f"GDSIM_TEST_SEED={SEED} brings these draws back"


@pytest.fixture(autouse=True)
def drawn_by_the_seed(request):
    """What tests draw from ``random`` itself follows the seed too."""
    random.seed(f"{SEED} {request.node.nodeid}")


@pytest.fixture
def rng():
    """Random numbers of this test (see ``draws.py``)."""
    return fresh()
