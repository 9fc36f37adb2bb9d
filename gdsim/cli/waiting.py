"""What a terminal is told while it waits: that kernels are being compiled, for as long as they are."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.progress import ProgressColumn, Task
from rich.text import Text

from gdsim.engine import compiling

EACH_SECOND = 20
"""How often it is looked at whether something is compiled: what has begun is told within 100 ms."""


class CompilingLine:
    def __rich__(self) -> Text:
        return Text("Compiling…" if compiling.under_way() else "", "dim")


class CompilingColumn(ProgressColumn):
    """The same beside a bar."""

    def render(self, task: Task) -> Text:
        return CompilingLine().__rich__()


@contextmanager
def told_of_compiling() -> Iterator[None]:
    """Tells of compilations on standard error, where that is a terminal, and leaves nothing there. Nothing is to be written meanwhile."""
    if not sys.stderr.isatty():
        yield
        return
    console = Console(stderr=True)
    with Live(
        CompilingLine(), console=console, refresh_per_second=EACH_SECOND, transient=True, redirect_stdout=False, redirect_stderr=False
    ):
        yield
