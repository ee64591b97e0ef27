"""`--engine` and `--workers`: where calls go out from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from act_spec.plan.model import Plan

_ENGINE = "act_spec.engine"
Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True)
class Sending:
    """What the command line says of workers; `count` is None where it says nothing."""

    engine: str
    count: int | None

    def applied(self, plan: Plan) -> Plan:
        """The plan with its calls made there."""
        from act_spec.plan.workers import with_workers

        return with_workers(plan, self.engine, self.count)

    def check(self) -> None:
        """
        Whether there are workers to be had, before anything is paid for.

        Raises:
            ModelCallError: If not.
        """
        if self.engine == "ray":
            import os

            from act_spec.engine.workers.cluster import check_cluster, installed_ray

            check_cluster(os.environ, installed_ray())

    @property
    def apart(self) -> bool:
        """Whether other processes than this one make the calls."""
        return self.engine != "local" or (self.count or 1) > 1

    @property
    def words(self) -> tuple[str, ...]:
        """The same as words of the command line."""
        engine = () if self.engine == "local" else ("--engine", self.engine)
        return engine if self.count is None else (*engine, "--workers", str(self.count))


def _engine(context: click.Context, _option: click.Parameter, given: str) -> None:
    context.meta[_ENGINE] = given


def _sending(context: click.Context, _option: click.Parameter, given: int | None) -> Sending:
    return Sending(context.meta.get(_ENGINE, "local"), given)


def sending_options(command: Command) -> Command:
    """Add both options; the command takes `sending`."""
    engine = click.option(
        "--engine",
        type=click.Choice(["local", "ray"]),
        default="local",
        show_default=True,
        is_eager=True,
        expose_value=False,
        callback=_engine,
        help="Where workers are: on this machine, or on the Ray cluster that RAY_ADDRESS names.",
    )
    workers = click.option(
        "--workers",
        "sending",
        metavar="N",
        type=click.IntRange(1, 1024),
        callback=_sending,
        help="Processes that make the calls: on this machine 1 unless you say more, the command's own; on Ray 2.",
    )
    return engine(workers(command))
