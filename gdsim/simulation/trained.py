"""What training made: the network as a model, and how it does on the test part."""

import numpy as np

from gdsim.networks.dataset import Dataset
from gdsim.networks.learn import LearnerState, evaluate
from gdsim.networks.model import Model
from gdsim.simulation.network_problem import Learning
from gdsim.simulation.training_record import Test


def trained_model(problem: Learning, state: LearnerState) -> Model:
    """The network with these weights, and with all that it takes to answer for data as they came."""
    train = problem.parts.train
    return Model(
        problem.shape,
        state.weights,
        state.buffers,
        inputs=problem.columns,
        features=problem.seen,
        target=train.target,
        classes=train.classes,
        standardise=problem.standardisation,
        batches=state.step - 1,
    )


def tested(problem: Learning, model: Model, points: Dataset | None) -> Test | None:
    """How the model does on the test part, ``points`` as the data have them; None without one."""
    seen = problem.parts.test
    if seen is None or points is None:
        return None
    loss, score = evaluate(model.network, model.weights, model.buffers, seen)
    with np.errstate(all="ignore"):  # the weights may have diverged
        predictions = model.probabilities(points.inputs) if model.is_classification else model.predict(points.inputs)
    predictions.flags.writeable = False
    return Test(loss, score, points, predictions)
