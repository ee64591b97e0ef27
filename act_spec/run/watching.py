"""How far a job is, and how far the one that goes on with its items: a tick of each."""

from __future__ import annotations

import time

from act_spec.documents.ticks import Tick
from act_spec.engine.job import Job, Progress
from act_spec.engine.ledger import Ledger
from act_spec.plan.model import Plan
from act_spec.run.speed import Speed, Stretch, foreseen_usd


class Watch:
    """Looks at a job's counts as often as it is asked."""

    def __init__(self, plan: Plan, job: Job, total: int, progress: Progress, ledger: Ledger) -> None:
        """
        Begin; the clock starts.

        Args:
            plan: Prices what is still to come.
            job: That is about to run.
            total: Items that it settles.
            progress: Its counts.
            ledger: What the run has spent.
        """
        self._plan = plan
        self._job = job
        self._total = total
        self._progress = progress
        self._ledger = ledger
        self._before_usd = ledger.spent_usd
        self._started = time.monotonic()
        self._speeds: dict[str, Speed] = {}

    def ticks(self, note: str = "", at_most: int | None = None) -> list[Tick]:
        """
        A tick of each stage that has begun, in the order of the walk.

        Args:
            note: What is told where they wait for nothing themselves.
            at_most: Calls that may be in flight now, where that is worth telling.
        """
        now, watched = time.monotonic(), self._watched()
        stretches = [one for one, _ in watched]
        foreseen = foreseen_usd(self._plan, stretches, self._ledger.spent_usd, self._before_usd)
        return [
            Tick(
                one.stage,
                one.done,
                one.total,
                sum(progress.failed.values()),
                self._ledger.spent_usd,
                now - self._started,
                failures=dict(progress.failed),
                per_s=self._speeds.setdefault(one.stage, Speed()).of(now, one.done),
                foreseen_usd=foreseen,
                at_most=at_most,
                note=self._progress.note or note,
            )
            for one, progress in watched
        ]

    def _watched(self) -> list[tuple[Stretch, Progress]]:
        progress, then = self._progress, self._job.then
        first = (Stretch(self._job.stage, progress.settled, self._total), progress)
        if then is None or progress.then is None or not (progress.settled or then.waiting):
            return [first]
        # What failed has no label that could be judged.
        total = then.waiting + self._total - sum(progress.failed.values())
        return [first, (Stretch(then.job.stage, progress.then.settled, total), progress.then)]
