"""The name that ``gdsim.staged`` had before weights, which stand below simulations, were written to files too."""

from gdsim.staged import staged as staged
