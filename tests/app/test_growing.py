"""A recording that grows."""

import numpy as np
import pytest

from gdsim.app.growing import COLUMNS, Growing
from tests.app.scenes import steps


@pytest.mark.parametrize("dim", [1, 2])
def test_views_show_all_so_far_without_copies_and_nothing_that_was_seen_changes(dim):
    growing, views = Growing(90, dim), []
    for first in range(0, 90, 10):
        growing.append(steps(10, dim, first=first))
        views.append(growing.view())
    for k, view in enumerate(views, 1):
        for name in COLUMNS:
            column = getattr(view, name)
            np.testing.assert_array_equal(column, getattr(steps(10 * k, dim), name))
            assert np.shares_memory(column, getattr(views[-1], name))
            assert not column.flags.writeable
