"""Optimizers and landscapes that a test registers are gone after it."""

import pytest

import gdsim


@pytest.fixture(autouse=True)
def registries():
    before = [(known, dict(known._records)) for known in (gdsim.LANDSCAPES, gdsim.OPTIMIZERS)]
    yield
    for known, records in before:
        known._records.clear()
        known._records.update(records)
