"""Checkpoint: a training in a file, from which it goes on to the same bits. Safetensors, so that nothing in a file is ever executed."""

import hashlib
import json
import math
import os
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.engine import descend
from gdsim.networks.learn import LearnerState, Rows
from gdsim.networks.tensors import WeightsError, load_tensors, save_tensors
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.store_training import file_names
from gdsim.simulation.trainer import Trainer

KIND = "gdsim checkpoint"
SECONDS = 5.0
"""How often the checkpoints of a whole scenario are written at most."""
ROWS = ("losses", "gradient_norms", "weight_norms", "step_lengths", "learning_rates")
STATE = ("weights", "slots", "shared", "buffers", "calm")
A_CHECKPOINT = "a checkpoint of this training"

Tensors = dict[str, NDArray[Any]]


@dataclass
class Checkpoint:
    """The file ``path``, written after every ``every`` epochs (but not twice within so many ``seconds``) and at the end; where it is there
    already, the training goes on from it.

    It holds the weights, the optimizer's numbers, the schedule's and what was recorded. A training of more steps may go on from one of
    fewer, unless it has a schedule, which may depend on how many there are.
    """

    path: str | os.PathLike[str]
    every: int = 1
    seconds: float = 0.0
    _kept_at: int = field(default=0, init=False)
    _kept_when: float = field(default=-math.inf, init=False)

    def keep(self, trainer: Trainer) -> None:
        """Writes the training as it stands, if that is due. Raises OSError, and WeightsError for what is too large for a file."""
        epochs = trainer.batches.epoch(trainer.done + 1) - trainer.batches.epoch(self._kept_at + 1)
        due = epochs >= self.every and time.monotonic() - self._kept_when >= self.seconds
        if due or trainer.over:
            tensors = _tensors(trainer)
            save_tensors(self.path, tensors, {"kind": KIND, "content": _digest(tensors), **_identity(trainer)})
            self._kept_at, self._kept_when = trainer.done, time.monotonic()

    def restore(self, trainer: Trainer) -> bool:
        """Puts ``trainer`` where the file stands; False if there is none. Raises WeightsError for a file that is of something else."""
        if not Path(self.path).exists():
            return False
        tensors, metadata = load_tensors(self.path)
        if metadata.get("kind") != KIND:
            raise WeightsError(self.path, "", "weights that are no checkpoint", A_CHECKPOINT)
        for name, own in _identity(trainer).items():
            if metadata.get(name) != own:
                raise WeightsError(self.path, "", f"a checkpoint made with {name}", f"{A_CHECKPOINT}, or a new file")
        if tensors.get("step", np.empty(0)).shape == (3,) and tensors["step"][1] > trainer.steps:
            wanted = f"at most {trainer.steps:,}, which is how many are wanted"
            raise WeightsError(self.path, "", f"a checkpoint after {int(tensors['step'][1]):,} steps", wanted)
        try:
            if _digest(tensors) != metadata.get("content"):
                raise ValueError("its content was changed")
            _put_back(trainer, tensors)
        except (KeyError, ValueError, IndexError, TypeError) as error:
            raise WeightsError(self.path, "", f"a checkpoint that is damaged ({error})", A_CHECKPOINT) from None
        self._kept_at = trainer.done
        return True


def checkpoints_in(folder: Path | None, scenario: Scenario) -> list[Checkpoint | None]:
    """One checkpoint a run, in files of ``folder`` named after the runs; without a folder none."""
    if folder is None:
        return [None] * len(scenario.runs)
    names = file_names([run.label or run.optimizer for run in scenario.runs])
    return [Checkpoint(folder / f"{name}.safetensors", seconds=SECONDS) for name in names]


def _identity(trainer: Trainer) -> dict[str, str]:
    """What has to be the same for a training to go on, by name."""
    run = trainer.run.model_dump(exclude={"label", "epochs"})
    validation = trainer.parts.validation
    return {
        "another network": repr(trainer.network),
        "other data": f"{trainer.parts.train.digest} {validation.digest if validation else ''}",
        "other settings of the run": json.dumps(run, sort_keys=True, default=str),
        "another seed": str(trainer.seed),
        "another tolerance": repr(trainer.tolerance),
        "another number of steps": str(trainer.steps) if trainer.run.schedule else "",
    }


def _digest(tensors: Tensors) -> str:
    """Names the content: no file that was cut, joined or edited has that of what was written."""
    state = hashlib.blake2b(digest_size=16)
    for name in sorted(tensors):
        array = np.ascontiguousarray(tensors[name])
        state.update(f"{name} {array.dtype} {array.shape}".encode())
        state.update(array.tobytes())
    return state.hexdigest()


def _tensors(trainer: Trainer) -> Tensors:
    state, kept, stopping = trainer.learner.state, trainer.kept.view(), trainer.stopping
    recorded = {name: np.concatenate([getattr(piece, name) for piece in trainer.rows] or [np.empty(0)]) for name in ROWS}
    tensors: Tensors = {f"state.{name}": getattr(state, name) for name in STATE}
    tensors["step"] = np.array([state.step, trainer.done, trainer.status], dtype=np.int64)
    # The row of the point after the last step is made anew: a training may go on beyond it.
    whole = trainer.done + (trainer.status != descend.RUNNING)
    tensors |= {f"rows.{name}": column[:whole].astype(np.float64) for name, column in recorded.items()}
    if (spent := trainer.recorded(trainer.rows).evaluations) is not None:
        tensors["rows.evaluations"] = spent[:whole]
    tensors["epochs"] = np.array(trainer.epoch_rows, dtype=np.float64).reshape(-1, 6)
    tensors["looks"] = np.array(trainer.looks, dtype=np.float64).reshape(-1, 2)
    tensors |= {"kept.steps": kept.steps, "kept.weights": kept.weights, "kept.buffers": kept.buffers}
    tensors["kept.stride"] = np.array([trainer.kept.stride], dtype=np.int64)
    if stopping and stopping.best:
        tensors |= {f"best.{name}": getattr(stopping.best[1], name) for name in STATE}
        tensors["best.step"] = np.array([stopping.best[0], stopping.best[1].step, stopping.stopped_at or 0], dtype=np.int64)
        tensors["best.loss"] = np.array([stopping.least])
    return tensors


def _put_back(trainer: Trainer, tensors: Tensors) -> None:
    before = trainer.learner.state
    step, done, status = (int(number) for number in tensors["step"])
    state = _state(before, tensors, "state", step)
    rows = {name: tensors[f"rows.{name}"] for name in ROWS}
    if step < 1 or not 0 <= done <= trainer.steps or any(len(column) != done + (status != descend.RUNNING) for column in rows.values()):
        raise ValueError("the number of its steps")
    trainer.kept.put_back(tensors["kept.steps"], tensors["kept.weights"], tensors["kept.buffers"], int(tensors["kept.stride"][0]))
    trainer.learner.state = state
    trainer.done, trainer.status = done, status
    trainer.rows = [Rows(**rows, status=status, evaluations=tensors.get("rows.evaluations"))] if len(rows["losses"]) else []
    trainer.restore_looks(tensors["epochs"], tensors["looks"])
    if trainer.stopping and "best.step" in tensors:
        epoch, best_step, stopped = (int(number) for number in tensors["best.step"])
        trainer.stopping.best = epoch, _state(before, tensors, "best", best_step)
        trainer.stopping.least, trainer.stopping.stopped_at = float(tensors["best.loss"][0]), stopped or None


def _state(like: LearnerState, tensors: Tensors, prefix: str, step: int) -> LearnerState:
    """The learner's state in ``tensors``, whose arrays have to be such as those of ``like``."""
    arrays = {}
    for name in STATE:
        wanted, found = getattr(like, name), tensors[f"{prefix}.{name}"]
        # Methods that look at all weights remember more of them from step to step.
        fits = found.ndim == wanted.ndim and (name in ("slots", "shared") or len(found) == len(wanted))
        if not fits or found.shape[1:] != wanted.shape[1:] or found.dtype != wanted.dtype:
            raise ValueError(f"{prefix}.{name} has the shape {list(found.shape)} and not {list(wanted.shape)}")
        arrays[name] = found
    return LearnerState(**arrays, step=step)
