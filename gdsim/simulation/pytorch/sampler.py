"""A Sampler that takes the batches of ``gdsim.networks.batches``, in plain Python, as part of a script; and one of batches that grow."""

from gdsim.networks.batches import Batches

ORDER = '''
class Batches(Sampler):
    """The batches that gdsim takes: an order for every epoch, from named random numbers."""

    def __init__(self, count):
        self.count = count
        self.epoch = 0

    def __len__(self):
        return {length}

    def __iter__(self):
        order = list(range(self.count))
        for i in range(self.count - 1, 0, -1):
            j = (random_word(self.epoch, i) * (i + 1)) >> 32
            order[i], order[j] = order[j], order[i]
        self.epoch += 1
        for batch in range(len(self)):
            yield order[batch * BATCH_SIZE : (batch + 1) * BATCH_SIZE]
'''

DRAWN = '''
class Batches(Sampler):
    """The batches that gdsim draws, with replacement, from named random numbers."""

    def __init__(self, count):
        self.count = count
        self.step = 0

    def __len__(self):
        return {length}

    def __iter__(self):
        for _ in range(len(self)):
            self.step += 1
            yield [(random_word(self.step, i) * self.count) >> 32 for i in range(BATCH_SIZE)]
'''

GROWING = '''
def batch_size(epoch):
    """Points of a batch in an epoch, counted from 0."""
    return next(size for first, size in reversed(BATCH_SIZES) if first <= epoch)


class Batches(Sampler):
    """Batches whose size changes from epoch to epoch{whose}."""

    def __init__(self, count):
        self.count = count
        self.epoch = 0
        self.step = 0

    def __len__(self):
        return {length}

    def __iter__(self):
        steps, size = len(self), batch_size(self.epoch)
{order}        self.epoch += 1
        for batch in range(steps):
            self.step += 1
            yield {points}
'''

SHUFFLED = """        order = list(range(self.count))
        for i in range(self.count - 1, 0, -1):
            j = (random_word(self.epoch, i) * (i + 1)) >> 32
            order[i], order[j] = order[j], order[i]
"""

PHILOX = '''
def random_word(step, draw):
    """32 random bits named by seed, step and draw: Philox-4x32-10 (Salmon et al. 2011)."""
    low = 0xFFFFFFFF
    a, b, c, d = step & low, step >> 32, (0x80000000 + draw) & low, 0
    key, other_key = SEED & low, SEED >> 32
    for _ in range(10):
        first, second = a * 0xD2511F53, c * 0xCD9E8D57
        a, b = (second >> 32) ^ b ^ key, second & low
        c, d = (first >> 32) ^ d ^ other_key, first & low
        key, other_key = (key + 0x9E3779B9) & low, (other_key + 0xBB67AE85) & low
    return a
'''


def growing(batches: Batches, *, exact: bool) -> str:
    """The class ``Batches`` of a script whose batches grow: it needs BATCH_SIZES and where ``exact`` ``PHILOX`` and SEED."""
    length = "self.count // batch_size(self.epoch)" if batches.drop_last else "-(-self.count // batch_size(self.epoch))"
    whose = ", from named random numbers" if exact and (batches.shuffle or batches.replacement) else ""
    if batches.replacement:
        drawn = "[(random_word(self.step, i) * self.count) >> 32 for i in range(size)]"
        points = drawn if exact else "torch.randint(self.count, (size,)).tolist()"
        return GROWING.format(length=length, whose=whose, order="", points=points)
    order = "        order = list(range(self.count))\n"
    if batches.shuffle:
        order = SHUFFLED if exact else "        order = torch.randperm(self.count).tolist()\n"
    return GROWING.format(length=length, whose=whose, order=order, points="order[batch * size : (batch + 1) * size]")


def sampler(batches: Batches) -> str:
    """The class ``Batches`` of a script, which needs ``PHILOX``, SEED and BATCH_SIZE."""
    length = "self.count // BATCH_SIZE" if batches.drop_last else "-(-self.count // BATCH_SIZE)"
    return (DRAWN if batches.replacement else ORDER).format(length=length)
