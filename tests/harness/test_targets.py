"""What can be put through trials, in all its forms; and what is said of what cannot."""

import re
import textwrap

import numpy as np
import pytest

import gdsim
from gdsim.engine import single, single_elementary
from gdsim.harness.check import answer, trial_named
from gdsim.harness.compiled_target import RecordStepper
from gdsim.harness.target import TargetError
from gdsim.harness.targets import target, target_of
from gdsim.harness.trial import Verdict
from gdsim.optimizers import OPTIMIZERS
from tests.draws import fresh
from tests.golden import record_torch

ELEMENTWISE = {name: record for name, record in OPTIMIZERS.items() if record.is_elementwise}
METHODS = [name for name in OPTIMIZERS if name not in ELEMENTWISE]


def written(folder, text, name="my.py"):
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_text("import math\nimport numpy as np\nimport gdsim\n" + textwrap.dedent(text))
    return str(file)


def driven(stepper, gradients):
    return np.array([stepper.step(gradient, 1.0) for gradient in gradients])


def leaf_driven(record, values, start, gradients):
    """The same by the leaves as plain Python, one weight after another."""
    hyper, on = record.pack(values)
    ways = []
    for weight, column in zip(start.tolist(), gradients.T.tolist(), strict=True):
        slots, shared, way = record.initial_slots(hyper), record.initial_shared, []
        for step, gradient in enumerate(column, start=1):
            shared = record.advance(shared, hyper, step)
            weight, slots = record.update(weight, gradient, slots, shared, hyper, on, step)
            way.append(weight)
        ways.append(way)
    return np.array(ways).T


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_a_record_says_the_same_as_its_leaves(name, rng):
    gradients, start = rng.normal(size=(20, 5)), rng.normal(size=5)
    made = target_of(name, {"learning_rate": 0.02})
    assert (made.record, made.claims, made.name) == (OPTIMIZERS[name], name, name)
    assert np.array_equal(driven(made.begin(start), gradients), leaf_driven(made.record, made.values, start, gradients))


def test_switches_and_other_values_reach_the_leaves(rng):
    gradients, start = rng.normal(size=(20, 3)), rng.normal(size=3)
    values = {"momentum": 0.8, "nesterov": True, "weight_decay": 0.1}
    made = target_of("sgd").at(**values)
    assert np.array_equal(driven(made.begin(start), gradients), leaf_driven(OPTIMIZERS["sgd"], made.values, start, gradients))
    assert made.claims == "sgd"


@pytest.mark.parametrize("name", ["adam", "lion", "nadam", "asgd"])
def test_single_precision_is_single(name, rng):
    gradients, start = rng.normal(size=(20, 3)), rng.normal(size=3).astype(np.float32)
    stepper = target_of(name).begin(start)
    after = driven(stepper, gradients)
    assert after.dtype == np.float32
    assert all(array.dtype == np.float32 for key, array in stepper.state().items() if key not in ("shared", "steps"))


@pytest.mark.parametrize("name", METHODS)
def test_methods_need_ground_or_do_without(name):
    stepper = target_of(name).begin(np.ones(3))
    if name in ("polyak", "barzilai_borwein"):
        assert np.isfinite(stepper.step(np.ones(3), 2.0)).all()
    else:
        with pytest.raises(TargetError, match="losses at other points"):
            stepper.step(np.ones(3), 2.0)


def test_a_user_record_is_compiled(tmp_path, rng):
    file = written(
        tmp_path,
        """
        @gdsim.optimizer(slots=("mean",), default_rate=0.5, name="mine_of_a_test")
        def mine(weight, gradient, slots, shared, hyper, on, step):
            mean = 0.9 * slots[0] + gradient
            return weight - hyper[0] * mean, (mean,)
        """,
    )
    by_function, by_name, alone = (target_of(f"{file}{tail}") for tail in (":mine", ":mine_of_a_test", ""))
    for made in (by_function, by_name, alone):
        assert made.record is OPTIMIZERS["mine_of_a_test"]
        assert made.claims is target_of("mine_of_a_test").claims is None
        assert made.values == {"learning_rate": 0.5}
        assert isinstance(made.begin(np.ones(2)), RecordStepper)
    gradients = rng.normal(size=(10, 2))
    heavy = target_of("sgd", {"learning_rate": 0.5, "momentum": 0.9})
    assert np.allclose(driven(alone.begin(np.ones(2)), gradients), driven(heavy.begin(np.ones(2)), gradients), rtol=1e-13)


def test_what_cannot_be_compiled_is_told_by_its_line(tmp_path):
    file = written(
        tmp_path,
        """
        @gdsim.optimizer(name="not_compiled_in_a_test")
        def mine(weight, gradient, slots, shared, hyper, on, step):
            return weight - hyper[0] * float.fromhex(gradient.hex()), slots
        """,
    )
    with pytest.raises(TargetError, match=r"not_compiled_in_a_test: .*my.py, line 7: it cannot be compiled: Unknown attr"):
        target_of(f"{file}:mine")


def test_what_has_no_single_precision_says_so(tmp_path, monkeypatch):
    file = written(
        tmp_path,
        """
        from gdsim.engine.elementary import exp
        @gdsim.optimizer(name="double_in_a_test")
        def mine(weight, gradient, slots, shared, hyper, on, step):
            return weight - hyper[0] * exp(gradient), slots
        """,
    )
    made = target_of(f"{file}:mine")
    monkeypatch.delattr(single_elementary, "FARTHEST_POWER")
    single.in_single.cache_clear()
    with pytest.raises(TargetError, match=r"double_in_a_test: .* has no single precision"):
        made.begin(np.ones(2, np.float32))
    found = answer(made, trial_named(made, "robust/float32"))
    assert (found.verdict, "no single precision" in found.sentence) == (Verdict.SKIPPED, True)
    monkeypatch.undo()
    single.in_single.cache_clear()


def test_one_of_the_same_name_takes_no_ones_place(tmp_path):
    text = """
        @gdsim.optimizer(default_rate={}, name="twice_in_a_test")
        def twice(weight, gradient, slots, shared, hyper, on, step):
            return weight - hyper[0] * gradient, slots
        """
    files = [written(tmp_path, text.format(rate), f"{place}/twice.py") for place, rate in enumerate((0.5, 0.25))]
    for _ in range(2):
        rates = [target_of(f"{file}:{name}").values["learning_rate"] for file in files for name in ("twice", "twice_in_a_test")]
        assert rates == [0.5, 0.5, 0.25, 0.25]


def momentum_step(weights, gradient, state, learning_rate=0.1, momentum=0.9):
    velocity = gradient if state is None else momentum * state["velocity"] + gradient
    return weights - learning_rate * velocity, {"velocity": velocity}


class Momentum:
    """The shape of torch.optim.Optimizer, without torch."""

    def __init__(self, params, lr=0.1, betas=(0.9, 0.5), flag=False):
        self.params, self.lr, self.momentum, self.flag = list(params), lr, betas[0], flag
        self.velocities = [np.zeros_like(one.data) for one in self.params]

    def step(self):
        for one, velocity in zip(self.params, self.velocities, strict=True):
            velocity *= self.momentum
            velocity += one.grad
            one.data -= self.lr * velocity

    def state_dict(self):
        return {"velocities": self.velocities}

    def load_state_dict(self, kept):
        self.velocities = kept["velocities"]


@pytest.mark.parametrize("thing", [momentum_step, Momentum, OPTIMIZERS["sgd"], "sgd"])
def test_all_forms_say_the_same(thing, rng):
    gradients, start = rng.normal(size=(25, 4)), rng.normal(size=4)
    share = "beta1" if thing is Momentum else "momentum"
    made = gdsim.target(thing, learning_rate=0.05, **{share: 0.7})
    reference = target_of("sgd", {"learning_rate": 0.05, "momentum": 0.7}).begin(start)
    stepper = made.begin(start)
    assert np.allclose(driven(stepper, gradients), driven(reference, gradients), rtol=0.0, atol=1e-13)
    other = stepper.restored()
    kept = {name: array.copy() for name, array in other.state().items()}
    again = rng.normal(size=(5, 4))
    ahead = driven(stepper, again)
    assert all(np.array_equal(array, kept[name]) for name, array in other.state().items()), "it shares what it keeps"
    assert np.array_equal(driven(other, again), ahead)
    assert any("velocit" in name for name in stepper.state())


def test_names_of_others_become_ours():
    made = gdsim.target(Momentum, lr=0.3, name="mine")
    assert made.values == {"learning_rate": 0.3, "beta1": 0.9, "beta2": 0.5, "flag": False}
    assert made.name == "mine"
    assert made.at(beta2=0.25, flag=True).values == {"learning_rate": 0.3, "beta1": 0.9, "beta2": 0.25, "flag": True}
    assert made.at(lr=0.5).values["learning_rate"] == 0.5


def test_what_a_function_gets_is_its_own():
    """It may write into its arguments, and what it returned is not written into."""
    kept = []

    def rude(weights, gradient, state):
        weights -= 0.1 * gradient
        gradient[:] = 7.0
        kept.append(weights)
        return weights, state

    start, gradient = np.ones(2), np.array([1.0, 2.0])
    stepper = gdsim.target(rude).begin(start)
    kept.clear()
    first = stepper.step(gradient, 0.0)
    stepper.step(gradient, 0.0)
    assert (start.tolist(), gradient.tolist()) == ([1.0, 1.0], [1.0, 2.0])
    assert first.tolist() == kept[0].tolist() == [0.9, 0.8]


BAD = {
    "adm": r"did you mean 'adam'\?.*allowed: .*torch:NAME",
    "foo:bar": r"allowed: .*FILE.py:NAME",
    "absent.py:step": "there is no such file",
    "FILE:absent": r"there is no 'absent' in it; allowed: raises, wrong_shape, single, arguments, NotAnOptimizer, Slow, Slower",
    "FILE": "which optimizer of it is meant is not said",
    "FILE:number": "found int; allowed: .*torch.optim.Optimizer",
    "FILE:raises": r"my.py, line 6: ZeroDivisionError: division by zero",
    "FILE:wrong_shape": r"weights of shape \(4, 4\); allowed: \(4,\)",
    "FILE:single": r"its step returned NoneType|its step returned None; allowed: a pair",
    "FILE:arguments": r"found a function of \(a, b\); allowed: step\(weights, gradient, state\)",
    "FILE:NotAnOptimizer": "found a class NotAnOptimizer without the method step; allowed",
    "FILE:Slow": r"Slow: lr has no default|learning_rate has no default; give it with --learning-rate",
}


@pytest.mark.parametrize("text", BAD)
def test_bad_targets(text, tmp_path):
    file = written(
        tmp_path,
        """
        number = 3
        def raises(weights, gradient, state): return weights / 0 if state else 1 / 0, state
        def wrong_shape(weights, gradient, state): return np.outer(weights, gradient), state
        def single(weights, gradient, state): pass
        def arguments(a, b): return a
        class NotAnOptimizer: pass
        class Slow:
            def __init__(self, params, lr): pass
            def step(self): pass
        class Slower(Slow): pass
        """,
    )
    with pytest.raises(TargetError, match=BAD[text]):
        target_of(text.replace("FILE", file))


def test_files_that_do_not_run(tmp_path):
    with pytest.raises(TargetError, match=r"bad.py, line 4: NameError"):
        target_of(written(tmp_path, "undefined\n", "bad.py") + ":step")
    with pytest.raises(TargetError, match="SyntaxError"):
        target_of(written(tmp_path, "def (\n", "worse.py") + ":step")


def test_ones_own_code_does_not_end_the_program(tmp_path):
    with pytest.raises(TargetError, match="it ends the program when it is run"):
        target_of(written(tmp_path, "raise SystemExit\n", "ends.py") + ":step")
    with pytest.raises(TargetError, match=r"later.py, line 4: SystemExit: 3"):
        target_of(written(tmp_path, "def step(weights, gradient, state): raise SystemExit(3)\n", "later.py") + ":step")


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        (
            "def step(weights, gradient, state): return weights * 1j, state\n",
            "step",
            "its step returned complex weights; allowed: real ones",
        ),
        ("class Mine: pass\n", "Mine", "found a class Mine without the method step; allowed: "),
    ],
)
def test_what_is_no_step_is_told(text, name, told, tmp_path):
    with pytest.raises(TargetError, match=told):
        target_of(f"{written(tmp_path, text, 'none.py')}:{name}")


def test_a_file_that_changed_is_run_again(tmp_path):
    text = "def step(weights, gradient, state, learning_rate={}): return weights, state\n"
    file = written(tmp_path, text.format(0.5))
    assert target_of(f"{file}:step").values == {"learning_rate": 0.5}
    written(tmp_path, text.format(0.125))
    assert target_of(f"{file}:step").values == {"learning_rate": 0.125}


def test_what_lies_beside_a_file_can_be_imported(tmp_path):
    written(tmp_path, "RATE = 0.75\n", "beside_this_test.py")
    file = written(tmp_path, "from beside_this_test import RATE\ndef step(w, g, s, learning_rate=RATE): return w, s\n")
    assert target_of(f"{file}:step").values == {"learning_rate": 0.75}


@pytest.mark.parametrize(
    ("name", "values", "told"),
    [
        ("adam", {"beta1": 1.5}, "beta1: found 1.5; allowed: a number >= 0 and < 1"),
        ("adam", {"amsgrad": 1.0}, "amsgrad: found 1.0; allowed: true or false"),
        ("adam", {"learning_rate": True}, "learning_rate: found True"),
        ("adam", {"speed": 1.0}, "there is no hyper-parameter 'speed'; allowed: learning_rate, beta1"),
        ("sgd", {"nesterov": True}, "nesterov needs a momentum above 0"),
    ],
)
def test_values_that_a_record_has_not(name, values, told):
    with pytest.raises(TargetError, match=re.escape(told)):
        target_of(name, values)
    with pytest.raises(TargetError, match=re.escape(told)):
        target_of(name).at(**values)


def test_claims_are_of_the_catalogue():
    assert target(momentum_step, claims="sgd").at(momentum=0.5).claims == "sgd"
    with pytest.raises(TargetError, match=r"claims to be 'adm'.*did you mean 'adam'"):
        target_of("sgd", claims="adm")


def test_what_is_not_installed_is_named(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for text, package in (("torch:Adam", "torch"), ("optax:adam", "optax")):
        with pytest.raises(TargetError, match=f"{package} is not installed here: pip install {package}"):
            target_of(text)


# --- torch and optax ---------------------------------------------------------------------------------------------------------------


@pytest.mark.torch
@pytest.mark.parametrize("name", [name for name in record_torch.CLASSES if name != "adafactor"])
def test_torch_says_the_same(name):
    pytest.importorskip("torch")
    rng = fresh()
    gradients, start = rng.normal(size=(40, 3)), rng.normal(size=3)
    theirs, ours = target_of(f"torch:{record_torch.CLASSES[name]}", {"learning_rate": 0.02}), target_of(name, {"learning_rate": 0.02})
    assert theirs.claims == name
    one, other = theirs.begin(start), ours.begin(start)
    assert np.allclose(driven(one, gradients), driven(other, gradients), rtol=0.0, atol=1e-9)
    assert one.state() or name == "sgd"
    again = one.restored()
    assert np.array_equal(driven(again, gradients), driven(one, gradients))


@pytest.mark.torch
def test_torch_subclasses_and_closures(tmp_path):
    pytest.importorskip("torch")
    file = written(
        tmp_path,
        """
        import torch
        class Plain(torch.optim.Optimizer):
            def __init__(self, params, lr=0.25):
                super().__init__(params, {"lr": lr})
            @torch.no_grad()
            def step(self, closure=None):
                for group in self.param_groups:
                    for one in group["params"]:
                        one.add_(one.grad, alpha=-group["lr"])
        class Broken(Plain):
            def step(self, closure=None):
                raise RuntimeError("no")
        """,
    )
    stepper = target_of(f"{file}:Plain").begin(np.ones(2, np.float32))
    assert stepper.step(np.array([1.0, 2.0]), 0.0).tolist() == [0.75, 0.5]
    with pytest.raises(TargetError, match=r"my.py, line 16: RuntimeError: no"):
        target_of(f"{file}:Broken")
    with pytest.raises(TargetError, match="does not support dense gradients"):
        target_of("torch:SparseAdam")
    with pytest.raises(TargetError, match="allowed: ASGD, Adadelta"):
        target_of("torch:absent")
    with pytest.raises(TargetError, match="losses at other points"):
        target_of("torch:LBFGS").begin(np.ones(2)).step(np.ones(2), 1.0)


@pytest.mark.optax
@pytest.mark.parametrize("name", ["adam", "adamw", "adamax", "lion", "sgd", "sign_sgd"])
def test_optax_says_the_same(name):
    pytest.importorskip("optax")
    rng = fresh()
    gradients, start = rng.normal(size=(40, 3)), rng.normal(size=3)
    theirs = target_of(f"optax:{name}", {"learning_rate": 0.02})
    decay = {"weight_decay": theirs.values["weight_decay"]} if "weight_decay" in theirs.values else {}
    one, other = theirs.begin(start), target_of(name, {"learning_rate": 0.02, **decay}).begin(start)
    assert theirs.claims == name
    assert np.allclose(driven(one, gradients), driven(other, gradients), rtol=0.0, atol=1e-9)
    again = one.restored()
    assert np.array_equal(driven(again, gradients), driven(one, gradients))


@pytest.mark.optax
def test_transformations_and_makers_of_them():
    optax = pytest.importorskip("optax")

    def maker(learning_rate=0.5, b1=0.9):
        return optax.chain(optax.trace(b1), optax.scale(-learning_rate))

    ready, made = gdsim.target(optax.sgd(0.5, momentum=0.9), name="ready"), gdsim.target(maker)
    assert (ready.values, made.values) == ({}, {"learning_rate": 0.5, "beta1": 0.9})
    gradients = fresh().normal(size=(10, 2))
    assert np.allclose(driven(ready.begin(np.ones(2)), gradients), driven(made.begin(np.ones(2)), gradients))
    with pytest.raises(TargetError, match="learning_rate has no default"):
        target_of("optax:adam")
    with pytest.raises(TargetError, match="optax has no optimizer of that name"):
        target_of("optax:absent")
