"""Records what optax does, in float64 on the CPU, into ``optax.json``, in the form of ``record_torch.py``.

    python -m tests.golden.record_optax

Where optax's rule is not gdsim's, its parts are put together to be so:

- L2 weight decay is added to the gradient first, and AdaBelief's two eps are one.
- Yogi's mean gradient starts at 0, where optax starts it at the initial value of the mean square.
- Adan multiplies the change of the gradient by 1 - beta2 in optax and by beta2 in the authors' code (their paper's 1 - beta2, because its
  betas are 1 minus these). Both agree where beta2 is 0.5, so only that is recorded; optax does not divide the weight by its decay.
- Schedule-free SGD has its mean computed from the two points that optax keeps.
"""

import json
from pathlib import Path

from tests.golden import settings
from tests.golden.settings import RECORDED, STEPS, SURFACES, cases, recorded, surface

FILE = Path(__file__).with_name("optax.json")

KEPT = {
    "schedule_free_sgd": ("z", "x"),
    "sign_sgd": (),
    "signum": ("ema",),
    "lion": ("mu",),
    "adan": ("m", "v", "n", "g"),
    "yogi": ("mu", "nu"),
    "adabelief": ("mu", "nu"),
}
"""optax's names for the numbers kept for a weight, in the order of gdsim's slots."""


def drawn(optimizer, rng):
    """Random settings on which optax and gdsim mean the same."""
    values = settings.drawn(optimizer, rng)
    if optimizer == "adan":
        values = {name: value for name, value in values.items() if name != "weight_decay"} | {"beta2": 0.5}
    return values


def transformation(optimizer, learning_rate, weight_decay=0.0, **values):
    """optax's rule: but for schedule-free SGD a chain, whose second part is the rule proper."""
    import optax

    b1, b2, eps, momentum = (values.get(name) for name in ("beta1", "beta2", "eps", "momentum"))
    given = {name: value for name, value in (("b1", b1), ("b2", b2), ("eps", eps)) if value is not None}
    decay, scale = optax.add_decayed_weights(weight_decay), optax.scale_by_learning_rate(learning_rate)
    match optimizer:
        case "schedule_free_sgd":
            return optax.contrib.schedule_free_sgd(learning_rate, b1=momentum or 0.9, weight_decay=weight_decay)
        case "sign_sgd":
            return optax.chain(decay, optax.scale_by_sign(), scale)
        case "signum":
            return optax.chain(decay, optax.ema(momentum or 0.9, debias=False), optax.scale_by_sign(), scale)
        case "lion":
            return optax.chain(optax.identity(), optax.scale_by_lion(**given), decay, scale)
        case "adan":
            if "beta3" in values:
                given["b3"] = values["beta3"]
            return optax.chain(decay, optax.scale_by_adan(eps_root=0.0, **given), scale)
        case "yogi":
            start = values.get("initial_accumulator_value", 1e-6)
            return optax.chain(decay, optax.scale_by_yogi(initial_accumulator_value=start, **given), scale)
        case "adabelief":
            return optax.chain(decay, optax.scale_by_belief(**given, eps_root=eps or 1e-16), scale)
    raise KeyError(optimizer)


def held(optimizer, state, weights):
    """Pairs of what optax keeps, in gdsim's order."""
    if optimizer == "schedule_free_sgd":
        import optax

        return [state.z, optax.contrib.schedule_free_eval_params(state, weights)]
    return [getattr(state[1], name) for name in KEPT[optimizer]]


def states(optimizer, values, name, steps=STEPS, nudge=0.0):
    """As ``record_torch.states``. A learning rate is needed among ``values``."""
    import jax
    import jax.numpy as jnp
    import optax

    with jax.enable_x64(True):
        params, start = SURFACES[name]
        rule = transformation(optimizer, **(values | {"learning_rate": values["learning_rate"] * (1.0 + nudge)}))
        weights = jnp.array([w * (1.0 + nudge) for w in start])
        state = rule.init(weights)
        if optimizer == "yogi":
            decay, own, scale = state
            state = (decay, own._replace(mu=jnp.zeros(2)), scale)
        update = jax.jit(rule.update)
        for step in range(steps + 1):
            now = weights.tolist()
            yield now, [pair.tolist() for pair in held(optimizer, state, weights)]
            if step < steps:
                changes, state = update(jnp.array(surface(*now, params)[1:]), state, weights)
                weights = optax.apply_updates(weights, changes)


def main():
    import optax

    runs = list(recorded(states, cases(KEPT, draws=1, draw=drawn)))
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in runs)
    FILE.write_text(json.dumps({"optax": optax.__version__, "recorded": RECORDED})[:-1] + ', "cases": [\n' + lines + "\n]}\n")
    print(len(runs), "cases,", FILE.stat().st_size, "bytes,", sum(case["calm"] == STEPS for case in runs), "calm to the end")  # noqa: T201


if __name__ == "__main__":
    main()
