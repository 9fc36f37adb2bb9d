"""The version of gdsim, stated once."""

__version__ = "0.1.0"
