import os

import numpy as np
import pytest


@pytest.fixture
def rng(request):
    """Fresh random numbers; their seed is shown with a failure, and GDSIM_TEST_SEED brings them back."""
    seed = int(os.environ.get("GDSIM_TEST_SEED", np.random.SeedSequence().entropy % 2**32))
    request.node.add_report_section("setup", "seed", f"GDSIM_TEST_SEED={seed}")
    return np.random.default_rng(seed)
