"""``python -m gdsim``: the same as the command ``gdsim``."""

from gdsim.cli import main

if __name__ == "__main__":
    main()
