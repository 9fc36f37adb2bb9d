"""gdsim: a wind tunnel for gradient descent."""

from gdsim.landscapes import LANDSCAPES
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.run import run, stream
from gdsim.simulation.scenario import Scenario
from gdsim.version import __version__

__all__ = ["LANDSCAPES", "OPTIMIZERS", "Scenario", "__version__", "run", "stream"]
