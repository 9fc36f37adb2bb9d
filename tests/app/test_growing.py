"""A recording that grows."""

from dataclasses import fields

import numpy as np
import pytest

from gdsim.app.growing import Growing
from tests.app.scenes import steps


@pytest.mark.parametrize("dim", [1, 2])
def test_views_show_all_so_far_without_copies_and_nothing_that_was_seen_changes(dim):
    growing = Growing(steps(10, dim), 90)
    views = [growing.view()]
    for first in range(10, 90, 10):
        growing.append(steps(10, dim, first=first))
        views.append(growing.view())
    for k, view in enumerate(views, 1):
        for name in (each.name for each in fields(view) if getattr(view, each.name) is not None):
            column = getattr(view, name)
            np.testing.assert_array_equal(column, getattr(steps(10 * k, dim), name))
            assert np.shares_memory(column, getattr(views[-1], name))
            assert not column.flags.writeable
