"""A cluster of machines as an executor: ``dask://host:port`` is a scheduler of dask.distributed, ``dask+tls://host:port`` one over TLS.

Certificates are those that Dask's own configuration names (``distributed.comm.tls``).
"""

import re
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

SCHEMES = {"dask": "tcp", "dask+tls": "tls"}
AN_ADDRESS = "dask://HOST:PORT, or dask+tls://HOST:PORT"
PATIENCE = 10.0
"""Seconds until a scheduler that does not answer counts as not there."""
RETURN = 120.0
"""Seconds that one that was there is waited for. Started anew on a machine that is busy, it may take a good part of a minute."""
LEAST_AHEAD = 64


class ClusterError(ValueError):
    """A cluster that cannot be used; the message says why."""


@dataclass(frozen=True)
class Cluster:
    """``executor`` runs its work on ``workers`` processes, which had ``threads`` threads together when the connection was made."""

    executor: Executor
    workers: int
    threads: int

    @property
    def ahead(self) -> int:
        """Shards to have under way: two for each thread, so that each has the next one at hand."""
        return max(LEAST_AHEAD, 2 * self.threads)


def dask_address(address: str) -> str:
    """What Dask calls it. Raises ClusterError."""
    scheme, _, place = address.partition("://")
    if scheme not in SCHEMES or not re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^\s/:@?#\[\]]+):\d{1,5}", place):
        raise ClusterError(f"found {address!r}; allowed: {AN_ADDRESS}")
    return f"{SCHEMES[scheme]}://{place}"


class DaskExecutor(Executor):
    """Hands work to a Dask client. (Dask's own executor waits for ever for what was on its way from a scheduler that stopped.)"""

    def __init__(self, client: Any) -> None:
        self._client = client

    def submit(self, work: Callable[..., Any], /, *given: Any, **more: Any) -> Future[Any]:
        """As every executor does. Raises RuntimeError where the scheduler has not come back."""
        if self._client.status == "closed":
            raise RuntimeError(f"the scheduler has been away for {RETURN:g} seconds")
        there = self._client.submit(work, *given, **more, pure=False)
        outcome: Future[Any] = Future()
        outcome.add_done_callback(lambda one: there.cancel() if one.cancelled() and self._client.status != "closed" else None)
        there.add_done_callback(partial(_pass_on, outcome))
        return outcome


def _pass_on(outcome: Future[Any], there: Any) -> None:
    if not outcome.set_running_or_notify_cancel():
        return
    try:
        result = there.result()
    except BaseException as error:  # CancelledError is no Exception
        outcome.set_exception(error)
    else:
        outcome.set_result(result)


@contextmanager
def connected(address: str, patience: float = PATIENCE) -> Iterator[Cluster]:
    """The cluster at ``address``, until the block is left. Raises ClusterError."""
    place = dask_address(address)
    try:
        distributed: Any = import_module("distributed")
    except ImportError:
        raise ClusterError("dask.distributed is not installed; it comes with: pip install 'gdsim[cluster]'") from None
    client: Any = None
    try:
        _wait_for(place, patience)
        security = distributed.Security() if place.startswith("tls:") else None
        client = distributed.Client(place, timeout=RETURN, set_as_default=False, security=security, name="gdsim")
    except (OSError, OverflowError, ValueError, TypeError) as error:  # the last two: no certificates, or none that fit
        raise ClusterError(f"no scheduler can be talked to at {address}: {_first_line(error)}") from None
    try:
        threads: dict[str, int] = client.nthreads()
        yield Cluster(DaskExecutor(client), len(threads), sum(threads.values()))
    finally:
        client.close()


def _wait_for(place: str, patience: float) -> None:
    """Waits until something listens there. Raises OSError, OverflowError for a port that no machine has.

    Dask's client has but one patience, for a scheduler that never was there and for one that is started anew.
    """
    host, _, port = place.partition("://")[2].rpartition(":")
    deadline = time.monotonic() + patience
    while True:
        try:
            socket.create_connection((host.strip("[]"), int(port)), patience).close()
        except (ConnectionError, TimeoutError):
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.1)
        else:
            return


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0][:300]
