"""The slow, obvious version of everything: the oracle of every fast path. Sections in the order of the layers; only ever extended."""

# --- Verdicts ---------------------------------------------------------------------------------------------------------------------


def turns(path, least):
    """How often a one-dimensional path turned back, counting only swings longer than ``least``."""
    swings, swing = [], 0.0
    for before, after in zip(path[:-1], path[1:], strict=True):
        move = after - before
        if move == 0.0:
            continue
        if swing * move < 0.0:
            swings.append(abs(swing))
            swing = 0.0
        swing += move
    swings.append(abs(swing))
    return max(0, sum(size > least for size in swings) - 1)
