"""How fine a map becomes in the time that it is worth, and how long it still takes.

A map is computed at stages: at stage 0 it has as many places as asked for, at each further one half as many along each axis. Runs on a
landscape cost next to nothing, so their maps have no end but stage 0. Those of trainings begin with as few as are ready soon, and end
where a finer picture would take longer than somebody waits for unasked.
"""

import time
from dataclasses import dataclass, field

SOON = 1.5
"""Seconds within which the first picture of a map of trainings is to be there."""
PATIENCE = 180.0
"""Seconds that a map of trainings may take unasked."""
KNOWING = 0.5
"""Seconds of work after which it can be told how long the rest takes."""


@dataclass(eq=False)
class Cost:
    """What looking at a window costs: ``wanted`` runs of each stage, stage 0 first, were not known when it began. ``seconds`` of a run are
    known beforehand for trainings alone (None: it does not matter). The clock runs from now on.
    """

    wanted: tuple[int, ...]
    seconds: float | None
    patience: float
    computed: int = 0
    _began: float = field(default_factory=lambda: time.perf_counter())

    @property
    def spent(self) -> float:
        return time.perf_counter() - self._began

    def count(self, runs: int) -> None:
        """So many runs were computed since the last time."""
        self.computed += runs
        if self.seconds is not None and self.computed:
            self.seconds = self.spent / self.computed

    def price(self, stage: int) -> float:
        """Seconds that it takes until the picture of this stage is there; 0 where that does not matter."""
        return (self.seconds or 0.0) * max(self.wanted[stage] - self.computed, 0)

    def aim(self, stage: int) -> int:
        """The finest stage up to ``stage`` that patience lasts for; beyond it, where it does not last even for that one."""
        if self.seconds is None:
            return 0
        return next((finer for finer in range(stage + 1) if self.price(finer) <= self.patience - self.spent), stage + 1)

    def left(self, stage: int) -> float | None:
        """Seconds until the picture of this stage is there; None where nobody can tell yet."""
        if not self.computed or self.spent < KNOWING:
            return None
        return self.spent / self.computed * max(self.wanted[stage] - self.computed, 0)
