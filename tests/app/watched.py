"""A worker whose steps are counted, and timed by the processor's clock: what a loaded machine does to the wall's changes nothing."""

import time
from collections.abc import Generator

from gdsim.app.effects import Effect
from gdsim.app.messages import Message
from gdsim.app.worker import Worker


class Watched(Worker):
    """``taken`` are the effects of all steps so far with the seconds that their thread worked at each."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[tuple[Effect, float]] = []
        begin = self._work.begin
        self._work.begin = lambda effect: self._timed(effect, begin(effect))  # type: ignore[method-assign]

    def _timed(self, effect: Effect, steps: Generator[Message | None, None, None]) -> Generator[Message | None, None, None]:
        try:
            while True:
                began = time.thread_time()
                answer = next(steps, self)
                self.taken.append((effect, time.thread_time() - began))
                if answer is self:
                    return
                yield answer  # type: ignore[misc]
        finally:
            steps.close()

    def steps_of(self, effect: Effect) -> list[float]:
        return [seconds for of, seconds in list(self.taken) if of is effect]
