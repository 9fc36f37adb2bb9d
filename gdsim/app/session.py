"""Session: the application running. It holds the state, takes messages, has the worker carry out effects and tells listeners."""

import time
from collections.abc import Callable, Iterable
from types import TracebackType

from gdsim.app.effects import Effect, Stop
from gdsim.app.messages import Compiling, Message
from gdsim.app.state import AppState
from gdsim.app.surveys import SURVEYS, surveys
from gdsim.app.trials import PutToTrials
from gdsim.app.update import initial, update
from gdsim.app.work import Paint
from gdsim.app.worker import Worker
from gdsim.engine import compiling
from gdsim.simulation.scenario import Scenario

Listener = Callable[[AppState], None]


class Session:
    """All of the application but its window; every method belongs to one thread (the window's).

    ``listener(state)`` is called after every ``send`` and ``drain`` that changed the state, once, with the newest one. A message sent by a
    listener is taken up after it returns. Work begins with the first ``drain``, so that a window can be shown before anything compiles.
    """

    def __init__(self, scenario: Scenario, *, paint: Paint | None = None) -> None:
        self._state, self._held = initial(scenario)
        # What looks at very many runs at once has a thread of its own: a map that takes minutes keeps nothing else waiting.
        self._worker, self._surveyor = Worker(paint), Worker(paint)
        self._examiner = Worker()  # trials, in the same manner
        self._listeners: list[Listener] = []
        self._inbox: list[Message] = []
        self._telling = False

    @property
    def state(self) -> AppState:
        return self._state

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """From now on ``listener`` hears of every new state. Returns what ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def send(self, *messages: Message) -> None:
        """Applies the messages in order."""
        self._inbox.extend(messages)
        if not self._telling:
            self._take_up()

    def drain(self, *messages: Message) -> None:
        """Applies all that the worker answered since the last time, then ``messages`` (a frame's ``Tick``)."""
        self._perform(self._held)
        self._held = ()
        self._look_around()
        now = compiling.under_way()
        told = () if now == self._state.compiling else (Compiling(now),)
        self.send(*told, *self._worker.take(), *self._surveyor.take(), *self._examiner.take(), *messages)

    def settle(self, timeout: float = 60.0) -> bool:
        """Drains until nothing is left to be done; False if ``timeout`` seconds were not enough. For use without a window."""
        deadline = time.monotonic() + timeout
        self.drain()
        while busy := [worker for worker in (self._worker, self._surveyor, self._examiner) if not worker.idle]:
            if not busy[0].wait(deadline - time.monotonic()):
                return False
            self.drain()
        return True

    def close(self, timeout: float = 2.0) -> bool:
        """Cancels all work and ends the workers. Returns within ``timeout`` seconds, True if their threads are gone by then."""
        self._listeners.clear()
        deadline = time.monotonic() + timeout
        others = self._surveyor, self._examiner
        for worker in others:
            worker.give_up()
        ended = [self._worker.close(timeout), *(worker.close(max(deadline - time.monotonic(), 0.0)) for worker in others)]
        return all(ended)

    def __enter__(self) -> "Session":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _take_up(self) -> None:
        self._telling = True
        try:
            while self._inbox:
                before = self._state
                waiting, self._inbox = self._inbox, []
                for message in waiting:
                    self._state, effects = update(self._state, message)
                    self._perform(effects)
                self._look_around()
                if self._state is not before:
                    for listener in tuple(self._listeners):
                        listener(self._state)
        finally:
            self._telling = False

    def _look_around(self) -> None:
        """Asks for what is wanted of very many runs, once for all that was done together."""
        self._state, effects = surveys(self._state)
        self._perform(effects)

    def _perform(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            if isinstance(effect, SURVEYS | Stop):
                self._surveyor.submit(effect)
            if isinstance(effect, PutToTrials | Stop):
                self._examiner.submit(effect)
            if not isinstance(effect, SURVEYS | PutToTrials):
                self._worker.submit(effect)
