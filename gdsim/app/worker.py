"""Worker: one thread that does the work, a step at a time, and answers through a bounded mailbox.

Work is a generator: between two of its steps the thread looks for something more urgent, or whether the work is still wanted. It yields
messages, or None where there is nothing to tell.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Generator
from dataclasses import dataclass, field

from gdsim.app.effects import Compute, Effect, FindRate, Hold, Predict, Read, ReadCsv, Render, Stop, Write
from gdsim.app.many_seeds import RunSeeds, SeedsRun
from gdsim.app.mapping import Sharpen, Sharpened, WriteMap
from gdsim.app.messages import Computed, Failed, Message, Painting, Predicted, RateFound
from gdsim.app.questions import PlaneFound, SurveyPlane, Unfold, Unfolded
from gdsim.app.rereading import Reread
from gdsim.app.ruling import Ruled, RuleRates
from gdsim.app.scripting import WriteScript
from gdsim.app.trials import PutToTrials, Tried
from gdsim.app.work import Paint, Work, in_words

log = logging.getLogger(__name__)

CAPACITY = 32
"""Answers that wait to be taken."""

PATIENCE = 0.1
"""Seconds that a computation may go on after a newer step of the same drag has come, and other work before computations."""

QUESTIONS = Predict, Unfold, SurveyPlane, RunSeeds
"""What is asked about a computation: a newer one takes their place, and so does another of the same kind."""

URGENCY = {
    Read: 0,
    ReadCsv: 0,
    Reread: 0,
    Write: 0,
    WriteScript: 0,
    WriteMap: 0,
    FindRate: 1,
    Compute: 2,
    Predict: 3,
    Unfold: 3,
    SurveyPlane: 3,
    RunSeeds: 3,
    RuleRates: 3,
    Sharpen: 4,
    PutToTrials: 3,
    Render: 3,
}

GIVEN_UP = (
    (Compute, FindRate, *QUESTIONS, PutToTrials, RuleRates, Sharpen, Render),
    (Computed, RateFound, Predicted, Unfolded, PlaneFound, SeedsRun, Tried, Ruled, Sharpened, Painting),
)
"""What ``Stop`` ends, and the answers that nobody waits for then."""


WELCOME_LATE = Ruled | Sharpened
"""Answers that are taken though a newer question has come: while something is dragged, they are all that there is."""


@dataclass(eq=False)
class Job:
    effect: Effect
    number: int
    begun: float | None = None
    steps: Generator[Message | None, None, None] | None = field(default=None, repr=False)
    dropped: bool = False

    def place(self, now: float) -> tuple[int, int]:
        """Where it stands in the queue: the lowest is next. Work that takes long lets computations pass."""
        late = self.begun is not None and now - self.begun > PATIENCE and not isinstance(self.effect, Compute)
        return max(URGENCY.values()) if late else URGENCY[type(self.effect)], self.number


class Worker:
    """Carries out effects, the most urgent first. The thread starts with the first one and is never touched by an error in the work."""

    def __init__(self, paint: Paint | None = None) -> None:
        self._work = Work(paint)
        self._changed = threading.Condition()
        self._jobs: list[Job] = []
        self._dropped: list[Job] = []
        self._mail: deque[Message] = deque()
        self._submitted = 0
        self._newest = -1
        self._closing = False
        self._held = False
        self._thread: threading.Thread | None = None

    def submit(self, effect: Effect) -> None:
        """Puts work in the queue, or gives it up (``Stop``).

        A computation takes the place of older ones, and of questions about them; one that is older than another known is ignored. A
        question takes the place of another of its kind, a search for a learning rate that of another for the same run.
        """
        with self._changed:
            if self._closing:
                return
            match effect:
                case Hold():
                    self._held = effect.on
                    self._changed.notify_all()
                    return
                case Stop():
                    self._held = False
                    efforts, answers = GIVEN_UP
                    self._drop([job for job in self._jobs if isinstance(job.effect, efforts)])
                    self._mail = deque(message for message in self._mail if not isinstance(message, answers))
                    return
                case Compute():
                    if effect.generation < self._newest:
                        return
                    self._newest, self._held = effect.generation, False
                    olds = [job for job in self._jobs if isinstance(job.effect, Compute)]
                    self._drop([job for job in olds if not effect.live or job.begun is None])
                    self._drop([job for job in self._jobs if isinstance(job.effect, QUESTIONS)])
                case Predict() | Unfold() | SurveyPlane() | RunSeeds() | RuleRates() | Sharpen() | PutToTrials():
                    self._drop([job for job in self._jobs if type(job.effect) is type(effect)])
                case FindRate():
                    self._drop([job for job in self._jobs if isinstance(job.effect, FindRate) and job.effect.run == effect.run])
                    self._mail = deque(a for a in self._mail if not (isinstance(a, RateFound) and a.run == effect.run))
            self._jobs.append(Job(effect, self._submitted))
            self._submitted += 1
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="gdsim worker", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def take(self) -> tuple[Message, ...]:
        """All answers since the last time."""
        with self._changed:
            mail = tuple(self._mail)
            self._mail.clear()
            self._changed.notify_all()
        return mail

    @property
    def idle(self) -> bool:
        """Whether there is neither work nor an answer that was not taken."""
        with self._changed:
            return not self._jobs and not self._mail

    def wait(self, timeout: float) -> bool:
        """Sleeps until there is an answer to take or nothing to do; False if there is neither after ``timeout`` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self._mail) or not self._jobs, max(timeout, 0.0))

    def give_up(self) -> None:
        """Gives up all work, for good."""
        with self._changed:
            self._closing = True
            self._drop(list(self._jobs))
            self._mail.clear()
            self._changed.notify_all()

    def close(self, timeout: float) -> bool:
        """Gives up all work. Returns within ``timeout`` seconds, True if the thread has ended by then.

        Work ends between two steps. What cannot be cut short, such as a compilation, is left behind and ends with the process.
        """
        self.give_up()
        if self._thread is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _drop(self, jobs: list[Job]) -> None:
        """Takes jobs out of the queue; the thread closes them between two of their steps."""
        for job in jobs:
            self._jobs.remove(job)
            job.dropped = True
        self._dropped += jobs
        self._changed.notify_all()

    def _run(self) -> None:
        while (job := self._next()) is not None:
            try:
                if job.dropped:
                    if job.steps is not None:
                        job.steps.close()
                    continue
                if job.steps is None:
                    job.steps = self._work.begin(job.effect)
                answer = next(job.steps)
            except StopIteration:
                self._finish(job, None)
            except Exception as error:  # whatever it is, the thread lives on and the user is told
                self._finish(job, failure(job.effect, error))
            else:
                if answer is not None:
                    self._answer(job, answer)

    def _next(self) -> Job | None:
        """The job to do a step of, or to close, once there is one; None to end."""
        with self._changed:
            self._changed.wait_for(lambda: self._eligible() or self._dropped or self._closing)
            now = time.monotonic()
            computations = [job for job in self._jobs if isinstance(job.effect, Compute)]
            self._drop([job for job in computations[:-1] if job.begun is None or now - job.begun > PATIENCE])
            if self._dropped:
                return self._dropped.pop()
            if self._closing:
                return None
            job = min(self._eligible(), key=lambda job: job.place(now))
            if job.begun is None:
                job.begun = now
            return job

    def _eligible(self) -> list[Job]:
        """What may be worked at now."""
        return [job for job in self._jobs if not (self._held and isinstance(job.effect, Compute))]

    def _answer(self, job: Job, message: Message) -> None:
        """Puts an answer in the mailbox when there is room, unless it is not wanted any more. More of a run takes the place of less."""
        with self._changed:
            if self._mail and is_more(message, self._mail[-1]):
                self._mail.pop()
            self._changed.wait_for(lambda: len(self._mail) < CAPACITY or job.dropped)
            if not job.dropped or (isinstance(message, WELCOME_LATE) and not self._closing):
                self._mail.append(message)
            self._changed.notify_all()

    def _finish(self, job: Job, message: Message | None) -> None:
        if message is not None:
            self._answer(job, message)
        with self._changed:
            if job in self._jobs:
                self._jobs.remove(job)
            self._changed.notify_all()


def failure(effect: Effect, error: Exception) -> Failed:
    return Failed(in_words(error), effect.generation if isinstance(effect, Compute) else None, effect)


def is_more(message: Message, before: Message) -> bool:
    """Whether ``message`` says all that ``before`` does: the same run of the same computation, further on, or more of a picture or an
    ensemble, or of trials, or a newer ruler.
    """
    if isinstance(message, Painting):
        return isinstance(before, Painting)
    if isinstance(message, Sharpened):
        if not isinstance(before, Sharpened) or (message.purpose, message.number) != (before.purpose, before.number):
            return False
        return message.picture is not None or before.picture is None
    if isinstance(message, Ruled):
        return isinstance(before, Ruled) and message.run == before.run
    if isinstance(message, SeedsRun):
        return isinstance(before, SeedsRun) and message.generation == before.generation
    if isinstance(message, Tried):
        return isinstance(before, Tried) and message.question == before.question
    return (
        isinstance(message, Computed)
        and isinstance(before, Computed)
        and (message.generation, message.chunk.run) == (before.generation, before.chunk.run)
    )
