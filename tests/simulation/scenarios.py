"""Random valid scenarios."""

from hypothesis import strategies as st

from gdsim.landscapes import LANDSCAPES
from gdsim.landscapes.motion import MOTIONS
from gdsim.landscapes.noise import NOISES
from gdsim.optimizers import OPTIMIZERS
from gdsim.schedules import SCHEDULES
from gdsim.simulation.fitness import misfit
from gdsim.simulation.scenario import MOST_RUNS, MOST_STEPS, Scenario
from tests.schedules.tables import drawn as schedule_table

TEXT = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=20)
NUMBER = st.floats(-1e9, 1e9) | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**60), 2**60)


def parameter(param):
    if param.is_switch:
        return st.booleans()
    low, high = max(param.low, -1e12), min(param.high, 1e12)
    return st.floats(low, high, exclude_min=param.low_open, exclude_max=param.high_open) | st.just(param.default)


def start(dim):
    given = st.lists(NUMBER, min_size=dim, max_size=dim)
    return st.none() | given | st.builds(lambda s: {"normal": s}, st.floats(1e-6, 1e6))


def filled(table):
    return {key: value for key, value in table.items() if value is not None}


@st.composite
def run_tables(draw, landscape):
    fitting = sorted(name for name, rule in OPTIMIZERS.items() if misfit(landscape, rule) is None)
    rule = OPTIMIZERS[draw(st.sampled_from(fitting))]
    table = {param.name: draw(st.none() | parameter(param)) for param in rule.parameters}
    schedule = draw(st.none() | st.builds(schedule_table, st.sampled_from(sorted(SCHEDULES)), st.randoms(use_true_random=False)))
    around = st.fixed_dictionaries({}, optional={"k": st.integers(1, 100), "alpha": st.floats(0, 1)})
    table |= {"schedule": schedule, "lookahead": draw(st.none() | around) if rule.is_elementwise else None}
    table |= {"optimizer": rule.name, "label": draw(st.none() | TEXT), "start": draw(start(landscape.dim))}
    table = filled(table)
    if rule.conflict(rule.defaults | {name: value for name, value in table.items() if name in rule.defaults}):
        table = {name: value for name, value in table.items() if name not in rule.defaults}
    return table


@st.composite
def disturbance(draw, records):
    record = records[draw(st.sampled_from(sorted(records)))]
    return filled({"kind": record.name} | {param.name: draw(st.none() | parameter(param)) for param in record.parameters})


def noise(dim):
    kinds = {name: record for name, record in NOISES.items() if not (record.planar and dim == 1)}
    return st.none() | disturbance(kinds) | st.lists(disturbance(kinds), max_size=4)


@st.composite
def scenario_tables(draw):
    """The tables of a scenario, as Python or a TOML file would give them."""
    landscape = LANDSCAPES[draw(st.sampled_from(sorted(LANDSCAPES)))]
    top = {
        "title": draw(st.none() | TEXT),
        "steps": draw(st.none() | st.integers(1, 10_000) | st.just(MOST_STEPS)),
        "seed": draw(st.none() | st.integers(0, 2**63 - 1)),
        "tolerance": draw(st.none() | st.floats(0, 1e3)),
        "start": draw(start(landscape.dim)),
        "problem": {"landscape": landscape.name},
    }
    if landscape.parameters:
        top["problem"]["parameters"] = filled({p.name: draw(st.none() | parameter(p)) for p in landscape.parameters})
    disturbed = {"noise": draw(noise(landscape.dim)), "motion": draw(st.none() | disturbance(MOTIONS))}
    top["problem"] = filled(top["problem"] | disturbed)
    met = landscape.with_noise("gaussian") if disturbed["noise"] else landscape
    met = met.moving("drift") if disturbed["motion"] else met
    most = 1 if top["steps"] == MOST_STEPS else draw(st.sampled_from((3, MOST_RUNS)))
    return filled(top) | {"runs": draw(st.lists(run_tables(met), min_size=1, max_size=min(most, 5)))}


SCENARIOS = scenario_tables().map(Scenario.model_validate)
