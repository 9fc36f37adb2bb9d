"""Random tables of schedules, as a scenario has them."""

from tests.golden.record_schedules import drawn as drawn_as_torch_has_it

FACTORS = ("constant", "linear", "step", "multi_step", "exponential", "polynomial", "cosine", "warmup", "warm_restarts", "one_cycle")
ABSOLUTE = ("cyclic", "points")


def drawn(name, rng):
    """Any table, also such as torch does not have."""
    if name == "points":
        steps = sorted(rng.sample(range(320), rng.randrange(1, 7)))
        return {"name": name, "steps": steps, "rates": [10.0 ** rng.uniform(-4, 0) for _ in steps], "scale": rng.choice(("linear", "log"))}
    if name == "chained":
        return {"name": name, "parts": [multiplying(part, rng) for part in rng.choices(FACTORS, k=rng.randrange(1, 4))]}
    if name == "sequential":
        names = rng.choices((*FACTORS, *ABSOLUTE, "chained"), k=rng.randrange(2, 5))
        milestones = sorted(rng.sample(range(1, 290), len(names) - 1))
        return {"name": name, "milestones": milestones, "parts": [drawn(part, rng) for part in names]}
    table = drawn_as_torch_has_it(name, rng)
    for optional in ("t_max", "total_steps", "max_lr", "base_lr"):
        if optional in table and (optional != "max_lr" or name == "one_cycle") and rng.random() < 0.5:
            del table[optional]
    return table


def multiplying(name, rng):
    """A table of a schedule that is a factor at every step."""
    table = drawn(name, rng)
    table.pop("max_lr", None)
    return table | ({"eta_min": 0.0} if "eta_min" in table else {})
