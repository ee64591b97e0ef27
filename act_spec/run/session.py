"""
One session of a run: the folder with its lock, the client, the ledger, progress and Ctrl-C.

Stages are synchronous and know none of this; they hand a job to `execute`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from act_spec.documents.ticks import Tick
from act_spec.engine.batch_terms import BatchTerms
from act_spec.engine.batches import BatchEngine
from act_spec.engine.job import Batched, Job, Progress
from act_spec.engine.ledger import Ledger
from act_spec.engine.local import Interrupted, LocalEngine
from act_spec.engine.snapshots import Snapshots
from act_spec.engine.workers.pool import Pool
from act_spec.llm.adapting import Level
from act_spec.llm.batches import Batches
from act_spec.llm.client import Client
from act_spec.plan.model import Plan
from act_spec.plan.wording import amount
from act_spec.run.hiring import pool_of
from act_spec.run.lock import known_snapshots
from act_spec.run.stage import Folder
from act_spec.run.watching import Watch
from act_spec.run.whose import refuse_anothers
from act_spec.store.batches import forget_deadline, open_batches
from act_spec.store.calls import bill
from act_spec.store.database import Store
from act_spec.store.media import media_bytes

_EVERY_S = 0.5
_STOPPING = "stopping: waiting for replies in flight, which are paid for; Ctrl-C again drops them"
BACKOFF_S = 1.0


class Session:
    """Runs jobs on one event loop, under one cap, and says how far they are."""

    side_by_side = True

    def __init__(
        self,
        plan: Plan,
        store: Store,
        folder: Folder,
        show: Callable[[Tick], None],
        *,
        backoff_s: float = BACKOFF_S,
        batches: BatchTerms | None = None,
        pool: Pool | None = None,
    ) -> None:
        """
        Prepare; nothing is called yet, but workers start, which takes them seconds.

        Args:
            plan: Its hash stands in the progress file, its cap holds.
            store: The run's database.
            folder: Where `progress.json` goes.
            show: Called twice a second and at the end of each job.
            backoff_s: Bound of the first wait after a failed attempt; see `llm.client.Client`.
            batches: How batches are sent and waited for.
            pool: Workers that make the calls; ended with the session. None where this process does.
        """
        self._plan = plan
        self._store = store
        self._folder = folder
        self._show = show
        self._cap = plan.spending.spend_usd
        self._backoff_s = backoff_s
        self._batches = batches or BatchTerms()
        self._snapshots = Snapshots(known_snapshots(store, folder))
        self._runner = asyncio.Runner()
        self._levels: dict[Hashable, Level] = {}
        self._pool = pool
        if pool is not None and plan.calls_models:
            self._runner.run(pool.start())
        self._told: dict[str, Tick] = {}
        self._started, self._told_at = time.monotonic(), 0.0

    def execute(self, job: Job, total: int) -> Progress:
        """Settle every item of a job; see `run.stage.Engine`."""
        return self._runner.run(self._execute(job, total))

    def follow(self, plan: Plan) -> None:
        """Go on with another plan, under its cap."""
        self._plan = plan
        self._cap = plan.spending.spend_usd

    def tell(self, stage: str, done: int, total: int) -> None:
        """Say how far a stage is that asks no model."""
        now = time.monotonic()
        if done < total and now - self._told_at < _EVERY_S:
            return
        self._told_at = now
        self._say(Tick(stage, done, total, 0, bill(self._store).cost_usd, now - self._started))

    def close(self) -> None:
        """End workers and close the event loop; clients of providers live as long as it does."""
        if self._pool is not None:
            self._runner.run(self._pool.close())
        self._runner.close()

    async def _execute(self, job: Job, total: int) -> Progress:
        paid = bill(self._store)
        ledger = Ledger(self._cap, paid.cost_usd + paid.possible_usd)
        media = partial(media_bytes, self._store.cursor())
        if self._pool is not None:
            await self._pool.start()
        client = Client(
            ledger=ledger,
            backoff_s=self._backoff_s,
            media=media,
            transport=self._pool,
            levels=self._levels,
        )
        engine = LocalEngine(self._store, client, ledger, self._snapshots)
        progress = Progress()
        batched = job.batched
        watch = Watch(self._plan, job, total, progress, ledger)

        def say() -> None:
            lost = self._pool.lost if self._pool is not None else 0
            self._say(*watch.ticks(f"{amount(lost, 'worker')} replaced" if lost else "", client.at_most))

        def stopping() -> None:
            progress.note = _STOPPING
            say()

        ticking = asyncio.create_task(_keep_saying(say))
        try:
            if job.batched is not None:
                job = await self._by_batch(job, job.batched, ledger, progress, total)
            else:
                for out in open_batches(self._store):
                    ledger.hold(out.most_usd)
            with _ctrl_c(engine, stopping):
                await engine.run(job, progress)
            if batched is not None:
                forget_deadline(self._store, batched.key)
        finally:
            ticking.cancel()
            with suppress(asyncio.CancelledError):
                await ticking
            say()
            await client.close()
        return progress

    async def _by_batch(
        self, job: Job, batched: Batched, ledger: Ledger, progress: Progress, total: int
    ) -> Job:
        """The job for the live engine, with the replies of batches in the table."""
        media = partial(media_bytes, self._store.cursor())
        client = Batches(backoff_s=self._backoff_s, media=media)
        models = [model for role in self._plan.roles for model in role.models.values()]
        engine = BatchEngine(self._store, client, ledger, self._snapshots, models, self._batches)
        with _ctrl_c(engine, lambda: None):
            return await engine.fill(job, batched, progress, total)

    def _say(self, *ticks: Tick) -> None:
        for tick in ticks:
            self._show(tick)
            self._told[tick.stage] = tick
        last = ticks[-1]
        state = {
            "process": os.getpid(),
            "plan": self._plan.hash,
            **last.as_json(),
            "stages": [self._told[stage].as_json() for stage in self._told if stage != last.stage],
            "said_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "workers": self._plan.workers.as_json(),
        }
        self._folder.write_progress(state)


async def _keep_saying(say: Callable[[], None]) -> None:
    while True:
        say()
        await asyncio.sleep(_EVERY_S)


@contextmanager
def open_session(
    plan: Plan,
    path: Path,
    show: Callable[[Tick], None],
    *,
    backoff_s: float = BACKOFF_S,
    batches: BatchTerms | None = None,
    pool: Pool | None = None,
) -> Iterator[tuple[Store, Session, Folder]]:
    """
    Open a run's folder for writing; `progress.json` is there for as long as this lasts.

    Without a pool its calls go out from the workers that the plan names.

    Raises:
        StoreError: If another process holds the run, or the file is not ours.
    """
    folder = Folder(path)
    folder.make()
    with Store.open(folder.database) as store:
        refuse_anothers(plan.recipe_path, store, path)
        pool = pool or pool_of(plan)
        session = Session(plan, store, folder, show, backoff_s=backoff_s, batches=batches, pool=pool)
        try:
            yield store, session, folder
        finally:
            session.close()
            folder.progress.unlink(missing_ok=True)


@contextmanager
def _ctrl_c(engine: LocalEngine | BatchEngine, stopping: Callable[[], None]) -> Iterator[None]:
    """The first Ctrl-C keeps what is in flight and stops, which `stopping` tells; the second stops at once."""
    loop = asyncio.get_running_loop()
    running = asyncio.current_task()
    pressed = 0

    def press(*_: Any) -> None:
        nonlocal pressed
        pressed += 1
        if pressed == 1:
            engine.stop(Interrupted("Stopped; what was paid for is kept. Run the same command to go on."))
            stopping()
        elif running is not None:
            running.cancel()

    signals = (signal.SIGINT, signal.SIGTERM)
    for one in signals:
        with suppress(NotImplementedError, RuntimeError):  # not on Windows, nor outside the main thread
            loop.add_signal_handler(one, press)
    try:
        yield
    except asyncio.CancelledError:
        # Nobody but the second Ctrl-C cancels the job.
        raise Interrupted(
            "Stopped at once; calls in flight are lost. Run the same command to go on."
        ) from None
    finally:
        for one in signals:
            with suppress(NotImplementedError, RuntimeError):
                loop.remove_signal_handler(one)
