"""Four optimizers that are wrong, and a fifth: each is caught, each with the right sentence; with the mistake mended they pass."""

from pathlib import Path

import pytest

from gdsim.harness.check import check
from gdsim.harness.differential import compare, like
from gdsim.harness.targets import target_of
from gdsim.harness.trial import Verdict

FOLDER = Path(__file__).parent / "wrong"
CAUGHT = {
    "adam.py:wrong_adam": ("adam", "truth/claim/own", "the bias correction multiplies where it should divide"),
    "rmsprop.py:step": ("rmsprop", "truth/claim/own", "eps stands inside the root, where it belongs outside"),
    "nesterov.py:Nesterov": ("sgd", "truth/claim/own", "the sign of Nesterov's momentum is wrong"),
    "adagrad.py:step": ("adagrad", "truth/claim/own", "it forgets its state from step to step"),
    "unsaved_adagrad.py:Adagrad": ("adagrad", "robust/restart", "the restarted run left the way in step 1"),
}
MENDED = {
    "adam.py:wrong_adam": ("* (1.0 - beta", "/ (1.0 - beta", 2),
    "rmsprop.py:step": ("np.sqrt(square + eps)", "(np.sqrt(square) + eps)", 1),
    "nesterov.py:Nesterov": ("parameter.grad - self.momentum", "parameter.grad + self.momentum", 1),
    "adagrad.py:step": ("total = np.zeros_like(weights)", "total = np.zeros_like(weights) if state is None else state.copy()", 1),
    "unsaved_adagrad.py:Adagrad": (
        'return {"lr": self.lr}',
        'return {"totals": self.totals}\n\n    def load_state_dict(self, kept):\n        self.totals = kept["totals"]',
        1,
    ),
}


@pytest.mark.parametrize("name", CAUGHT)
def test_it_is_caught(name):
    claims, trial, sentence = CAUGHT[name]
    report = check(target_of(f"{FOLDER}/{name}", claims=claims), ["truth", "robust"])
    found = {one.trial.id: one for one in report.outcomes}[trial]
    assert found.verdict is Verdict.FAILED
    assert sentence in found.sentence
    if trial.startswith("truth"):
        assert trial in [one.trial.id for one in report.worst()]


@pytest.mark.parametrize("name", CAUGHT)
def test_beside_the_right_one_it_parts_at_once(name):
    one = target_of(f"{FOLDER}/{name}")
    comparison = compare(one, like(CAUGHT[name][0], one))
    if name.startswith("unsaved"):
        assert comparison.difference is None
    else:
        assert comparison.difference is not None
        assert comparison.difference.step == (2 if name.startswith("adagrad") else 1)


@pytest.mark.parametrize("name", CAUGHT)
def test_mended_it_passes(name, tmp_path):
    file, _, thing = name.partition(":")
    wrong, right, count = MENDED[name]
    text = (FOLDER / file).read_text()
    assert text.count(wrong) == count
    text = text.replace(wrong, right)
    if file == "unsaved_adagrad.py":  # its own way back gives way to the one that was put in
        text = text.replace('    def load_state_dict(self, kept):\n        self.lr = kept["lr"]\n', "")
    (tmp_path / file).write_text(text.replace("def wrong_adam", "def mended_adam"))
    made = target_of(f"{tmp_path / file}:{thing.replace('wrong_adam', 'mended_adam')}", claims=CAUGHT[name][0])
    report = check(made, ["truth", "robust"])
    assert not report.failures, [(one.trial.id, one.sentence) for one in report.failures]
    assert compare(made, like(CAUGHT[name][0], made)).difference is None
