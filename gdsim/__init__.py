"""gdsim: a wind tunnel for gradient descent.

    import gdsim

    path = gdsim.minimise("rosenbrock", "adam", learning_rate=0.01, steps=1000)
    print(path.verdict, path.positions[-1])

    result = gdsim.run("three-learning-rates")
    print(result)
    result.plot("picture.png")

One idea a layer, and imports go only downward::

    gui -> app -> harness -> simulation -> networks -> landscapes, optimizers, schedules -> engine
           cli ------^

``engine`` computes and knows arrays alone. ``LANDSCAPES``, ``OPTIMIZERS`` and ``SCHEDULES`` are records round its leaf functions. A
``Scenario`` is everything that decides the numbers of a simulation, equal to its TOML file. ``run`` and ``stream`` make a ``Result`` of
``Trajectory`` from it, each with its ``Verdict``. The window and the command line do nothing else. Wherever a scenario is wanted, its file
or the name of a shipped one will do; where an optimizer is put to trials, whatever ``target`` takes.

Names are loaded at their first use, so that ``import gdsim`` is quick.
"""

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from gdsim import painting
from gdsim.version import __version__

if TYPE_CHECKING:
    from gdsim.harness.check import check as check
    from gdsim.harness.race_result import RaceResult as RaceResult
    from gdsim.harness.race_run import race as race
    from gdsim.harness.report import Report as Report
    from gdsim.harness.target import Target as Target
    from gdsim.harness.target import TargetError as TargetError
    from gdsim.harness.targets import target as target
    from gdsim.landscapes import LANDSCAPES as LANDSCAPES
    from gdsim.landscapes import Landscape as Landscape
    from gdsim.landscapes import StationaryPoint as StationaryPoint
    from gdsim.landscapes.formula import FormulaError as FormulaError
    from gdsim.landscapes.formula import formula as formula
    from gdsim.landscapes.motion import MOTIONS as MOTIONS
    from gdsim.landscapes.motion import Motion as Motion
    from gdsim.landscapes.noise import NOISES as NOISES
    from gdsim.landscapes.noise import Noise as Noise
    from gdsim.landscapes.prototypes import PROTOTYPES as PROTOTYPES
    from gdsim.landscapes.prototypes import SCALES as SCALES
    from gdsim.landscapes.prototypes import PrototypeError as PrototypeError
    from gdsim.landscapes.prototypes import prototype as prototype
    from gdsim.landscapes.transformed import transformed as transformed
    from gdsim.networks import datasets as datasets
    from gdsim.networks.batches import Batches as Batches
    from gdsim.networks.dataset import DataError as DataError
    from gdsim.networks.dataset import Dataset as Dataset
    from gdsim.networks.generators import DATASETS as DATASETS
    from gdsim.networks.model import Model as Model
    from gdsim.networks.network import Network as Network
    from gdsim.networks.split import Split as Split
    from gdsim.networks.split import Standardise as Standardise
    from gdsim.networks.split import split as split
    from gdsim.networks.tensors import WeightsError as WeightsError
    from gdsim.networks.two_weights import two_weights as two_weights
    from gdsim.optimizers import OPTIMIZERS as OPTIMIZERS
    from gdsim.optimizers import Optimizer as Optimizer
    from gdsim.parameter import Param as Param
    from gdsim.plugins import PluginError as PluginError
    from gdsim.plugins import landscape as landscape
    from gdsim.plugins import optimizer as optimizer
    from gdsim.schedules import SCHEDULES as SCHEDULES
    from gdsim.schedules import Schedule as Schedule
    from gdsim.schedules.batch_size import BATCH_SCHEDULES as BATCH_SCHEDULES
    from gdsim.schedules.batch_size import BatchSchedule as BatchSchedule
    from gdsim.simulation.complaints import ScenarioError as ScenarioError
    from gdsim.simulation.ensemble import Ensemble as Ensemble
    from gdsim.simulation.ensemble import ensemble as ensemble
    from gdsim.simulation.gradient_noise import GradientNoise as GradientNoise
    from gdsim.simulation.gradient_noise import noise_at as noise_at
    from gdsim.simulation.minimise import minimise as minimise
    from gdsim.simulation.problem import Problem as Problem
    from gdsim.simulation.pytorch.exportable import ExportError as ExportError
    from gdsim.simulation.pytorch.script import export_pytorch as export_pytorch
    from gdsim.simulation.rate_finder import RateFinder as RateFinder
    from gdsim.simulation.rate_finder import find_rate as find_rate
    from gdsim.simulation.run import run as run
    from gdsim.simulation.run import stream as stream
    from gdsim.simulation.scenario import NormalStart as NormalStart
    from gdsim.simulation.scenario import Run as Run
    from gdsim.simulation.scenario import Scenario as Scenario
    from gdsim.simulation.scenario_file import load as load
    from gdsim.simulation.scenario_file import save as save
    from gdsim.simulation.store import write as write
    from gdsim.simulation.sweep import sweep as sweep
    from gdsim.simulation.sweep_axes import Sweep as Sweep
    from gdsim.simulation.sweep_result import SweepResult as SweepResult
    from gdsim.simulation.train import train as train
    from gdsim.simulation.training_record import Training as Training
    from gdsim.simulation.training_record import TrainingSteps as TrainingSteps
    from gdsim.simulation.trajectory import Chunk as Chunk
    from gdsim.simulation.trajectory import Result as Result
    from gdsim.simulation.trajectory import Steps as Steps
    from gdsim.simulation.trajectory import Trajectory as Trajectory
    from gdsim.simulation.verdict import Outcome as Outcome
    from gdsim.simulation.verdict import Rate as Rate
    from gdsim.simulation.verdict import Verdict as Verdict

HOMES = {
    "harness.check": ("check",),
    "harness.race_result": ("RaceResult",),
    "harness.race_run": ("race",),
    "harness.report": ("Report",),
    "harness.target": ("Target", "TargetError"),
    "harness.targets": ("target",),
    "landscapes": ("LANDSCAPES", "Landscape", "StationaryPoint"),
    "landscapes.formula": ("FormulaError", "formula"),
    "landscapes.motion": ("MOTIONS", "Motion"),
    "landscapes.noise": ("NOISES", "Noise"),
    "landscapes.prototypes": ("PROTOTYPES", "SCALES", "PrototypeError", "prototype"),
    "landscapes.transformed": ("transformed",),
    "networks": ("datasets",),
    "networks.batches": ("Batches",),
    "networks.dataset": ("DataError", "Dataset"),
    "networks.generators": ("DATASETS",),
    "networks.model": ("Model",),
    "networks.network": ("Network",),
    "networks.split": ("Split", "Standardise", "split"),
    "networks.tensors": ("WeightsError",),
    "networks.two_weights": ("two_weights",),
    "optimizers": ("OPTIMIZERS", "Optimizer"),
    "parameter": ("Param",),
    "schedules": ("SCHEDULES", "Schedule"),
    "schedules.batch_size": ("BATCH_SCHEDULES", "BatchSchedule"),
    "plugins": ("PluginError", "landscape", "optimizer"),
    "simulation.complaints": ("ScenarioError",),
    "simulation.ensemble": ("Ensemble", "ensemble"),
    "simulation.gradient_noise": ("GradientNoise", "noise_at"),
    "simulation.minimise": ("minimise",),
    "simulation.problem": ("Problem",),
    "simulation.pytorch.exportable": ("ExportError",),
    "simulation.pytorch.script": ("export_pytorch",),
    "simulation.rate_finder": ("RateFinder", "find_rate"),
    "simulation.run": ("run", "stream"),
    "simulation.scenario": ("NormalStart", "Run", "Scenario"),
    "simulation.scenario_file": ("load", "save"),
    "simulation.store": ("write",),
    "simulation.train": ("train",),
    "simulation.training_record": ("Training", "TrainingSteps"),
    "simulation.sweep": ("sweep",),
    "simulation.sweep_axes": ("Sweep",),
    "simulation.sweep_result": ("SweepResult",),
    "simulation.trajectory": ("Chunk", "Result", "Steps", "Trajectory"),
    "simulation.verdict": ("Outcome", "Rate", "Verdict"),
}
_HOME = {name: f"gdsim.{module}" for module, names in HOMES.items() for name in names}

__all__ = ["__version__", *_HOME]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'gdsim' has no attribute {name!r}", name=name, obj=sys.modules[__name__])
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


painting.say("a result", lambda: import_module("gdsim.gui.picture").paint_result)
painting.say("a sweep", lambda: import_module("gdsim.gui.map_picture").paint_map)
painting.say("a rate finder", lambda: import_module("gdsim.gui.finder_picture").paint_finder)
