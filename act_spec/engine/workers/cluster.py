"""
Workers on a Ray cluster: the only file that imports Ray, which is an optional extra.

A worker is an actor that does what `child` does with its pipes. Ray replaces
neither the pool nor its promises: it carries parcels, and says when an actor
or its node is gone.

Whoever reaches a Ray cluster runs code on it, so one without token
authentication is not joined. What the run's environment says of keys and
addresses goes to each actor as the argument of one call: it is not part of
Ray's description of the job or the actor, which the cluster keeps and shows.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import sys
import threading
from collections.abc import Mapping
from contextlib import redirect_stdout
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TextIO, cast

from act_spec import __version__
from act_spec.engine.workers.desk import Desk
from act_spec.engine.workers.parcels import Asked, Said, packed, unpacked
from act_spec.engine.workers.pool import LineLostError
from act_spec.errors import ModelCallError
from act_spec.llm.keys import redact

OLDEST = (2, 52)
"""The first version with token authentication."""
START_S = 120.0
_HERE = "local"


def check_cluster(environment: Mapping[str, str], installed: str | None) -> None:
    """
    Find out, before anything is paid for, whether there is a Ray to use and whether it may be used.

    Args:
        environment: Of the run.
        installed: Ray's version; None where it is not installed.

    Raises:
        ModelCallError: If it is not installed or too old, or if the cluster knows no authentication.
    """
    if installed is None:
        raise ModelCallError("--engine ray needs Ray, which is not installed: pip install 'act_spec[ray]'.")
    if tuple(int(part) for part in installed.split(".")[:2]) < OLDEST:
        raise ModelCallError(
            f"Ray {installed} knows no authentication. Install 2.52 or later, here and on the cluster."
        )
    address = environment.get("RAY_ADDRESS") or _HERE
    if address.startswith("ray://"):
        raise ModelCallError(
            f"RAY_ADDRESS is {address}, and a run has to be on a machine of the cluster. "
            "Start it there, with RAY_ADDRESS=auto."
        )
    if address != _HERE and environment.get("RAY_AUTH_MODE", "").lower() != "token":
        raise ModelCallError(
            f"RAY_ADDRESS is {address}, and without authentication whoever reaches that cluster can run code on it. "
            "Start its nodes with RAY_AUTH_MODE=token, and set that here too."
        )


def installed_ray() -> str | None:
    """Ray's version, told without its import; None where it is not installed."""
    try:
        return version("ray")
    except PackageNotFoundError:
        return None


def join() -> None:
    """
    Join the cluster that RAY_ADDRESS names, or start one on this machine.

    Raises:
        ModelCallError: See `check_cluster`; or if it cannot be reached.
    """
    check_cluster(os.environ, installed_ray())
    address = os.environ.get("RAY_ADDRESS") or _HERE
    # Ray would report to its makers how it is used.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if address == _HERE:
        os.environ["RAY_AUTH_MODE"] = "token"
    import ray

    own: dict[str, Any] = {"include_dashboard": False} if address == _HERE else {}
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **own)
    except (ConnectionError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        said = redact(str(error)).strip().splitlines() or [type(error).__name__]
        raise ModelCallError(f"The Ray cluster at {address} cannot be joined: {said[0]}") from error

    sys.stdout = cast("TextIO", _OwnOutput(sys.stdout))


def leave() -> None:
    """Leave the cluster; one that this process started ends."""
    import ray

    # It prints what it held back.
    with redirect_stdout(sys.stderr):
        ray.shutdown()
    if isinstance(sys.stdout, _OwnOutput):
        sys.stdout = sys.stdout.kept


class _OwnOutput:
    """Standard output for results: what Ray's threads print of the cluster goes to standard error."""

    def __init__(self, kept: TextIO) -> None:
        self.kept = kept
        self._owner = threading.get_ident()

    def write(self, text: str) -> int:
        to = self.kept if threading.get_ident() == self._owner else sys.stderr
        return to.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.kept, name)


class ClusterWorker:
    """The actor: takes parcels of requests, hands back parcels of answers."""

    async def begin(self, environment: Mapping[str, str | None], transport: str) -> tuple[str, int]:
        """
        Get ready, which takes seconds.

        Args:
            environment: Variables with keys and addresses, as the run has them; None where it has none.
            transport: The module that makes attempts.

        Returns:
            The version of this package here, and the number of this process.
        """
        for name, value in environment.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        module = await asyncio.to_thread(importlib.import_module, transport)
        warm_up = getattr(module, "warm_up", None)
        if warm_up is not None:
            await asyncio.to_thread(warm_up)
        self._said: list[Said] = []
        self._some = asyncio.Event()
        self._desk = Desk(module, self._keep)
        return __version__, os.getpid()

    def _keep(self, said: list[Said]) -> None:
        self._said += said
        self._some.set()

    async def take(self, parcel: bytes) -> None:
        """Begin to answer."""
        self._desk.take(unpacked(parcel))

    async def hand_back(self) -> bytes:
        """What is answered by now, at least one."""
        await self._some.wait()
        said, self._said = self._said, []
        self._some.clear()
        return packed(said)


class ActorLine:
    """The line to one actor; see `pool.Line`."""

    def __init__(self, actor: Any, environment: Mapping[str, str | None], transport: str) -> None:
        self._actor = actor
        self._environment = environment
        self._transport = transport
        self._ready = False
        self.pid = 0

    def send(self, batch: list[Asked]) -> None:
        """Hand requests over; an actor that is gone is noticed by `receive`."""
        self._actor.take.remote(packed(batch))

    async def receive(self) -> list[Said]:
        """What came back; the first time, nothing, once the actor is ready."""
        if self._ready:
            said: list[Said] = unpacked(await self._came(self._actor.hand_back.remote()))
            return said
        try:
            async with asyncio.timeout(START_S):
                there, self.pid = await self._came(
                    self._actor.begin.remote(self._environment, self._transport)
                )
        except TimeoutError:
            raise LineLostError(
                f"not ready within {START_S:.0f} s; each worker wants one free CPU of the cluster."
            ) from None
        if there != __version__:
            raise LineLostError(f"act_spec {there} is installed where it runs, and {__version__} here.")
        self._ready = True
        return []

    async def _came(self, reference: Any) -> Any:
        import ray

        try:
            return await asyncio.wrap_future(reference.future())
        except ray.exceptions.RayError as error:
            lines = [line for line in redact(str(error)).splitlines() if line.strip()]
            # Of a remote traceback the last line says what it was.
            said = lines[-1] if isinstance(error, ray.exceptions.RayTaskError) else lines[0]
            raise LineLostError(said.strip()) from None

    def kill(self) -> None:
        """End the actor's process at once."""
        import ray

        ray.kill(self._actor)

    async def close(self) -> None:
        """End the actor."""
        self.kill()


async def start_actor(
    environment: Mapping[str, str | None], transport: str = "act_spec.llm.provider"
) -> ActorLine:
    """
    Start a worker on the cluster, spread over its nodes.

    Args:
        environment: See `ClusterWorker.begin`.
        transport: The module that makes attempts there.
    """
    import ray

    # Not started again by Ray itself: the pool must know what was in flight.
    options = {"num_cpus": 1, "max_restarts": 0, "max_task_retries": 0, "scheduling_strategy": "SPREAD"}
    actor = ray.remote(**options)(ClusterWorker).remote()
    return ActorLine(actor, environment, transport)
