"""
One process, one event loop: strategies are driven, their requests answered, the results kept.

A request is looked up among the stored calls before it goes out; equal
requests in flight share one call. A reply that does not meet its schema is
asked for once more, with the fault named, and is then a recorded failure.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Protocol

from act_spec.engine.ledger import Ledger
from act_spec.engine.replies import asked_again, call_key, checked_reply, recorded_reply
from act_spec.engine.snapshots import Snapshots
from act_spec.engine.writer import Settled, Writer
from act_spec.errors import StoppedEarly
from act_spec.llm.client import CallFailed, Completion
from act_spec.llm.formats import messages_for
from act_spec.llm.model import Model
from act_spec.recipe.deadline import Deadline
from act_spec.records import Message, Reply, Request, Steps, sha256
from act_spec.store.calls import Call, recorded_calls
from act_spec.store.database import Store

_CHUNK = 256
_REMEMBERED = 20_000
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
    ) -> Completion:
        """One reply, limits and retries included."""


@dataclass(frozen=True)
class Batched:
    """
    What it takes to ask a stage's requests by batches; see `engine.batches`.

    Attributes:
        key: Of the stage.
        anew: The same items with their strategies, from the beginning; may be asked for repeatedly.
        deadline: When the replies are wanted; None for whenever they come.
        sends: Whether batches are sent; else only those that are out are seen to.
        recalls: Whether these are called back; else nothing is asked while they are out.
    """

    key: str
    anew: Callable[[], Iterator[tuple[str, Steps[Any]]]]
    deadline: Deadline | None = None
    sends: bool = True
    recalls: bool = False


@dataclass(frozen=True)
class Job:
    """
    A stage's work for the engine.

    Attributes:
        stage: `annotate` or `judge`.
        round: From 1.
        models: Member to model; `""` answers for every member that is not listed.
        steps: Item ids with their strategies, not yet started.
        write: Writes (item id, record) pairs to the stage's table.
        batched: Where the models are asked by batches first.
        standing: Keys of recorded calls whose reply is no good and stands all the same.
    """

    stage: str
    round: int
    models: Mapping[str, Model]
    steps: Iterator[tuple[str, Steps[Any]]]
    write: Callable[[Store, Sequence[Settled]], None]
    batched: Batched | None = None
    standing: frozenset[str] = frozenset()

    def asks(self, request: Request) -> Model:
        """Who answers a request."""
        return self.models.get(request.member, self.models[""])

    def sent(self, request: Request) -> tuple[Message, ...]:
        """The conversation exactly as it goes out."""
        return tuple(messages_for(self.asks(request), request.messages, request.reply_schema))


@dataclass
class Progress:
    """Counts that a job updates while it runs; `note` says what it waits for, if that is no reply."""

    settled: int = 0
    failed: dict[str, int] = field(default_factory=dict)
    note: str = ""


class LocalEngine:
    """Drives one job at a time over one store; see the module."""

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
        self._reader = store.cursor()
        self._client = client
        self._ledger = ledger
        self._snapshots = snapshots or Snapshots()
        self._in_flight: dict[str, asyncio.Future[Reply]] = {}
        self._known: dict[str, Reply] = {}
        self._unusable: dict[str, Reply] = {}
        self._places: dict[Model, asyncio.Semaphore] = {}
        self._failures_in_a_row = 0
        self._stop: Exception | None = None
        self._window = asyncio.Semaphore(0)

    def stop(self, reason: Exception) -> None:
        """Send nothing more; what is in flight is still kept. The job then raises the reason."""
        self._stop = self._stop or reason
        self._ledger.close(reason)
        # The job may be waiting for a place among calls that themselves wait to try again.
        self._window.release()

    async def run(self, job: Job, progress: Progress) -> None:
        """
        Settle every item of a job.

        Raises:
            StoppedEarly: If the cap, the provider or the user ended it; all
                that was paid for is in the file.
            StoreError: If results can no longer be written.
        """
        writer = Writer(self._store.cursor(), job.write)
        self._window = asyncio.Semaphore(2 * sum(model.concurrency for model in job.models.values()))
        tasks: set[asyncio.Task[None]] = set()
        try:
            while self._stop is None and (chunk := self._start(job)):
                for item_id, steps, requests in chunk:
                    await self._window.acquire()
                    if self._stop is not None:
                        break
                    task = asyncio.create_task(self._settle(job, writer, progress, item_id, steps, requests))
                    tasks.add(task)
                    task.add_done_callback(tasks.discard)
                    task.add_done_callback(lambda _: self._window.release())
            await self._drain(tasks)
        except BaseException:
            for task in tasks:
                task.cancel()
            raise
        finally:
            await writer.close()
        if self._stop is not None:
            raise self._stop

    def _start(self, job: Job) -> list[tuple[str, Steps[Any], list[Request]]]:
        """The next items at their first requests, with the stored replies looked up all at once."""
        chunk = [(item_id, steps, next(steps)) for item_id, steps in islice(job.steps, _CHUNK)]
        self._look_up(job, [(one, job.sent(one)) for _, _, requests in chunk for one in requests])
        return chunk

    def _look_up(self, job: Job, requests: Sequence[tuple[Request, Sequence[Message]]]) -> None:
        """Bring stored replies to hand; a call that succeeded is never made again."""
        keys = {call_key(job.asks(request), messages, request): request for request, messages in requests}
        wanted = [key for key in keys if key not in self._known]
        for key, said in recorded_calls(self._reader, wanted).items():
            if said.status != "provider_error":
                place = self._known if said.status == "ok" else self._unusable
                _put(place, key, recorded_reply(key, keys[key], said))

    def _left_off(self, job: Job, request: Request, messages: Sequence[Message]) -> Reply | None:
        """The stored reply that met no schema, where nobody has asked for it once more yet, or one that stands."""
        model = job.asks(request)
        stored = self._unusable.get(call_key(model, messages, request))
        if stored is not None and stored.call_key in job.standing:
            return stored
        if stored is None or stored.status != "invalid":
            return None
        again = asked_again(messages, stored)
        self._look_up(job, [(request, again)])
        return None if call_key(model, again, request) in self._unusable else stored

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
        self,
        job: Job,
        writer: Writer,
        progress: Progress,
        item_id: str,
        steps: Steps[Any],
        requests: list[Request],
    ) -> None:
        try:
            while True:
                replies = await asyncio.gather(*(self._reply(job, writer, item_id, one) for one in requests))
                requests = steps.send(list(replies))
                self._look_up(job, [(one, job.sent(one)) for one in requests])
        except StopIteration as end:
            record = end.value
        except Exception as error:  # noqa: BLE001 - the reason of the stop, raised by `run`
            self.stop(error)
            return
        try:
            await writer.keep_settled(item_id, record)
        except Exception as error:  # noqa: BLE001 - the reason of the stop, raised by `run`
            self.stop(error)
            return
        progress.settled += 1
        if record.status != "ok":
            progress.failed[record.status] = progress.failed.get(record.status, 0) + 1

    async def _reply(self, job: Job, writer: Writer, item_id: str, request: Request) -> Reply:
        messages = job.sent(request)
        reply = self._left_off(job, request, messages)
        reply = reply or await self._ask(job, writer, item_id, request, messages)
        if reply.status != "invalid":
            return reply
        again = asked_again(messages, reply)
        self._look_up(job, [(request, again)])
        return await self._ask(job, writer, item_id, request, again)

    async def _ask(
        self, job: Job, writer: Writer, item_id: str, request: Request, messages: Sequence[Message]
    ) -> Reply:
        model = job.asks(request)
        key = call_key(model, messages, request)
        if key in self._known:
            return self._known[key]
        if key in self._in_flight:
            return await asyncio.shield(self._in_flight[key])
        shared: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._in_flight[key] = shared
        try:
            # A place is held until the reply is in the file: that bounds what a kill can lose.
            async with self._places.setdefault(model, asyncio.Semaphore(model.concurrency)):
                reply, call = await self._call(job, item_id, request, messages, key)
                await self._keep(writer, call)
        except BaseException as error:
            shared.set_exception(error if isinstance(error, Exception) else StoppedEarly("stopped"))
            shared.exception()
            raise
        else:
            shared.set_result(reply)
            if reply.status == "ok":
                # At hand for equal requests that come soon after.
                _put(self._known, key, reply)
            return reply
        finally:
            del self._in_flight[key]

    async def _keep(self, writer: Writer, call: Call) -> None:
        try:
            await writer.keep_call(call)
        except Exception as error:
            # Before the place is free: what cannot be kept shall not be asked for.
            self.stop(error)
            raise

    async def _call(
        self, job: Job, item_id: str, request: Request, messages: Sequence[Message], key: str
    ) -> tuple[Reply, Call]:
        completion: Completion | None = None
        try:
            completion = await self._client.complete(
                job.asks(request),
                messages,
                request.reply_schema,
                sample=request.sample,
                logprobs=request.logprobs,
            )
        except CallFailed as failure:
            if failure.fatal:
                down = ProviderDown(
                    f"{failure.reason} Mend it and run the same command; nothing is paid twice."
                )
                # At once: the next call is about to take this one's place.
                self.stop(down)
                raise down from failure
            if failure.status == "provider_error":
                self._count_failure(failure.reason)
            reply = Reply(failure.status, None, call_key=key, reason=failure.reason)
            attempts, cost, possible = failure.attempts, failure.cost_usd, failure.possible_usd
        else:
            self._failures_in_a_row = 0
            reply = self._checked(job, key, request, completion)
            attempts, cost, possible = completion.attempts, completion.cost_usd, completion.possible_usd
        return reply, Call(
            call_key=key,
            stage=job.stage,
            round=job.round,
            item_id=item_id,
            model=job.asks(request).name,
            answered_model=completion.model if completion else None,
            fingerprint=completion.fingerprint if completion else None,
            prompt_sha256=sha256(list(messages)),
            response=reply.text or None,
            tokens=json.dumps([asdict(token) for token in reply.tokens]) if reply.tokens else None,
            prompt_tokens=completion.prompt_tokens if completion else None,
            completion_tokens=completion.completion_tokens if completion else None,
            cost_usd=cost,
            possible_usd=possible,
            latency_s=completion.latency_s if completion else None,
            attempts=attempts,
            status=reply.status,
            reason=reply.reason or None,
            finished_at=datetime.now(UTC).replace(tzinfo=None),
        )

    def _checked(self, job: Job, key: str, request: Request, completion: Completion) -> Reply:
        """The reply, unless another snapshot gave it than the recipe has pinned."""
        changed = self._snapshots.changed(job.asks(request), completion)
        if changed is None:
            return checked_reply(key, request, completion)
        self.stop(changed)
        return Reply(
            "provider_error", None, call_key=key, reason="another snapshot than the pinned one answered"
        )

    def _count_failure(self, reason: str) -> None:
        self._failures_in_a_row += 1
        if self._failures_in_a_row >= _DOWN_AFTER:
            self.stop(
                ProviderDown(
                    f"{self._failures_in_a_row} calls in a row failed, the last one so: {reason} "
                    "Run the same command when the provider is back; nothing is paid twice."
                )
            )


def _put(replies: dict[str, Reply], key: str, reply: Reply) -> None:
    """Keep a reply, and let go of the oldest where there are very many."""
    replies[key] = reply
    if len(replies) > _REMEMBERED:
        del replies[next(iter(replies))]
