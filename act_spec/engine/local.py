"""
One process, one event loop: strategies are driven, their requests answered, the results kept.

A request is looked up among the stored calls before it goes out; equal
requests in flight share one call. A reply that does not meet its schema is
asked for once more, with the fault named, and is then a recorded failure. A
job that goes on with another's items is driven beside it; see `engine.relay`.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Protocol

from act_spec.engine.job import Job, Progress
from act_spec.engine.known import Known
from act_spec.engine.ledger import Ledger
from act_spec.engine.relay import Begun, Relay, Source
from act_spec.engine.replies import Asked, asked, asked_again, checked_reply
from act_spec.engine.snapshots import Snapshots
from act_spec.engine.writer import Settled, Table, Writer
from act_spec.errors import StoppedEarly, StoreError
from act_spec.llm.client import CallFailed, Completion, LeftOff
from act_spec.llm.model import Model
from act_spec.records import Message, Reply, Steps
from act_spec.store.calls import Call
from act_spec.store.database import Store
from act_spec.store.times import utc_now

_CHUNK = 256
_DOWN_AFTER = 25
_GRACE_S = 0.3


class Interrupted(StoppedEarly):
    """The user asked to stop; what was in flight is kept."""

    exit_code = 130


class ProviderDown(StoppedEarly):
    """The provider refuses or does not answer; going on would only fail."""


class Caller(Protocol):
    """What the engine needs of `llm.client.Client`."""

    async def complete(
        self,
        model: Model,
        messages: Sequence[Message],
        reply_schema: Any,
        *,
        sample: int = 0,
        logprobs: bool = False,
        left_off: LeftOff | None = None,
    ) -> Completion:
        """One reply, limits and retries included."""


class LocalEngine:
    """Drives a job over one store, and what goes on with its items; see the module."""

    def __init__(
        self, store: Store, client: Caller, ledger: Ledger, snapshots: Snapshots | None = None
    ) -> None:
        """
        Prepare to run.

        Args:
            store: The run's database; the engine takes cursors of its own.
            client: Calls models.
            ledger: The same that the client reserves from.
            snapshots: What answered before; a new record without it.
        """
        self._store = store
        self._client = client
        self._ledger = ledger
        self._snapshots = snapshots or Snapshots()
        self._in_flight: dict[str, asyncio.Future[Reply]] = {}
        self._known = Known(store.cursor())
        self._failures_in_a_row: Counter[str] = Counter()
        self._stop: Exception | None = None
        self._windows: list[asyncio.Semaphore] = []
        self._relay: Relay | None = None

    def stop(self, reason: Exception) -> None:
        """Send nothing more; what is in flight is still kept. The job then raises the reason."""
        self._stop = self._stop or reason
        self._ledger.close(reason)
        # Jobs may be waiting for a place among calls that themselves wait to try again, or for one another.
        for window in self._windows:
            window.release()
        if self._relay is not None:
            self._relay.end()

    async def run(self, job: Job, progress: Progress) -> None:
        """
        Settle every item of a job, and of the one that goes on with its items.

        Calls of both go out as they come. The first is ahead of the second by
        at most a chunk of items that wait and one that is being taken up.

        Raises:
            StoppedEarly: If the cap, the provider or the user ended it; all
                that was paid for is in the file.
            StoreError: If results can no longer be written.
        """
        writer = Writer(self._store.cursor(), self.stop)
        self._windows, self._relay = [], None
        try:
            async with asyncio.TaskGroup() as both:
                if job.then is not None:
                    progress.then, self._relay = Progress(), Relay(_CHUNK)
                    source = Source(job.then.job.steps, self._relay)
                    both.create_task(self._work(job.then.job, writer, progress.then, source))
                both.create_task(self._work(job, writer, progress, Source(job.steps, None)))
        finally:
            await writer.close()
        if self._stop is not None:
            raise self._stop

    async def _work(self, job: Job, writer: Writer, progress: Progress, source: Source) -> None:
        """Settle all that a source gives."""
        tasks: set[asyncio.Task[None]] = set()
        try:
            try:
                await self._begin_all(job, writer, progress, source, tasks)
            except Exception as error:  # noqa: BLE001 - the reason of the stop, raised by `run`
                self.stop(error)
            await self._drain(tasks)
        except BaseException:
            for task in tasks:
                task.cancel()
            # They still say what their calls may have cost.
            if tasks:
                await asyncio.wait(tasks, timeout=_GRACE_S)
            raise
        if job.then is not None and self._relay is not None:
            self._relay.end()

    async def _begin_all(
        self, job: Job, writer: Writer, progress: Progress, source: Source, tasks: set[asyncio.Task[None]]
    ) -> None:
        """Begin every item, a window of them at a time; the last are still under way when this returns."""
        window = asyncio.Semaphore(2 * sum(model.concurrency for model in job.models.values()))
        self._windows.append(window)

        def written(settled: Sequence[Settled]) -> None:
            for _, record in settled:
                progress.count(record.status)

        def done(task: asyncio.Task[None]) -> None:
            tasks.discard(task)
            window.release()

        table = Table(job.write, written)
        while self._stop is None and (chunk := self._start(job, await source.some(_CHUNK))):
            for item_id, steps, requests in chunk:
                await window.acquire()
                if self._stop is not None:
                    break
                task = asyncio.create_task(self._settle(job, writer, table, item_id, steps, requests))
                tasks.add(task)
                task.add_done_callback(done)

    def _start(self, job: Job, items: Sequence[Begun]) -> list[tuple[str, Steps[Any], list[Asked]]]:
        """Items at their first requests, with the stored replies looked up all at once."""
        chunk = [(item_id, steps, [job.asked(one) for one in next(steps)]) for item_id, steps in items]
        self._known.look_up([one for _, _, requests in chunk for one in requests])
        return chunk

    async def _drain(self, tasks: set[asyncio.Task[None]]) -> None:
        """Wait for what is under way; after a stop, drop what only waits to try again."""
        while tasks:
            done, _ = await asyncio.wait(tasks, timeout=_GRACE_S, return_when=asyncio.FIRST_COMPLETED)
            if self._stop is not None and not done and not self._ledger.in_flight:
                for task in tasks:
                    task.cancel()
                await asyncio.wait(tasks)
                return

    async def _settle(
        self, job: Job, writer: Writer, table: Table, item_id: str, steps: Steps[Any], requests: list[Asked]
    ) -> None:
        try:
            while True:
                replies = await self._replies(job, writer, item_id, requests)
                requests = [job.asked(one) for one in steps.send(replies)]
                self._known.look_up(requests)
        except StopIteration as end:
            await writer.keep_settled(table, item_id, end.value)
            await self._hand_on(job, item_id)
        except Exception as error:  # noqa: BLE001 - the reason of the stop, raised by `run`
            self.stop(error)

    async def _hand_on(self, job: Job, item_id: str) -> None:
        """To the job that goes on with it; waits while that one has enough to do."""
        if job.then is None or self._relay is None or self._stop is not None:
            return
        try:
            steps = job.then.go_on(item_id)
        except Exception as error:  # noqa: BLE001 - the reason of the stop, raised by `run`
            self.stop(error)
            return
        if steps is not None:
            await self._relay.put((item_id, steps))

    async def _replies(
        self, job: Job, writer: Writer, item_id: str, requests: Sequence[Asked]
    ) -> list[Reply]:
        if len(requests) == 1:
            return [await self._reply(job, writer, item_id, requests[0])]
        return await asyncio.gather(*(self._reply(job, writer, item_id, one) for one in requests))

    async def _reply(self, job: Job, writer: Writer, item_id: str, one: Asked) -> Reply:
        stored = self._known.left_off(one, job.standing)
        reply = await self._ask(job, writer, item_id, one) if stored is None else stored
        if reply.status != "invalid":
            return reply
        again = asked(one.model, asked_again(one.messages, reply), one.request)
        self._known.look_up([again])
        return await self._ask(job, writer, item_id, again)

    async def _ask(self, job: Job, writer: Writer, item_id: str, one: Asked) -> Reply:
        known = self._known.good(one)
        if known is not None:
            return known
        if one.key in self._in_flight:
            return await asyncio.shield(self._in_flight[one.key])
        shared: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._in_flight[one.key] = shared
        try:
            reply = await self._call(job, writer, item_id, one)
        except BaseException as error:
            self._give_up(one, shared, error)
            raise
        del self._in_flight[one.key]
        shared.set_result(reply)
        if reply.status == "ok":
            self._known.put(reply)
        return reply

    def _give_up(self, one: Asked, shared: asyncio.Future[Reply], error: BaseException) -> None:
        """Tell those who wait for the same reply that there will be none."""
        del self._in_flight[one.key]
        shared.set_exception(error if isinstance(error, Exception) else StoppedEarly("stopped"))
        shared.exception()

    async def _call(self, job: Job, writer: Writer, item_id: str, one: Asked) -> Reply:
        completion: Completion | None = None
        request, key = one.request, one.key

        def left_off(attempts: int, possible_usd: float) -> None:
            """Keep in the books what may have been paid, for the run that goes on under the same cap."""
            reply = Reply("provider_error", None, call_key=key, reason="left off before a reply came")
            call = _call_row(
                job, item_id, one, reply, attempts=attempts, cost_usd=None, possible_usd=possible_usd
            )
            self._keep(writer, call)

        try:
            completion = await self._client.complete(
                one.model,
                one.messages,
                request.reply_schema,
                sample=request.sample,
                logprobs=request.logprobs,
                left_off=left_off,
            )
        except CallFailed as failure:
            if failure.fatal:
                if failure.cost_usd is None:
                    left_off(failure.attempts, failure.possible_usd)
                down = ProviderDown(
                    f"{failure.reason} Mend it and run the same command; nothing is paid twice."
                )
                # At once: the next call is about to take this one's place.
                self.stop(down)
                raise down from failure
            if failure.status == "provider_error":
                self._count_failure(job.stage, failure.reason)
            reply = Reply(failure.status, None, call_key=key, reason=failure.reason)
            attempts, cost, possible = failure.attempts, failure.cost_usd, failure.possible_usd
        else:
            self._failures_in_a_row[job.stage] = 0
            reply = self._checked(one, completion)
            attempts, cost, possible = completion.attempts, completion.cost_usd, completion.possible_usd
        call = _call_row(
            job,
            item_id,
            one,
            reply,
            attempts=attempts,
            cost_usd=cost,
            possible_usd=possible,
            completion=completion,
        )
        self._keep(writer, call)
        return reply

    def _keep(self, writer: Writer, call: Call) -> None:
        """Before the next call takes this one's place: that bounds what a kill can lose."""
        try:
            writer.keep_call(call)
        except StoreError as error:
            # At once: what cannot be kept shall not be asked for.
            self.stop(error)
            raise

    def _checked(self, one: Asked, completion: Completion) -> Reply:
        """The reply, unless another snapshot gave it than the recipe has pinned."""
        changed = self._snapshots.changed(one.model, completion)
        if changed is None:
            return checked_reply(one.key, one.request, completion)
        self.stop(changed)
        return Reply(
            "provider_error", None, call_key=one.key, reason="another snapshot than the pinned one answered"
        )

    def _count_failure(self, stage: str, reason: str) -> None:
        """A stage's own: another that is well does not hide that its provider is down."""
        self._failures_in_a_row[stage] += 1
        if self._failures_in_a_row[stage] >= _DOWN_AFTER:
            self.stop(
                ProviderDown(
                    f"{self._failures_in_a_row[stage]} calls in a row failed, the last one so: {reason} "
                    "Run the same command when the provider is back; nothing is paid twice."
                )
            )


def _call_row(  # noqa: PLR0913 - a row has its columns
    job: Job,
    item_id: str,
    one: Asked,
    reply: Reply,
    *,
    attempts: int,
    cost_usd: float | None,
    possible_usd: float,
    completion: Completion | None = None,
) -> Call:
    return Call(
        call_key=one.key,
        stage=job.stage,
        round=job.round,
        item_id=item_id,
        model=one.model.name,
        answered_model=completion.model if completion else None,
        fingerprint=completion.fingerprint if completion else None,
        prompt_sha256=one.prompt_sha256,
        response=reply.text or None,
        tokens=json.dumps([asdict(token) for token in reply.tokens]) if reply.tokens else None,
        prompt_tokens=completion.prompt_tokens if completion else None,
        completion_tokens=completion.completion_tokens if completion else None,
        cost_usd=cost_usd,
        possible_usd=possible_usd,
        latency_s=completion.latency_s if completion else None,
        attempts=attempts,
        status=reply.status,
        reason=reply.reason or None,
        finished_at=utc_now(),
    )
