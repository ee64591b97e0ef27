"""
A stage's requests by the provider's batches: gathered, sent, waited for, fetched into `calls`.

What comes back is in the calls table before the live engine begins, which
then finds it there as it finds what an earlier session paid for. So it needs
no second way to settle an item, and what a batch did not answer goes by calls.

    gather ─▶ record ─▶ upload ─▶ start ─▶ look … look ─▶ fetch ─▶ gather the next step

A batch is recorded under a name of our own before anything is sent, and that
name goes along. A process that was killed in between finds it by the name.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn, TypeVar
from uuid import uuid4

from act_spec.engine.batch_file import BatchFile, answered_call, call_row, utc_now
from act_spec.engine.batch_terms import BatchTerms
from act_spec.engine.due import Due
from act_spec.engine.gathering import Gathering
from act_spec.engine.ledger import Ledger, Reservation
from act_spec.engine.local import Batched, Interrupted, Job, Progress, ProviderDown
from act_spec.engine.snapshots import Snapshots
from act_spec.llm.batches import UNCERTAIN, Batch, Batches, CannotList
from act_spec.llm.client import CallFailed
from act_spec.llm.highest import highest_usd
from act_spec.llm.model import Model
from act_spec.store import batches
from act_spec.store.database import Store

Result = TypeVar("Result")

_FEWEST = 20
"""Of a batch that the cap cuts short; fewer are asked by calls."""
_GROWTH = 1.5
# What OpenAI and Azure call it when too much is queued already.
_QUEUE_FULL = frozenset({"token_limit_exceeded", "too_many_batches"})


class WaitingForBatch(ProviderDown):
    """A batch is out, and nobody waits for it."""


@dataclass
class _Flying:
    """A batch that is out."""

    out: batches.Out
    model: Model
    reservation: Reservation
    answered: int = 0
    called_back: bool = False

    @property
    def batch_id(self) -> str:
        """The provider's name of it."""
        return self.out.batch_id or ""


class BatchEngine:
    """Brings replies into the calls table by batches, one job at a time; see the module."""

    def __init__(
        self,
        store: Store,
        client: Batches,
        ledger: Ledger,
        snapshots: Snapshots,
        models: Sequence[Model],
        terms: BatchTerms,
    ) -> None:
        """
        Prepare; nothing is asked yet.

        Args:
            store: The run's database; the engine takes cursors of its own.
            client: Speaks to providers.
            ledger: The same that live calls reserve from.
            snapshots: What answered before.
            models: All that the plan names: batches of an earlier plan are fetched with these.
            terms: How they are sent and waited for.
        """
        self._store = store.cursor()
        self._reader = store.cursor()
        self._client = client
        self._ledger = ledger
        self._snapshots = snapshots
        self._models = {(model.name, model.api_base): model for model in models}
        self._terms = terms
        self._pace = terms.pace
        self._out: dict[str, _Flying] = {}
        self._due: Due | None = None
        self._stop: Exception | None = None
        self._stopping = asyncio.Event()
        self._unanswered = 0

    def stop(self, reason: Exception) -> None:
        """Send nothing more and wait no longer; what is out stays out."""
        self._stop = self._stop or reason
        self._stopping.set()

    async def fill(self, job: Job, batched: Batched, progress: Progress, total: int) -> Job:
        """
        Ask a job's requests by batches, one for each step of its strategies.

        Args:
            job: A stage's work.
            batched: How its items are looked through.
            progress: Its note says how far the batches are.
            total: Items to settle.

        Returns:
            The job for the live engine.

        Raises:
            StoppedEarly: If the provider or the user ended it; batches stay out.
        """
        progress.note = "looking for batches that are out"
        self._due = Due(self._store, batched, self._terms)
        await self._take_up()
        if batched.sends:
            await self._send_all(job, batched, progress, total)
        else:
            await self._end_own(job, batched, progress)
        progress.note = self._note_on_leftovers()
        return replace(job, batched=None, standing=frozenset(batches.standing(self._reader, batched.key)))

    async def _send_all(self, job: Job, batched: Batched, progress: Progress, total: int) -> None:
        """A batch for each step, as long as there is time for one."""
        left = total
        while not self._is_late(job, left):
            progress.note = "gathering requests for a batch"
            gathering = Gathering(job, batched, self._reader)
            sent, capped = await self._send(job, batched, gathering)
            if not sent and not (self._out and (gathering.out or capped)):
                break
            # Batches of other stages are waited for only where they hold what this one needs.
            await self._wait(job, progress, self._own(batched) or set(self._out))
            left = self._unanswered
        if self._is_late(job, total):
            await self._wait(job, progress, self._own(batched))

    async def _end_own(self, job: Job, batched: Batched, progress: Progress) -> None:
        """No batch is wanted any more: what is out is called back, or else nothing is asked beside it."""
        own = self._own(batched)
        if batched.recalls:
            await self._call_back(own)
        await self._wait(job, progress, own, waits=batched.recalls)

    def _own(self, batched: Batched) -> set[str]:
        return {name for name, flying in self._out.items() if flying.out.stage_key == batched.key}

    def _note_on_leftovers(self) -> str:
        if not self._unanswered:
            return ""
        return f"{self._unanswered:,} requests came back from batches without a reply, and are asked by calls"

    # ----- what is out already

    async def _take_up(self) -> None:
        """Batches of an earlier session: their money is set aside, and those that may have been started are found."""
        for out in batches.open_batches(self._reader):
            reservation = self._ledger.hold(out.most_usd)
            model = self._models.get((out.model, out.api_base))
            if out.state == batches.PREPARED:
                self._dropped(out, reservation)
            elif model is not None and (found := await self._found(out, model, reservation)) is not None:
                self._out[out.name] = _Flying(found, model, reservation)

    async def _found(self, out: batches.Out, model: Model, reservation: Reservation) -> batches.Out | None:
        if out.batch_id is not None:
            return out
        while True:
            try:
                batch = await self._asked(self._client.find(model, out.name))
            except CannotList:
                self._lost(out, reservation)
                return None
            if batch is not None:
                batches.note_state(self._store, out.name, batch.state, batch.batch_id)
                return replace(out, batch_id=batch.batch_id, state=batch.state)
            left = self._pace.unseen_s - (utc_now() - out.prepared_at).total_seconds()
            if left <= 0:
                self._dropped(out, reservation)
                return None
            await self._sleep(min(left, self._pace.first_look_s))

    def _dropped(self, out: batches.Out, reservation: Reservation) -> None:
        """It never began: its requests go out with the next one."""
        batches.drop(self._store, out.name, "failed", utc_now())
        self._ledger.release(reservation)

    def _lost(self, out: batches.Out, reservation: Reservation) -> None:
        """It may have begun and cannot be found: all that it can have cost is booked."""
        reason = "a batch whose start was not confirmed, and the provider shows no list of batches"
        share = out.most_usd / max(1, out.requests)
        asked = batches.requests_of(self._reader, out.name).values()
        calls = [call_row(out, one, "provider_error", reason, possible_usd=share) for one in asked]
        batches.drop(self._store, out.name, "lost", utc_now(), calls)
        self._ledger.keep(reservation)

    # ----- sending

    async def _send(self, job: Job, batched: Batched, gathering: Gathering) -> tuple[int, bool]:
        """
        Send what no call and no batch answers, as far as the cap reaches.

        Returns:
            How many requests, and whether the cap cut them short.
        """
        files: dict[Model, BatchFile] = {}
        room, sent, capped = self._ledger.room_usd, 0, False
        for one in gathering.wanted():
            price = one.model.paid_by_batch
            usd = highest_usd(one.model, one.messages, one.request.reply_schema, price) or 0.0
            if room is not None and usd > room:
                capped = True
                break
            room = None if room is None else room - usd
            line = await self._client.line(
                one.model, one.key, one.messages, one.request.reply_schema, logprobs=one.request.logprobs
            )
            file = files.setdefault(one.model, BatchFile())
            if file.is_full(line, self._terms.most_requests):
                sent += await self._start(job, batched, one.model, files.pop(one.model))
                file = files.setdefault(one.model, BatchFile())
            file.add(one, line, usd)
            await self._breathe()
        if not capped or sum(len(file.asked) for file in files.values()) >= _FEWEST:
            for model, file in files.items():
                sent += await self._start(job, batched, model, file)
        return sent, capped

    async def _breathe(self) -> None:
        """Let the event loop have its turn, and Ctrl-C be heard."""
        await asyncio.sleep(0)
        if self._stop is not None:
            self._end()

    async def _start(self, job: Job, batched: Batched, model: Model, file: BatchFile) -> int:
        out = batches.Out(
            name=uuid4().hex,
            batch_id=None,
            stage_key=batched.key,
            stage=job.stage,
            round=job.round,
            model=model.name,
            api_base=model.api_base,
            requests=len(file.asked),
            bytes=len(file.lines),
            most_usd=file.most_usd,
            state=batches.PREPARED,
            prepared_at=utc_now(),
        )
        batches.prepare(self._store, out, file.asked)
        reservation = self._ledger.hold(file.most_usd)
        try:
            uploaded = await self._client.upload(model, out.name, bytes(file.lines))
            await self._breathe()
            batches.note_state(self._store, out.name, batches.STARTING, None)
            batch = await self._client.start(model, out.name, uploaded)
        except CallFailed as failure:
            if failure.kind not in UNCERTAIN:
                self._dropped(out, reservation)
            raise _down(failure) from failure
        except CannotList as failure:
            raise ProviderDown(
                f"{model.name}: the start of a batch was not confirmed, and the provider shows no list of batches. "
                "Run the same command to go on; what that batch may cost is booked."
            ) from failure
        batches.note_state(self._store, out.name, batch.state, batch.batch_id)
        started = replace(out, batch_id=batch.batch_id, state=batch.state)
        self._out[out.name] = _Flying(started, model, reservation)
        return out.requests

    # ----- waiting

    async def _wait(self, job: Job, progress: Progress, names: set[str], *, waits: bool = True) -> None:
        """Until these batches have ended, and look at others too; shortly before a deadline they are called back."""
        pause = self._pace.first_look_s
        crowded: str | None = None
        ended = 0
        while names & self._out.keys():
            for flying in list(self._out.values()):
                batch = await self._asked(self._client.look(flying.model, flying.batch_id))
                flying.answered = batch.answered
                if not batch.ended:
                    batches.note_state(self._store, flying.out.name, batch.state, batch.batch_id)
                elif batch.state == "failed" and batch.code in _QUEUE_FULL:
                    crowded = batch.reason
                    self._failed(flying)
                else:
                    # An earlier session may have called it back, and was killed.
                    flying.called_back |= self._is_late(job, flying.out.requests)
                    await self._take_in(flying, batch)
                    ended += 1
            progress.note = self._note()
            if not names & self._out.keys():
                break
            if self._is_late(job, self._still_out()):
                await self._call_back(names)
            if not (waits and self._terms.waits):
                raise WaitingForBatch(f"Still {self._note()}. {_AGAIN}")
            await self._sleep(pause)
            pause = min(pause * _GROWTH, self._pace.longest_s)
        if crowded is not None and not ended:
            raise ProviderDown(f"The provider has no room for a batch: {crowded} Run the same command later.")

    async def _call_back(self, names: set[str]) -> None:
        for name, flying in self._out.items():
            if name in names and not flying.called_back:
                await self._asked(self._client.cancel(flying.model, flying.batch_id))
                flying.called_back = True

    async def _take_in(self, flying: _Flying, batch: Batch) -> None:
        """What an ended batch brought, into the calls table, all at once."""
        if batch.state == "failed":
            self._failed(flying)
            raise ProviderDown(
                f"{flying.model.name}: the provider did not take the batch: {batch.reason or batch.code or 'it gives no reason.'} "
                "Mend that and run the same command; nothing was paid for it."
            )
        lines = await self._asked(self._client.results(flying.model, batch))
        asked = batches.requests_of(self._reader, flying.out.name)
        good = [
            (asked[line.call_key], line.completion)
            for line in lines
            if line.call_key in asked and line.completion is not None
        ]
        for _, completion in good:
            # Before anything is taken in: what is not used stays with the provider.
            if (changed := self._snapshots.changed(flying.model, completion)) is not None:
                raise changed
        each = flying.out.most_usd / max(1, flying.out.requests)
        calls = [answered_call(flying.out, one, completion, each) for one, completion in good]
        batches.keep_results(self._store, flying.out.name, calls, utc_now())
        self._ledger.settle(
            flying.reservation, sum(each if call.cost_usd is None else call.cost_usd for call in calls)
        )
        del self._out[flying.out.name]
        self._unanswered += len(asked) - len(calls)
        if batch.state == "cancelled" and not flying.called_back:
            raise ProviderDown(
                f"{flying.model.name}: the batch was cancelled at the provider; {len(calls):,} of {len(asked):,} replies "
                "had come and are kept. Run the same command to ask the others by calls."
            )

    def _failed(self, flying: _Flying) -> None:
        batches.drop(self._store, flying.out.name, "failed", utc_now())
        self._ledger.release(flying.reservation)
        del self._out[flying.out.name]

    # ----- time

    def _is_late(self, job: Job, left: int) -> bool:
        """Whether so many requests must go by calls now."""
        sizes = [flying.out.bytes / max(1, flying.out.requests) for flying in self._out.values()]
        return self._due is not None and self._due.is_late(job.models.values(), left, max(sizes, default=0.0))

    def _still_out(self) -> int:
        return sum(flying.out.requests - flying.answered for flying in self._out.values())

    def _note(self) -> str:
        if not self._out:
            return ""
        answered = sum(flying.answered for flying in self._out.values())
        requests = sum(flying.out.requests for flying in self._out.values())
        since = min(flying.out.prepared_at for flying in self._out.values())
        what = "a batch" if len(self._out) == 1 else f"{len(self._out)} batches"
        states = ", ".join(sorted({flying.out.state for flying in self._out.values()}))
        return f"waiting for {what} ({states}): {answered:,} of {requests:,} answered, out since {since:%H:%M} UTC{self._due or ''}"

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return
        self._end()

    def _end(self) -> NoReturn:
        reason = self._stop or Interrupted("Stopped.")
        if isinstance(reason, Interrupted) and self._out:
            raise Interrupted(f"Stopped while {self._note()}. It goes on without us. {_AGAIN}")
        raise reason

    async def _asked(self, step: Awaitable[Result]) -> Result:
        """What the provider answers; where it does not, the run ends and the batch stays out."""
        try:
            return await step
        except CallFailed as failure:
            raise _down(failure) from failure


_AGAIN = "Run the same command to collect it; nothing is paid twice."


def _down(failure: CallFailed) -> ProviderDown:
    return ProviderDown(f"{failure.reason} Run the same command to go on; nothing is paid twice.")
