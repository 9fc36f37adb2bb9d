"""Runs that a reference library made, compared with ours.

A step is compared from exactly the library's state, relative to the longest step of the run; a whole run as far as it is calm (see
``golden/record_torch.py``), relative to its largest weight.
"""

import numpy as np

from gdsim.optimizers import OPTIMIZERS
from tests.golden.settings import SURFACES
from tests.optimizers.driving import record, rule, shared_after, step

PRECISION = 1e-12


def assert_pairs_agree(name, values, surface, pairs, names=None):
    """``pairs``: (number of the step, state before, state after), a state being (weights, a pair or None for every slot)."""
    params, _ = SURFACES[surface]
    bound, hyper = rule(name, values)
    shared = list(shared_after(name, hyper, max(number for number, _, _ in pairs)))
    longest = max(abs(a - b) for _, before, after in pairs for a, b in zip(before[0], after[0], strict=True))
    slots = range(len(pairs[0][1][1]))
    largest = [
        max((abs(k) for _, before, after in pairs for _, kept in (before, after) if kept[slot] for k in kept[slot]), default=0.0)
        for slot in slots
    ]
    for number, (weights, kept), (wanted, wanted_kept) in pairs:
        fresh = OPTIMIZERS[name].initial_slots(tuple(hyper))
        filled = [[fresh[slot]] * 2 if pair is None else pair for slot, pair in enumerate(kept)]
        found, found_kept = step(bound, hyper, params, weights, filled, shared[number - 1], number)
        error = np.abs(found - wanted)
        allowed = PRECISION * longest + 4e-16 * np.abs(wanted) + theirs(name, hyper, number) * np.abs(np.subtract(wanted, weights))
        assert np.all(error <= allowed), (name, values, surface, number, error / longest)
        for slot, pair in enumerate(wanted_kept):
            if pair is not None:
                off = np.abs(found_kept[slot] - pair)
                assert np.all(off <= PRECISION * largest[slot]), (name, values, surface, number, OPTIMIZERS[name].slot_names[slot])


def assert_recorded_run_agrees(case, recorded):
    """A case of a golden file: its steps, and the run as a whole."""
    name, values, surface, calm = case["optimizer"], case["values"], case["surface"], case["calm"]
    at = dict(zip(recorded, case["states"], strict=True))
    assert_pairs_agree(name, values, surface, [(k + 1, at[k], at[k + 1]) for k in at if k + 1 in at])

    params, origin = SURFACES[surface]
    recording, _ = record(name, values, params, origin, calm)
    assert len(recording.positions) == calm + 1
    _, hyper = rule(name, values)
    lengths = np.abs(np.diff(recording.positions, axis=0)).max(axis=1)
    drift = sum(theirs(name, hyper, number) * length for number, length in enumerate(lengths, start=1))
    scale = np.abs(recording.positions).max()
    for k in at:
        if k <= calm:
            assert np.abs(recording.positions[k] - at[k][0]).max() <= PRECISION * scale + 10.0 * drift, (k, calm)


def theirs(name, hyper, number):
    """Relative error of a step that is the library's own.

    torch computes RAdam's length of memory as a difference of nearly equal numbers, which magnifies the rounding of beta2^t.
    """
    if name != "radam":
        return 0.0
    beta2 = hyper[2]
    longest, seen = 2.0 / (1.0 - beta2) - 1.0, 1.0 - beta2**number
    length = longest - 2.0 * number * beta2**number / seen
    return 4e-16 * longest / seen / (length - 4.0) if length > 4.999 else 0.0


def told(case):
    return f"{case['optimizer']}-{case['surface']}-" + "-".join(f"{k}={v:.3g}" for k, v in case["values"].items())
